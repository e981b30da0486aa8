package io.verillm.core.sampling;

import java.util.Arrays;

/**
 * The tokens that may be drawn after top-k, then top-p, and how far any token is from entering or
 * leaving. Immutable, exact.
 *
 * <p>Ranks are by falling processed logit, ties to the lower id. Top-k keeps ranks 1..k. Top-p
 * works on the softmax of logit/temperature over what top-k kept: rank r stays if r = 1 or if the
 * sum of the probabilities of ranks 1..r−1 is below p. Sums run from rank 1 upwards on exp((logit −
 * largest)/temperature); without top-k, ranks more than 40 temperatures below the largest logit are
 * left out, which changes no bit of the sum.
 *
 * <p><b>Costs</b> are in logits, like margins. With z(r) the logit at rank r, K the ranks kept by
 * top-k, and o(r) the log-odds that the first r ranks hold against the rest,
 *
 * <pre>
 * entry(c)     = min over r = 1..K   of max(0, z(r) − z(c), T·(o(r−1) − logit p))
 * exclusion(b) = min over r = 2..K+1 of max(0, z(b) − z(r), T·(logit p − o(r−1)))
 * </pre>
 *
 * with o(0) = −∞ and o(K) = +∞: a token enters at rank r if its logit reaches that rank and the
 * mass before it is below p. Both are 0 on their own side of the boundary and change by at most 2ε
 * when every logit changes by at most ε.
 */
final class CandidateSupport {
  /** exp(−40) is below half a unit in the last place of any sum that holds exp(0). */
  private static final double NEGLIGIBLE = 40;

  private final double[] logits;
  private final double temperature;
  private final int[] ranked;
  private final int kept;
  private final int width;
  private final double[] oddsExcess;
  private final boolean[] member;

  /**
   * @param ranked ids of ranks 1..K and, where there is one, K + 1
   * @param kept K
   * @param oddsExcess at r, o(r) − logit p for r = 0..K; −∞ below K without top-p
   */
  private CandidateSupport(
      double[] logits, double temperature, int[] ranked, int kept, int width, double[] oddsExcess) {
    this.logits = logits;
    this.temperature = temperature;
    this.ranked = ranked;
    this.kept = kept;
    this.width = width;
    this.oddsExcess = oddsExcess;
    this.member = new boolean[logits.length];
    for (int rank = 1; rank <= width; rank++) {
      member[ranked[rank - 1]] = true;
    }
  }

  /** Whether the settings filter at all. */
  static boolean filters(SamplingManifest manifest, int vocabulary) {
    return manifest.topPMicros() < SamplingManifest.ONE
        || (manifest.topK() > 0 && manifest.topK() < vocabulary);
  }

  static CandidateSupport compute(double[] logits, SamplingManifest manifest) {
    double temperature = manifest.temperatureMicros() / 1e6;
    boolean byMass = manifest.topPMicros() < SamplingManifest.ONE;
    int limit =
        manifest.topK() > 0 && manifest.topK() < logits.length
            ? manifest.topK()
            : countFrom(logits, largest(logits) - NEGLIGIBLE * temperature);
    int[] ranked = TokenRanking.best(logits, limit + 1);
    int kept = Math.min(limit, ranked.length);
    double[] oddsExcess = new double[kept + 1];
    Arrays.fill(oddsExcess, Double.NEGATIVE_INFINITY);
    int width = kept;
    if (byMass) {
      width = mass(logits, ranked, kept, temperature, manifest.topPMicros(), oddsExcess);
    }
    oddsExcess[kept] = Double.POSITIVE_INFINITY;
    return new CandidateSupport(logits, temperature, ranked, kept, width, oddsExcess);
  }

  private static int mass(
      double[] logits, int[] ranked, int kept, double temperature, int pMicros, double[] excess) {
    double[] weights = new double[kept];
    double[] before = new double[kept + 1];
    double top = logits[ranked[0]];
    for (int rank = 1; rank <= kept; rank++) {
      weights[rank - 1] = StrictMath.exp((logits[ranked[rank - 1]] - top) / temperature);
      before[rank] = before[rank - 1] + weights[rank - 1];
    }
    double bound = pMicros / 1e6 * before[kept];
    double logitP = StrictMath.log(pMicros / (double) (SamplingManifest.ONE - pMicros));
    double rest = 0; // summed from the small end, so that it keeps its digits
    int width = 1;
    for (int rank = kept; rank >= 2; rank--) {
      rest += weights[rank - 1];
      excess[rank - 1] = StrictMath.log(before[rank - 1]) - StrictMath.log(rest) - logitP;
      if (width == 1 && before[rank - 1] < bound) {
        width = rank;
      }
    }
    return width;
  }

  private static double largest(double[] logits) {
    double largest = ProcessedLogits.SUPPRESSED;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    return largest;
  }

  private static int countFrom(double[] logits, double least) {
    int count = 0;
    for (double logit : logits) {
      if (logit >= least) {
        count++;
      }
    }
    return count;
  }

  /** Number of tokens that may be drawn, at least 1. */
  int width() {
    return width;
  }

  /** The token at a rank, from 1 to the width. */
  int token(int rank) {
    return ranked[rank - 1];
  }

  boolean contains(int id) {
    return member[id];
  }

  double entryCost(int id) {
    if (member[id]) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int rank = 1; rank <= kept; rank++) {
      double byRank = logits[ranked[rank - 1]] - logits[id];
      double byMass = temperature * oddsExcess[rank - 1];
      least = Math.min(least, Math.max(0, Math.max(byRank, byMass)));
    }
    return least;
  }

  double exclusionCost(int id) {
    if (!member[id]) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int rank = 2; rank <= ranked.length; rank++) {
      double byRank = logits[id] - logits[ranked[rank - 1]];
      double byMass = -temperature * oddsExcess[rank - 1];
      least = Math.min(least, Math.max(0, Math.max(byRank, byMass)));
    }
    return least;
  }

  /** The smallest logit whose token enters at a cost of at most {@code tolerance}. */
  double entryLogit(double tolerance) {
    int rank = kept;
    while (rank > 1 && temperature * oddsExcess[rank - 1] > tolerance) {
      rank--;
    }
    return logits[ranked[rank - 1]] - tolerance;
  }
}
