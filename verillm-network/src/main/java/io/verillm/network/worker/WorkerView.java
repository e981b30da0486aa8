package io.verillm.network.worker;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.network.worker.TrafficGenerator.WorkItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What a worker can know about the items that it gets: sizes, settings, order, timing, its own
 * history, and what its own model thinks of the prefix.
 */
public final class WorkerView {
  /** Names of the features, in their order. */
  public static final List<String> FEATURES =
      List.of(
          "prefix tokens",
          "tokens to decode",
          "temperature",
          "envelope bytes",
          "seconds past the minute",
          "seconds since the item before",
          "items in the last minute",
          "items so far",
          "longest prefix in common with an earlier item",
          "items since then",
          "mean log-likelihood of the tail",
          "least log-likelihood in the tail",
          "log-likelihood of the last token",
          "mean log-likelihood of the prefix",
          "entropy after the last token");

  private static final int TAIL = 6;

  private WorkerView() {}

  /**
   * Computes the features of each item, from what its worker saw up to then.
   *
   * @param items in the order of their release
   * @param model the worker's own; not closed
   * @param progress called with the number of items done
   * @return one row per item, in the order of {@link #FEATURES}
   */
  public static List<double[]> of(List<WorkItem> items, ModelExecutor model, IntConsumer progress) {
    Map<Integer, List<WorkItem>> seen = new HashMap<>();
    List<double[]> rows = new ArrayList<>();
    for (WorkItem item : items) {
      List<WorkItem> before = seen.computeIfAbsent(item.worker(), worker -> new ArrayList<>());
      rows.add(row(item, before, model));
      before.add(item);
      progress.accept(rows.size());
    }
    return rows;
  }

  private static double[] row(WorkItem item, List<WorkItem> before, ModelExecutor model) {
    double now = item.releasedAtSeconds();
    double gap = before.isEmpty() ? -1 : now - before.get(before.size() - 1).releasedAtSeconds();
    long recent = before.stream().filter(one -> one.releasedAtSeconds() > now - 60).count();
    int longest = 0;
    int since = -1;
    for (int i = 0; i < before.size(); i++) {
      int common = common(before.get(i).tokens(), item.tokens());
      if (common >= longest) {
        longest = common;
        since = before.size() - i;
      }
    }
    double[] likelihood = likelihood(item.tokens(), model);
    return new double[] {
      item.tokens().size(),
      item.decode(),
      item.temperatureMicros(),
      item.envelopeBytes(),
      now % 60,
      gap,
      recent,
      before.size(),
      longest,
      since,
      likelihood[0],
      likelihood[1],
      likelihood[2],
      likelihood[3],
      likelihood[4]
    };
  }

  private static int common(List<Integer> left, List<Integer> right) {
    int n = 0;
    while (n < left.size() && n < right.size() && left.get(n).equals(right.get(n))) {
      n++;
    }
    return n;
  }

  /** Mean and least over the tail, last, mean over all, and the entropy of what would follow. */
  private static double[] likelihood(List<Integer> tokens, ModelExecutor model) {
    int[] fed = tokens.stream().mapToInt(Integer::intValue).toArray();
    double[] each = new double[fed.length];
    double[] entropy = new double[1];
    model.prefill(
        fed,
        new LayerRange(0, model.dimensions().layers()),
        null,
        CaptureSink.none(),
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return true;
          }

          @Override
          public void accept(int position, float[] logits) {
            double largest = Double.NEGATIVE_INFINITY;
            for (float logit : logits) {
              largest = Math.max(largest, logit);
            }
            double sum = 0;
            double weighted = 0;
            for (float logit : logits) {
              double weight = Math.exp(logit - largest);
              sum += weight;
              weighted += weight * (logit - largest);
            }
            if (position + 1 < fed.length) {
              each[position + 1] = logits[fed[position + 1]] - largest - Math.log(sum);
            } else {
              entropy[0] = Math.log(sum) - weighted / sum;
            }
          }
        });
    double tail = 0;
    double least = 0;
    double all = 0;
    int first = Math.max(1, fed.length - TAIL);
    for (int i = 1; i < fed.length; i++) {
      all += each[i];
      if (i >= first) {
        tail += each[i];
        least = Math.min(least, each[i]);
      }
    }
    return new double[] {
      tail / Math.max(1, fed.length - first),
      least,
      each[fed.length - 1],
      all / Math.max(1, fed.length - 1),
      entropy[0]
    };
  }
}
