package io.verillm.incentives.simulation;

/** How an agent behaves. Stateless: what it does may depend on the task and on chance only. */
public interface AgentStrategy {
  /**
   * Says whether the agent cheats as prover, {@code progress} being the share of the run that has
   * passed.
   */
  default boolean cheats(double progress, SeededRandom random) {
    return false;
  }

  /** Says whether the agent answers a challenge on a job; called only if the job is audited. */
  default boolean answers(boolean cheated) {
    return true;
  }

  /** Says whether the agent orders the jobs it serves. */
  default boolean isOwnClient() {
    return false;
  }

  /** Returns the report of the agent as verifier. */
  default Report report(SeatView seat) {
    return seat.look();
  }

  /** Returns the strategy of a type. */
  static AgentStrategy of(AgentType type) {
    return switch (type) {
      case HONEST -> new AgentStrategy() {};
      case LAZY_OK -> verifier(seat -> Report.OK);
      case RANDOM -> verifier(seat -> seat.random().happens(0.5) ? Report.OK : Report.FLAG);
      case COPYING -> verifier(seat -> Report.COPY);
      case SHARED_COIN -> verifier(seat -> seat.allianceCoin() ? Report.OK : Report.FLAG);
      case LYING_VERIFIER -> verifier(seat -> seat.look() == Report.OK ? Report.FLAG : Report.OK);
      case FRAMING_COALITION -> verifier(seat -> seat.proverIsAlly() ? Report.OK : Report.FLAG);
      case COLLUDING_GROUP ->
          new AgentStrategy() {
            @Override
            public boolean cheats(double progress, SeededRandom random) {
              return true;
            }

            @Override
            public Report report(SeatView seat) {
              return seat.proverIsAlly() ? Report.OK : seat.look();
            }
          };
      case STEALTH_CHEATER -> prover((progress, random) -> random.happens(0.05));
      case LATE_TURNCOAT -> prover((progress, random) -> progress >= 0.5);
      case WITHHOLDER ->
          new AgentStrategy() {
            @Override
            public boolean cheats(double progress, SeededRandom random) {
              return random.happens(0.2);
            }

            @Override
            public boolean answers(boolean cheated) {
              return !cheated;
            }
          };
      case OWN_CLIENT ->
          new AgentStrategy() {
            @Override
            public boolean cheats(double progress, SeededRandom random) {
              return true;
            }

            @Override
            public boolean isOwnClient() {
              return true;
            }
          };
    };
  }

  private static AgentStrategy verifier(java.util.function.Function<SeatView, Report> report) {
    return new AgentStrategy() {
      @Override
      public Report report(SeatView seat) {
        return report.apply(seat);
      }
    };
  }

  /** Decides about one job. */
  @FunctionalInterface
  interface CheatRule {
    /** Says whether to cheat. */
    boolean cheats(double progress, SeededRandom random);
  }

  private static AgentStrategy prover(CheatRule rule) {
    return new AgentStrategy() {
      @Override
      public boolean cheats(double progress, SeededRandom random) {
        return rule.cheats(progress, random);
      }
    };
  }
}
