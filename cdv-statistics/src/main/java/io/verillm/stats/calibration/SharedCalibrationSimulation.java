package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.sequential.Calibrator;
import io.verillm.stats.sequential.EValues;
import io.verillm.stats.sequential.OneSidedBetaMixture;

/**
 * What happens to honest nodes when the evidence of many receipts is put together, all of it
 * measured against one calibration.
 *
 * <p>Conformal p-values are valid on average over calibration sets. Given one set they are not
 * uniform, and they are all off in the same direction, so a product of e-values made from them
 * grows without end for an honest node if the set happened to be narrow. Counting exceedances of a
 * fixed threshold against an upper confidence bound of their rate has no such gap. Exact in its
 * seed.
 */
@CheckReturnValue
public final class SharedCalibrationSimulation {
  /** Share of wealth put on each receipt: small, as for a node that is audited for years. */
  private static final double SHARE = 0.05;

  private SharedCalibrationSimulation() {}

  /**
   * What came out.
   *
   * @param nodes honest nodes simulated
   * @param slashedByProduct nodes whose running product of e-values ever reached the level
   * @param slashedByExceedances nodes whose exceedance wealth ever reached it
   * @param level the level, 1/α
   */
  public record Outcome(int nodes, int slashedByProduct, int slashedByExceedances, double level) {}

  /**
   * Simulates honest nodes with independent standard normal scores. Groups of nodes share a
   * calibration set, as they do in a network.
   *
   * @param groups calibration sets
   * @param nodesPerGroup nodes judged against each
   * @param calibration scores per set
   * @param receipts receipts per node
   * @param exceedanceLevel conformal p-value at or below which a receipt counts as an exceedance
   * @param level evidence at which a node is slashed
   */
  public static Outcome run(
      long seed,
      int groups,
      int nodesPerGroup,
      int calibration,
      int receipts,
      double exceedanceLevel,
      double level) {
    Require.atLeast(groups, 1, "groups");
    Calibrator calibrator = Calibrator.power(0.5);
    int byProduct = 0;
    int byExceedances = 0;
    for (int g = 0; g < groups; g++) {
      SplitMix64 random = SplitMix64.stream(seed, g);
      double[] honest = new double[calibration];
      for (int i = 0; i < calibration; i++) {
        honest[i] = random.nextGaussian();
      }
      SplitConformal conformal = SplitConformal.of(honest);
      double threshold = conformal.threshold(exceedanceLevel);
      // Held-out honest runs bound the rate of exceeding this set's own threshold.
      long heldOut = 0;
      for (int i = 0; i < calibration; i++) {
        heldOut += random.nextGaussian() >= threshold ? 1 : 0;
      }
      double p0 = ClopperPearson.upperBound(heldOut, calibration, 0.9999);
      OneSidedBetaMixture wealth = OneSidedBetaMixture.uniform(p0);
      for (int n = 0; n < nodesPerGroup; n++) {
        double logProduct = 0;
        boolean product = false;
        boolean exceeded = false;
        int flags = 0;
        for (int r = 1; r <= receipts; r++) {
          double score = random.nextGaussian();
          double e = calibrator.applyTo(conformal.pValue(score));
          logProduct += StrictMath.log(EValues.hedged(e, SHARE));
          product |= logProduct >= StrictMath.log(level);
          if (score >= threshold) {
            flags++;
            exceeded |= wealth.logE(flags, r) >= StrictMath.log(level);
          }
        }
        byProduct += product ? 1 : 0;
        byExceedances += exceeded ? 1 : 0;
      }
    }
    return new Outcome(groups * nodesPerGroup, byProduct, byExceedances, level);
  }
}
