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
    AuditTerms audits = config.audits();
    // Of the committee's tasks a share are decoys: per audited job there are decoys/(1 - decoys)
    // decoys.
    double decoys = audits.badDecoyRate() + audits.goodDecoyRate();
    double decoyTasks = audits.auditRate() * decoys / (1 - decoys);
    if (random.happens(decoyTasks / (1 + decoyTasks))) {
      boolean bad = random.happens(audits.badDecoyRate() / decoys);
      return new TaskOutcome(
          bad ? TaskOutcome.Kind.BAD_DECOY : TaskOutcome.Kind.GOOD_DECOY,
          -1,
          bad,
          true,
          committee(audits, agents, -1, bad, random));
    }
    int prover = random.nextInt(agents.size());
    AgentStrategy strategy = agents.strategy(prover);
    boolean cheated = strategy.cheats(progress, new SeededRandom(random.nextLong()));
    if (!random.happens(audits.auditRate())) {
      return new TaskOutcome(TaskOutcome.Kind.UNCHECKED_JOB, prover, cheated, true, List.of());
    }
    if (!strategy.answers(cheated)) {
      return new TaskOutcome(TaskOutcome.Kind.AUDITED_JOB, prover, cheated, false, List.of());
    }
    return new TaskOutcome(
        TaskOutcome.Kind.AUDITED_JOB,
        prover,
        cheated,
        true,
        committee(audits, agents, prover, cheated, random));
  }

  @Override
  public Report reexecute(
      MechanismConfig config,
      AgentRoster agents,
      int executor,
      TaskOutcome job,
      SeededRandom random) {
    Seat view =
        new Seat(
            config.audits(),
            agents,
            executor,
            job.prover(),
            job.cheated(),
            random.nextLong(),
            new SeededRandom(random.nextLong()));
    return agents.strategy(executor).report(view);
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
      Seat view = new Seat(audits, agents, member, prover, bad, coinSeed, own);
      Report report = agents.strategy(member).report(view);
      if (report == Report.COPY) {
        // A copied commitment cannot be opened; without commitments the copy is as good as the
        // original.
        Report before = seats.isEmpty() ? Report.OK : seats.get(seats.size() - 1).report();
        report = audits.commitReveal() ? Report.UNOPENED : before;
      }
      seats.add(new TaskOutcome.Seat(member, report, view.looked));
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

  private static final class Seat implements SeatView {
    private final AuditTerms audits;
    private final AgentRoster agents;
    private final int member;
    private final int prover;
    private final boolean bad;
    private final long coinSeed;
    private final SeededRandom random;
    private boolean looked;

    Seat(
        AuditTerms audits,
        AgentRoster agents,
        int member,
        int prover,
        boolean bad,
        long coinSeed,
        SeededRandom random) {
      this.audits = audits;
      this.agents = agents;
      this.member = member;
      this.prover = prover;
      this.bad = bad;
      this.coinSeed = coinSeed;
      this.random = random;
    }

    @Override
    public Report look() {
      looked = true;
      return random.happens(bad ? audits.power() : audits.falsePositive())
          ? Report.FLAG
          : Report.OK;
    }

    @Override
    public boolean proverIsAlly() {
      return prover >= 0 && agents.areAllies(member, prover);
    }

    @Override
    public boolean allianceCoin() {
      return (SeededRandom.mix(coinSeed) & 1) == 0;
    }

    @Override
    public SeededRandom random() {
      return random;
    }
  }
}
