package io.verillm.incentives.slashing;

/**
 * Uniform mixture over 64 rates in (p0, 1): a supermartingale for every rate up to p0, as the tests
 * need one.
 */
public final class GridWealth implements ExceedanceWealth {
  private static final int RATES = 64;
  private final double p0;

  public GridWealth(double p0) {
    this.p0 = p0;
  }

  @Override
  public double logE(long exceedances, long audits) {
    double most = Double.NEGATIVE_INFINITY;
    double[] terms = new double[RATES];
    for (int k = 0; k < RATES; k++) {
      double p = p0 + (1 - p0) * (k + .5) / RATES;
      terms[k] =
          exceedances * Math.log(p / p0) + (audits - exceedances) * Math.log((1 - p) / (1 - p0));
      most = Math.max(most, terms[k]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - most);
    }
    return most + Math.log(sum / RATES);
  }

  /** e-BH at q, written out once more for the tests. */
  public static FamilyRule eBh(double q) {
    return e -> {
      double[] sorted = e.clone();
      java.util.Arrays.sort(sorted);
      double threshold = Double.POSITIVE_INFINITY;
      for (int k = e.length; k >= 1 && threshold == Double.POSITIVE_INFINITY; k--) {
        threshold = sorted[e.length - k] >= e.length / (q * k) ? e.length / (q * k) : threshold;
      }
      boolean[] selected = new boolean[e.length];
      for (int i = 0; i < e.length; i++) {
        selected[i] = e[i] >= threshold;
      }
      return selected;
    };
  }
}
