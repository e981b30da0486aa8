package io.verillm.exec;

import io.verillm.core.tensor.RowDifference;
import io.verillm.core.trace.RowKey;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far opened rows lie from re-execution, one score per kind, hook and layer: the mean over
 * elements of log2 of the distance in representable steps, in millionths.
 *
 * <p>Twice the noise is one more; 4-bit weights are several more. It is made from the integers of
 * {@link RowDifference}: bucket i counts i, and a pair that differs in sign or is not finite counts
 * {@link RowDifference#BUCKETS}. Exact in its inputs; one thread.
 */
public final class ActivationScores {
  private final Map<RowKey, RowDifference> differences = new HashMap<>();
  private final Map<RowKey, Integer> rows = new HashMap<>();

  /** Makes an empty collection. */
  public ActivationScores() {}

  /** Adds one compared row. */
  public void add(RowKey key, RowDifference difference) {
    differences.merge(key, difference, RowDifference::plus);
    rows.merge(key, 1, Integer::sum);
  }

  /** Stable name of a key's statistic. */
  public static String nameOf(RowKey key) {
    return key.kind() + "/" + key.hook() + "/" + key.layer() + "/log2-distance";
  }

  /** Scores in millionths by statistic. */
  public SortedMap<String, Long> micros() {
    SortedMap<String, Long> scores = new TreeMap<>();
    differences.forEach((key, difference) -> scores.put(nameOf(key), micros(difference)));
    return scores;
  }

  /** Rows that entered a statistic. */
  public int rowsOf(String name) {
    return rows.entrySet().stream()
        .filter(entry -> nameOf(entry.getKey()).equals(name))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** The layer of a statistic, for locations. */
  public int layerOf(String name) {
    return rows.keySet().stream()
        .filter(key -> nameOf(key).equals(name))
        .mapToInt(RowKey::layer)
        .findFirst()
        .orElseThrow();
  }

  /** The score of one difference with at least one element, in millionths. */
  public static long micros(RowDifference difference) {
    long sum = 0;
    long counted = 0;
    for (int bucket = 0; bucket < RowDifference.BUCKETS; bucket++) {
      sum += bucket * difference.histogram(bucket);
      counted += difference.histogram(bucket);
    }
    sum += RowDifference.BUCKETS * (difference.elements() - counted);
    return Math.round(1e6 * sum / difference.elements());
  }
}
