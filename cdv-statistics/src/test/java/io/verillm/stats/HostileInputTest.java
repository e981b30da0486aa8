package io.verillm.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.stats.cdv.RelativeDistance;
import io.verillm.stats.gaia.CentroidComparison;
import io.verillm.stats.gaia.GaiaRound;
import io.verillm.stats.language.ActivationFingerprint;
import io.verillm.stats.language.BorderInputTest;
import io.verillm.stats.language.LogProbabilityTracking;
import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.RankUniformity;
import io.verillm.stats.language.SeededMargin;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.multiplicity.Adjustment;
import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.stats.robust.GeometricMedian;
import io.verillm.stats.robust.Moments;
import io.verillm.stats.robust.QuantileSketch;
import io.verillm.stats.robust.RobustStatistics;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.sequential.Calibrator;
import io.verillm.stats.sequential.EValues;
import io.verillm.stats.sequential.GridEProcess;
import io.verillm.stats.sequential.MeanBetting;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import io.verillm.stats.sequential.PValueCombination;
import io.verillm.stats.twosample.AndersonDarling;
import io.verillm.stats.twosample.Contingency;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.Divergences;
import io.verillm.stats.twosample.EnergyDistance;
import io.verillm.stats.twosample.KSampleAndersonDarling;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import io.verillm.stats.twosample.MannWhitney;
import io.verillm.stats.twosample.MonteCarloNull;
import io.verillm.stats.twosample.Wasserstein;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * NaN, infinity, nothing, one observation, all ties, ten million: a defined result or a named
 * error.
 */
class HostileInputTest {
  private static final PermutationTest PERMUTATIONS = PermutationTest.of(1, 99);
  private static final MonteCarloNull SIMULATION = new MonteCarloNull(1, 200);
  private static final double[] GOOD = {.1, .4, .2, .9, .6};

  /** Every two-sample test as a p-value. */
  private static Map<String, java.util.function.ToDoubleBiFunction<double[], double[]>>
      twoSample() {
    Map<String, java.util.function.ToDoubleBiFunction<double[], double[]>> tests =
        new LinkedHashMap<>();
    tests.put("ks", (x, y) -> KolmogorovSmirnov.twoSample(x, y).pValue());
    tests.put("ks less", (x, y) -> KolmogorovSmirnov.twoSample(x, y, Alternative.LESS).pValue());
    tests.put("cvm", (x, y) -> CramerVonMises.twoSample(x, y, PERMUTATIONS).pValue());
    tests.put("cvm exact", (x, y) -> CramerVonMises.twoSampleExact(x, y).pValue());
    tests.put(
        "cvm permutation",
        (x, y) -> CramerVonMises.twoSamplePermutation(x, y, PERMUTATIONS).pValue());
    tests.put("cvm limit", (x, y) -> CramerVonMises.twoSampleAsymptotic(x, y).pValue());
    tests.put("mwu", (x, y) -> MannWhitney.test(x, y, Alternative.TWO_SIDED).pValue());
    tests.put("mwu exact", (x, y) -> MannWhitney.exact(x, y, Alternative.GREATER).pValue());
    tests.put("mwu normal", (x, y) -> MannWhitney.normal(x, y, Alternative.LESS).pValue());
    tests.put("wasserstein", (x, y) -> Wasserstein.test(x, y, PERMUTATIONS).pValue());
    tests.put("energy", (x, y) -> EnergyDistance.of(x, y).test(PERMUTATIONS).pValue());
    return tests;
  }

  /** Everything that takes one sample. */
  private static Map<String, ToDoubleFunction<double[]>> oneSample() {
    Map<String, ToDoubleFunction<double[]>> tests = new LinkedHashMap<>();
    tests.put("ks", u -> KolmogorovSmirnov.oneSample(u, v -> Math.min(1, Math.max(0, v))).pValue());
    tests.put("cvm", u -> CramerVonMises.uniform(u, SIMULATION).pValue());
    tests.put("cvm limit", u -> CramerVonMises.uniformAsymptotic(u).pValue());
    tests.put("ad", u -> AndersonDarling.uniform(u, SIMULATION).pValue());
    tests.put("ad limit", u -> AndersonDarling.uniformAsymptotic(u).pValue());
    tests.put("ranks", u -> RankUniformity.test(u, SIMULATION).pValue());
    tests.put("conformal", u -> SplitConformal.of(u).pValue(.5));
    tests.put("median", RobustStatistics::median);
    tests.put("mad", RobustStatistics::mad);
    tests.put("iqr", RobustStatistics::interquartileRange);
    tests.put("trimmed", u -> RobustStatistics.trimmedMean(.1, u));
    tests.put("winsorised", u -> RobustStatistics.winsorisedMean(.1, u));
    tests.put("hodges-lehmann", RobustStatistics::hodgesLehmann);
    tests.put("z", u -> RobustStatistics.zScore(.5, u));
    tests.put("quantile", u -> RobustStatistics.quantile(.3, u));
    return tests;
  }

