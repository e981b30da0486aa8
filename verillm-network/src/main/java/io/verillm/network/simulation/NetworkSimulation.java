package io.verillm.network.simulation;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.dispute.BisectionOutcome;
import io.verillm.network.evidence.EpochClose;
import io.verillm.network.evidence.EvidenceInput;
import io.verillm.network.fault.FaultEvidence;
import io.verillm.network.fault.FaultJudge;
import io.verillm.network.flow.Effect;
import io.verillm.network.flow.FlowB;
import io.verillm.network.flow.FragmentComparison;
import io.verillm.network.flow.JobContext;
import io.verillm.network.flow.Outcome;
import io.verillm.network.flow.SeatResult;
import io.verillm.network.message.JobDeadlines;
import io.verillm.network.message.JobMoney;
import io.verillm.network.message.JobTerms;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.IntConsumer;

/**
 * Plays jobs between nodes of given kinds, one after the other, and says who was caught, after how
 * many jobs and at what cost.
 *
 * <p>A node is <em>flagged</em> when a job speaks against it: its answer was not accepted, or its
 * vote was not counted or was outvoted. That is no proof and costs no stake. It is <em>proven</em>
 * guilty when a {@link FaultJudge} confirms evidence with its own signatures, or when a disputed
 * step was computed again in canonical arithmetic. A prover's wrong step and a fault of a {@link
 * FaultJudge} cost the whole stake, and an honest newcomer takes the node's place at once; a
 * challenger's wrong claim costs its bond.
 *
 * <p>What committees read, proven silences and proven faults go through {@link
 * io.verillm.network.evidence.EvidenceFold}, epoch by epoch; what an epoch's close settles is
 * posted to the ledger on which jobs are paid, and the owners that it draws compute receipts again.
 * Equal settings and computations give equal reports. One thread.
 */
public final class NetworkSimulation {
  /** Positions that {@link NodeKind#WITHHOLDING} computes as ordered. */
  public static final int HONEST_POSITIONS = 6;

  private static final JobMoney MONEY =
      new JobMoney(Micros.of(1_000_000), Micros.of(20_000), Micros.of(150_000));
  private static final int POSITIONS_OPENED = 4;

  private final World world;
  private final FaultJudge judge;
  private final EvidenceAccount evidence;
  private final Set<SimulatedNode> provenFalse = new HashSet<>();
  private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
  private int badAccepted;
  private int goodRejected;
  private int faults;
  private int disputes;
  private long disputeMessages;
  private long answeredTokens;
  private Micros selfDealt = Micros.ZERO;

  private NetworkSimulation(SimulationSettings settings, Computation computation) {
    this.world = new World(settings, computation);
    this.evidence = new EvidenceAccount(world);
    this.judge =
        new FaultJudge(
            World.NETWORK,
            order ->
                order.profile().equals(computation.layout().profile().digest())
                    ? Optional.of(computation.layout())
                    : Optional.empty());
  }

  /**
   * Plays all jobs.
   *
   * @param progress called with the number of jobs played so far
   */
  public static NetworkReport run(
      SimulationSettings settings, Computation computation, IntConsumer progress) {
    NetworkSimulation simulation = new NetworkSimulation(settings, computation);
    SeededRandom random = new SeededRandom(settings.seed());
    for (int number = 0; number < settings.jobs(); number++) {
      simulation.play(number, new SeededRandom(random.nextLong()));
      progress.accept(number + 1);
    }
    simulation.evidence.finish();
    return simulation.report();
  }

  private void play(int number, SeededRandom random) {
    SimulatedNode prover = world.node(assigned(number));
    SigningKey client = world.key("client", number);
    world.mint(Account.wallet(client.verifyingKey().toString()), Micros.ofUnits(2));
    SimulatedJob job = job(prover, client, number, random);
    job.play();
    answeredTokens += job.made().receipt().head().leafCount() - 2;
    List<EvidenceInput> inputs = new ArrayList<>();
    judgeFaults(job, inputs);
    count(job, client);
    world.computation.model().ifPresent(model -> dispute(job, model, inputs));
    addReadingAndSilence(job, inputs);
    evidence.take(job, inputs, job.acknowledgedRound());
    for (SimulatedNode node : List.copyOf(world.everybody())) {
      if (node.tally.owesStake) {
        world.replace(node);
      }
    }
  }

  /**
   * Which node answers follows from a round of the beacon's VRF that nobody knew at the request; a
   * self-dealer orders from itself.
   */
  private VerifyingKey assigned(int number) {
    long round = world.schedule.decidingRound(world.now);
    world.now = Math.max(world.now, world.schedule.publishedAtMillis(round));
    Digest32 value = world.source.check(VrfRandomness.evaluate(world.beacon, round)).orElseThrow();
    Digest32 request = Digest32.sha256(World.bytes(world.settings.seed()), World.bytes(number));
    return world.stakes().assign(value, request, Set.of()).key();
  }

