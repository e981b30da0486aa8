package io.verillm.incentives.slashing;

/** What the ladder says about one node now. */
public sealed interface LadderStep {
  /** The evidence it rests on. */
  NodeEvidence evidence();

  /** Nothing to do. */
  record NoAction(NodeEvidence evidence) implements LadderStep {}

  /** Tell the owner; no consequence. */
  record Warn(NodeEvidence evidence) implements LadderStep {}

  /** Give it less work; no money moves. */
  record Demote(NodeEvidence evidence) implements LadderStep {}

  /**
   * The evidence has reached the slash level. Nobody is slashed yet: a fresh re-execution by
   * another owner decides, see {@link SlashingLadder#confirm}.
   *
   * @param fraction share of the stake at issue
   */
  record AwaitsReexecution(NodeEvidence evidence, double fraction) implements LadderStep {}
}
