package io.verillm.network.simulation;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.JobLog;
import io.verillm.network.flow.Effect;
import io.verillm.network.flow.FlowB;
import io.verillm.network.flow.JobContext;
import io.verillm.network.flow.JobState;
import io.verillm.network.flow.Outcome;
import io.verillm.network.flow.Phase;
import io.verillm.network.flow.SeatResult;
import io.verillm.network.flow.SilenceProof;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Dispute;
import io.verillm.network.message.Finding;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.TermsAcceptance;
import io.verillm.network.message.Vote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** One job from offer to settlement, with everybody behaving as their kind does. */
final class SimulatedJob implements PlayedFlow.Observer {
  private final World world;
  private final PlayedFlow played;
  private final SimulatedNode prover;
  private final SigningKey client;
  private final SeededRandom random;
  private final Map<VerifyingKey, Member> members = new LinkedHashMap<>();
  private final JobLog log;
  private final List<SignedMessage> logged = new ArrayList<>();
  private Optional<ProvenFault> silence = Optional.empty();
  private Computation.Made made;
  private SignedMessage receiptMessage;

  /** One seat: what was committed, by whom. */
  record Member(
      SimulatedNode node,
      int round,
      Finding finding,
      Trace trace,
      SignedMessage commitment,
      OptionalInt wrongToken) {}

  SimulatedJob(
      World world, FlowB flow, SimulatedNode prover, SigningKey client, SeededRandom random) {
    this.world = world;
    this.prover = prover;
    this.client = client;
    this.random = random;
    this.played = new PlayedFlow(flow, world.schedule, world.beacon, client, world.now, this);
    this.log = new JobLog(flow.context().job(), world.key("log", 0), World.NETWORK);
    this.made = world.computation.answer(prover.kind, prover.key, order(), prover.nextPosition());
    this.receiptMessage = made.receipt().sign(prover.key, World.NETWORK);
  }

  private JobOrder order() {
    return context().order();
  }

  private Digest32 job() {
    return context().job();
  }

  SimulatedNode prover() {
    return prover;
  }

  JobContext context() {
    return played.flow().context();
  }

  Computation.Made made() {
    return made;
  }

  SignedMessage receiptMessage() {
    return receiptMessage;
  }

  Map<VerifyingKey, Member> members() {
    return members;
  }

  /** The prover's silence, if the log of the job proves one. */
  Optional<ProvenFault> silence() {
    return silence;
  }

  /** The round in which the receipt was acknowledged; where it was not, the last one of the job. */
  long acknowledgedRound() {
    return state().ack().map(ReceiptAck::roundSeen).orElse(world.schedule.roundAt(played.now()));
  }

  /** The rows that the prover opened; nothing if it opened none. */
  SortedMap<Integer, List<Integer>> drawnRows() {
    SortedMap<Integer, List<Integer>> rows = new TreeMap<>();
    if (outcome() != Outcome.SILENT) {
      for (Effect effect : effects()) {
        if (effect instanceof Effect.Drawn one) {
          rows.putAll(one.rows());
        }
      }
    }
    return rows;
  }