  private SimulatedJob job(
      SimulatedNode prover, SigningKey client, int number, SeededRandom random) {
    JobOrder order =
        world.computation.order(prover.id(), world.settings.seed() * 1_000_003 + number);
    JobTerms terms =
        new JobTerms(
            order.digest(),
            world.schedule,
            new ChallengePlan(POSITIONS_OPENED, Integer.MAX_VALUE),
            world.settings.committee(),
            world.settings.secondCommittee(),
            JobDeadlines.each(60_000),
            MONEY,
            world.stakes().digest(),
            List.of(),
            List.of(world.key("log", 0).verifyingKey()));
    try {
      JobContext context =
          JobContext.of(
              World.NETWORK,
              order.sign(client, World.NETWORK),
              terms.sign(client, World.NETWORK),
              world.stakes(),
              world.source,
              world.computation.layout(),
              FragmentComparison.exact());
      return new SimulatedJob(world, FlowB.of(context), prover, client, random);
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    }
  }

  private void judgeFaults(SimulatedJob job, List<EvidenceInput> inputs) {
    for (Effect effect : job.effects()) {
      if (effect instanceof Effect.Fault fault) {
        FaultEvidence shown = fault.evidence();
        Optional<ProvenFault> proven = judge.prove(shown);
        if (proven.isPresent()) {
          faults++;
          inputs.add(new EvidenceInput.Fault(proven.get()));
          world.find(shown.accused()).ifPresent(node -> owes(node, shown.kind().name()));
        }
      }
    }
  }

  private static void addReadingAndSilence(SimulatedJob job, List<EvidenceInput> inputs) {
    for (Effect effect : job.effects()) {
      if (effect instanceof Effect.Reading reading) {
        inputs.add(new EvidenceInput.Audit(reading.reading()));
      }
    }
    Optional<ProvenFault> silence = job.silence();
    if (silence.isPresent()) {
      job.prover().tally.silencesProven++;
      inputs.add(
          new EvidenceInput.Silence(
              silence.get(), job.prover().owner, job.context().job(), job.acknowledgedRound()));
    }
  }

  private void owes(SimulatedNode node, String by) {
    prove(node, by);
    node.tally.owesStake = true;
  }

  private void prove(SimulatedNode node, String by) {
    node.flag();
    node.prove(by);
    if (node.kind == NodeKind.HONEST) {
      provenFalse.add(node);
    }
  }

  private void count(SimulatedJob job, SigningKey client) {
    Outcome outcome = job.outcome();
    outcomes.merge(outcome, 1, Integer::sum);
    SimulatedNode prover = job.prover();
    boolean bad = prover.kind.deviatesAsProver() && prover.kind != NodeKind.EQUIVOCATING;
    switch (outcome) {
      case ACCEPTED -> {
        prover.tally.accepted++;
        badAccepted += bad ? 1 : 0;
      }
      case REJECTED -> {
        prover.tally.rejected++;
        goodRejected += bad ? 0 : 1;
        prover.flag();
      }
      case UNDECIDED, EXPIRED -> {
        prover.tally.undecided++;
        prover.flag();
      }
      case SILENT -> {
        prover.tally.silent++;
        prover.flag();
      }
    }
    for (SimulatedJob.Member member : job.members().values()) {
      if (speaksAgainst(job, member, outcome)) {
        member.node().flag();
      }
    }
    if (prover.kind == NodeKind.SELF_DEALING) {
      // What the client paid or got back is the node's own money.
      Micros left = world.money.balance(Account.wallet(client.verifyingKey().toString()));
      selfDealt = selfDealt.plus(left.minus(Micros.ofUnits(2)));
    }
  }

  /** Not counted in a job whose answer stood, or on the other side of a decided one. */
  private static boolean speaksAgainst(
      SimulatedJob job, SimulatedJob.Member member, Outcome outcome) {
    SeatResult result = job.result(member).orElse(SeatResult.NO_COMMITMENT);
    Vote vote = member.finding().vote();
    return switch (result) {
      case DEVIATES, NO_REVEAL, NO_COMMITMENT -> true;
      case COUNTED_BY_ROWS -> outcome == Outcome.ACCEPTED;
      case COUNTED ->
          (outcome == Outcome.ACCEPTED && vote == Vote.REJECT)
              || (outcome == Outcome.REJECTED && vote == Vote.ACCEPT);
    };
  }

