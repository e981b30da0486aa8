package io.verillm.network.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoolStudyTest {
  private static final PoolStudy.Offer OFFER = new PoolStudy.Offer(20, 10, 1, 3, 0.2, 1, 3600, 4);

  @Test
  void sweep_lightLoad_isBusyAsMuchAsIsOffered() {
    for (PoolStudy.Point point : PoolStudy.sweep(OFFER, List.of(0.3), 20, 1)) {
      // About 8300 orders a run with exponential work: one run's standard deviation is near 0.005.
      assertThat(point.utilisation().mean()).isCloseTo(0.3, within(0.01));
      assertThat(point.throughput().mean()).isCloseTo(0.3, within(0.01));
    }
  }

  @Test
  void sweep_nearFullLoad_onePoolFinishesMoreAndSooner() {
    List<PoolStudy.Point> points = PoolStudy.sweep(OFFER, List.of(0.9), 20, 1);
    PoolStudy.Point shared = points.get(0);
    PoolStudy.Point dedicated = points.get(1);
    assertThat(shared.shared()).isTrue();
    double errors = shared.throughput().standardError() + dedicated.throughput().standardError();
    assertThat(shared.throughput().mean() - dedicated.throughput().mean())
        .isGreaterThan(4 * errors);
    assertThat(shared.latency().mean()).isLessThan(dedicated.latency().mean());
  }

  @Test
  void sweep_overload_neverBusierThanThereAreWorkers() {
    for (PoolStudy.Point point : PoolStudy.sweep(OFFER, List.of(3.0), 3, 1)) {
      assertThat(point.utilisation().mean()).isBetween(0.5, 1.0);
      assertThat(point.throughput().mean()).isLessThanOrEqualTo(1.1);
    }
  }

  @Test
  void offer_outOfRange_isRefused() {
    assertThatThrownBy(() -> new PoolStudy.Offer(1, 10, 1, 3, 0.2, 1, 3600, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PoolStudy.Offer(20, Double.NaN, 1, 3, 0.2, 1, 3600, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PoolStudy.Offer(20, 10, 1, 3, 0.2, 1.5, 3600, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PoolStudy.sweep(OFFER, List.of(0.5), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
