package io.verillm.network.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SimulatedJobTest {
  private static final int CHEAP = NetworkSimulation.HONEST_POSITIONS;
  private static final SortedMap<Integer, List<Integer>> LUCKY =
      new TreeMap<>(Map.of(0, List.of(1), CHEAP - 1, List.of(2)));
  private static final SortedMap<Integer, List<Integer>> UNLUCKY =
      new TreeMap<>(Map.of(0, List.of(1), CHEAP, List.of(2)));

  @Test
  void shownOf_withholdingProver_opensNothingAndLaterLessThanWasDrawn() {
    assertThat(SimulatedJob.shownOf(NodeKind.WITHHOLDING, 0, UNLUCKY)).isEmpty();
    assertThat(SimulatedJob.shownOf(NodeKind.WITHHOLDING, 1, UNLUCKY)).containsOnlyKeys(0);
    for (int silences = 0; silences < 2; silences++) {
      assertThat(SimulatedJob.shownOf(NodeKind.WITHHOLDING, silences, LUCKY)).isEqualTo(LUCKY);
      assertThat(SimulatedJob.shownOf(NodeKind.HONEST, silences, UNLUCKY)).isEqualTo(UNLUCKY);
    }
  }
}