  @Test
  void nonFiniteAnywhere_isRefusedNamingArgumentAndIndex() {
    for (double bad :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      double[] broken = GOOD.clone();
      broken[3] = bad;
      twoSample()
          .forEach(
              (name, test) -> {
                assertThatThrownBy(() -> test.applyAsDouble(GOOD, broken))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("y[3]");
                assertThatThrownBy(() -> test.applyAsDouble(broken, GOOD))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("x[3]");
              });
      oneSample()
          .forEach(
              (name, test) ->
                  assertThatThrownBy(() -> test.applyAsDouble(broken))
                      .as(name + " " + bad)
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageContaining("[3]"));
    }
  }

  @Test
  void nothing_isRefusedNamingTheArgument() {
    twoSample()
        .forEach(
            (name, test) ->
                assertThatThrownBy(() -> test.applyAsDouble(GOOD, new double[0]))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("y needs at least 1"));
    oneSample()
        .forEach(
            (name, test) ->
                assertThatThrownBy(() -> test.applyAsDouble(new double[0]))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs at least"));
  }

  @Test
  void oneObservation_givesAProbabilityOrANumber() {
    twoSample()
        .forEach(
            (name, test) ->
                assertThat(test.applyAsDouble(new double[] {1}, new double[] {2}))
                    .as(name)
                    .isBetween(Double.MIN_VALUE, 1.0));
    oneSample()
        .forEach(
            (name, test) -> assertThat(test.applyAsDouble(new double[] {.25})).as(name).isNotNaN());
  }

  @Test
  void allTies_neverReject() {
    double[] three = {2, 2, 2};
    double[] four = {2, 2, 2, 2};
    twoSample()
        .forEach(
            (name, test) ->
                assertThat(test.applyAsDouble(three, four)).as(name).isBetween(.5, 1.0));
    double[] ties = {.5, .5, .5, .5};
    oneSample().forEach((name, test) -> assertThat(test.applyAsDouble(ties)).as(name).isNotNaN());
    assertThat(Moments.of(three).excessKurtosis()).isZero();
    assertThat(GeometricMedian.of(new double[][] {{1, 2}, {1, 2}})).containsExactly(1, 2);
    int[] answer = {1, 2};
    var same =
        new PromptSamples<>(List.of(List.of(answer, answer)), List.of(List.of(answer, answer)));
    assertThat(MmdTest.of(same, TokenKernel.hamming(2)).test(PERMUTATIONS).pValue()).isEqualTo(1);
    var word = new PromptSamples<>(List.of(List.of("a", "a")), List.of(List.of("a", "a")));
    assertThat(BorderInputTest.of(word).test(PERMUTATIONS).pValue()).isEqualTo(1);
    Map<String, Double> row = Map.of("a", -1.0);
    var rows = new PromptSamples<>(List.of(List.of(row, row)), List.of(List.of(row, row)));
    assertThat(LogProbabilityTracking.of(rows).test(PERMUTATIONS).pValue()).isEqualTo(1);
    long[][] table = {{4, 0}, {4, 0}};
    assertThat(Contingency.homogeneity(table, Contingency.Statistic.CHI_SQUARE, 1, 99).pValue())
        .isEqualTo(1);
  }

  private static void refuses(String part, Consumer<Double> call, double... values) {
    for (double value : values) {
      assertThatThrownBy(() -> call.accept(value))
          .as(part + " " + value)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(part);
    }
  }

  @Test
  @SuppressWarnings("CheckReturnValue") // they throw
  void badParameters_areRefusedByName() {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    refuses("p0", GridEProcess::new, nan, 0, 1, -1, inf);
    refuses("p0", OneSidedBetaMixture::uniform, nan, 0, 1);
    refuses("mu0", MeanBetting::adaptive, nan, 0, 1);
    refuses("x must lie", v -> MeanBetting.adaptive(.5).update(v), nan, -.1, 1.1, inf);
    refuses("p must lie", v -> Calibrator.mixture().applyTo(v), nan, 0, -1, 1.1);
    refuses("kappa", Calibrator::power, nan, 0, 1);
    refuses("values[0]", v -> EValues.mean(v), nan, -1);
    refuses("p[0]", v -> PValueCombination.fisher(v), nan, 0, 2);
    refuses("p[0]", v -> Adjustment.HOLM.adjusted(v), nan, -1, 2);
    refuses("e", v -> EBenjaminiHochberg.rejected(new double[] {v}, .1), nan, -1);
    refuses("q", v -> EBenjaminiHochberg.rejected(new double[] {1}, v), nan, 0, 1);
    refuses("alpha", v -> SplitConformal.of(1, 2).threshold(v), nan, 0, 1);
    refuses("confidence", v -> ClopperPearson.upperBound(1, 10, v), nan, 0, 1);
    refuses("claimed", v -> RelativeDistance.of(new double[] {v}, new double[] {1}), nan, inf);
    refuses("temperature", v -> SeededMargin.margin(GOOD, GOOD, v, t -> true, 0), nan, -1, inf);
    refuses("randomiser", v -> RankUniformity.rank(1, GOOD, v), nan, -.1, 1);
    refuses(
        "first[0]",
        v -> CentroidComparison.of(new double[][] {{v}, {1}}, new double[][] {{1}, {2}}),
        nan,
        inf);
    refuses("points", v -> GeometricMedian.of(new double[][] {{v}, {1}}), nan, inf);
    assertThatThrownBy(
            () -> Divergences.kullbackLeibler(new double[] {nan, 1}, new double[] {.5, .5}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                KSampleAndersonDarling.interpolated(
                    new double[][] {GOOD, {1, nan}}, KSampleAndersonDarling.Ties.MIDRANK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[1]");
    float[] broken = {1, Float.NaN};
    assertThatThrownBy(() -> ActivationFingerprint.of(1, 2, 1).project(broken))
        .hasMessageContaining("not finite");
  }

  @Test
  void emptyStrata_areRefusedOrSayNothing() {
    assertThatThrownBy(
            () ->
                new PromptSamples<>(
                    List.of(List.of("a"), List.<String>of()), List.of(List.of("b"))))
        .isInstanceOf(IllegalArgumentException.class);
    double[][] some = {{1, 2}, {3, 4}};
    double[][] none = {};
    var result =
        GaiaRound.energyTest(List.of(some, some), List.of(some, none), PermutationTest.of(1, 99));
    // a question that one side did not answer says nothing
    assertThat(result.observed()).isBetween(-1e-12, 1e-12);
    assertThat(result.pValue()).isEqualTo(1);
  }

  /** Ten million values: linear memory or a refusal, never an array of all pairs. */
  @Tag("long")
  @Test
  void tenMillionObservations_areDefinedOrRefused() {
    SplitMix64 random = new SplitMix64(3);
    double[] x = Samples.uniform(random, 5_000_000);
    double[] y = Samples.uniform(random, 5_000_000);
    assertThat(KolmogorovSmirnov.twoSample(x, y).method()).isEqualTo(PValueMethod.ASYMPTOTIC);
    assertThat(CramerVonMises.twoSample(x, y, PERMUTATIONS).method())
        .isEqualTo(PValueMethod.ASYMPTOTIC);
    assertThat(MannWhitney.test(x, y, Alternative.TWO_SIDED).pValue()).isBetween(1e-4, 1.0);
    assertThat(Wasserstein.distance(x, y)).isBetween(0.0, .005);
    assertThatThrownBy(() -> EnergyDistance.of(x, y)).hasMessageContaining("too many items");
    double[] all = Samples.uniform(random, 10_000_000);
    assertThat(Moments.of(all).mean()).isBetween(.4995, .5005);
    assertThat(QuantileSketch.of(100, all).quantile(.25)).isBetween(.245, .255);
    assertThat(SplitConformal.of(all).pValue(.9)).isBetween(.099, .101);
    assertThat(RobustStatistics.median(all)).isBetween(.499, .501);
    assertThat(KolmogorovSmirnov.oneSample(all, v -> v).pValue()).isBetween(1e-4, 1.0);
    assertThat(AndersonDarling.uniformAsymptotic(all).pValue()).isBetween(1e-4, 1.0);
    double[] e = new double[10_000_000];
    e[7] = 1e12;
    assertThat(EBenjaminiHochberg.rejected(e, .05)[7]).isTrue();
  }
}
