package io.verillm.examples.sharding;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import io.verillm.stats.cdv.RelativeDistance;
import io.verillm.stats.cdv.ShardedExecution;
import io.verillm.stats.cdv.ShardedExecution.Result;
import io.verillm.stats.cdv.ShardedExecution.Runner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the demo model in three shards, each on three nodes of its own, two of which deviate.
 *
 * <p>Run it with the class path of this module, for instance from an IDE: no arguments.
 */
public final class ShardedInference {
  /** The shards of the four blocks of the demo model. */
  public static final List<LayerRange> RANGES =
      List.of(new LayerRange(0, 1), new LayerRange(1, 3), new LayerRange(3, 4));

  /**
   * Largest relative distance at which rows of two honest engines agree. bfloat16 against fp32 on
   * the demo model measures up to 0.014; unrelated rows are at about 1.4. A real deployment takes
   * it from a calibration.
   */
  public static final double TOLERANCE = 0.03;

  private ShardedInference() {}

  /** Says whether two outputs are near enough to come from honest engines of different classes. */
  public static boolean agrees(float[] one, float[] other) {
    return one.length == other.length
        && Math.min(
                RelativeDistance.of(doubles(one), doubles(other)),
                RelativeDistance.of(doubles(other), doubles(one)))
            <= TOLERANCE;
  }

  private static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    Arrays.setAll(copy, i -> values[i]);
    return copy;
  }

  /** A node that answers for its range with rows scaled by one tenth more. */
  public static Runner<float[]> deviating(Runner<float[]> honest) {
    return (shard, input) -> {
      float[] output = honest.run(shard, input);
      for (int i = 0; i < output.length; i++) {
        output[i] *= 1.1f;
      }
      return output;
    };
  }

  /** Prints what every shard decided and whether the whole model agrees. */
  public static void main(String[] arguments) throws Exception {
    Path folder = DemoModel.MAIN.copyTo(Files.createTempDirectory("sharded"));
    int[] tokens;
    try (var model = Models.load(folder)) {
      tokens = model.tokenizer().encode("In the beginning God created", true);
      List<AutoCloseable> nodes = new ArrayList<>();
      try {
        List<List<Runner<float[]>>> shards = new ArrayList<>();
        for (int shard = 0; shard < RANGES.size(); shard++) {
          List<Runner<float[]>> replicas = new ArrayList<>();
          for (int node = 0; node < 3; node++) { // each node loads the model for itself
            ArithmeticKernels kernels =
                node == 1 ? new SplitKKernels() : CanonicalKernels.singleThreaded();
            var own = Models.load(folder, kernels);
            nodes.add(own);
            Runner<float[]> runner = new LayerShard(own.executor(), tokens, RANGES);
            replicas.add(node == 2 && shard > 0 ? deviating(runner) : runner);
          }
          shards.add(replicas);
        }
        print(new ShardedExecution<float[]>(ShardedInference::agrees).run(new float[0], shards));
        System.out.println("whole model:   next token " + best(whole(model.executor(), tokens)));
      } finally {
        for (AutoCloseable node : nodes) {
          node.close();
        }
      }
    }
  }

  private static void print(Result<float[]> result) {
    if (result instanceof Result.Agreed<float[]> agreed) {
      for (int shard = 0; shard < RANGES.size(); shard++) {
        System.out.printf(
            "shard %d %s: agreed, outside the majority: %s%n",
            shard, RANGES.get(shard), agreed.dissenters().get(shard));
      }
      System.out.println("reconstructed: next token " + best(agreed.output()));
    } else if (result instanceof Result.Disagreed<float[]> disagreed) {
      System.out.println("no majority at shard " + disagreed.shard() + ": nothing was passed on");
    }
  }

  /** Returns the logits of the last position from one run over all layers. */
  public static float[] whole(ModelExecutor executor, int[] tokens) {
    LayerRange all = new LayerRange(0, executor.dimensions().layers());
    return new LayerShard(executor, tokens, List.of(all)).run(0, new float[0]);
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      best = logits[token] > logits[best] ? token : best;
    }
    return best;
  }
}
