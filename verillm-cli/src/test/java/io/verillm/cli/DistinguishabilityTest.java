package io.verillm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.network.simulation.NodeKind;
import io.verillm.network.worker.TrafficPolicy;
import io.verillm.network.worker.WorkerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DistinguishabilityTest {
  private static List<double[]> rows(int count, double shift, long seed) {
    Random random = new Random(seed);
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] row = random.doubles(WorkerView.FEATURES.size()).toArray();
      row[10] += shift;
      rows.add(row);
    }
    return rows;
  }

  @Test
  void area_smallSamples_isTheShareOfPairsAndTiesCountHalf() {
    assertThat(Distinguishability.area(new double[] {3, 4}, new double[] {1, 2}).auc())
        .isEqualTo(1);
    assertThat(Distinguishability.area(new double[] {1, 2}, new double[] {3, 4}).auc()).isZero();
    assertThat(Distinguishability.area(new double[] {1, 3}, new double[] {1, 2}).auc())
        .isCloseTo(0.625, within(1e-12));
  }

  /** Without a difference the variance of the area is (m + n + 1) / 12mn; DeLong estimates it. */
  @Test
  void area_noDifference_hasTheVarianceOfTheRankSum() {
    Random random = new Random(5);
    double[] left = random.doubles(1000).toArray();
    double[] right = random.doubles(1000).toArray();
    double expected = 2001 / 12.0e6;
    assertThat(Distinguishability.area(left, right).variance())
        .isCloseTo(expected, within(0.1 * expected));
  }

  @Test
  void folds_oneFeatureThatDiffers_isFoundAndNoneIsNot() {
    var found =
        Distinguishability.folds(TrafficPolicy.NAIVE, rows(200, 0.9, 1), rows(200, 0, 2), 1);
    assertThat(found.low()).isGreaterThan(0.9);
    var nothing =
        Distinguishability.folds(TrafficPolicy.SHIPPED, rows(200, 0, 3), rows(200, 0, 4), 1);
    // Standard deviation of the mean of five areas over 40 and 40: 0.029.
    assertThat(nothing.auc()).isBetween(0.5 - 4 * 0.029, 0.5 + 4 * 0.029);
  }

  @Test
  void kinds_names_areReadAndUnknownOnesRefused() {
    assertThat(SimulateNetworkCommand.kinds("all")).hasSize(12).doesNotContain(NodeKind.COLLUDING);
    assertThat(SimulateNetworkCommand.kinds("none")).isEmpty();
    assertThat(SimulateNetworkCommand.kinds("copier, Lying"))
        .containsExactly(NodeKind.COPIER, NodeKind.LYING);
    assertThatThrownBy(() -> SimulateNetworkCommand.kinds("honest"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("always-accept");
  }
}
