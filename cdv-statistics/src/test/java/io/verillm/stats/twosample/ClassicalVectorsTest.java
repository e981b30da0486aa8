package io.verillm.stats.twosample;

import static io.verillm.stats.Samples.U;
import static io.verillm.stats.Samples.V;
import static io.verillm.stats.Samples.X;
import static io.verillm.stats.Samples.Y;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Alternative;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.permutation.PermutationTest;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.apache.commons.math3.stat.inference.MannWhitneyUTest;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** Check D1: the table of classical vectors (SciPy 1.17 values). */
class ClassicalVectorsTest {
  private static final Offset<Double> TIGHT = within(1e-9);

  @Test
  void ksTwoSample_fixedSamples_countsNonStrictly() {
    var two = KolmogorovSmirnov.twoSample(X, Y);
    assertThat(two.statistic()).isCloseTo(0.475, TIGHT);
    assertThat(two.pValue()).isCloseTo(0.20366561543, TIGHT);
    assertThat(two.method()).isEqualTo(PValueMethod.EXACT);
    var one = KolmogorovSmirnov.twoSample(X, Y, Alternative.GREATER);
    assertThat(one.statistic()).isCloseTo(0.475, TIGHT);
    assertThat(one.pValue()).isCloseTo(0.101855660679, TIGHT);
  }

  @Test
  void ksTwoSample_libraryDefault_usesTheStrictInequality() {
    double library = new KolmogorovSmirnovTest().kolmogorovSmirnovTest(X, Y);
    assertThat(library).isCloseTo(0.16596, within(1e-5));
    assertThat(KolmogorovSmirnov.twoSample(X, Y).pValue()).isGreaterThan(library + 0.03);
  }

  @Test
  void ksOneSample_fixedSample_matches() {
    var result = KolmogorovSmirnov.oneSample(V, x -> x);
    assertThat(result.statistic()).isCloseTo(0.5, TIGHT);
    assertThat(result.pValue()).isCloseTo(0.00777741, within(5e-9));
  }

  @Test
  void cvmTwoSample_fixedSamples_exactAndAsymptotic() {
    var exact = CramerVonMises.twoSampleExact(X, Y);
    assertThat(exact.statistic()).isCloseTo(0.2962962963, TIGHT);
    assertThat(exact.pValue()).isCloseTo(0.150555327, TIGHT);
    assertThat(CramerVonMises.twoSampleAsymptotic(X, Y).pValue()).isCloseTo(0.143255262, TIGHT);
  }

  @Test
  void cvmTwoSample_permutationForm_agreesWithTheExactCount() {
    var enumerated = CramerVonMises.twoSamplePermutation(X, Y, PermutationTest.of(1, 1));
    assertThat(enumerated.method()).isEqualTo(PValueMethod.EXACT);
    assertThat(enumerated.statistic()).isCloseTo(0.2962962963, TIGHT);
    assertThat(enumerated.pValue())
        .isCloseTo(CramerVonMises.twoSampleExact(X, Y).pValue(), within(1e-12));
  }

  @Test
  void cvmOneSample_fixedSamples_statisticAndSimulatedTail() {
    assertThat(CramerVonMises.uniformStatistic(U)).isCloseTo(0.0390333333, TIGHT);
    assertThat(CramerVonMises.uniformStatistic(V)).isCloseTo(1.1647333333, TIGHT);
    // four standard errors of this simulation and of the published one
    var simulation = new MonteCarloNull(5, 200_000);
    assertThat(CramerVonMises.uniform(U, simulation).pValue()).isCloseTo(0.94683, within(0.0022));
    assertThat(CramerVonMises.uniform(V, simulation).pValue()).isCloseTo(5.73e-4, within(2.4e-4));
    assertThat(CramerVonMises.uniformAsymptotic(U).pValue()).isCloseTo(0.94683, within(0.02));
  }

  @Test
  void cvmLimit_criticalValues_match() {
    assertThat(CramerVonMises.limitTail(0.46136)).isCloseTo(0.05, within(1e-5));
    assertThat(CramerVonMises.limitTail(0.74346)).isCloseTo(0.01, within(1e-5));
  }

