package io.verillm.incentives.equilibrium;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.peerprediction.Channel;
import io.verillm.incentives.peerprediction.JointLaw;
import io.verillm.incentives.peerprediction.ReportMechanism;
import java.util.function.ToDoubleFunction;

/**
 * Two agents who see signals under a law, may pay for seeing them, and are paid by the joint law of
 * their reports.
 *
 * @param name for reports
 * @param law what two informed agents see
 * @param pay expected pay of the agent in the rows
 * @param effortCost what seeing the signal costs; an uninformed strategy saves it
 */
public record ReportGame(
    String name, JointLaw law, ToDoubleFunction<JointLaw> pay, double effortCost) {
  /** Checks the cost. */
  public ReportGame {
    Require.notNegative(effortCost, "effortCost");
  }

  /** Returns the game of a mechanism whose payments are multiplied by {@code scale}. */
  public static ReportGame of(
      ReportMechanism mechanism, JointLaw law, double scale, double effortCost) {
    Require.that(mechanism.signals() == law.signals(), "mechanism and law have other signals");
    return new ReportGame(
        mechanism.name(), law, reports -> scale * mechanism.expectedPay(reports), effortCost);
  }

  /**
   * Returns what an agent using {@code mine} expects, its cost deducted, against a peer using
   * {@code peer}.
   */
  public double utility(Channel mine, Channel peer) {
    return pay.applyAsDouble(law.after(mine, peer)) - (mine.isUninformed() ? 0 : effortCost);
  }
}
