package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PermutationResult;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Border inputs: prompts whose first token at temperature 0 is nearly tied, so that a tiny change
 * of the model changes how often each token comes out.
 *
 * <p>Statistic: sum over prompts of the total variation between first-token frequencies; p-value by
 * relabelling answers inside prompts, exact where few splits exist. The published rule rejects when
 * supports differ, which accuses an unchanged model with probability 2^(1−n) on a balanced
 * two-token input: one in four at three queries. Immutable; thread-safe.
 */
@CheckReturnValue
public final class BorderInputTest {
  private final StratifiedDesign design;
  private final int[] token;
  private final int[] kinds;

  private BorderInputTest(StratifiedDesign design, int[] token, int[] kinds) {
    this.design = design;
    this.token = token;
    this.kinds = kinds;
  }

  /** Returns the comparison of first tokens by prompt. */
  public static BorderInputTest of(PromptSamples<String> samples) {
    StratifiedDesign design = samples.design();
    int[] token = new int[design.size()];
    int[] kinds = new int[design.strata()];
    for (int s = 0; s < design.strata(); s++) {
      TreeMap<String, Integer> ids = new TreeMap<>();
      List<String> items = samples.pooled(s);
      for (int i = 0; i < items.size(); i++) {
        Integer known = ids.putIfAbsent(items.get(i), ids.size());
        token[design.offset(s) + i] = known == null ? ids.size() - 1 : known;
      }
      kinds[s] = ids.size();
    }
    return new BorderInputTest(design, token, kinds);
  }

  /** Returns the sum over prompts of total variations. */
  public double statistic() {
    return statistic(design.observedOrder());
  }

  private double statistic(int[] order) {
    double sum = 0;
    for (int s = 0; s < kinds.length; s++) {
      int n = design.first(s);
      int m = design.second(s);
      if (n == 0 || m == 0) {
        continue;
      }
      int[] balance = new int[kinds[s]]; // m·count₁ − n·count₂ stays an exact integer
      for (int i = 0; i < n + m; i++) {
        balance[token[order[design.offset(s) + i]]] += i < n ? m : -n;
      }
      long gap = 0;
      for (int b : balance) {
        gap += Math.abs(b);
      }
      sum += gap / (2.0 * n * m);
    }
    return sum;
  }

  /** Returns the permutation test; large total variation rejects. */
  public PermutationResult test(PermutationTest permutations) {
    return permutations.run(design, this::statistic);
  }

  /** Returns the published verdict: whether some prompt's supports differ. For comparison only. */
  public boolean publishedSupportsDiffer() {
    for (int s = 0; s < kinds.length; s++) {
      boolean[] first = new boolean[kinds[s]];
      boolean[] second = new boolean[kinds[s]];
      int n = design.first(s);
      for (int i = 0; i < n + design.second(s); i++) {
        (i < n ? first : second)[token[design.offset(s) + i]] = true;
      }
      if (!Arrays.equals(first, second)) {
        return true;
      }
    }
    return false;
  }

  /** Returns 2^(1−n): how often the published rule accuses on one balanced two-token prompt. */
  public static double publishedFalseAlarm(int queries) {
    Require.atLeast(queries, 1, "queries");
    return Math.scalb(1.0, 1 - queries);
  }
}
