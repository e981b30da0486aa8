package io.verillm.stats.twosample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Alternative;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.Samples;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Check D2, ties against brute force, and what refuses. */
class TwoSamplePropertiesTest {
  private static double[] small(java.util.List<Integer> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }

  /** All relabellings counted by hand, ties included: an independent definition of the p-value. */
  private static double enumerated(
      double[] x, double[] y, java.util.function.ToDoubleBiFunction<double[], double[]> statistic) {
    double[] pooled = Arrays.copyOf(x, x.length + y.length);
    System.arraycopy(y, 0, pooled, x.length, y.length);
    double observed = statistic.applyAsDouble(x, y);
    long total = 0;
    long hits = 0;
    for (int mask = 0; mask < 1 << pooled.length; mask++) {
      if (Integer.bitCount(mask) != x.length) {
        continue;
      }
      double[] a = new double[x.length];
      double[] b = new double[y.length];
      int i = 0;
      int j = 0;
      for (int k = 0; k < pooled.length; k++) {
        if ((mask >> k & 1) == 1) {
          a[i++] = pooled[k];
        } else {
          b[j++] = pooled[k];
        }
      }
      total++;
      hits += statistic.applyAsDouble(a, b) >= observed - 1e-12 ? 1 : 0;
    }
    return hits / (double) total;
  }

  @Property(tries = 60)
  void exactPValues_anyTies_equalBruteForce(
      @ForAll @Size(min = 1, max = 6) java.util.List<@IntRange(max = 5) Integer> first,
      @ForAll @Size(min = 1, max = 6) java.util.List<@IntRange(max = 5) Integer> second) {
    double[] x = small(first);
    double[] y = small(second);
    assertThat(KolmogorovSmirnov.twoSample(x, y).pValue())
        .isCloseTo(
            enumerated(x, y, (a, b) -> KolmogorovSmirnov.twoSample(a, b).statistic()),
            within(1e-12));
    assertThat(KolmogorovSmirnov.twoSample(x, y, Alternative.LESS).pValue())
        .isCloseTo(
            enumerated(
                x, y, (a, b) -> KolmogorovSmirnov.twoSample(a, b, Alternative.LESS).statistic()),
            within(1e-12));
    assertThat(CramerVonMises.twoSampleExact(x, y).pValue())
        .isCloseTo(enumerated(x, y, CramerVonMises::statistic), within(1e-12));
    assertThat(MannWhitney.exact(x, y, Alternative.GREATER).pValue())
        .isCloseTo(
            enumerated(x, y, (a, b) -> MannWhitney.normal(a, b, Alternative.GREATER).statistic()),
            within(1e-12));
    assertThat(EnergyDistance.of(x, y).test(PermutationTest.of(1, 1)).pValue())
        .isCloseTo(
            enumerated(x, y, (a, b) -> EnergyDistance.of(a, b).scaledStatistic()), within(1e-12));
  }

  @Property(tries = 15)
  void rankTests_monotoneMap_keepEverything(@ForAll long seed) {
    SplitMix64 random = new SplitMix64(seed);
    double[] x = Samples.uniform(random, 9);
    double[] y = Samples.uniform(random, 11);
    double[] fx = Arrays.stream(x).map(v -> Math.exp(3 * v)).toArray();
    double[] fy = Arrays.stream(y).map(v -> Math.exp(3 * v)).toArray();
    assertThat(KolmogorovSmirnov.twoSample(fx, fy)).isEqualTo(KolmogorovSmirnov.twoSample(x, y));
    assertThat(CramerVonMises.twoSampleExact(fx, fy))
        .isEqualTo(CramerVonMises.twoSampleExact(x, y));
    assertThat(MannWhitney.exact(fx, fy, Alternative.TWO_SIDED))
        .isEqualTo(MannWhitney.exact(x, y, Alternative.TWO_SIDED));
    var ties = KSampleAndersonDarling.Ties.MIDRANK;
    assertThat(KSampleAndersonDarling.interpolated(new double[][] {fx, fy}, ties))
        .isEqualTo(KSampleAndersonDarling.interpolated(new double[][] {x, y}, ties));
  }

  /** Coprime sizes are where the exact count has most different sums. */
  @Test
  void cvmExact_sizesNearThirty_agreeWithRelabelling() {
    for (int n : new int[] {3, 7, 11, 13, 14, 15}) {
      SplitMix64 random = SplitMix64.stream(7, n);
      double[] x = Samples.gaussian(random, n);
      double[] y = Arrays.stream(Samples.gaussian(random, 30 - n)).map(v -> v + .6).toArray();
      double exact = CramerVonMises.twoSampleExact(x, y).pValue();
      int draws = 20_000;
      double simulated =
          CramerVonMises.twoSamplePermutation(x, y, PermutationTest.of(n, draws).exactUpTo(0))
              .pValue();
      assertThat(simulated)
          .isCloseTo(exact, within(4 * Math.sqrt(exact * (1 - exact) / draws) + 1.0 / draws));
    }
  }

  @Property(tries = 100)
  void distances_swapAndShift_behave(@ForAll long seed) {
    SplitMix64 random = new SplitMix64(seed);
    double[] x = Samples.gaussian(random, 7);
    double[] y = Samples.gaussian(random, 5);
    double w = Wasserstein.distance(x, y);
    assertThat(Wasserstein.distance(y, x)).isCloseTo(w, within(1e-12));
    double[] far = Arrays.stream(y).map(v -> v + 100).toArray();
    double gap =
        Arrays.stream(y).average().getAsDouble() - Arrays.stream(x).average().getAsDouble();
    assertThat(Wasserstein.distance(x, far)).isCloseTo(100 + gap, within(1e-9));
    double energy = EnergyDistance.of(x, y).scaledStatistic();
    assertThat(EnergyDistance.of(y, x).scaledStatistic()).isCloseTo(energy, within(1e-12));
    double[] reversed = new double[x.length];
    Arrays.setAll(reversed, i -> x[x.length - 1 - i]);
    assertThat(EnergyDistance.of(reversed, y).scaledStatistic()).isCloseTo(energy, within(1e-12));
    assertThat(EnergyDistance.of(x, y).vStatistic()).isGreaterThan(-1e-12);
  }

