package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;

/** How a game over one pool ended. */
public sealed interface PoolOutcome {
  /** Returns how many verifiers took part. */
  int verifiers();

  /** The user did not challenge the answer. */
  record NoChallenge() implements PoolOutcome {
    @Override
    public int verifiers() {
      return 0;
    }
  }

  /**
   * The last verifier agreed with the generator; all verifiers before it are slashed.
   *
   * @param verifiers k, at least 1
   */
  record ConfirmsGenerator(int verifiers) implements PoolOutcome {
    /** Checks the stage. */
    public ConfirmsGenerator {
      Require.atLeast(verifiers, 1, "verifiers");
    }
  }

  /**
   * The last verifier agreed with an earlier one against the generator; the generator and all other
   * verifiers are slashed.
   *
   * @param verifiers k, at least 2
   * @param confirmed j, from 1 to k − 1
   */
  record ConfirmsVerifier(int verifiers, int confirmed) implements PoolOutcome {
    /** Checks the stages. */
    public ConfirmsVerifier {
      Require.atLeast(verifiers, 2, "verifiers");
      Require.that(
          confirmed >= 1 && confirmed < verifiers, "confirmed must lie between 1 and k - 1");
    }
  }

  /**
   * Nobody agreed with anybody up to the last stage allowed; an addition to the published game,
   * which does not end then.
   *
   * @param verifiers K_max, at least 1
   */
  record Arbitrated(int verifiers) implements PoolOutcome {
    /** Checks the stage. */
    public Arbitrated {
      Require.atLeast(verifiers, 1, "verifiers");
    }
  }
}
