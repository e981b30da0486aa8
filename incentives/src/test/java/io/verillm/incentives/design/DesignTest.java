package io.verillm.incentives.design;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.incentives.equilibrium.EquilibriumChecker;
import io.verillm.incentives.equilibrium.EquilibriumReport;
import io.verillm.incentives.equilibrium.ReportGame;
import io.verillm.incentives.game.VerifierScoring;
import io.verillm.incentives.peerprediction.JointLaw;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Payoff tables as a linear program, and the landscape (the inequality behind check E7). */
class DesignTest {
  private static PayoffDesign.Feasible design(DesignRequest request) {
    PayoffDesign design = PayoffDesigner.cheapest(request);
    assertThat(design).as(design.toString()).isInstanceOf(PayoffDesign.Feasible.class);
    return (PayoffDesign.Feasible) design;
  }

  private static double expected(JointLaw law, PayoffTable table) {
    double pay = 0;
    for (int x = 0; x < 2; x++) {
      for (int y = 0; y < 2; y++) {
        pay += law.probability(x, y) * table.pay(x, y);
      }
    }
    return pay;
  }

  @ParameterizedTest
  @CsvSource({
    ".01, .9, .1, .05", ".01, .95, .1, .05", ".01, .999, 1, .5", ".1, .9, .1, .05",
    ".1, .95, .1, .05", ".1, .999, .1, .05", ".05, .99, .1, .01", ".5, .7, 2, 1"
  })
  void cheapest_referenceRates_isStrictEquilibriumAndBeatsRubberStamping(
      double fraud, double q, double cost, double margin) {
    PayoffDesign.Feasible design = design(DesignRequest.of(fraud, q, cost, margin));
    assertThat(design.margins()).allMatch(c -> c.left() >= c.right() - 1e-7);
    JointLaw law = JointLaw.verificationGame(fraud, q);
    assertThat(design.budget()).isCloseTo(expected(law, design.table()), within(1e-9));
    assertThat(design.budget()).isGreaterThanOrEqualTo(cost + margin - 1e-9);
    EquilibriumReport report =
        EquilibriumChecker.withGrid(20)
            .check(
                new ReportGame(
                    "designed", law, reports -> expected(reports, design.table()), cost));
    assertThat(report.isTruthStrict()).isTrue();
    assertThat(report.deviationGain()).isLessThan(0);
    // Everybody saying ok earns okOk.
    assertThat(design.table().okOk()).isLessThanOrEqualTo(design.budget() - cost - margin + 1e-7);
  }

  @Test
  void cheapest_referenceRates_noRandomFeasibleTableIsCheaper() {
    PayoffDesign.Feasible best = design(DesignRequest.of(.05, .99, .1, .01));
    JointLaw law = JointLaw.verificationGame(.05, .99);
    Random random = new Random(2);
    int feasible = 0;
    for (int run = 0; run < 400_000; run++) {
      PayoffTable table =
          new PayoffTable(
              random.nextDouble(),
              random.nextDouble() * 3,
              random.nextDouble() * 3,
              random.nextDouble() * 20);
      double honest = expected(law, table);
      double ok = law.marginal(0) * table.okOk() + law.marginal(1) * table.okFlag();
      double flag = law.marginal(0) * table.flagOk() + law.marginal(1) * table.flagFlag();
      double lie =
          law.probability(1, 0) * table.okOk()
              + law.probability(1, 1) * table.okFlag()
              + law.probability(0, 0) * table.flagOk()
              + law.probability(0, 1) * table.flagFlag();
      if (honest >= .11
          && honest - ok >= .11
          && honest - flag >= .11
          && honest - lie >= .01
          && honest - table.okOk() >= .11) {
        feasible++;
        assertThat(honest).isGreaterThanOrEqualTo(best.budget() - 1e-9);
      }
    }
    assertThat(feasible).isGreaterThan(50);
  }

