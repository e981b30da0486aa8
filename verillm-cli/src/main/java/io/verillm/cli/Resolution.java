package io.verillm.cli;

import io.verillm.stats.compare.Observation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The smallest p-value that relabelling answers inside prompts could give.
 *
 * @param sharedPrompts prompts that both files hold
 * @param repeated whether a shared prompt has two answers on each side
 * @param smallest smallest p-value that any outcome could have
 */
record Resolution(int sharedPrompts, boolean repeated, double smallest) {
  static Resolution of(List<Observation> first, List<Observation> second) {
    Map<String, Integer> a = counts(first);
    Map<String, Integer> b = counts(second);
    int shared = 0;
    boolean repeated = false;
    boolean balanced = true;
    double smallest = 1;
    for (Map.Entry<String, Integer> entry : a.entrySet()) {
      int n = entry.getValue();
      int m = b.getOrDefault(entry.getKey(), 0);
      if (m == 0) {
        continue;
      }
      shared++;
      repeated |= n >= 2 && m >= 2;
      balanced &= n == m;
      for (int i = 1; i <= m; i++) {
        smallest *= i / (double) (n + i);
      }
    }
    // With equal counts everywhere, exchanging the two files gives the same statistic again.
    return new Resolution(shared, repeated, balanced ? Math.min(1, 2 * smallest) : smallest);
  }

  private static Map<String, Integer> counts(List<Observation> observations) {
    Map<String, Integer> counts = new TreeMap<>();
    observations.forEach(o -> counts.merge(o.prompt(), 1, Integer::sum));
    return counts;
  }
}