  private void dispute(SimulatedJob job, ModelExecutor model, List<EvidenceInput> inputs) {
    SortedMap<Integer, List<Integer>> rows = job.drawnRows();
    for (SimulatedJob.Member member : job.members().values()) {
      if (member.node().kind.deviatesAsVerifier()
          || !StepDispute.canChallenge(world, member.node())) {
        continue;
      }
      StepDispute dispute = new StepDispute(world, model, job);
      Optional<BisectionOutcome> outcome = dispute.byHonest(member, rows);
      if (outcome.isPresent()) {
        ended(dispute, outcome.get(), job, member.node(), inputs);
        return; // one is enough
      }
    }
    for (SimulatedJob.Member member : job.members().values()) {
      if (member.node().kind == NodeKind.LYING && StepDispute.canChallenge(world, member.node())) {
        StepDispute dispute = new StepDispute(world, model, job);
        ended(dispute, dispute.byLiar(member.node()), job, member.node(), inputs);
        return;
      }
    }
  }

  private void ended(
      StepDispute dispute,
      BisectionOutcome outcome,
      SimulatedJob job,
      SimulatedNode challenger,
      List<EvidenceInput> inputs) {
    disputes++;
    disputeMessages += dispute.messages();
    switch (outcome) {
      case STEP_WRONG -> {
        owes(job.prover(), "STEP_WRONG");
        inputs.add(new EvidenceInput.Fault(wrongStep(job)));
      }
      case STEP_RIGHT -> prove(challenger, "STEP_RIGHT");
      case PROVER_SILENT -> job.prover().flag();
      default -> {}
    }
  }

  /** The referee computed a step of a canonical receipt again, and it was not what it says. */
  private static ProvenFault wrongStep(SimulatedJob job) {
    FaultProof claim =
        new FaultProof(
            job.prover().id().toString(),
            FaultKind.CANONICAL_MISMATCH,
            List.of(job.receiptMessage().id()));
    boolean canonical = job.made().receipt().executionClass().isCanonical();
    return ProvenFault.verify(
            claim,
            asked ->
                canonical
                    ? new FaultProofChecker.Result.Proven()
                    : new FaultProofChecker.Result.NotProven("not a canonical receipt"))
        .orElseThrow();
  }

  private NetworkReport report() {
    List<NetworkReport.KindReport> kinds = new ArrayList<>();
    for (NodeKind kind : NodeKind.values()) {
      List<SimulatedNode> nodes =
          world.everybody().stream().filter(node -> node.kind == kind).toList();
      if (!nodes.isEmpty()) {
        kinds.add(report(kind, nodes));
      }
    }
    long sum = world.money.balances().values().stream().mapToLong(Micros::value).sum();
    return new NetworkReport(
        kinds,
        world.settings.jobs(),
        outcomes.getOrDefault(Outcome.ACCEPTED, 0),
        outcomes.getOrDefault(Outcome.REJECTED, 0),
        outcomes.getOrDefault(Outcome.UNDECIDED, 0),
        outcomes.getOrDefault(Outcome.SILENT, 0),
        badAccepted,
        goodRejected,
        provenFalse.size(),
        (int)
            world.everybody().stream()
                .filter(node -> node.kind == NodeKind.HONEST)
                .filter(node -> !world.stake(node).equals(World.STAKE))
                .count(),
        faults,
        disputes,
        disputeMessages,
        world.messages,
        world.bytes,
        answeredTokens,
        world.examinedTokens,
        evidence.epochs(),
        evidence.reexecutions(),
        sum == 0);
  }

  private NetworkReport.KindReport report(NodeKind kind, List<SimulatedNode> nodes) {
    List<SimulatedNode> flagged =
        nodes.stream().filter(node -> node.tally.untilFlagged > 0).toList();
    List<SimulatedNode> proven = nodes.stream().filter(node -> node.tally.untilProven > 0).toList();
    long gained = kind == NodeKind.SELF_DEALING ? selfDealt.value() : 0;
    for (SimulatedNode node : nodes) {
      gained +=
          world.money.balance(Account.wallet(node.id().toString())).value() - World.WALLET.value();
    }
    return new NetworkReport.KindReport(
        kind,
        nodes.size(),
        nodes.stream().mapToInt(SimulatedNode::jobsInRole).sum(),
        nodes.stream().mapToInt(node -> node.tally.answered).sum(),
        flagged.size(),
        nodes.stream().mapToInt(node -> node.tally.timesFlagged).sum(),
        proven.size(),
        flagged.stream().mapToInt(node -> node.tally.untilFlagged).average().orElse(0),
        proven.stream().mapToInt(node -> node.tally.untilProven).average().orElse(0),
        String.join(
            ", ", proven.stream().map(node -> node.tally.provenBy).distinct().sorted().toList()),
        Micros.of(gained / nodes.size()),
        nodes.stream().mapToInt(node -> node.tally.silencesProven).sum(),
        lost(nodes, EpochClose.Ground.SILENCE),
        lost(nodes, EpochClose.Ground.CONFIRMED_EVIDENCE),
        lost(nodes, EpochClose.Ground.PROVEN_FAULT));
  }

  private Micros lost(List<SimulatedNode> nodes, EpochClose.Ground ground) {
    return Micros.of(evidence.lost(nodes, ground).value() / nodes.size());
  }
}
