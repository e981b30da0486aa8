package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.MonteCarloNull;

/**
 * Rank-based uniformity test: where does one answer's score fall among scores of reference answers
 * to the same prompt?
 *
 * <p>The rank (#{less} + U·(1 + #{equal}))/(m + 1) is exactly uniform under exchangeability for
 * every m. The published rank divides by m and its Cramér–von Mises test has size 0.93 at m = 5 and
 * n = 100. U must come from the audit's beacon; an auditor who chooses it chooses the verdict.
 * Thread-safe.
 *
 * <p>Each answer needs its own references: ranks of answers that share a reference sample depend on
 * each other, and the test of many such answers is too quick to reject.
 *
 * <p>Uniform ranks do not show equal laws: noise of mean zero on the logits hardly moves a rank.
 */
@CheckReturnValue
public final class RankUniformity {
  private RankUniformity() {}

  /**
   * Returns the rank of {@code score}, in (0, 1), exactly uniform under exchangeability.
   *
   * @param references scores of reference answers, at least one
   * @param randomiser in [0, 1), from the beacon
   */
  public static double rank(double score, double[] references, double randomiser) {
    long[] counts = counts(score, references, randomiser);
    return (counts[0] + randomiser * (1 + counts[1])) / (references.length + 1.0);
  }

  /** Returns the published rank (#{less} + U·#{equal})/m, for comparison only. */
  public static double publishedRank(double score, double[] references, double randomiser) {
    long[] counts = counts(score, references, randomiser);
    return (counts[0] + randomiser * counts[1]) / references.length;
  }

  private static long[] counts(double score, double[] references, double randomiser) {
    Require.finite(references, "references", 1);
    Require.that(Double.isFinite(score), "score is not finite: " + score);
    Require.that(randomiser >= 0 && randomiser < 1, "randomiser must lie in [0, 1): " + randomiser);
    long less = 0;
    long equal = 0;
    for (double r : references) {
      less += r < score ? 1 : 0;
      equal += r == score ? 1 : 0;
    }
    return new long[] {less, equal};
  }

  /** Returns the Cramér–von Mises test that ranks of independent answers are uniform. */
  public static TestResult test(double[] ranks, MonteCarloNull simulation) {
    TestResult result = CramerVonMises.uniform(ranks, simulation);
    return new TestResult("rank-uniformity", result.statistic(), result.pValue(), result.method());
  }

  /**
   * Returns the score of one answer: mean over its tokens of ln(rank of the token under the
   * reference model), 1 being the likeliest.
   *
   * @param ranks at least one, each at least 1
   */
  public static double meanLogRank(int[] ranks) {
    Require.atLeast(ranks.length, 1, "ranks.length");
    double sum = 0;
    for (int r : ranks) {
      sum += Math.log(Require.atLeast(r, 1, "rank"));
    }
    return sum / ranks.length;
  }

  /** Returns 1 + the number of logits above that of {@code token}. */
  public static int rankOf(double[] logits, int token) {
    Require.that(token >= 0 && token < logits.length, "token outside the vocabulary: " + token);
    int rank = 1;
    for (double z : logits) {
      rank += z > logits[token] ? 1 : 0;
    }
    return rank;
  }
}
