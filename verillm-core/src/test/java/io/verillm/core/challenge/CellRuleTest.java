package io.verillm.core.challenge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.challenge.CellRule.Depth;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CellRuleTest {
  private static final int LAYERS = 6;
  private static final TraceLayout LAYOUT =
      TraceLayout.of(
          TraceProfile.standard(DType.F32), new ModelDimensions(LAYERS, 8, 4, 4, 100, 1000));

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static ChallengePlan plan(int positions, int layers, CellRule rule) {
    return new ChallengePlan(positions, layers, Optional.of(rule));
  }

  static List<ChallengePlan> plans() {
    CellRule shallow =
        new CellRule(50, 25, List.of(new Depth(1, 4), new Depth(3, 2), new Depth(5, 1)));
    return List.of(
        plan(8, 1, CellRule.DEFAULT),
        plan(8, 2, CellRule.DEFAULT),
        plan(16, 3, new CellRule(0, 50, List.of())),
        plan(5, 2, new CellRule(100, 10, List.of())),
        plan(12, 2, shallow),
        plan(40, 5, CellRule.DEFAULT),
        plan(64, 1, shallow));
  }

  private static Set<Integer> layersAt(List<Integer> rows) {
    Set<Integer> layers = new HashSet<>();
    rows.forEach(row -> layers.add(LAYOUT.row(row).key().layer()));
    return layers;
  }

  /** What every draw keeps: no layer 0, no repeats, the quota of the deepest layer, both strata. */
  @ParameterizedTest
  @MethodSource("plans")
  void draw_anySeed_keepsTheRules(ChallengePlan plan) {
    CellRule rule = plan.cells().orElseThrow();
    for (int s = 0; s < 100; s++) {
      int committed = 20 + s % 50;
      var drawn = plan.draw(seed(s), LAYOUT, committed);
      assertThat(drawn).isEqualTo(plan.draw(seed(s), LAYOUT, committed));
      int positions = Math.min(plan.positions(), committed);
      assertThat(drawn).hasSize(positions);
      int deepest = drawn.values().stream().mapToInt(rows -> max(layersAt(rows))).max().orElse(0);
      int perPosition = Math.min(plan.layersPerPosition(), deepest);
      int inDeepest = 0;
      for (List<Integer> rows : drawn.values()) {
        Set<Integer> layers = layersAt(rows);
        assertThat(layers).doesNotContain(0);
        assertThat(layers.size()).isLessThanOrEqualTo(perPosition);
        assertThat(rows).doesNotHaveDuplicates();
        inDeepest += layers.contains(deepest) ? 1 : 0;
      }
      assertThat(inDeepest)
          .isEqualTo(deepest == 1 ? positions : rule.lastCells(positions, perPosition));
      long late = drawn.keySet().stream().filter(p -> p >= committed - committed / 4).count();
      assertThat(late).isEqualTo(rule.lateDrawn(committed, positions));
    }
  }

  private static int max(Set<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** 200 000 cells: uniform inside each stratum and over the inner layers. */
  @Test
  void draw_manySeeds_areUniformInsideTheStrata() {
    ChallengePlan plan = plan(20, 1, CellRule.DEFAULT);
    int committed = 40;
    long[] early = new long[30];
    long[] late = new long[10];
    long[] inner = new long[LAYERS - 2];
    int draws = 10_000;
    for (int s = 0; s < draws; s++) {
      for (var cell : plan.draw(seed(s), LAYOUT, committed).entrySet()) {
        if (cell.getKey() < 30) {
          early[cell.getKey()]++;
        } else {
          late[cell.getKey() - 30]++;
        }
        int layer = max(layersAt(cell.getValue()));
        if (layer < LAYERS - 1) {
          inner[layer - 1]++;
        }
      }
    }
    // Draws without replacement vary less than the multinomial law that the bound belongs to.
    for (long[] counts : List.of(early, late, inner)) {
      double expected = 0;
      for (long count : counts) {
        expected += count / (double) counts.length;
      }
      double statistic = 0;
      for (long count : counts) {
        statistic += (count - expected) * (count - expected) / expected;
      }
      double spread = 2 / (9.0 * (counts.length - 1));
      double bound = (counts.length - 1) * Math.pow(1 - spread + 3.09 * Math.sqrt(spread), 3);
      assertThat(statistic).isLessThan(bound); // upper 10⁻³ point, Wilson and Hilferty
    }
  }

  /**
   * Formula against 4 000 draws. The cheat sits where the formula says it is safest, so the found
   * rate lies within five standard errors of the formula.
   */
  @ParameterizedTest
  @MethodSource("plans")
  void missProbability_simulation_agrees(ChallengePlan plan) {
    int committed = 64;
    int draws = 4_000;
    int[] sizes = {1, 6};
    int[][] missed = new int[sizes.length][7];
    for (int s = 0; s < draws; s++) {
      var drawn = plan.draw(seed(s), LAYOUT, committed);
      boolean[] last = new boolean[committed];
      drawn.forEach((p, rows) -> last[p] = layersAt(rows).contains(LAYERS - 1));
      for (int w = 0; w < sizes.length; w++) {
        for (int late = 0; late <= sizes[w]; late++) {
          boolean hit = false;
          for (int i = 0; i < sizes[w]; i++) {
            hit |= last[i < late ? 48 + i : i - late];
          }
          missed[w][late] += hit ? 0 : 1;
        }
      }
    }
    for (int w = 0; w < sizes.length; w++) {
      Deviation deviation = sizes[w] == 1 ? Deviation.SINGLE_TOKEN : Deviation.TENTH_OF_TOKENS;
      double worst = 0;
      for (int late = 0; late <= sizes[w]; late++) {
        worst = Math.max(worst, missed[w][late] / (double) draws);
      }
      double formula = plan.missProbability(deviation, committed, LAYERS);
      double error = 5 * Math.sqrt(Math.max(formula * (1 - formula), 1e-4) / draws);
      assertThat(worst).isCloseTo(formula, within(error));
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void missProbability_singleCell_simulationAgrees(ChallengePlan plan) {
    int committed = 64;
    int draws = 4_000;
    double[][] opened = new double[2][LAYERS];
    for (int s = 0; s < draws; s++) {
      var drawn = plan.draw(seed(s), LAYOUT, committed);
      for (int where = 0; where < 2; where++) {
        List<Integer> rows = drawn.get(where == 0 ? 5 : 60);
        if (rows != null) {
          for (int layer : layersAt(rows)) {
            opened[where][layer] += 1.0 / draws;
          }
        }
      }
    }
    double least = 1;
    for (int layer = 1; layer < LAYERS - 1; layer++) {
      least = Math.min(least, Math.min(opened[0][layer], opened[1][layer]));
    }
    double formula = plan.missProbability(Deviation.SINGLE_CELL, committed, LAYERS);
    assertThat(1 - least).isCloseTo(formula, within(5 * Math.sqrt(0.25 / draws)));
  }

  /** Suffix of the layers: what the law says, and nothing for the full depth. */
  @Test
  void missSuffix_randomDepth_isTheLawsTail() {
    ChallengePlan shallow =
        plan(4, 1, new CellRule(0, 25, List.of(new Depth(1, 5), new Depth(3, 3), new Depth(5, 2))));
    assertThat(shallow.missSuffix(1)).isZero();
    assertThat(shallow.missSuffix(2)).isEqualTo(0.5);
    assertThat(shallow.missSuffix(4)).isEqualTo(0.8);
    assertThat(shallow.expectedDepth(LAYERS))
        .isCloseTo((5 * 2 + 3 * 4 + 2 * 6) / 60.0, within(1e-12));
    assertThat(plan(4, 1, CellRule.DEFAULT).missSuffix(5)).isZero();
    int missed = 0;
    for (int s = 0; s < 4_000; s++) {
      boolean hit = false;
      for (List<Integer> rows : shallow.draw(seed(s), LAYOUT, 30).values()) {
        hit |= max(layersAt(rows)) >= 4;
      }
      missed += hit ? 0 : 1;
    }
    assertThat(missed / 4_000.0).isCloseTo(0.8, within(5 * Math.sqrt(0.16 / 4_000)));
  }

  /** C(T − c, k) / C(T, k); values recomputed with exact rationals. */
  @ParameterizedTest
  @CsvSource({
    "512, 51, 8, 0.42933",
    "512, 51, 32, 0.031126",
    "512, 5, 32, 0.72325",
    "512, 5, 64, 0.51147",
    "512, 512, 1, 0"
  })
  void untouched_publishedVectors_agree(int n, int wrong, int drawn, double expected) {
    java.math.BigInteger above = java.math.BigInteger.ONE;
    java.math.BigInteger below = java.math.BigInteger.ONE;
    for (int i = 0; i < drawn; i++) {
      above = above.multiply(java.math.BigInteger.valueOf(Math.max(0, n - wrong - i)));
      below = below.multiply(java.math.BigInteger.valueOf(n - i));
    }
    double exact =
        new java.math.BigDecimal(above)
            .divide(new java.math.BigDecimal(below), java.math.MathContext.DECIMAL64)
            .doubleValue();
    assertThat(CellRule.untouched(n, wrong, drawn)).isCloseTo(exact, within(1e-12));
    assertThat(CellRule.untouched(n, wrong, drawn)).isCloseTo(expected, within(5e-6));
  }

  @ParameterizedTest
  @MethodSource("plans")
  void decode_encoded_isTheSamePlan(ChallengePlan plan) throws Exception {
    CborWriter out = new CborWriter();
    plan.encode(out);
    CborReader in = CborReader.of(out.toByteArray());
    assertThat(ChallengePlan.decode(in)).isEqualTo(plan);
    in.end();
  }

  @Test
  void decode_outOfRange_isMalformed() {
    byte[][] wrong = {
      new CborWriter().array(3).unsigned(1).unsigned(1).unsigned(1).toByteArray(),
      rule(101, 1, 1, 1, 1),
      rule(1, 0, 1, 1, 1),
      rule(1, 101, 1, 1, 1),
      rule(1, 1, 1, 0, 1),
      rule(1, 1, 1, 1, 0),
      rule(1, 1, 2, 1, 1),
      rule(1, 1, 65, 1, 1)
    };
    for (byte[] bytes : wrong) {
      assertThatThrownBy(() -> ChallengePlan.decode(CborReader.of(bytes)))
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  private static byte[] rule(int late, int last, int depths, int layer, int weight) {
    CborWriter out = new CborWriter().array(5).unsigned(4).unsigned(1).unsigned(late);
    out.unsigned(last).array(depths);
    for (int i = 0; i < depths; i++) {
      out.array(2).unsigned(layer).unsigned(weight); // the same depth twice is not ascending
    }
    return out.toByteArray();
  }

  @Test
  void draw_oneLayerOrOnePosition_stillOpensSomething() {
    TraceLayout single =
        TraceLayout.of(
            TraceProfile.standard(DType.F32), new ModelDimensions(1, 8, 4, 4, 100, 1000));
    Map<Integer, List<Integer>> drawn = plan(3, 4, CellRule.DEFAULT).draw(seed(1), single, 1);
    assertThat(drawn.keySet()).containsExactly(0);
    assertThat(drawn.get(0)).isNotEmpty();
  }
}
