package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;

/**
 * Who takes part in a pool.
 *
 * @param kind user, generator or verifier
 * @param stage the verifier's stage or seat, from 1; 0 for the others
 */
public record PoolRole(Kind kind, int stage) implements Comparable<PoolRole> {
  /** The parts there are, in the order of lists. */
  public enum Kind {
    /** Pays for the answer. */
    USER,
    /** Produced the answer. */
    GENERATOR,
    /** Checked the answer. */
    VERIFIER
  }

  /** The user. */
  public static final PoolRole USER = new PoolRole(Kind.USER, 0);

  /** The generator. */
  public static final PoolRole GENERATOR = new PoolRole(Kind.GENERATOR, 0);

  /** Checks the stage. */
  public PoolRole {
    Require.that(
        kind == Kind.VERIFIER ? stage >= 1 : stage == 0, kind + " cannot have the stage " + stage);
  }

  /** Returns the verifier of a stage. */
  public static PoolRole verifier(int stage) {
    return new PoolRole(Kind.VERIFIER, stage);
  }

  @Override
  public int compareTo(PoolRole other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : Integer.compare(stage, other.stage);
  }
}
