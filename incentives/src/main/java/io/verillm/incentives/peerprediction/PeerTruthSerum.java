package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;

/**
 * Pays agreement on x by the rarity of x: scale / R(x), at most the cap, less an offset. Immutable.
 *
 * <p>Source: Faltings, Radanovic and others, "1/prior" and the peer truth serum. Rare reports carry
 * a premium, so two agents who agree to say the rarest signal always earn the cap: the cap is
 * required, and it is part of the truth condition.
 */
public final class PeerTruthSerum implements ReportMechanism {
  private final double[] frequency;
  private final double scale;
  private final double cap;
  private final double offset;

  private PeerTruthSerum(double[] frequency, double scale, double cap, double offset) {
    this.frequency = frequency;
    this.scale = Require.positive(scale, "scale");
    this.cap = Require.positive(cap, "cap");
    this.offset = Require.notNegative(offset, "offset");
    for (double entry : frequency) {
      Require.that(entry > 0, "every signal needs a positive frequency");
    }
  }

  /**
   * Returns the serum for public frequencies.
   *
   * @param frequency R, one positive entry per signal
   * @param scale pay for agreeing on a signal that everybody reports
   * @param cap most that one agreement pays
   * @param offset taken off every pay; {@code scale} makes uninformed reports worth nothing
   */
  public static PeerTruthSerum of(double[] frequency, double scale, double cap, double offset) {
    return new PeerTruthSerum(Distributions.copyOf(frequency, "frequency"), scale, cap, offset);
  }

  /**
   * Returns the serum for frequencies counted from reports, with one added to every count so that
   * none is zero. The counts must not contain the reports of the agents who will be paid, or they
   * would set their own price.
   */
  public static PeerTruthSerum ofCounts(
      long[] reportsOfOthers, double scale, double cap, double offset) {
    double[] frequency = new double[reportsOfOthers.length];
    double total = reportsOfOthers.length;
    for (long count : reportsOfOthers) {
      Require.that(count >= 0, "counts are not negative");
      total += count;
    }
    for (int x = 0; x < frequency.length; x++) {
      frequency[x] = (reportsOfOthers[x] + 1) / total;
    }
    return of(frequency, scale, cap, offset);
  }

  @Override
  public String name() {
    return "peer truth serum";
  }

  @Override
  public int signals() {
    return frequency.length;
  }

  @Override
  public MinimumInputs minimumInputs() {
    return new MinimumInputs(2, 1, 1);
  }

  /** Returns the pay for one pair of reports. */
  public double pay(int mine, int peer) {
    Distributions.requireReport(mine, signals(), "mine");
    Distributions.requireReport(peer, signals(), "peer");
    return (mine == peer ? premium(mine) : 0) - offset;
  }

  @Override
  public double expectedPay(JointLaw reports) {
    double pay = -offset;
    for (int x = 0; x < signals(); x++) {
      pay += reports.probability(x, x) * premium(x);
    }
    return pay;
  }

  /**
   * Compares, for the worst pair of signals, P(x | x)·v(x) with P(y | x)·v(y), v being the capped
   * premium.
   */
  @Override
  public TruthCondition truthCondition(JointLaw law) {
    double left = Double.POSITIVE_INFINITY;
    double right = 0;
    for (int x = 0; x < signals(); x++) {
      for (int y = 0; y < signals(); y++) {
        double truth = law.conditional(x, x) * premium(x);
        double lie = law.conditional(y, x) * premium(y);
        if (x != y && truth - lie < left - right) {
          left = truth;
          right = lie;
        }
      }
    }
    return new TruthCondition(
        "P(x|x) min(c/R(x), cap) > P(y|x) min(c/R(y), cap) for all y other than x",
        left,
        right,
        "truth is a strict equilibrium");
  }

  private double premium(int signal) {
    return Math.min(scale / frequency[signal], cap);
  }
}
