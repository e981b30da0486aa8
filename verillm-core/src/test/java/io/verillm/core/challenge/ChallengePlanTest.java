package io.verillm.core.challenge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChallengePlanTest {
  private static final TraceLayout LAYOUT =
      TraceLayout.of(TraceProfile.standard(DType.F32), new ModelDimensions(5, 8, 4, 4, 100, 1000));

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  /**
   * Upper 10⁻⁶ point of chi-square, by Wilson and Hilferty's cube; the seeds are fixed, so the
   * bound only has to be one that a right implementation meets.
   */
  private static double chiSquareBound(int degrees) {
    double spread = 2 / (9.0 * degrees);
    return degrees * Math.pow(1 - spread + 4.753 * Math.sqrt(spread), 3);
  }

  @ParameterizedTest
  @CsvSource({"2", "3", "97", "1000"})
  void nextBelow_aMillionDraws_areUniform(int bound) {
    DrawStream stream = new DrawStream(seed(bound));
    int draws = 1_000_000;
    long[] counts = new long[bound];
    for (int i = 0; i < draws; i++) {
      counts[stream.nextBelow(bound)]++;
    }
    double expected = draws / (double) bound;
    double statistic = 0;
    for (long count : counts) {
      statistic += (count - expected) * (count - expected) / expected;
    }
    assertThat(statistic).isLessThan(chiSquareBound(bound - 1));
  }

  @Test
  void nextBelow_zeroOrNegative_isRefused() {
    assertThatThrownBy(() -> new DrawStream(seed(1)).nextBelow(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DrawStream(seed(1)).nextBelow(-5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DrawStream(seed(1)).sample(3, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void draw_aMillionPositions_areUniform() {
    int n = 100;
    int k = 50;
    int repetitions = 20_000;
    long[] counts = new long[n];
    ChallengePlan plan = new ChallengePlan(k, 1);
    for (int i = 0; i < repetitions; i++) {
      for (int position : plan.draw(seed(i), LAYOUT, n).keySet()) {
        counts[position]++;
      }
    }
    double expected = repetitions * k / (double) n;
    double statistic = 0;
    for (long count : counts) {
      statistic += (count - expected) * (count - expected) / expected;
    }
    // Without replacement counts vary by (1 − k/n)·n/(n − 1) of what independent draws would.
    statistic /= (1 - k / (double) n) * n / (n - 1);
    assertThat(statistic).isLessThan(chiSquareBound(n - 1));
  }

  @Test
  void draw_sameSeed_givesTheSameRows() {
    ChallengePlan plan = new ChallengePlan(7, 3);
    assertThat(plan.draw(seed(1), LAYOUT, 40)).isEqualTo(plan.draw(seed(1), LAYOUT, 40));
    assertThat(plan.draw(seed(1), LAYOUT, 40)).isNotEqualTo(plan.draw(seed(2), LAYOUT, 40));
  }

  @Test
  void draw_anySeed_opensTheLastLayerAndTheAskedNumberOfLayers() {
    for (int i = 0; i < 200; i++) {
      SortedMap<Integer, List<Integer>> drawn = new ChallengePlan(7, 3).draw(seed(i), LAYOUT, 40);
      assertThat(drawn).hasSize(7);
      for (var rows : drawn.entrySet()) {
        assertThat(rows.getKey()).isBetween(0, 39);
        assertThat(rows.getValue()).isSorted().doesNotHaveDuplicates();
        Set<Integer> layers = new HashSet<>();
        rows.getValue().forEach(row -> layers.add(LAYOUT.row(row).key().layer()));
        assertThat(layers).hasSize(3).contains(4);
        // Two rows for each layer, and the output of the last.
        assertThat(rows.getValue()).hasSize(7);
      }
    }
  }

  @Test
  void draw_deckOfLayers_isDealtEvenly() {
    // Eight positions with one of four other layers each: every layer exactly twice.
    for (int i = 0; i < 100; i++) {
      TreeMap<Integer, Integer> dealt = new TreeMap<>();
      new ChallengePlan(8, 2)
          .draw(seed(i), LAYOUT, 60)
          .values()
          .forEach(
              rows -> {
                Set<Integer> layers = new HashSet<>();
                rows.forEach(row -> layers.add(LAYOUT.row(row).key().layer()));
                layers.forEach(layer -> dealt.merge(layer, 1, Integer::sum));
              });
      assertThat(dealt)
          .containsExactlyInAnyOrderEntriesOf(new TreeMap<>(Map.of(0, 2, 1, 2, 2, 2, 3, 2, 4, 8)));
    }
  }

  @Test
  void draw_moreThanThereIs_opensEverything() {
    SortedMap<Integer, List<Integer>> all = ChallengePlan.EVERYTHING.draw(seed(1), LAYOUT, 9);
    assertThat(all).hasSize(9);
    assertThat(all.values()).allMatch(rows -> rows.size() == LAYOUT.rows().size());
  }

  @Test
  void missProbability_hypergeometric_matchesHandComputedValues() {
    // C(90, 8)/C(100, 8): ten wrong positions of a hundred, eight drawn.
    assertThat(new ChallengePlan(8, 5).missProbability(Deviation.TENTH_OF_TOKENS, 100, 5))
        .isCloseTo(0.4165533, within(1e-6));
    assertThat(new ChallengePlan(8, 5).missProbability(Deviation.SINGLE_TOKEN, 100, 5))
        .isCloseTo(0.92, within(1e-12));
    // The cell's layer is one of four others, of which two are opened at each position.
    assertThat(new ChallengePlan(8, 3).missProbability(Deviation.SINGLE_CELL, 100, 5))
        .isCloseTo(1 - 0.08 * 0.5, within(1e-12));
    assertThat(new ChallengePlan(1, 1).missProbability(Deviation.EVERY_TOKEN, 100, 5)).isZero();
  }

  @Test
  void missProbability_everythingOpened_isZero() {
    for (Deviation deviation : Deviation.values()) {
      assertThat(ChallengePlan.EVERYTHING.missProbability(deviation, 10, 4)).isZero();
    }
  }

  @Test
  void missProbability_simulatedCells_agreesWithFormula() {
    ChallengePlan plan = new ChallengePlan(10, 2);
    int n = 40;
    int missed = 0;
    int repetitions = 20_000;
    int wrongRow =
        LAYOUT.rows().stream()
            .filter(row -> row.key().layer() == 1)
            .findFirst()
            .orElseThrow()
            .index();
    for (int i = 0; i < repetitions; i++) {
      List<Integer> rows = plan.draw(seed(i), LAYOUT, n).get(17);
      missed += rows != null && rows.contains(wrongRow) ? 0 : 1;
    }
    double expected = plan.missProbability(Deviation.SINGLE_CELL, n, 5);
    // Five standard errors of a fixed-seed binomial.
    double error = 5 * Math.sqrt(expected * (1 - expected) / repetitions);
    assertThat(missed / (double) repetitions).isCloseTo(expected, within(error));
  }

  @Test
  void plan_thatOpensNothing_isRefused() {
    assertThatThrownBy(() -> new ChallengePlan(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ChallengePlan(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,4",
    "16,22,4",
    "32,51,4",
    "32,63,4",
    "32,512,80",
    "64,40,4",
    "9,9,2",
    "500,10,4"
  })
  void ofCells_anyRequest_drawsEnoughAndNoMoreThanTheLimitTakes(
      int wanted, int committed, int layers) {
    ChallengePlan plan = ChallengePlan.ofCells(wanted, committed, layers);
    int tenth = Math.max(1, committed / 10);
    boolean everything = plan.layersPerPosition() >= layers;
    assertThat(plan.positions() * plan.layersPerPosition() >= wanted || everything).isTrue();
    assertThat(plan.missInLastLayer(tenth, committed, layers) <= 0.5 || everything).isTrue();
    if (plan.layersPerPosition() == 1 && plan.positions() > wanted) {
      ChallengePlan fewer = plan.withPositions(plan.positions() - 1);
      assertThat(fewer.missInLastLayer(tenth, committed, layers)).isGreaterThan(0.5);
    }
  }
}
