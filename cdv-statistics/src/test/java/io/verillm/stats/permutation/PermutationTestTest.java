package io.verillm.stats.permutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.PValueMethod;
import io.verillm.stats.random.SplitMix64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTestTest {
  private static final double[] VALUES = values(40);

  private static double[] values(int n) {
    SplitMix64 random = new SplitMix64(99);
    double[] v = new double[n];
    for (int i = 0; i < n; i++) {
      v[i] = random.nextGaussian() + (i < n / 2 ? 0.4 : 0);
    }
    return v;
  }

  private static double firstSum(StratifiedDesign design, int[] order, double[] values) {
    double sum = 0;
    for (int s = 0; s < design.strata(); s++) {
      for (int i = 0; i < design.first(s); i++) {
        sum += values[order[design.offset(s) + i]];
      }
    }
    return sum;
  }

  @Test
  void enumeration_smallDesign_visitsEachSplitOnce() {
    StratifiedDesign design = StratifiedDesign.of(new int[] {2, 1, 0}, new int[] {2, 2, 1});
    SplitEnumeration splits = new SplitEnumeration(design);
    Set<String> seen = new HashSet<>();
    int count = 0;
    do {
      int[] o = splits.order();
      Set<Integer> labelled = Set.of(o[0], o[1], o[4]);
      assertThat(o[0]).isBetween(0, 3);
      assertThat(o[4]).isBetween(4, 6);
      assertThat(o[7]).isEqualTo(7);
      seen.add(new java.util.TreeSet<>(labelled).toString());
      count++;
    } while (splits.advance());
    assertThat(count).isEqualTo(18);
    assertThat(seen).hasSize(18);
    assertThat(design.splits()).isEqualTo(18);
  }

  @Test
  void relabel_manyDraws_everySplitEquallyLikely() {
    for (int n : new int[] {1, 2, 3}) { // both branches of the partial shuffle
      StratifiedDesign design = StratifiedDesign.single(n, 4 - n);
      Map<Set<Integer>, Integer> counts = new HashMap<>();
      SplitMix64 random = new SplitMix64(5);
      int draws = 60_000;
      for (int b = 0; b < draws; b++) {
        int[] order = design.observedOrder();
        PermutationTest.relabel(design, order, random);
        Set<Integer> first = new HashSet<>();
        for (int i = 0; i < n; i++) {
          first.add(order[i]);
        }
        counts.merge(first, 1, Integer::sum);
      }
      double expected = draws / design.splits();
      assertThat(counts).hasSize((int) design.splits());
      assertThat(counts.values())
          .allSatisfy(
              c ->
                  assertThat(c).isCloseTo((int) expected, within((int) (5 * Math.sqrt(expected)))));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void run_anyThreadCount_isBitIdentical(int threads) {
    StratifiedDesign design = StratifiedDesign.of(new int[] {10, 10}, new int[] {10, 10});
    SplitStatistic statistic = order -> firstSum(design, order, VALUES);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int stop : new int[] {0, 5}) {
        PermutationTest plain = PermutationTest.of(42, 999).stoppingAfter(stop);
        assertThat(plain.runningOn(pool).run(design, statistic))
            .isEqualTo(plain.run(design, statistic));
        assertThat(plain.runningOn(pool).nullDraws(design, statistic, 300))
            .isEqualTo(plain.nullDraws(design, statistic, 300));
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void run_impossiblyExtremeStatistic_neverGivesZero() { // check D4
    StratifiedDesign design = StratifiedDesign.single(20, 20);
    SplitStatistic extreme =
        order -> java.util.Arrays.equals(order, design.observedOrder()) ? 1 : 0;
    var result = PermutationTest.of(1, 99).run(design, extreme);
    assertThat(result.pValue()).isEqualTo(0.01);
    assertThat(result.exceedances()).isZero();
    // the published plain proportion would be 0/99 here, a p-value of zero
    assertThat(result.exceedances() / 99.0).isZero();
  }

  @Test
  void run_constantStatistic_givesOneAndStopsEarly() {
    StratifiedDesign design = StratifiedDesign.single(20, 20);
    var stopped = PermutationTest.of(1, 999).stoppingAfter(10).run(design, order -> 3);
    assertThat(stopped.pValue()).isEqualTo(1);
    assertThat(stopped.evaluated()).isEqualTo(10);
    assertThat(stopped.stoppedEarly()).isTrue();
  }

  @Test
  void run_roundingDifferences_countAsTies() {
    StratifiedDesign design = StratifiedDesign.single(20, 20);
    double base = 12345.678;
    int[] calls = {0};
    var shaky =
        PermutationTest.of(1, 99)
            .run(design, order -> calls[0]++ == 0 ? base : Math.nextDown(base));
    assertThat(shaky.pValue()).isEqualTo(1);
  }

  /** Fixed prompt counts: shuffling across prompts mistakes the prompt mix for the model. */
  @Test
  void run_differentPromptMix_onlyTheStratifiedTestIsQuiet() {
    StratifiedDesign stratified = StratifiedDesign.of(new int[] {15, 5}, new int[] {5, 15});
    double[] value = new double[40];
    SplitMix64 random = new SplitMix64(8);
    for (int i = 0; i < 40; i++) {
      value[i] = (i < 20 ? 10 : 0) + random.nextGaussian(); // same model, two prompts
    }
    var right =
        PermutationTest.of(3, 999)
            .run(stratified, o -> Math.abs(firstSum(stratified, o, value) - 160));
    double[] pooled = new double[40];
    int at = 0;
    for (int s = 0; s < 2; s++) {
      for (int i = 0; i < stratified.first(s); i++) {
        pooled[at++] = value[stratified.offset(s) + i];
      }
    }
    for (int s = 0; s < 2; s++) {
      for (int i = 0; i < stratified.second(s); i++) {
        pooled[at++] = value[stratified.offset(s) + stratified.first(s) + i];
      }
    }
    StratifiedDesign flat = StratifiedDesign.single(20, 20);
    var wrong = PermutationTest.of(3, 999).run(flat, o -> firstSum(flat, o, pooled));
    assertThat(wrong.pValue()).isLessThan(0.01);
    assertThat(right.pValue()).isGreaterThan(0.01);
  }

  @Test
  void exactLimit_zero_forcesSampling() {
    StratifiedDesign design = StratifiedDesign.single(2, 2);
    var sampled =
        PermutationTest.of(1, 50).exactUpTo(0).run(design, o -> firstSum(design, o, VALUES));
    assertThat(sampled.method()).isEqualTo(PValueMethod.PERMUTATION);
    assertThat(sampled.evaluated()).isEqualTo(50);
  }

  @Test
  void run_badInput_isRefusedByName() {
    StratifiedDesign design = StratifiedDesign.single(2, 2);
    assertThatThrownBy(() -> PermutationTest.of(1, 9).run(design, o -> Double.NaN))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> PermutationTest.of(1, 0)).hasMessageContaining("draws");
    assertThatThrownBy(() -> StratifiedDesign.of(new int[] {1, 0}, new int[] {1, 0}))
        .hasMessageContaining("stratum 1 is empty");
    assertThatThrownBy(() -> StratifiedDesign.single(0, 3)).hasMessageContaining("first sample");
    assertThatThrownBy(() -> StratifiedDesign.single(3, 0)).hasMessageContaining("second sample");
    assertThatThrownBy(() -> StratifiedDesign.of(new int[] {1}, new int[] {1, 2}))
        .hasMessageContaining("one count per stratum");
  }

  @Test
  void earlyStopping_underTheNull_keepsItsSize() {
    StratifiedDesign design = StratifiedDesign.single(12, 12);
    int repetitions = 4000;
    int hits = 0;
    for (int r = 0; r < repetitions; r++) {
      SplitMix64 random = SplitMix64.stream(77, r);
      double[] v = new double[24];
      java.util.Arrays.setAll(v, i -> random.nextGaussian());
      double p =
          PermutationTest.of(r, 199)
              .stoppingAfter(10)
              .run(design, o -> firstSum(design, o, v))
              .pValue();
      hits += p <= 0.05 ? 1 : 0;
    }
    assertThat(hits / (double) repetitions)
        .isBetween(0.05 - 0.0104, io.verillm.stats.Samples.sizeBound(0.05, repetitions));
  }
}
