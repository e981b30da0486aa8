package io.verillm.incentives.simulation;

/**
 * A task before anybody judges it: what it is, who serves it, whether it is bad. All drivers draw
 * tasks here, so that equal seeds give equal jobs whatever protocol plays them.
 *
 * @param kind what the task is
 * @param prover number of the prover; −1 for decoys
 * @param bad whether the prover cheated, or the decoy is a bad one
 */
public record DrawnTask(TaskOutcome.Kind kind, int prover, boolean bad) {
  /**
   * Draws a task: a decoy, a job that is audited, or one that is not.
   *
   * @param progress share of the run that has passed, in [0, 1)
   */
  public static DrawnTask draw(
      MechanismConfig config, AgentRoster agents, double progress, SeededRandom random) {
    AuditTerms audits = config.audits();
    // Of the committee's tasks a share are decoys: per audited job there are decoys/(1 - decoys)
    // decoys.
    double decoys = audits.badDecoyRate() + audits.goodDecoyRate();
    double decoyTasks = audits.auditRate() * decoys / (1 - decoys);
    if (random.happens(decoyTasks / (1 + decoyTasks))) {
      boolean bad = random.happens(audits.badDecoyRate() / decoys);
      return new DrawnTask(bad ? TaskOutcome.Kind.BAD_DECOY : TaskOutcome.Kind.GOOD_DECOY, -1, bad);
    }
    int prover = random.nextInt(agents.size());
    boolean cheated = agents.strategy(prover).cheats(progress, new SeededRandom(random.nextLong()));
    return new DrawnTask(
        random.happens(audits.auditRate())
            ? TaskOutcome.Kind.AUDITED_JOB
            : TaskOutcome.Kind.UNCHECKED_JOB,
        prover,
        cheated);
  }

  /** Says whether nobody judges it. */
  public boolean isUnchecked() {
    return kind == TaskOutcome.Kind.UNCHECKED_JOB;
  }

  /** Says whether the prover opens what was drawn; decoys always do. */
  public boolean answers(AgentRoster agents) {
    return prover < 0 || agents.strategy(prover).answers(bad);
  }
}
