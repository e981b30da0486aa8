package io.verillm.stats.language;

import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.StratifiedDesign;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers of two sides to the same prompts: {@code first.get(s)} and {@code second.get(s)} belong
 * to prompt s.
 *
 * @param <T> one answer, the exchangeable unit
 * @param first answers of side one per prompt
 * @param second answers of side two per prompt
 */
public record PromptSamples<T>(List<List<T>> first, List<List<T>> second) {
  /** Copies the lists; refuses different numbers of prompts and prompts without any answer. */
  public PromptSamples {
    Require.that(first.size() == second.size(), "first and second differ in their prompts");
    Require.atLeast(first.size(), 1, "prompts");
    first = first.stream().map(List::copyOf).toList();
    second = second.stream().map(List::copyOf).toList();
  }

  /** Returns the design: one stratum per prompt. */
  public StratifiedDesign design() {
    return StratifiedDesign.of(
        first.stream().mapToInt(List::size).toArray(),
        second.stream().mapToInt(List::size).toArray());
  }

  /** Returns the answers of prompt s, side one first. */
  public List<T> pooled(int s) {
    List<T> items = new ArrayList<>(first.get(s));
    items.addAll(second.get(s));
    return items;
  }

  /** Returns all answers in the order of {@link #design()}. */
  public List<T> pooled() {
    List<T> items = new ArrayList<>();
    for (int s = 0; s < first.size(); s++) {
      items.addAll(pooled(s));
    }
    return items;
  }
}
