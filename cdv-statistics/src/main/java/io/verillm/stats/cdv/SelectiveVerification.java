package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;

/**
 * What selective random verification misses, and how often a committee is captured. Thread-safe.
 */
@CheckReturnValue
public final class SelectiveVerification {
  private SelectiveVerification() {}

  /**
   * Returns C(k−c, v)/C(k, v): the probability that a draw of v among k shards meets none of c bad
   * ones.
   */
  public static double missProbability(int shards, int bad, int drawn) {
    Require.atLeast(shards, 1, "shards");
    Require.that(bad >= 0 && bad <= shards, "bad must lie in [0, shards]: " + bad);
    Require.that(drawn >= 0 && drawn <= shards, "drawn must lie in [0, shards]: " + drawn);
    double miss = 1;
    for (int i = 0; i < bad; i++) {
      miss *= Math.max(0, shards - drawn - i) / (double) (shards - i);
    }
    return miss;
  }

  /** Returns 1 − miss^tasks: the probability to be met in at least one of independent tasks. */
  public static double cumulativeDetection(int shards, int bad, int drawn, long tasks) {
    Require.that(tasks >= 0, "tasks is negative: " + tasks);
    double miss = missProbability(shards, bad, drawn);
    return miss == 0 ? (tasks == 0 ? 0 : 1) : -Math.expm1(tasks * Math.log(miss));
  }

  /** Returns P(at least a majority of m independent members is bad), each with probability f. */
  public static double captureBinomial(int members, double share) {
    Require.atLeast(members, 1, "members");
    Require.unit(share, "share");
    double sum = 0;
    for (int k = members / 2 + 1; k <= members; k++) {
      sum +=
          Math.exp(logChoose(members, k)) * Math.pow(share, k) * Math.pow(1 - share, members - k);
    }
    return Math.min(1, sum);
  }

  /** Returns the same for m members drawn without replacement from n nodes of which b are bad. */
  public static double captureHypergeometric(int nodes, int bad, int members) {
    Require.that(bad >= 0 && bad <= nodes, "bad must lie in [0, nodes]: " + bad);
    Require.that(members >= 1 && members <= nodes, "members must lie in [1, nodes]: " + members);
    double sum = 0;
    for (int k = members / 2 + 1; k <= Math.min(members, bad); k++) {
      if (members - k <= nodes - bad) {
        sum +=
            Math.exp(
                logChoose(bad, k)
                    + logChoose(nodes - bad, members - k)
                    - logChoose(nodes, members));
      }
    }
    return Math.min(1, sum);
  }

  private static double logChoose(int n, int k) {
    double sum = 0;
    for (int i = 1; i <= Math.min(k, n - k); i++) {
      sum += Math.log((n - i + 1.0) / i);
    }
    return sum;
  }

  /** Returns the next scope after a mismatch: doubled, at most all shards. */
  public static int widened(int drawn, int shards) {
    Require.that(drawn >= 1 && drawn <= shards, "drawn must lie in [1, shards]: " + drawn);
    return (int) Math.min(shards, 2L * drawn);
  }
}