  @Test
  void adOneSample_fixedSamples_match() {
    assertThat(AndersonDarling.uniformStatistic(U)).isCloseTo(0.24375425766, TIGHT);
    assertThat(AndersonDarling.uniformStatistic(V)).isCloseTo(6.7626905035, TIGHT);
    assertThat(AndersonDarling.uniformAsymptotic(U).pValue()).isCloseTo(0.97376, within(3e-4));
    var simulation = new MonteCarloNull(6, 200_000);
    assertThat(AndersonDarling.uniform(U, simulation).pValue()).isCloseTo(0.97376, within(0.0016));
    assertThat(AndersonDarling.uniform(V, simulation).pValue()).isCloseTo(4.68e-4, within(2.1e-4));
  }

  @Test
  void adOneSample_elementaryAndLimitPoints_match() {
    assertThat(AndersonDarling.uniformStatistic(new double[] {0.5}))
        .isCloseTo(-1 + 2 * Math.log(2), TIGHT);
    double[] shifted = new double[200_000]; // a sample whose A² is the 5 % point, up to scale
    for (int i = 0; i < shifted.length; i++) {
      double u = (i + 0.5) / shifted.length;
      shifted[i] = u + 0.00852 * u * (1 - u);
    }
    var result = AndersonDarling.uniformAsymptotic(shifted);
    assertThat(result.statistic()).isCloseTo(2.492, within(0.1));
    assertThat(result.pValue()).isCloseTo(0.05, within(0.007));
  }

  @Test
  void adKSample_fixedSamples_bothTieForms() {
    double[][] samples = {X, Y};
    assertThat(
            KSampleAndersonDarling.interpolated(samples, KSampleAndersonDarling.Ties.MIDRANK)
                .statistic())
        .isCloseTo(0.7829288175, TIGHT);
    assertThat(
            KSampleAndersonDarling.interpolated(samples, KSampleAndersonDarling.Ties.RIGHT)
                .statistic())
        // exact rational arithmetic and SciPy 1.17; the specification prints 0.7816098779
        .isCloseTo(0.7816099028786393, TIGHT);
  }

  /** Scholz and Stephens (1987), smoothness of paper measured by four laboratories. */
  @Test
  void adKSample_publishedLaboratories_match() {
    double[][] laboratories = {
      {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0},
      {39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8},
      {34.0, 35.0, 39.0, 40.0, 43.0, 43.0, 44.0, 45.0},
      {34.0, 34.8, 34.8, 35.4, 37.2, 37.8, 41.2, 42.8}
    };
    var right =
        KSampleAndersonDarling.interpolated(laboratories, KSampleAndersonDarling.Ties.RIGHT);
    var mid =
        KSampleAndersonDarling.interpolated(laboratories, KSampleAndersonDarling.Ties.MIDRANK);
    assertThat(right.statistic()).isCloseTo(4.449, within(5e-4));
    assertThat(mid.statistic()).isCloseTo(4.480, within(5e-4));
    assertThat(right.pValue()).isCloseTo(0.0023, within(5e-5));
    assertThat(mid.pValue()).isCloseTo(0.0022, within(5.1e-5));
    var permuted =
        KSampleAndersonDarling.permutation(
            laboratories, KSampleAndersonDarling.Ties.MIDRANK, 3, 20_000);
    assertThat(permuted.pValue()).isBetween(1.0 / 20_001, 0.0035);
  }

  @Test
  void mannWhitney_fixedSamples_exactAndNormal() {
    var exact = MannWhitney.test(X, Y, Alternative.TWO_SIDED);
    assertThat(exact.statistic()).isEqualTo(24);
    assertThat(exact.method()).isEqualTo(PValueMethod.EXACT);
    assertThat(exact.pValue()).isCloseTo(0.1728141140, TIGHT);
    assertThat(MannWhitney.normal(X, Y, Alternative.TWO_SIDED).pValue())
        .isCloseTo(0.1684469784, TIGHT);
    assertThat(new MannWhitneyUTest().mannWhitneyUTest(X, Y)) // the library: normal only
        .isCloseTo(0.15513, within(1e-5));
  }

