package io.verillm.incentives.peerprediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Checks E1, E2, E6 for the mechanisms that take forecasts. */
class BeliefMechanismTest {
  @Test
  void largeGroupScores_fourAgents_matchVectorsAndSumToZero() {
    double[] scores =
        new BayesianTruthSerum(1, 1e-3)
            .largeGroupScores(
                new int[] {0, 0, 1, 0}, new double[][] {{.7, .3}, {.6, .4}, {.4, .6}, {.8, .2}});
    assertThat(scores)
        .containsExactly(
            new double[] {.2078873759, .1641948841, -.5787519032, .2066696433}, within(1e-9));
    assertThat(Arrays.stream(scores).sum()).isCloseTo(0, within(1e-12));
  }

  @Test
  void largeGroupScores_weightOneAndAnyInput_sumToZero() {
    Random random = new Random(8);
    for (int run = 0; run < 200; run++) {
      int agents = 3 + random.nextInt(20);
      int signals = 2 + random.nextInt(3);
      int[] reports = random.ints(agents, 0, signals).toArray();
      double[][] forecasts = new double[agents][signals];
      for (double[] forecast : forecasts) {
        double sum = 0;
        for (int s = 0; s < signals; s++) {
          forecast[s] = .05 + random.nextDouble();
          sum += forecast[s];
        }
        for (int s = 0; s < signals; s++) {
          forecast[s] /= sum;
        }
      }
      double[] scores = new BayesianTruthSerum(1, 1e-6).largeGroupScores(reports, forecasts);
      assertThat(Arrays.stream(scores).sum()).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void finiteScores_publishedExamples_match() {
    double[] five =
        new BayesianTruthSerum(1, 1e-3)
            .finiteScores(
                new int[] {3, 2, 1, 1, 0},
                new double[][] {
                  {.1, .1, .3, .5},
                  {.1, .2, .5, .2},
                  {.3, .4, .2, .1},
                  {.3, .4, .1, .2},
                  {.1, .3, .2, .4}
                });
    assertThat(five)
        .containsExactly(
            new double[] {-3.28030172, -2.40787449, -.29706308, -.29706308, -1.07434100},
            within(1e-8));
    double[] three =
        new BayesianTruthSerum(.5, 1e-3)
            .finiteScores(new int[3], new double[][] {{.5, .5}, {.5, .5}, {.5, .5}});
    assertThat(three).containsExactly(new double[] {.51873113, .51873113, .51873113}, within(1e-8));
  }

  @Test
  void bayesianTruthSerum_zeroForecastOrBadWeight_isRefused() {
    BayesianTruthSerum serum = new BayesianTruthSerum(1, 1e-3);
    double[][] zero = {{1, 0}, {.5, .5}, {.5, .5}};
    assertThatThrownBy(() -> serum.largeGroupScores(new int[3], zero))
        .hasMessageContaining("floor");
    assertThatThrownBy(() -> serum.finiteScores(new int[3], zero)).hasMessageContaining("floor");
    assertThatThrownBy(() -> new BayesianTruthSerum(0, 1e-3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BayesianTruthSerum(1.1, 1e-3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BayesianTruthSerum(Double.NaN, 1e-3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void truthConditions_informativeAndUseless_differ() {
    assertThat(new BayesianTruthSerum(1, 1e-3).truthCondition(Laws.J).holds()).isTrue();
    assertThat(new RobustBayesianTruthSerum().truthCondition(Laws.J).holds()).isTrue();
    JointLaw useless = JointLaw.of(new double[][] {{.25, .25}, {.25, .25}});
    assertThat(new BayesianTruthSerum(1, 1e-3).truthCondition(useless).holds()).isFalse();
    assertThat(new RobustBayesianTruthSerum().truthCondition(useless).holds()).isFalse();
    assertThat(new DeterminantMutualInformation(2).truthCondition(useless).holds()).isFalse();
    assertThat(new DeterminantMutualInformation(2).truthCondition(Laws.J).holds()).isTrue();
    assertThatThrownBy(() -> new RobustBayesianTruthSerum().truthCondition(Laws.K))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void robustScores_threeAgents_matchVectors() {
    assertThat(
            new RobustBayesianTruthSerum().scores(new int[] {1, 0, 1}, new double[] {.7, .4, .6}))
        .containsExactly(new double[] {1.87, 1.00, .64}, within(1e-12));
    assertThat(RobustBayesianTruthSerum.shadow(.4, 1)).isCloseTo(.8, within(1e-12));
    assertThat(RobustBayesianTruthSerum.shadow(.6, 0)).isCloseTo(.2, within(1e-12));
    assertThat(RobustBayesianTruthSerum.shadow(.7, 1)).isCloseTo(1, within(1e-12));
  }

  @Test
  void scoringRules_referenceForecast_matchVectors() {
    double[] forecast = {.7, .2, .1};
    assertRule(
        ProperScoringRule.logarithmic(1e-6),
        forecast,
        new double[] {-.3566749439, -1.6094379124, -2.3025850930},
        -.8018185525);
    assertRule(ProperScoringRule.quadratic(), forecast, new double[] {.86, -.14, -.34}, .54);
    assertRule(ProperScoringRule.brier(), forecast, new double[] {-.14, -1.14, -1.34}, -.46);
    assertRule(
        ProperScoringRule.spherical(),
        forecast,
        new double[] {.9525793444, .2721655270, .1360827635},
        .7348469228);
  }

  private static void assertRule(
      ProperScoringRule rule, double[] forecast, double[] scores, double own) {
    for (int outcome = 0; outcome < 3; outcome++) {
      assertThat(rule.score(forecast, outcome)).isCloseTo(scores[outcome], within(1e-9));
    }
    assertThat(rule.expectedScore(forecast, forecast)).isCloseTo(own, within(1e-9));
  }

  @Test
  void expectedScore_simplexGrid_isLargestAtTheBelief() {
    int grid = 12;
    double floor = 1.0 / grid;
    for (ProperScoringRule rule :
        List.of(
            ProperScoringRule.logarithmic(floor / 2),
            ProperScoringRule.quadratic(),
            ProperScoringRule.brier(),
            ProperScoringRule.spherical())) {
      for (int a = 1; a < grid - 1; a++) {
        for (int b = 1; a + b < grid; b++) {
          double[] belief = {a / 12.0, b / 12.0, (grid - a - b) / 12.0};
          double own = rule.expectedScore(belief, belief);
          for (int c = 1; c < grid - 1; c++) {
            for (int d = 1; c + d < grid; d++) {
              double[] other = {c / 12.0, d / 12.0, (grid - c - d) / 12.0};
              if (c != a || d != b) {
                assertThat(rule.expectedScore(belief, other)).isLessThan(own);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void logarithmic_forecastBelowTheFloor_isRefusedAndLiftingHelps() {
    ProperScoringRule rule = ProperScoringRule.logarithmic(.01);
    assertThatThrownBy(() -> rule.score(new double[] {1, 0}, 0)).hasMessageContaining("floor");
    double[] lifted = ProperScoringRule.liftToFloor(new double[] {1, 0}, .01);
    assertThat(lifted).containsExactly(new double[] {.99, .01}, within(1e-12));
    assertThat(rule.score(lifted, 1)).isCloseTo(Math.log(.01), within(1e-12));
    assertThat(ProperScoringRule.liftToFloor(new double[] {.6, .4}, .01)).containsExactly(.6, .4);
    assertThatThrownBy(() -> ProperScoringRule.liftToFloor(new double[] {1, 0}, .5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProperScoringRule.logarithmic(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProperScoringRule.quadratic().score(new double[] {.5, .6}, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProperScoringRule.quadratic().score(new double[] {.5, .5}, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
