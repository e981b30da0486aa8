package io.verillm.incentives.simulation;

/**
 * The agents that the simulator knows. Every agent is prover in some tasks and verifier in others.
 */
public enum AgentType {
  /** Computes, verifies, tells what it saw. */
  HONEST(false),
  /** Says ok without looking. */
  LAZY_OK(false),
  /** Tosses a coin instead of looking. */
  RANDOM(false),
  /** Repeats the commitment of the seat before it. */
  COPYING(false),
  /** Says what a coin shared with its allies says, without looking. */
  SHARED_COIN(true),
  /** Cheats as prover and covers for its allies as verifier. */
  COLLUDING_GROUP(true),
  /** Cheats on five percent of its jobs. */
  STEALTH_CHEATER(false),
  /** Flags everybody but its allies. */
  FRAMING_COALITION(true),
  /** Is honest for the first half and cheats on every job from then on. */
  LATE_TURNCOAT(false),
  /** Cheats on a fifth of its jobs and does not answer when the draw hits one of them. */
  WITHHOLDER(false),
  /** Looks and says the opposite. */
  LYING_VERIFIER(false),
  /** Orders from itself and cheats on those jobs. */
  OWN_CLIENT(false);

  private final boolean allied;

  AgentType(boolean allied) {
    this.allied = allied;
  }

  /** Says whether agents of this type act together. */
  public boolean isAllied() {
    return allied;
  }
}
