package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What evidence across receipts does to honest nodes. */
class SharedCalibrationSimulationTest {
  /**
   * 200 honest nodes, 100 calibrations of 1000 scores, 20 000 receipts each, slashed at 10⁴.
   *
   * <p>Were the products valid, Ville's inequality would allow 200/10⁴ = 0.02 expected slashes, and
   * by Markov's at least 4 with probability 0.005. For the exceedances the same bound holds but for
   * calibrations whose p0 is too small, one in 10⁴.
   */
  @Test
  void run_oneCalibrationForMany_productsSlashHonestNodesAndExceedancesDoNot() {
    SharedCalibrationSimulation.Outcome outcome =
        SharedCalibrationSimulation.run(7, 100, 2, 1000, 20_000, 0.01, 1e4);
    System.out.println(outcome);
    assertThat(outcome.nodes()).isEqualTo(200);
    assertThat(outcome.slashedByProduct()).isGreaterThanOrEqualTo(4);
    assertThat(outcome.slashedByExceedances()).isZero();
  }

  @Test
  void run_sameSeed_isTheSame() {
    assertThat(SharedCalibrationSimulation.run(3, 4, 2, 200, 500, 0.01, 1e4))
        .isEqualTo(SharedCalibrationSimulation.run(3, 4, 2, 200, 500, 0.01, 1e4));
  }
}
