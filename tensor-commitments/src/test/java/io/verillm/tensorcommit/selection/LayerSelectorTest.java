package io.verillm.tensorcommit.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against every possible selection, and against what the published recurrence gets wrong. */
class LayerSelectorTest {
  private static final double ROUNDING = 1e-9;

  /** The best value of verifiers from {@code next} on, on layers from {@code first} on. */
  private static double ordered(
      double[] scores, long[] costs, long[] budgets, int next, int first) {
    if (next == budgets.length) {
      return 0;
    }
    double best = ordered(scores, costs, budgets, next + 1, first);
    for (int from = first; from < scores.length; from++) {
      long cost = 0;
      double value = 0;
      for (int to = from + 1; to <= scores.length; to++) {
        cost += costs[to - 1];
        value += scores[to - 1];
        if (cost > budgets[next]) {
          break;
        }
        best = Math.max(best, value + ordered(scores, costs, budgets, next + 1, to));
      }
    }
    return best;
  }

  /** Any order: every interval may begin anywhere that is free. */
  private static double free(
      double[] scores, long[] costs, long[] budgets, int next, int takenMask) {
    if (next == budgets.length) {
      return 0;
    }
    double best = free(scores, costs, budgets, next + 1, takenMask);
    for (int from = 0; from < scores.length; from++) {
      long cost = 0;
      double value = 0;
      int mask = takenMask;
      for (int to = from; to < scores.length; to++) {
        cost += costs[to];
        value += scores[to];
        if (cost > budgets[next] || (takenMask >>> to & 1) != 0) {
          break;
        }
        mask |= 1 << to;
        best = Math.max(best, value + free(scores, costs, budgets, next + 1, mask));
      }
    }
    return best;
  }

  private static void assertValid(
      LayerSelection found, double[] scores, long[] costs, long[] budgets, boolean inOrder) {
    double value = 0;
    int taken = 0;
    int end = 0;
    for (int k = 0; k < budgets.length; k++) {
      LayerInterval interval = found.intervals().get(k);
      long cost = 0;
      for (int layer = interval.from(); layer < interval.to(); layer++) {
        assertThat(taken >>> layer & 1).as("layer %d is taken twice", layer).isZero();
        taken |= 1 << layer;
        cost += costs[layer];
        value += scores[layer];
      }
      assertThat(cost).isLessThanOrEqualTo(budgets[k]);
      if (inOrder && !interval.isEmpty()) {
        assertThat(interval.from()).isGreaterThanOrEqualTo(end);
        end = interval.to();
      }
    }
    assertThat(value).isCloseTo(found.value(), within(ROUNDING));
  }

  @Test
  void select_thousandRandomInstances_areAsGoodAsEverySelection() {
    Random random = new Random(2602);
    int published = 0;
    int orderMatters = 0;
    for (int instance = 0; instance < 1000; instance++) {
      int layers = 1 + random.nextInt(8);
      int verifiers = 1 + random.nextInt(3);
      double[] scores = new double[layers];
      long[] costs = new long[layers];
      long total = 0;
      for (int i = 0; i < layers; i++) {
        scores[i] = random.nextInt(4) == 0 ? 0 : random.nextInt(100) / 10.0;
        costs[i] = 1 + random.nextInt(9);
        total += costs[i];
      }
      long bound = total;
      long[] budgets = random.longs(verifiers, 0, bound).toArray();
      LayerSelector selector = new LayerSelector(scores, costs);
      LayerSelection inOrder = selector.selectInOrder(budgets);
      LayerSelection anyOrder = selector.selectAnyOrder(budgets);
      assertThat(inOrder.value())
          .isCloseTo(ordered(scores, costs, budgets, 0, 0), within(ROUNDING));
      assertThat(anyOrder.value()).isCloseTo(free(scores, costs, budgets, 0, 0), within(ROUNDING));
      assertValid(inOrder, scores, costs, budgets, true);
      assertValid(anyOrder, scores, costs, budgets, false);
      published += selector.publishedValue(budgets) < inOrder.value() - ROUNDING ? 1 : 0;
      orderMatters += inOrder.value() < anyOrder.value() - ROUNDING ? 1 : 0;
    }
    assertThat(published).as("instances that the published recurrence gets wrong").isPositive();
    assertThat(orderMatters).as("instances where the order costs something").isPositive();
  }

  /** The counterexample to the published recurrence, which finds 0. */
  @Test
  void selectInOrder_verifierTooPoorForAnyLayer_isSkipped() {
    LayerSelector selector = new LayerSelector(new double[] {5, 5}, new long[] {10, 10});
    assertThat(selector.selectInOrder(10, 1).value()).isEqualTo(5);
    assertThat(selector.publishedValue(10, 1)).isZero();
    assertThat(selector.selectInOrder(10, 1).intervals().get(1).isEmpty()).isTrue();
  }

  /** The rich verifier belongs at the end, and an order forbids it. */
  @Test
  void selectAnyOrder_richVerifierFirst_beatsTheFixedOrder() {
    LayerSelector selector = new LayerSelector(new double[] {1, 9, 9, 9}, new long[] {1, 3, 3, 3});
    assertThat(selector.selectInOrder(9, 1).value()).isEqualTo(27);
    assertThat(selector.selectAnyOrder(9, 1).value()).isEqualTo(28);
    assertThat(selector.selectInOrder(1, 9).value()).isEqualTo(28);
  }

  @Test
  void select_noBudgetAllBudgetOrNoVerifier_isNothingEverythingNothing() {
    LayerSelector selector = new LayerSelector(new double[] {1, 2, 4}, new long[] {3, 1, 2});
    assertThat(selector.selectInOrder(0, 0).value()).isZero();
    assertThat(selector.selectInOrder(6).value()).isEqualTo(7);
    assertThat(selector.selectInOrder().value()).isZero();
    assertThat(selector.selectAnyOrder(6, 6).contains(0)).isTrue();
  }

  @Test
  void selectAnyOrder_twelveVerifiersOverManyLayers_isAtLeastAnyFixedOrder() {
    Random random = new Random(12);
    double[] scores = random.doubles(100).toArray();
    long[] costs = random.longs(100, 1, 50).toArray();
    long[] budgets = random.longs(12, 1, 200).toArray();
    LayerSelector selector = new LayerSelector(scores, costs);
    LayerSelection free = selector.selectAnyOrder(budgets);
    assertThat(free.value()).isGreaterThanOrEqualTo(selector.selectInOrder(budgets).value());
    long[] sorted = budgets.clone();
    Arrays.sort(sorted);
    assertThat(free.value())
        .isGreaterThanOrEqualTo(selector.selectInOrder(sorted).value() - ROUNDING);
  }

  @Test
  void selector_badInput_isRefused() {
    long[] one = {1};
    for (double score : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new LayerSelector(new double[] {score}, one));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerSelector(new double[] {1}, new long[] {0}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerSelector(new double[0], new long[0]));
    LayerSelector selector = new LayerSelector(new double[] {1}, one);
    assertThatIllegalArgumentException().isThrownBy(() -> selector.selectInOrder(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> selector.selectAnyOrder());
    assertThatIllegalArgumentException().isThrownBy(() -> selector.selectAnyOrder(new long[13]));
  }
}
