package io.verillm.stats.twosample;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.internal.Special;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Pearson's χ² and the likelihood ratio G for counts.
 *
 * <p>Homogeneity of r samples over c categories has (r−1)(c−1) degrees of freedom; empty rows and
 * columns are dropped. When any expected count is below 5 the limit law is poor and the p-value
 * comes from relabelling the pooled observations with both margins fixed. Thread-safe.
 */
@CheckReturnValue
public final class Contingency {
  private Contingency() {}

  /** Which statistic to compute. */
  public enum Statistic {
    /** Σ (O − E)² / E. */
    CHI_SQUARE,
    /** 2 Σ O ln(O / E). */
    LIKELIHOOD_RATIO
  }

  /**
   * Returns the homogeneity test.
   *
   * @param counts one row per sample, one column per category, none negative
   * @param seed of the relabelling
   * @param draws of the relabelling, used when an expected count is below 5
   */
  public static TestResult homogeneity(long[][] counts, Statistic statistic, long seed, int draws) {
    long[][] table = withoutEmpty(counts);
    String name = statistic == Statistic.CHI_SQUARE ? "chi-square" : "g";
    if (table.length < 2 || table[0].length < 2) {
      return new TestResult(name, 0, 1, PValueMethod.EXACT);
    }
    double[][] expected = expected(table);
    double observed = value(table, expected, statistic);
    if (smallest(expected) >= 5) {
      double df = (table.length - 1.0) * (table[0].length - 1.0);
      return new TestResult(
          name, observed, Special.chiSquareTail(observed, df), PValueMethod.ASYMPTOTIC);
    }
    double p = relabelled(table, expected, statistic, observed, seed, draws);
    return new TestResult(name, observed, p, PValueMethod.PERMUTATION);
  }

  private static double relabelled(
      long[][] table,
      double[][] expected,
      Statistic statistic,
      double observed,
      long seed,
      int draws) {
    Require.atLeast(draws, 1, "draws");
    long size = 0;
    for (long[] row : table) {
      for (long c : row) {
        size += c;
      }
    }
    Require.that(size <= 50_000_000, "counts too large to relabel: " + size);
    int[] category = new int[(int) size];
    int at = 0;
    for (int k = 0; k < table[0].length; k++) {
      for (long[] row : table) {
        for (long c = 0; c < row[k]; c++) {
          category[at++] = k;
        }
      }
    }
    double threshold = observed - 1e-12 * Math.max(1, observed);
    SplitMix64 random = new SplitMix64(0);
    long[][] drawn = new long[table.length][table[0].length];
    long exceeding = 0;
    for (int b = 0; b < draws; b++) {
      random.restart(seed, b);
      random.shuffle(category);
      at = 0;
      for (int r = 0; r < table.length; r++) {
        Arrays.fill(drawn[r], 0);
        for (long c = rowSum(table[r]); c > 0; c--) {
          drawn[r][category[at++]]++;
        }
      }
      exceeding += value(drawn, expected, statistic) >= threshold ? 1 : 0;
    }
    return (exceeding + 1.0) / (draws + 1.0);
  }

  /**
   * Returns the fit of counts to given probabilities, df = k − 1.
   *
   * @param observed counts, none negative, at least one observation
   * @param probabilities positive, summing to one within 1e-9
   */
  public static TestResult fit(long[] observed, double[] probabilities, Statistic statistic) {
    Require.that(
        observed.length == probabilities.length, "observed and probabilities differ in length");
    Require.atLeast(observed.length, 2, "observed.length");
    double sum = 0;
    for (int i = 0; i < observed.length; i++) {
      Require.positive(probabilities[i], "probabilities[" + i + "]");
      Require.that(observed[i] >= 0, "observed[" + i + "] is negative");
      sum += probabilities[i];
    }
    Require.that(Math.abs(sum - 1) < 1e-9, "probabilities must sum to 1: " + sum);
    double size = rowSum(observed);
    Require.that(size > 0, "observed has no observation");
    double[] expected = new double[observed.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = size * probabilities[i];
    }
    double value = value(new long[][] {observed}, new double[][] {expected}, statistic);
    return new TestResult(
        statistic == Statistic.CHI_SQUARE ? "chi-square-fit" : "g-fit",
        value,
        Special.chiSquareTail(value, observed.length - 1.0),
        PValueMethod.ASYMPTOTIC);
  }

  private static long rowSum(long[] row) {
    long sum = 0;
    for (long c : row) {
      sum = Math.addExact(sum, c);
    }
    return sum;
  }

  private static long[][] withoutEmpty(long[][] counts) {
    Require.atLeast(counts.length, 1, "counts");
    int columns = counts[0].length;
    boolean[] used = new boolean[columns];
    for (int r = 0; r < counts.length; r++) {
      Require.that(counts[r].length == columns, "counts[" + r + "] has another length");
      for (int c = 0; c < columns; c++) {
        Require.that(counts[r][c] >= 0, "counts[" + r + "][" + c + "] is negative");
        used[c] |= counts[r][c] > 0;
      }
    }
    return Arrays.stream(counts)
        .filter(row -> rowSum(row) > 0)
        .map(
            row ->
                IntStream.range(0, columns).filter(c -> used[c]).mapToLong(c -> row[c]).toArray())
        .toArray(long[][]::new);
  }

  private static double[][] expected(long[][] table) {
    double[] columns = new double[table[0].length];
    double size = 0;
    for (long[] row : table) {
      for (int c = 0; c < columns.length; c++) {
        columns[c] += row[c];
        size += row[c];
      }
    }
    double[][] expected = new double[table.length][columns.length];
    for (int r = 0; r < table.length; r++) {
      double sum = rowSum(table[r]);
      for (int c = 0; c < columns.length; c++) {
        expected[r][c] = sum * columns[c] / size;
      }
    }
    return expected;
  }

  private static double smallest(double[][] expected) {
    double least = Double.POSITIVE_INFINITY;
    for (double[] row : expected) {
      for (double e : row) {
        least = Math.min(least, e);
      }
    }
    return least;
  }

  private static double value(long[][] table, double[][] expected, Statistic statistic) {
    double sum = 0;
    for (int r = 0; r < table.length; r++) {
      for (int c = 0; c < table[r].length; c++) {
        double o = table[r][c];
        double e = expected[r][c];
        if (statistic == Statistic.CHI_SQUARE) {
          sum += (o - e) * (o - e) / e;
        } else if (o > 0) {
          sum += 2 * o * Math.log(o / e);
        }
      }
    }
    return Math.max(0, sum);
  }
}
