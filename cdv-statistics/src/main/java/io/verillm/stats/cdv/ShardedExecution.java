package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;

/**
 * Redundant sharded execution: every shard runs on several nodes, and its consensus is settled
 * before the next shard starts.
 *
 * <p>The consensus of a shard is an output with which more than half of its runners agree; without
 * one the execution stops there, naming the shard, and nothing is passed on. With a single runner
 * per shard nothing is checked, so at least three are required. Agreement of runners that could
 * copy from each other proves one computation, not several: commit before revealing ({@link
 * CommitReveal}).
 *
 * @param <T> what is passed from shard to shard
 */
@CheckReturnValue
public final class ShardedExecution<T> {
  /** Runs one shard on one node. */
  @FunctionalInterface
  public interface Runner<T> {
    /** Returns the output of shard {@code shard} on {@code input}. */
    T run(int shard, T input);
  }

  /** How an execution ended. */
  public sealed interface Result<T> {
    /**
     * All shards agreed.
     *
     * @param output output of the last shard
     * @param dissenters per shard, the runners outside the majority
     */
    record Agreed<T>(T output, List<List<Integer>> dissenters) implements Result<T> {}

    /**
     * No majority.
     *
     * @param shard the shard at which it stopped
     * @param outputs what its runners gave
     */
    record Disagreed<T>(int shard, List<T> outputs) implements Result<T> {}
  }

  private final BiPredicate<T, T> agrees;

  /** Uses {@code agrees} to compare two outputs of one shard; symmetric. */
  public ShardedExecution(BiPredicate<T, T> agrees) {
    this.agrees = Objects.requireNonNull(agrees, "agrees");
  }

  /**
   * Runs all shards.
   *
   * @param runners for each shard its runners, at least three
   */
  public Result<T> run(T input, List<List<Runner<T>>> runners) {
    Require.atLeast(runners.size(), 1, "runners");
    T current = input;
    List<List<Integer>> dissenters = new ArrayList<>();
    for (int shard = 0; shard < runners.size(); shard++) {
      List<Runner<T>> replicas = runners.get(shard);
      Require.atLeast(replicas.size(), 3, "runners of shard " + shard);
      List<T> outputs = new ArrayList<>();
      for (Runner<T> replica : replicas) {
        outputs.add(replica.run(shard, current));
      }
      int centre = centre(outputs);
      if (centre < 0) {
        return new Result.Disagreed<>(shard, List.copyOf(outputs));
      }
      T chosen = outputs.get(centre);
      List<Integer> apart = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        if (!agrees.test(outputs.get(i), chosen)) {
          apart.add(i);
        }
      }
      dissenters.add(List.copyOf(apart));
      current = chosen;
    }
    return new Result.Agreed<>(current, List.copyOf(dissenters));
  }

  /** Returns the output with most agreement if that is a majority, else −1; ties to the first. */
  private int centre(List<T> outputs) {
    int best = -1;
    int most = outputs.size() / 2;
    for (int i = 0; i < outputs.size(); i++) {
      int agreeing = 0;
      for (T other : outputs) {
        agreeing += agrees.test(outputs.get(i), other) ? 1 : 0;
      }
      if (agreeing > most) {
        best = i;
        most = agreeing;
      }
    }
    return best;
  }
}