  @Test
  void allTies_everyTest_saysNothing() {
    double[] x = {2, 2, 2};
    double[] y = {2, 2, 2, 2};
    assertThat(KolmogorovSmirnov.twoSample(x, y).pValue()).isEqualTo(1);
    assertThat(CramerVonMises.twoSample(x, y, PermutationTest.of(1, 9)).pValue()).isEqualTo(1);
    assertThat(MannWhitney.test(x, y, Alternative.TWO_SIDED).pValue()).isEqualTo(1);
    assertThat(MannWhitney.normal(x, y, Alternative.TWO_SIDED).pValue()).isEqualTo(1);
    assertThat(EnergyDistance.of(x, y).test(PermutationTest.of(1, 9)).pValue()).isEqualTo(1);
    assertThat(Wasserstein.distance(x, y)).isZero();
    assertThatThrownBy(
            () ->
                KSampleAndersonDarling.interpolated(
                    new double[][] {x, y}, KSampleAndersonDarling.Ties.RIGHT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("all ties");
  }

  @Test
  void signedZeros_countAsEqual() {
    assertThat(KolmogorovSmirnov.twoSample(new double[] {0.0}, new double[] {-0.0}).statistic())
        .isZero();
    assertThat(CramerVonMises.statistic(new double[] {0.0, 1}, new double[] {-0.0, 1})).isZero();
  }

  @Test
  void oneObservationEach_isDefined() {
    double[] x = {1};
    double[] y = {2};
    assertThat(KolmogorovSmirnov.twoSample(x, y).pValue()).isEqualTo(1);
    assertThat(MannWhitney.exact(x, y, Alternative.LESS).pValue()).isEqualTo(0.5);
    assertThat(KolmogorovSmirnov.oneSample(new double[] {0.9}, v -> v).pValue())
        .isCloseTo(0.2, within(1e-12));
    assertThatThrownBy(() -> EnergyDistance.of(x, y).uStatistic())
        .hasMessageContaining("needs two items");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void nonFinite_everyTest_namesTheArgument(double bad) {
    double[] good = {1, 2, 3};
    double[] y = {1, bad, 3};
    PermutationTest permutations = PermutationTest.of(1, 9);
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
        java.util.List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> KolmogorovSmirnov.twoSample(good, y),
            () -> CramerVonMises.twoSample(good, y, permutations),
            () -> MannWhitney.test(good, y, Alternative.GREATER),
            () -> Wasserstein.distance(good, y),
            () -> EnergyDistance.of(good, y))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("y[1] is not finite");
    }
    assertThatThrownBy(() -> KolmogorovSmirnov.twoSample(new double[0], good))
        .hasMessageContaining("x needs at least 1");
  }

  @Test
  void contingency_smallExpectedCounts_fallsBackToRelabelling() {
    long[][] table = {{3, 0}, {0, 3}};
    var result = Contingency.homogeneity(table, Contingency.Statistic.CHI_SQUARE, 4, 20_000);
    assertThat(result.method()).isEqualTo(PValueMethod.PERMUTATION);
    assertThat(result.pValue()).isCloseTo(0.1, within(0.01)); // 2 of C(6,3) tables
    long[][] oneCategory = {{3, 0}, {5, 0}};
    assertThat(
            Contingency.homogeneity(oneCategory, Contingency.Statistic.CHI_SQUARE, 4, 9).pValue())
        .isEqualTo(1);
    long[][] negative = {{3, -1}, {5, 0}};
    assertThatThrownBy(
            () -> Contingency.homogeneity(negative, Contingency.Statistic.CHI_SQUARE, 4, 9))
        .hasMessageContaining("counts[0][1] is negative");
  }

  @Test
  void kolmogorovTail_bothSeries_meetAtTheSwitch() {
    assertThat(KolmogorovSmirnov.kolmogorovTail(1.18 - 1e-12))
        .isCloseTo(KolmogorovSmirnov.kolmogorovTail(1.18), within(1e-11));
    assertThat(KolmogorovSmirnov.kolmogorovTail(1.3580986)).isCloseTo(0.05, within(1e-7));
  }

  @org.junit.jupiter.api.Tag("long")
  @Test
  void ksTwoSample_tenMillionObservations_isDefined() {
    SplitMix64 random = new SplitMix64(3);
    double[] x = Samples.uniform(random, 5_000_000);
    double[] y = Samples.uniform(random, 5_000_000);
    var result = KolmogorovSmirnov.twoSample(x, y);
    assertThat(result.method()).isEqualTo(PValueMethod.ASYMPTOTIC);
    assertThat(result.pValue()).isBetween(1e-4, 1.0);
    assertThatThrownBy(() -> EnergyDistance.of(x, y)).hasMessageContaining("too many items");
  }

  @Test
  void energy_stratumWithOneSideOnly_contributesNothing() {
    StratifiedDesign design = StratifiedDesign.of(new int[] {2, 2}, new int[] {2, 0});
    double[][] items = {{0}, {1}, {5}, {6}, {100}, {200}};
    double alone = EnergyDistance.of(new double[] {0, 1}, new double[] {5, 6}).scaledStatistic();
    assertThat(EnergyDistance.of(design, items).scaledStatistic()).isCloseTo(alone, within(1e-12));
  }
}
