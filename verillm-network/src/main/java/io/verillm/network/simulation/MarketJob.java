package io.verillm.network.simulation;

import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.simulation.AgentRoster;
import io.verillm.incentives.simulation.DrawnSeat;
import io.verillm.incentives.simulation.DrawnTask;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.Report;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.simulation.TaskOutcome;
import io.verillm.network.committee.Seat;
import io.verillm.network.flow.Effect;
import io.verillm.network.flow.FlowB;
import io.verillm.network.flow.JobContext;
import io.verillm.network.flow.Outcome;
import io.verillm.network.flow.Phase;
import io.verillm.network.flow.SeatResult;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Finding;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.TermsAcceptance;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * One task of a market over the machine of flow B, from offer to the end of its first committee.
 */
final class MarketJob {
  private final FlowBProtocol protocol;
  private final JobContext context;
  private final MechanismConfig config;
  private final AgentRoster agents;
  private final DrawnTask task;
  private final SigningKey prover;
  private final PlayedFlow played;
  private final Computation.Made made;

  /**
   * What a seat committed to and will open.
   *
   * @param commitment empty where it had nothing to copy
   * @param finding what it will open, another's if it copied
   * @param trace the rows that it will open
   */
  private record Member(
      int agent,
      Report report,
      boolean looked,
      Optional<Digest32> commitment,
      Finding finding,
      Trace trace) {}

  MarketJob(
      FlowBProtocol protocol,
      FlowB flow,
      MechanismConfig config,
      AgentRoster agents,
      DrawnTask task) {
    this.protocol = protocol;
    this.context = flow.context();
    this.config = config;
    this.agents = agents;
    this.task = task;
    this.prover = protocol.prover(task);
    this.played =
        new PlayedFlow(
            flow,
            protocol.schedule(),
            protocol.beacon(),
            protocol.gateway(),
            FlowBProtocol.START,
            PlayedFlow.Observer.none());
    this.made =
        protocol
            .computation()
            .answer(
                task.bad() ? NodeKind.CHEAP_DECODE : NodeKind.HONEST,
                prover,
                context.order(),
                new ChainPosition(0, 0, ChainPosition.NONE));
  }

  TaskOutcome play(SeededRandom random) {
    SignedMessage receipt = made.receipt().sign(prover, FlowBProtocol.NETWORK);
    played.send(new TermsAcceptance(context.job()).sign(prover, FlowBProtocol.NETWORK));
    played.send(receipt);
    played.send(
        new ReceiptAck(
                receipt.id(),
                protocol.schedule().source(),
                protocol.schedule().roundAt(played.now() + 10))
            .sign(protocol.gateway(), FlowBProtocol.NETWORK));
    played.awaitRandomness().ifPresent(played::send);
    require(Phase.COMMIT_PHASE);
    List<Member> members = commit(random);
    if (played.state().phase() == Phase.COMMIT_PHASE) {
      played.passDeadline();
    }
    played.awaitRandomness().ifPresent(played::send);
    require(Phase.CHALLENGED);
    open(members);
    played.passDeadlinesToTheEnd();
    return outcome(members);
  }

  private void require(Phase phase) {
    if (played.state().phase() != phase) {
      throw new IllegalStateException("the job is " + played.state().phase() + ", not " + phase);
    }
  }

  private List<Member> commit(SeededRandom random) {
    long coinSeed = random.nextLong();
    long seatSeed = random.nextLong();
    List<Member> members = new ArrayList<>();
    for (Seat seat : played.state().seats(1)) {
      Member member = member(protocol.number(seat.key()), coinSeed, seatSeed, members);
      members.add(member);
      member
          .commitment()
          .ifPresent(
              digest ->
                  played.send(
                      new Commitment(context.job(), 1, digest)
                          .sign(protocol.agent(member.agent()), FlowBProtocol.NETWORK)));
    }
    return members;
  }

