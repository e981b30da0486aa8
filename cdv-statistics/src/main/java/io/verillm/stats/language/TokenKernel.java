package io.verillm.stats.language;

import io.verillm.stats.internal.Require;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A positive definite similarity of two token sequences, 1 for equal ones.
 *
 * <p>Source: Gao, Liang, Guestrin, "Model equality testing" (2024), kernels of section 3. A kernel
 * on characters reacts to formatting: see {@link CanonicalText}.
 */
public interface TokenKernel {
  /**
   * Returns the similarities of all pairs of {@code items}, a symmetric matrix, row-major.
   *
   * @param items token ids, at least one sequence; a sequence may be empty
   */
  double[] gram(List<int[]> items);

  /** Returns the share of equal positions among {@code length}, shorter sequences padded. */
  static TokenKernel hamming(int length) {
    Require.atLeast(length, 1, "length");
    return new HammingKernel(length);
  }

  /** Returns the kernel that is 1 for equal sequences and 0 otherwise. */
  static TokenKernel oneHot() {
    return items ->
        fromFeatures(
            items.stream()
                .map(t -> Map.<List<Integer>, Integer>of(Arrays.stream(t).boxed().toList(), 1))
                .toList());
  }

  /** Returns the cosine of counts of all runs of k tokens. */
  static TokenKernel spectrum(int k) {
    Require.atLeast(k, 1, "k");
    return items -> fromFeatures(items.stream().map(t -> runs(t, k, k)).toList());
  }

  /** Returns the cosine of counts of all runs of 1 to {@code longest} tokens. */
  static TokenKernel allSubstrings(int longest) {
    Require.atLeast(longest, 1, "longest");
    return items -> fromFeatures(items.stream().map(t -> runs(t, 1, longest)).toList());
  }

  private static Map<List<Integer>, Integer> runs(int[] tokens, int shortest, int longest) {
    Map<List<Integer>, Integer> counts = new HashMap<>();
    List<Integer> boxed = Arrays.stream(tokens).boxed().toList();
    for (int length = shortest; length <= longest; length++) {
      for (int from = 0; from + length <= tokens.length; from++) {
        counts.merge(boxed.subList(from, from + length), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static double[] fromFeatures(List<Map<List<Integer>, Integer>> features) {
    int n = features.size();
    double[] norm = new double[n];
    for (int i = 0; i < n; i++) {
      for (int count : features.get(i).values()) {
        norm[i] += (double) count * count;
      }
    }
    double[] gram = new double[n * n];
    for (int i = 0; i < n; i++) {
      gram[i * n + i] = 1;
      for (int j = 0; j < i; j++) {
        double value = cosine(features.get(i), features.get(j), norm[i] * norm[j]);
        gram[i * n + j] = value;
        gram[j * n + i] = value;
      }
    }
    return gram;
  }

  private static double cosine(
      Map<List<Integer>, Integer> a, Map<List<Integer>, Integer> b, double normProduct) {
    if (normProduct == 0) {
      return a.isEmpty() && b.isEmpty() ? 1 : 0; // too short for a single run
    }
    double dot = 0;
    Set<List<Integer>> shared = new HashSet<>(a.keySet());
    shared.retainAll(b.keySet());
    for (List<Integer> key : shared) {
      dot += (double) a.getOrDefault(key, 0) * b.getOrDefault(key, 0);
    }
    return dot / Math.sqrt(normProduct);
  }
}