  @Test
  void cheapest_symmetricTableOfVersionOne_isNeverCheaper() {
    VerifierScoring scoring = new VerifierScoring(.05, .01, .1);
    double bothReject =
        Math.max(
            scoring.bothRejectRange(1, .01).low(),
            scoring.bothRejectAgainstRubberStamping(1, 0) + .01 / scoring.bothReject());
    PayoffDesign.Feasible best = design(DesignRequest.of(.05, .99, .1, .01));
    assertThat(best.budget())
        .isLessThanOrEqualTo(scoring.budget(new VerifierScoring.Payoffs(1, bothReject, 0)) + 1e-9);
    assertThat(best.otherEquilibria()).anyMatch(line -> line.contains("everybody flags"));
  }

  @Test
  void cheapest_uselessSignal_saysSoInWords() {
    assertThat(PayoffDesigner.cheapest(DesignRequest.of(.1, .5, .1, .05)))
        .isInstanceOfSatisfying(
            PayoffDesign.Infeasible.class,
            no -> {
              assertThat(no.violated()).anyMatch(line -> line.contains("says nothing"));
              assertThat(no.violated()).anyMatch(line -> line.contains("short by"));
            });
  }

  @Test
  void cheapest_payLimitTooLow_namesTheRequirement() {
    DesignRequest tight = new DesignRequest(.01, .95, .1, .05, .05, 0, .12);
    assertThat(PayoffDesigner.cheapest(tight))
        .isInstanceOfSatisfying(
            PayoffDesign.Infeasible.class,
            no ->
                assertThat(no.violated())
                    .isNotEmpty()
                    .allMatch(line -> line.contains("0.12") && line.contains("short by")));
  }

  @Test
  void cheapest_penaltiesAllowed_lowerTheBudgetToCostPlusMargin() {
    DesignRequest bonded = new DesignRequest(.01, .95, .1, .05, .05, -50, 1000);
    DesignRequest plain = new DesignRequest(.01, .95, .1, .05, .05, 0, 1000);
    assertThat(design(bonded).budget()).isLessThanOrEqualTo(design(plain).budget() + 1e-9);
    assertThat(design(bonded).budget()).isCloseTo(.15, within(1e-6));
  }

  @Test
  void request_outOfRange_isRefused() {
    assertThatThrownBy(() -> DesignRequest.of(0, .9, .1, .1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DesignRequest.of(.1, 1.1, .1, .1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DesignRequest.of(.1, .9, -1, .1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DesignRequest.of(.1, .9, .1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DesignRequest.of(.1, .9, Double.NaN, .1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DesignRequest(.1, .9, .1, .1, .1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void landscape_grid_contourSeparatesGainFromLoss() {
    LandscapeTerms terms = new LandscapeTerms(100, 1, .6, 20, .9);
    PayoffLandscape landscape = PayoffLandscape.of(terms, 41, 31);
    assertThat(landscape.gains()).hasSize(31).allMatch(row -> row.size() == 41);
    assertThat(landscape.zeroContour()).hasSize(40);
    for (PayoffLandscape.ContourPoint point : landscape.zeroContour()) {
      assertThat(terms.gain(point.cheatShare(), point.auditRate())).isCloseTo(0, within(1e-6));
      assertThat(terms.gain(point.cheatShare(), point.auditRate() * .99)).isPositive();
      assertThat(terms.gain(point.cheatShare(), point.auditRate() * 1.01)).isNegative();
    }
    assertThat(terms.gain(0, .5)).isZero();
    assertThat(terms.gain(1, 0)).isCloseTo(60, within(1e-9));
    assertThat(new LandscapeTerms(10, 1, .5, 20, 1).gain(1, 1))
        .isCloseTo(10 * (.5 - 1) - 20, within(1e-9));
    assertThat(PayoffLandscape.of(new LandscapeTerms(100, .1, 5, 1, .1), 5, 5).zeroContour())
        .isEmpty();
    assertThatThrownBy(() -> PayoffLandscape.of(terms, 1, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