  /** How a re-execution's rows differ from the prover's. */
  List<CellDifference> differences(Trace own, SortedMap<Integer, List<Integer>> rows) {
    TraceLayout layout = world.computation.layout();
    List<CellDifference> found = new ArrayList<>();
    try {
      for (Map.Entry<Integer, List<Integer>> at : rows.entrySet()) {
        for (int index : at.getValue()) {
          RowKey key = layout.row(index).key();
          RowDifference difference =
              RowDifference.compare(
                  made.trace().row(at.getKey(), index), own.row(at.getKey(), index));
          found.add(
              new CellDifference(key, at.getKey(), difference.unequal(), difference.elements()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private long startedAt() {
    return state().inputs().get(0).timeMillis();
  }

  Outcome outcome() {
    return state().outcome().orElseThrow();
  }

  /** Plays to the end and leaves the world's clock behind it. */
  void play() {
    send(new TermsAcceptance(job()).sign(prover.key, World.NETWORK));
    send(receiptMessage);
    prover.signed(made.receipt().digest());
    prover.tally.answered++;
    if (prover.kind == NodeKind.EQUIVOCATING) {
      send(otherReceipt().sign(prover.key, World.NETWORK));
    }
    send(
        new ReceiptAck(
                receiptMessage.id(), world.source.id(), world.schedule.roundAt(played.now() + 10))
            .sign(client, World.NETWORK));
    for (int round = 1; round <= 2 && !state().phase().isOver(); round++) {
      committee(round);
    }
    played.passDeadlinesToTheEnd();
    world.now = played.now() + 1000;
  }

  private void committee(int round) {
    played.awaitRandomness().ifPresent(this::send);
    if (state().phase() != Phase.COMMIT_PHASE) {
      return;
    }
    List<Member> seated = new ArrayList<>();
    for (Seat seat : state().seats(round)) {
      SimulatedNode node = world.node(seat.key());
      node.tally.sat++;
      Member member = member(node, round, seated);
      seated.add(member);
      members.put(seat.key(), member);
      send(member.commitment());
    }
    played.awaitRandomness().ifPresent(this::send);
    if (state().phase() != Phase.CHALLENGED) {
      return;
    }
    SortedMap<Integer, List<Integer>> rows = state().rows();
    SortedMap<Integer, List<Integer>> shown = shownOf(prover.kind, prover.tally.silent, rows);
    if (!shown.isEmpty()) {
      send(new Fragments(job(), round, open(made.trace(), shown)).sign(prover.key, World.NETWORK));
    }
    for (Member member : seated) {
      send(reveal(member, seated, rows));
    }
    if (state().phase() == Phase.CHALLENGED) {
      played.passDeadline();
      if (state().outcome().equals(Optional.of(Outcome.SILENT))) {
        silence =
            new SilenceProof(startedAt(), logged, List.of(log.extract(played.now())))
                .prove(played.flow());
      }
    }
    if (round == 1 && state().phase() == Phase.FIRST_VERDICT) {
      maybeDispute();
    }
  }

  /**
   * The drawn rows that a prover opens. One that withholds shows nothing of an unlucky draw the
   * first time, and from then on what it can show, which is no answer either.
   *
   * @param silences draws that it did not open before
   */
  static SortedMap<Integer, List<Integer>> shownOf(
      NodeKind kind, int silences, SortedMap<Integer, List<Integer>> rows) {
    if (kind != NodeKind.WITHHOLDING || rows.lastKey() < NetworkSimulation.HONEST_POSITIONS) {
      return rows;
    }
    return silences == 0 ? new TreeMap<>() : rows.headMap(NetworkSimulation.HONEST_POSITIONS);
  }

  private Member member(SimulatedNode node, int round, List<Member> before) {
    boolean ally = prover.kind == NodeKind.COLLUDING;
    NodeKind like = node.kind == NodeKind.COLLUDING && ally ? NodeKind.COLLUDING : NodeKind.HONEST;
    boolean computes =
        node.kind != NodeKind.ALWAYS_ACCEPT
            && node.kind != NodeKind.RANDOM_VOTE
            && !(node.kind == NodeKind.COPIER && !before.isEmpty());
    Trace trace;
    Vote vote = Vote.ACCEPT;
    OptionalInt wrongToken = OptionalInt.empty();
    if (computes) {
      Computation.Examined examined =
          world.computation.examine(like, node.key, order(), made.receipt(), made.answer());
      world.examinedTokens += made.receipt().head().leafCount() - 2;
      trace = examined.trace();
      wrongToken = examined.wrongToken();
      vote =
          switch (node.kind) {
            case LYING -> opposite(examined.vote());
            case COLLUDING -> ally ? Vote.ACCEPT : Vote.REJECT;
            default -> examined.vote();
          };
    } else {
      long seed = random.nextLong();
      trace =
          InventedRows.record(
              world.computation.layout(),
              TraceId.compute(
                  order().digest(), node.id().toByteArray(), TraceRole.VERIFIER, order().profile()),
              order().prompt().concat(made.answer().output()).toArray(),
              position -> seed + position);
      if (node.kind == NodeKind.RANDOM_VOTE) {
        vote = random.happens(0.5) ? Vote.ACCEPT : Vote.REJECT;
      }
    }
    Finding finding =
        new Finding(
            trace.head(),
            vote,
            Digest32.sha256(receiptMessage.id().toByteArray(), new byte[] {(byte) vote.code()}),
            Digest32.sha256(World.bytes(random.nextLong())));
    Digest32 commitment = finding.commitment(job(), round, node.id());
    if (node.kind == NodeKind.COPIER && !before.isEmpty()) {
      commitment = committed(before.get(before.size() - 1));
    }
    return new Member(
        node,
        round,
        finding,
        trace,
        new Commitment(job(), round, commitment).sign(node.key, World.NETWORK),
        wrongToken);
  }

  private static Vote opposite(Vote vote) {
    return switch (vote) {
      case ACCEPT -> Vote.REJECT;
      case REJECT -> Vote.ACCEPT;
      case UNDECIDED -> Vote.UNDECIDED;
    };
  }

  private static Digest32 committed(Member member) {
    try {
      return Commitment.decode(member.commitment().payload()).commitment();
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  private SignedMessage reveal(
      Member member, List<Member> seated, SortedMap<Integer, List<Integer>> rows) {
    Member shown = member;
    int at = seated.indexOf(member);
    if (member.node().kind == NodeKind.COPIER && at > 0) {
      shown = seated.get(at - 1); // what it copied, as far as it can: the other's own finding
    }
    return new Reveal(
            job(), member.round(), shown.finding(), Optional.of(open(shown.trace(), rows)))
        .sign(member.node().key, World.NETWORK);
  }

  private void maybeDispute() {
    Outcome first = state().decision(1).orElseThrow();
    if (!prover.kind.deviatesAsProver() && first != Outcome.ACCEPTED) {
      send(new Dispute(job()).sign(prover.key, World.NETWORK));
    } else if (first == Outcome.ACCEPTED && random.happens(world.settings.clientChecks())) {
      Computation.Examined own =
          world.computation.examine(
              NodeKind.HONEST, client, order(), made.receipt(), made.answer());
      if (own.vote() == Vote.REJECT) {
        send(new Dispute(job()).sign(client, World.NETWORK));
      }
    }
  }

  private Receipt otherReceipt() {
    Receipt r = made.receipt();
    return new Receipt(
        r.order(),
        r.requestBody(),
        Digest32.sha256(r.response().toByteArray()),
        r.prompt(),
        r.promptTokens(),
        r.output(),
        r.outputTokens(),
        r.finish(),
        r.model(),
        r.executionClass(),
        r.profile(),
        r.head(),
        r.seedProof(),
        r.position(),
        r.commitments());
  }

  static TraceOpening open(Trace trace, SortedMap<Integer, List<Integer>> rows) {
    try {
      return TraceOpening.open(trace, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every message crosses the wire; with noise some come twice, and strays come between. */
  private void send(SignedMessage message) {
    SignedMessage received = played.send(message);
    if (world.settings.noise()) {
      if (random.happens(0.2)) {
        played.deliver(received, 1);
      }
      if (random.happens(0.2)) {
        world.stray().ifPresent(stray -> played.deliver(stray, 2));
      }
      world.remember(received, random);
    }
  }

  @Override
  public void received(SignedMessage message, int wireBytes, long atMillis) {
    world.messages++;
    world.bytes += wireBytes;
    log.append(message, atMillis);
    logged.add(message);
  }

  @Override
  public void happened(Effect effect) {
    if (effect instanceof Effect.Settle settle) {
      world.post(settle.settlement());
    }
  }

  private JobState state() {
    return played.state();
  }

  List<Effect> effects() {
    return played.effects();
  }

  /** What became of a seat in the committee that sat last with it. */
  Optional<SeatResult> result(Member member) {
    return effects().stream()
        .filter(Effect.Decided.class::isInstance)
        .map(Effect.Decided.class::cast)
        .filter(decided -> decided.round() == member.round())
        .map(decided -> decided.seats().get(member.node().id()))
        .filter(java.util.Objects::nonNull)
        .findFirst();
  }
}
