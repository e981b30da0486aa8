package io.verillm.stats.sequential;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.internal.Special;

/**
 * Combinations of p-values in (0, 1]; each says under which dependence it is valid. Thread-safe.
 */
@CheckReturnValue
public final class PValueCombination {
  private PValueCombination() {}

  /** Returns −2 Σ ln p, chi-square with 2k degrees of freedom under independence. */
  public static double fisherStatistic(double... p) {
    check(p);
    double sum = 0;
    for (double v : p) {
      sum -= 2 * Math.log(v);
    }
    return sum;
  }

  /** Returns Fisher's p-value; needs independent inputs. */
  public static double fisher(double... p) {
    return Special.chiSquareTail(fisherStatistic(p), 2.0 * p.length);
  }

  /** Returns Stouffer's p-value; needs independent inputs. */
  public static double stouffer(double... p) {
    check(p);
    double sum = 0;
    for (double v : p) {
      if (v == 1) {
        return 1; // an infinitely negative score
      }
      sum += Special.normalTailQuantile(v);
    }
    return Special.normalTail(sum / Math.sqrt(p.length));
  }

  /** Returns the Cauchy combination; approximate under dependence, good for small values. */
  public static double cauchy(double... p) {
    check(p);
    double sum = 0;
    for (double v : p) {
      if (v == 1) {
        return 1;
      }
      sum += v < 1e-15 ? 1 / (v * Math.PI) : Math.tan((0.5 - v) * Math.PI);
    }
    double mean = sum / p.length;
    return mean > 1e15 ? 1 / (mean * Math.PI) : 0.5 - Math.atan(mean) / Math.PI;
  }

  /** Returns the plain harmonic mean, which is not a p-value: it is too small by a factor. */
  public static double harmonicMeanUncorrected(double... p) {
    check(p);
    double sum = 0;
    for (double v : p) {
      sum += 1 / v;
    }
    return p.length / sum;
  }

  /** Returns e·ln k times the harmonic mean: valid under any dependence (Vovk and Wang 2020). */
  public static double harmonicMean(double... p) {
    double mean = harmonicMeanUncorrected(p);
    return p.length == 1 ? mean : Math.min(1, Math.E * Math.max(1, Math.log(p.length)) * mean);
  }

  private static void check(double[] p) {
    Require.atLeast(p.length, 1, "p.length");
    for (int i = 0; i < p.length; i++) {
      Require.that(p[i] > 0 && p[i] <= 1, "p[" + i + "] must lie in (0, 1]: " + p[i]);
    }
  }
}
