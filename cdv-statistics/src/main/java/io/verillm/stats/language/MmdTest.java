package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PairSums;
import io.verillm.stats.permutation.PermutationResult;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.List;

/**
 * Model equality test: unbiased squared maximum mean discrepancy of answers to the same prompts.
 *
 * <p>MMD² = mean kernel within side one + mean within side two − 2·mean across, self-pairs and
 * pairs of different prompts left out of numerators and denominators (Gao, Liang, Guestrin 2024,
 * section 3). It may be negative and is never clipped. Labels are permuted inside prompts and the
 * p-value is add-one; the published code uses the plain proportion, which can be zero. The kernel
 * matrix is computed once. Immutable; thread-safe.
 *
 * <p>A rejection says that the answers differ in law, formatting included; it does not say that
 * another model answered.
 */
@CheckReturnValue
public final class MmdTest {
  private final StratifiedDesign design;
  private final PairSums sums;
  private final double pairsFirst;
  private final double pairsSecond;
  private final double pairsBetween;

  private MmdTest(StratifiedDesign design, PairSums sums) {
    this.design = design;
    this.sums = sums;
    double first = 0;
    double second = 0;
    double between = 0;
    for (int s = 0; s < design.strata(); s++) {
      double n = design.first(s);
      double m = design.second(s);
      first += n * (n - 1) / 2;
      second += m * (m - 1) / 2;
      between += n * m;
    }
    Require.that(
        first > 0 && second > 0 && between > 0,
        "samples need two answers of either side to some prompt and one prompt that both answered");
    this.pairsFirst = first;
    this.pairsSecond = second;
    this.pairsBetween = between;
  }

  /** Returns the test of token sequences under {@code kernel}. */
  public static MmdTest of(PromptSamples<int[]> samples, TokenKernel kernel) {
    StratifiedDesign design = samples.design();
    double[][] gram = new double[design.strata()][];
    for (int s = 0; s < gram.length; s++) {
      gram[s] = kernel.gram(samples.pooled(s));
    }
    return ofGram(design, gram);
  }

  /**
   * Returns the test of items given by their kernel matrices.
   *
   * @param gram per stratum of {@code design} the symmetric kernel matrix, row-major
   */
  public static MmdTest ofGram(StratifiedDesign design, double[][] gram) {
    return new MmdTest(design, PairSums.ofMatrices(design, gram));
  }

  /** Returns MMD² of the observed labels. */
  public double statistic() {
    return statistic(design.observedOrder());
  }

  private double statistic(int[] order) {
    return sums.evaluate(
        order,
        (s, within1, within2, between) ->
            within1 / pairsFirst + within2 / pairsSecond - 2 * between / pairsBetween);
  }

  /** Returns the permutation test; large MMD² rejects. */
  public PermutationResult test(PermutationTest permutations) {
    return permutations.run(design, this::statistic);
  }

  /** Returns statistics of random relabellings, for a histogram. */
  public double[] nullDraws(PermutationTest permutations, int count) {
    return permutations.nullDraws(design, this::statistic, count);
  }

  /**
   * Returns the p-value of a composite null, several admissible references: the largest of {@code
   * pValues}. Rejecting only if every reference is rejected keeps the level.
   */
  public static double compositeNull(List<Double> pValues) {
    Require.atLeast(pValues.size(), 1, "pValues");
    double largest = 0;
    for (double p : pValues) {
      largest = Math.max(largest, Require.unit(p, "pValues entry"));
    }
    return largest;
  }
}
