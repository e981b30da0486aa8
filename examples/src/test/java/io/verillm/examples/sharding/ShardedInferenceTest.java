package io.verillm.examples.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.LayerRange;
import io.verillm.demo.DemoModel;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.TransformerExecutor;
import io.verillm.stats.cdv.ShardedExecution;
import io.verillm.stats.cdv.ShardedExecution.Result;
import io.verillm.stats.cdv.ShardedExecution.Runner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real contiguous layer ranges of the demo model, consensus per shard, reconstruction. */
class ShardedInferenceTest {
  private static final int[] TOKENS = {5, 17, 300, 42, 1999, 8, 8, 77, 640, 3};
  private static final List<LayerRange> RANGES = ShardedInference.RANGES;
  @TempDir private static Path scratch;
  private static final List<TransformerExecutor> NODES = new ArrayList<>();

  @BeforeAll
  static void load() throws Exception {
    ModelFolder folder = ModelFolder.open(DemoModel.MAIN.copyTo(scratch));
    for (int node = 0; node < 3; node++) {
      NODES.add(TransformerExecutor.load(folder, CanonicalKernels.singleThreaded()));
    }
    NODES.add(TransformerExecutor.load(folder, new SplitKKernels()));
  }

  @AfterAll
  static void close() {
    NODES.forEach(TransformerExecutor::close);
  }

  private static Runner<float[]> node(int node) {
    return new LayerShard(NODES.get(node), TOKENS, RANGES);
  }

  private static List<List<Runner<float[]>>> shards(Runner<float[]> second) {
    return List.of(
        List.of(node(0), node(1), node(2)),
        List.of(node(1), second, node(0)),
        List.of(node(2), node(0), node(1)));
  }

  @Test
  void run_canonicalNodes_reconstructTheWholeModelBitForBit() {
    var result = new ShardedExecution<float[]>(Arrays::equals).run(new float[0], shards(node(2)));
    assertThat(result)
        .isInstanceOfSatisfying(
            Result.Agreed.class,
            agreed -> {
              assertThat(agreed.output()).isEqualTo(ShardedInference.whole(NODES.get(0), TOKENS));
              assertThat(agreed.dissenters()).isEqualTo(List.of(List.of(), List.of(), List.of()));
            });
  }

  @Test
  void run_oneDeviatingNode_isOutvotedBeforeTheNextShard() {
    var result =
        new ShardedExecution<float[]>(Arrays::equals)
            .run(new float[0], shards(ShardedInference.deviating(node(2))));
    assertThat(result)
        .isInstanceOfSatisfying(
            Result.Agreed.class,
            agreed -> {
              assertThat(agreed.output()).isEqualTo(ShardedInference.whole(NODES.get(0), TOKENS));
              assertThat(agreed.dissenters()).isEqualTo(List.of(List.of(), List.of(1), List.of()));
            });
  }

  /** A node that runs the right layers of another range is as wrong as any other. */
  @Test
  void run_nodeThatSkipsALayer_dissents() {
    List<LayerRange> shortened =
        List.of(new LayerRange(0, 2), new LayerRange(2, 3), new LayerRange(3, 4));
    Runner<float[]> skipping = new LayerShard(NODES.get(2), TOKENS, shortened);
    var result =
        new ShardedExecution<float[]>(ShardedInference::agrees).run(new float[0], shards(skipping));
    assertThat(result)
        .isInstanceOfSatisfying(
            Result.Agreed.class,
            agreed ->
                assertThat(agreed.dissenters())
                    .isEqualTo(List.of(List.of(), List.of(1), List.of())));
  }

  @Test
  void run_honestNodeOfAnotherClass_agreesWithinTheTolerance() {
    var exact = new ShardedExecution<float[]>(Arrays::equals);
    var tolerant = new ShardedExecution<float[]>(ShardedInference::agrees);
    assertThat(exact.run(new float[0], shards(node(3))))
        .isInstanceOfSatisfying(
            Result.Agreed.class,
            agreed ->
                assertThat(agreed.dissenters())
                    .isEqualTo(List.of(List.of(), List.of(1), List.of())));
    assertThat(tolerant.run(new float[0], shards(node(3))))
        .isInstanceOfSatisfying(
            Result.Agreed.class,
            agreed ->
                assertThat(agreed.dissenters())
                    .isEqualTo(List.of(List.of(), List.of(), List.of())));
  }

  @Test
  void run_deviatingMajority_isNotNoticedAndDisagreementStops() {
    Runner<float[]> bad = ShardedInference.deviating(node(2));
    Runner<float[]> worse = ShardedInference.deviating(bad);
    var execution = new ShardedExecution<float[]>(Arrays::equals);
    assertThat(execution.run(new float[0], List.of(List.of(node(0), bad, worse))))
        .isInstanceOf(Result.Disagreed.class);
    // two nodes that agree on a wrong output are a majority of three: nothing here covers that
    assertThat(execution.run(new float[0], List.of(List.of(node(0), bad, bad))))
        .isInstanceOf(Result.Agreed.class);
  }

  @Test
  void shard_rangesWithGap_areRefused() {
    assertThatThrownBy(() -> new LayerShard(NODES.get(0), TOKENS, List.of(new LayerRange(0, 1))))
        .hasMessageContaining("end at 1");
    assertThatThrownBy(
            () ->
                new LayerShard(
                    NODES.get(0), TOKENS, List.of(new LayerRange(0, 1), new LayerRange(2, 4))))
        .hasMessageContaining("adjoin");
  }
}