  private Member member(int agent, long coinSeed, long seatSeed, List<Member> before) {
    // A stream per seat: what one verifier does leaves the luck of all others as it was.
    SeededRandom own = new SeededRandom(new SeededRandom(seatSeed + agent).nextLong());
    DrawnSeat seat =
        new DrawnSeat(config.audits(), agents, agent, task.prover(), task.bad(), coinSeed, own);
    Report report = seat.report();
    if (report == Report.COPY) {
      Optional<Member> copied =
          before.isEmpty() ? Optional.empty() : Optional.of(before.get(before.size() - 1));
      // As far as it can: the other's commitment, and later the other's finding and rows.
      return new Member(
          agent,
          report,
          false,
          copied.flatMap(Member::commitment),
          copied.map(Member::finding).orElseGet(() -> finding(made.trace(), report, own)),
          copied.map(Member::trace).orElseGet(made::trace));
    }
    Trace trace = trace(agent, seat, coinSeed, own);
    Finding finding = finding(trace, report, own);
    VerifyingKey key = protocol.agent(agent).verifyingKey();
    return new Member(
        agent,
        report,
        seat.looked(),
        Optional.of(finding.commitment(context.job(), 1, key)),
        finding,
        trace);
  }

  /** Who looked has the rows; so has an ally of the prover. Others make them up. */
  private Trace trace(int agent, DrawnSeat seat, long coinSeed, SeededRandom own) {
    SigningKey key = protocol.agent(agent);
    if (seat.looked() || seat.proverIsAlly()) {
      return protocol
          .computation()
          .examine(NodeKind.HONEST, key, context.order(), made.receipt(), made.answer())
          .trace();
    }
    long seed = agents.type(agent).isAllied() ? coinSeed : own.nextLong();
    return InventedRows.record(
        protocol.computation().layout(),
        TraceId.compute(
            context.order().digest(),
            key.verifyingKey().toByteArray(),
            TraceRole.VERIFIER,
            context.order().profile()),
        context.order().prompt().concat(made.answer().output()).toArray(),
        position -> seed + position);
  }

  private static Finding finding(Trace trace, Report report, SeededRandom own) {
    Vote vote = report == Report.FLAG ? Vote.REJECT : Vote.ACCEPT;
    return new Finding(
        trace.head(),
        vote,
        Digest32.sha256(new byte[] {(byte) vote.code()}),
        Digest32.sha256(World.bytes(own.nextLong())));
  }

  private void open(List<Member> members) {
    SortedMap<Integer, List<Integer>> rows = played.state().rows();
    if (task.answers(agents)) {
      played.send(
          new Fragments(context.job(), 1, SimulatedJob.open(made.trace(), rows))
              .sign(prover, FlowBProtocol.NETWORK));
    }
    for (Member member : members) {
      played.send(
          new Reveal(
                  context.job(),
                  1,
                  member.finding(),
                  Optional.of(SimulatedJob.open(member.trace(), rows)))
              .sign(protocol.agent(member.agent()), FlowBProtocol.NETWORK));
    }
  }

  private TaskOutcome outcome(List<Member> members) {
    Map<VerifyingKey, SeatResult> results =
        played.effects().stream()
            .filter(Effect.Decided.class::isInstance)
            .map(Effect.Decided.class::cast)
            .findFirst()
            .orElseThrow()
            .seats();
    List<TaskOutcome.Seat> seats = new ArrayList<>();
    for (Member member : members) {
      SeatResult result = results.get(protocol.agent(member.agent()).verifyingKey());
      if (result == null) {
        throw new IllegalStateException("a seat without a result");
      }
      seats.add(new TaskOutcome.Seat(member.agent(), report(member, result), member.looked()));
    }
    Outcome ended = played.state().outcome().orElseThrow();
    return new TaskOutcome(task.kind(), task.prover(), task.bad(), ruling(ended), seats);
  }

  private static Report report(Member member, SeatResult result) {
    return switch (result) {
      case COUNTED -> member.finding().vote() == Vote.REJECT ? Report.FLAG : Report.OK;
      case COUNTED_BY_ROWS -> Report.FLAG;
      case NO_COMMITMENT, NO_REVEAL -> Report.UNOPENED;
      case DEVIATES -> Report.UNCOUNTED;
    };
  }

  private static TaskOutcome.Ruling ruling(Outcome outcome) {
    return switch (outcome) {
      case ACCEPTED -> TaskOutcome.Ruling.ACCEPTED;
      case REJECTED -> TaskOutcome.Ruling.REJECTED;
      case UNDECIDED -> TaskOutcome.Ruling.UNDECIDED;
      case SILENT -> TaskOutcome.Ruling.SILENT;
      case EXPIRED -> throw new IllegalStateException("the job expired");
    };
  }
}