  @Test
  void contingency_fixedTable_match() {
    long[][] rows = {{30, 14, 6}, {20, 22, 8}};
    var chi = Contingency.homogeneity(rows, Contingency.Statistic.CHI_SQUARE, 1, 10);
    assertThat(chi.statistic()).isCloseTo(4.0634920635, TIGHT);
    assertThat(chi.pValue()).isCloseTo(.1311064052, TIGHT);
    var g = Contingency.homogeneity(rows, Contingency.Statistic.LIKELIHOOD_RATIO, 1, 10);
    assertThat(g.statistic()).isCloseTo(4.0929520876, TIGHT);
    assertThat(g.pValue()).isCloseTo(.1291893600, TIGHT);
  }

  @Test
  void fit_fixedCounts_match() {
    long[] observed = {18, 25, 30, 27};
    double[] quarter = {.25, .25, .25, .25};
    var chi = Contingency.fit(observed, quarter, Contingency.Statistic.CHI_SQUARE);
    assertThat(chi.statistic()).isCloseTo(3.12, TIGHT);
    assertThat(chi.pValue()).isCloseTo(.3734910318, TIGHT);
    var g = Contingency.fit(observed, quarter, Contingency.Statistic.LIKELIHOOD_RATIO);
    assertThat(g.statistic()).isCloseTo(3.2690432180, TIGHT);
    assertThat(g.pValue()).isCloseTo(.3519745448, TIGHT);
  }

  @Test
  void wasserstein_fixedSamples_match() {
    assertThat(Wasserstein.distance(X, Y)).isCloseTo(0.5685, TIGHT);
  }

  @Test
  void energy_fixedSamples_allScalings() {
    EnergyDistance energy = EnergyDistance.of(X, Y);
    assertThat(energy.vStatistic()).isCloseTo(0.35355, TIGHT);
    assertThat(Math.sqrt(energy.vStatistic())).isCloseTo(0.5946007064, TIGHT);
    assertThat(energy.scaledStatistic()).isCloseTo(1.5713333333, TIGHT);
    assertThat(energy.uStatistic()).isCloseTo(0.1921269841, TIGHT);
    var test = energy.test(PermutationTest.of(1, 10));
    assertThat(test.method()).isEqualTo(PValueMethod.EXACT);
    assertThat(test.evaluated()).isEqualTo(43758);
    assertThat(test.exceedances()).isEqualTo(4802);
    assertThat(test.pValue()).isCloseTo(0.1097399333, TIGHT);
  }

  @Test
  void divergences_fixedLaws_match() {
    double[] p = {.5, .3, .2};
    double[] q = {.25, .25, .5};
    assertThat(Divergences.kullbackLeibler(p, q)).isCloseTo(.2180119109, TIGHT);
    assertThat(Divergences.kullbackLeibler(q, p)).isCloseTo(.2392781816, TIGHT);
    double js = Divergences.jensenShannon(p, q);
    assertThat(js).isCloseTo(.0555824709, TIGHT);
    assertThat(js / Math.log(2)).isCloseTo(.0801885551, TIGHT);
    assertThat(Math.sqrt(js / Math.log(2))).isCloseTo(.2831758377, TIGHT);
    assertThat(Divergences.totalVariation(p, q)).isCloseTo(.3, TIGHT);
    assertThat(Divergences.hellinger(p, q)).isCloseTo(.2373974824, TIGHT);
    assertThat(Divergences.chiSquare(p, q)).isCloseTo(.44, TIGHT);
  }

  @org.junit.jupiter.api.Tag("long")
  @Test
  void simulatedTails_tenMillionDraws_withinTwoPercent() {
    var simulation = new MonteCarloNull(11, 10_000_000);
    assertThat(CramerVonMises.uniform(V, simulation).pValue())
        .isCloseTo(5.73e-4, Percentage.withPercentage(2));
    assertThat(AndersonDarling.uniform(V, simulation).pValue())
        .isCloseTo(4.68e-4, Percentage.withPercentage(2));
    assertThat(CramerVonMises.uniform(U, simulation).pValue())
        .isCloseTo(.94683, Percentage.withPercentage(.1));
    assertThat(AndersonDarling.uniform(U, simulation).pValue())
        .isCloseTo(.97376, Percentage.withPercentage(.1));
  }
}
