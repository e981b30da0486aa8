package io.verillm.incentives.simulation;

/** What a verifier can know about a task before it reports. Decoys look like jobs. */
public interface SeatView {
  /** Runs the verification, which costs, and returns what it showed. */
  Report look();

  /** Says whether the prover of the task is an ally; false for decoys. */
  boolean proverIsAlly();

  /** Returns the coin that the allies tossed for this task; a market holds one alliance at most. */
  boolean allianceCoin();

  /** Returns the agent's own randomness. */
  SeededRandom random();
}
