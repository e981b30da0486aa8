package io.verillm.incentives.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * The message flow without the messages: a prover serves a job, perhaps a challenge is drawn, a
 * committee of other agents commits and opens reports. Decoys reach committees through the same
 * door.
 */
public final class MessageLevelProtocol implements ProtocolDriver {
  /** Creates the model. */
  public MessageLevelProtocol() {}

  @Override
  public TaskOutcome run(
      MechanismConfig config, AgentRoster agents, double progress, SeededRandom random) {
    DrawnTask task = DrawnTask.draw(config, agents, progress, random);
    if (task.isUnchecked()) {
      return TaskOutcome.unchecked(task);
    }
    if (!task.answers(agents)) {
      return TaskOutcome.silent(task, List.of());
    }
    return TaskOutcome.byMajority(
        task, committee(config.audits(), agents, task.prover(), task.bad(), random));
  }

  @Override
  public Report reexecute(
      MechanismConfig config,
      AgentRoster agents,
      int executor,
      TaskOutcome job,
      SeededRandom random) {
    return new DrawnSeat(
            config.audits(),
            agents,
            executor,
            job.prover(),
            job.cheated(),
            random.nextLong(),
            new SeededRandom(random.nextLong()))
        .report();
  }

  private static List<TaskOutcome.Seat> committee(
      AuditTerms audits, AgentRoster agents, int prover, boolean bad, SeededRandom random) {
    List<Integer> members = draw(agents.size(), audits.committeeSize(), prover, random);
    long coinSeed = random.nextLong();
    long seatSeed = random.nextLong();
    List<TaskOutcome.Seat> seats = new ArrayList<>(members.size());
    for (int member : members) {
      // A stream per seat: what one verifier does leaves the luck of all others as it was.
      SeededRandom own = new SeededRandom(SeededRandom.mix(seatSeed + member));
      DrawnSeat seat = new DrawnSeat(audits, agents, member, prover, bad, coinSeed, own);
      Report report = seat.report();
      if (report == Report.COPY) {
        // A copied commitment cannot be opened; without commitments the copy is as good as the
        // original.
        Report before = seats.isEmpty() ? Report.OK : seats.get(seats.size() - 1).report();
        report = audits.commitReveal() ? Report.UNOPENED : before;
      }
      seats.add(new TaskOutcome.Seat(member, report, seat.looked()));
    }
    return seats;
  }

  private static List<Integer> draw(int size, int count, int excluded, SeededRandom random) {
    List<Integer> members = new ArrayList<>(count);
    while (members.size() < count) {
      int candidate = random.nextInt(size);
      if (candidate != excluded && !members.contains(candidate)) {
        members.add(candidate);
      }
    }
    return members;
  }
}
