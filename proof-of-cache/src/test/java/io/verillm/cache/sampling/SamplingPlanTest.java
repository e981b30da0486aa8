package io.verillm.cache.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.CellRule.Depth;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.order.TokenIds;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.LayerSelection;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplingPlanTest {
  private static final TraceProfile PROFILE =
      new TraceProfile(
          List.of(
              new TraceProfile.Entry(
                  TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All(), DType.BF16),
              new TraceProfile.Entry(
                  TensorKind.VALUE, HookPoint.AS_CACHED, new LayerSelection.All(), DType.BF16)),
          ChunkLeaf.MAX_DATA);

  private static TraceLayout layout(int layers, int width) {
    return TraceLayout.of(
        PROFILE, new ModelDimensions(layers, 2 * width, width, width, 1000, 4096));
  }

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  /**
   * Check A7: a million cells of one plan. Same seed, same plan; no repeats; the last layer's
   * quota; layer 0 never; positions uniform in each stratum.
   */
  @Test
  void a7_draw_aMillionCells_keepTheRules() {
    int layers = 8;
    int committed = 64;
    TraceLayout layout = layout(layers, 8);
    ChallengePlan plan = SamplingPlan.of(50, 2, CellRule.DEFAULT).challengePlan();
    long[] early = new long[48];
    long[] late = new long[16];
    long cells = 0;
    for (int s = 0; cells < 1_000_000; s++) {
      Map<Integer, List<Integer>> drawn = plan.draw(seed(s), layout, committed);
      int last = 0;
      for (var cell : drawn.entrySet()) {
        Set<Integer> at = new HashSet<>();
        cell.getValue().forEach(row -> at.add(layout.row(row).key().layer()));
        assertThat(at).doesNotContain(0);
        assertThat(cell.getValue()).hasSize(2 * at.size());
        last += at.contains(layers - 1) ? 1 : 0;
        cells += at.size();
        if (cell.getKey() < 48) {
          early[cell.getKey()]++;
        } else {
          late[cell.getKey() - 48]++;
        }
      }
      assertThat(last).isEqualTo(25); // a quarter of 100
      assertThat(drawn).hasSize(50);
      if (s % 1000 == 0) {
        assertThat(plan.draw(seed(s), layout, committed)).isEqualTo(drawn);
        assertThat(plan.draw(seed(s + 1_000_000), layout, committed)).isNotEqualTo(drawn);
      }
    }
    assertThat(pValueAbove(early)).isTrue();
    assertThat(late).containsOnly(late[0]); // 25 late ones are wanted, all 16 are taken
  }

  /** Chi-square below its upper 10⁻³ point (Wilson and Hilferty): the p-value is above 10⁻³. */
  private static boolean pValueAbove(long[] counts) {
    double expected = 0;
    for (long count : counts) {
      expected += count / (double) counts.length;
    }
    double statistic = 0;
    for (long count : counts) {
      statistic += (count - expected) * (count - expected) / expected;
    }
    int degrees = counts.length - 1;
    double spread = 2 / (9.0 * degrees);
    return statistic < degrees * Math.pow(1 - spread + 3.09 * Math.sqrt(spread), 3);
  }

  /**
   * Check A8: without late weighting and with every drawn cell in the last layer, the miss is the
   * hypergeometric one in each stratum; the exact product is recomputed with rationals.
   */
  @ParameterizedTest
  @CsvSource({"512, 51, 8", "512, 51, 32", "512, 5, 32", "512, 5, 64", "512, 512, 4"})
  void a8_missProbability_allInLastLayer_isHypergeometric(int tokens, int wrong, int drawn) {
    SamplingPlan plan = SamplingPlan.of(drawn, 1, new CellRule(25, 100, List.of()));
    double worst = 0;
    int lateLength = tokens / 4;
    int late = drawn / 4;
    for (int wrongLate = Math.max(0, wrong - (tokens - lateLength));
        wrongLate <= Math.min(wrong, lateLength);
        wrongLate++) {
      worst =
          Math.max(
              worst,
              exact(lateLength, wrongLate, late)
                  * exact(tokens - lateLength, wrong - wrongLate, drawn - late));
    }
    double found = plan.missProbability(new CacheDeviation.Positions(wrong), tokens, 16);
    assertThat(found).isCloseTo(worst, within(1e-12));
  }

  private static double exact(int n, int wrong, int drawn) {
    java.math.BigInteger above = java.math.BigInteger.ONE;
    java.math.BigInteger below = java.math.BigInteger.ONE;
    for (int i = 0; i < drawn; i++) {
      above = above.multiply(java.math.BigInteger.valueOf(Math.max(0, n - wrong - i)));
      below = below.multiply(java.math.BigInteger.valueOf(n - i));
    }
    return new java.math.BigDecimal(above)
        .divide(new java.math.BigDecimal(below), java.math.MathContext.DECIMAL64)
        .doubleValue();
  }

  @Test
  void missProbability_suffix_isTheLawOfTheDepth() {
    CellRule half = new CellRule(50, 25, List.of(new Depth(7, 1)));
    assertThat(SamplingPlan.of(32, 1, half).missProbability(new CacheDeviation.Suffix(12), 64, 16))
        .isEqualTo(1);
    CellRule random = new CellRule(50, 25, List.of(new Depth(7, 3), new Depth(15, 1)));
    assertThat(
            SamplingPlan.of(32, 1, random).missProbability(new CacheDeviation.Suffix(12), 64, 16))
        .isEqualTo(0.75);
    assertThat(SamplingPlan.ofCells(32).missProbability(new CacheDeviation.Suffix(15), 64, 16))
        .isZero();
  }

  /** Bytes are a bound that is not far off; the opening is a real one. */
  @ParameterizedTest
  @CsvSource({"4, 64, 32, 1", "4, 2048, 16, 2", "24, 128, 8, 3", "32, 1024, 64, 1"})
  void estimate_openingBytes_boundsTheRealOpening(int layers, int width, int positions, int each)
      throws Exception {
    int tokens = 96;
    ModelDimensions model = new ModelDimensions(layers, 2 * width, width, width, 1000, 4096);
    MemoryTrace trace = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(
            PROFILE, model, new TraceId(seed(1)), JobSecret.copyOf(new byte[32]), trace);
    Map<RowKey, TensorView> rows = new HashMap<>();
    recorder
        .layout()
        .rows()
        .forEach(
            row ->
                rows.put(
                    row.key(),
                    TensorView.of(DType.BF16, Shape.of(width), ByteBuffer.allocate(2 * width))));
    for (int p = 0; p < tokens; p++) {
      recorder.push(p, 1, rows);
    }
    SamplingPlan plan = SamplingPlan.of(positions, each, CellRule.DEFAULT);
    SamplingPlan.Estimate estimate = plan.estimate(trace.layout(), tokens);
    for (int s = 0; s < 5; s++) {
      var drawn = plan.challengePlan().draw(seed(s), trace.layout(), tokens);
      long bytes = TraceOpening.open(trace, drawn).encode().length;
      assertThat(bytes).isLessThanOrEqualTo(estimate.openingBytes());
      assertThat(bytes).isGreaterThan(estimate.openingBytes() / 2);
    }
    assertThat(estimate.matchOperations()).isEqualTo(estimate.cells() * 2 * width);
    assertThat(estimate.prefillShare()).isEqualTo(1);
    assertThat(estimate.missProbability()).containsEntry(new CacheDeviation.EveryCell(), 0.0);
  }

  @Test
  void published_anyone_knowsTheCellsBeforehand() {
    TraceLayout layout = layout(6, 8);
    TokenIds fed = TokenIds.of(IntStream.range(0, 40).map(i -> i * 7 % 99).toArray());
    PublishedSampler sampler = PublishedSampler.hashed(4, 2);
    var drawn = sampler.draw(fed, layout);
    assertThat(sampler.predictability()).isEqualTo(CellSampler.Predictability.ANYONE);
    assertThat(PublishedSampler.hashed(4, 2).draw(fed, layout)).isEqualTo(drawn);
    // The prover knows every cell of a prefix before the next token: a longer context adds cells
    // only.
    TokenIds prefix = fed.prefix(20);
    var early = sampler.draw(prefix, layout);
    early.forEach((p, rows) -> assertThat(drawn.get(p)).containsAll(rows));
    // Figure 2a draws layer 0, which proves nothing; so does the published strategy here.
    Set<Integer> layers = new HashSet<>();
    drawn.values().forEach(rows -> rows.forEach(r -> layers.add(layout.row(r).key().layer())));
    assertThat(layers).contains(0);
  }

  @Test
  void keyed_otherKeyOrTokens_givesOtherCells() {
    TraceLayout layout = layout(6, 8);
    SamplingPlan plan = SamplingPlan.ofCells(8);
    TokenIds fed = TokenIds.of(IntStream.range(0, 40).toArray());
    KeyedSampler sampler = new KeyedSampler(new byte[32], plan);
    byte[] other = new byte[32];
    other[5] = 1;
    assertThat(sampler.predictability()).isEqualTo(CellSampler.Predictability.KEY_HOLDER);
    assertThat(sampler.draw(fed, layout))
        .isEqualTo(new KeyedSampler(new byte[32], plan).draw(fed, layout))
        .isNotEqualTo(new KeyedSampler(other, plan).draw(fed, layout));
    int[] changed = fed.toArray();
    changed[0] = 900;
    assertThat(sampler.draw(TokenIds.of(changed), layout)).isNotEqualTo(sampler.draw(fed, layout));
    assertThatThrownBy(() -> new KeyedSampler(new byte[8], plan))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
