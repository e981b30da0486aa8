package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class WindowOrderTest {

  @Property(tries = 200)
  void next_onePass_visitsEachWholeWindowOnce(
      @ForAll @IntRange(min = 1, max = 50) int window,
      @ForAll @IntRange(min = 101, max = 2000) int tokens,
      @ForAll long seed) {
    WindowOrder order = new WindowOrder(tokens, window, seed);
    TreeSet<Integer> starts = new TreeSet<>();
    int first = order.next();
    starts.add(first);
    int phase = first % window;
    int windows = (tokens - 1 - phase) / window;
    for (int i = 1; i < windows; i++) {
      starts.add(order.next());
    }
    assertThat(starts).hasSize(windows).allMatch(start -> start % window == phase);
    assertThat(starts.last() + window + 1).isLessThanOrEqualTo(tokens);
  }
}
