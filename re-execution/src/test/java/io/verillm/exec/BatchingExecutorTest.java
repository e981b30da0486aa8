package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchingExecutorTest {
  private static final int VOCABULARY = 384;

  @TempDir Path folder;

  private static float[][] alone(TransformerExecutor executor, int[] tokens) {
    float[][] logits = new float[tokens.length][];
    try (DecodeSession session = executor.openSession(tokens.length, CaptureSink.none())) {
      for (int i = 0; i < tokens.length; i++) {
        logits[i] = executor.decodeStep(session, tokens[i]).clone();
      }
    }
    return logits;
  }

  private ModelFolder model(String variant) throws Exception {
    return ModelFolder.open(RandomModel.of(variant).writeTo(folder));
  }

  /** Threads that leave at different times, so that batches of 5 down to 1 occur. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen3"})
  void decodeStep_manyThreads_givesTheBitsOfEachAlone(String variant) throws Exception {
    int threads = 5;
    try (TransformerExecutor executor =
        TransformerExecutor.load(model(variant), new SplitKKernels())) {
      BatchingExecutor batch = new BatchingExecutor(executor);
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      List<Future<float[][]>> running = new ArrayList<>();
      batch.expect(threads);
      for (int t = 0; t < threads; t++) {
        int[] tokens = Runs.tokens(4 + 3 * t, VOCABULARY, t);
        running.add(
            pool.submit(
                () -> {
                  batch.join();
                  try (DecodeSession session =
                      batch.openSession(tokens.length, CaptureSink.none())) {
                    float[][] logits = new float[tokens.length][];
                    for (int i = 0; i < tokens.length; i++) {
                      logits[i] = batch.decodeStep(session, tokens[i]);
                    }
                    return logits;
                  } finally {
                    batch.leave();
                  }
                }));
      }
      for (int t = 0; t < threads; t++) {
        float[][] expected = alone(executor, Runs.tokens(4 + 3 * t, VOCABULARY, t));
        assertThat(running.get(t).get()).isDeepEqualTo(expected);
      }
      pool.shutdown();
    }
  }

  /** One bad token: nobody of its batch gets logits, and nobody waits forever. */
  @Test
  void decodeStep_oneFails_reachesEveryThreadOfTheBatch() throws Exception {
    try (TransformerExecutor executor =
        TransformerExecutor.load(model("llama"), new SplitKKernels())) {
      BatchingExecutor batch = new BatchingExecutor(executor);
      ExecutorService pool = Executors.newFixedThreadPool(2);
      batch.expect(2);
      List<Future<float[]>> running = new ArrayList<>();
      for (int token : new int[] {1, VOCABULARY}) {
        running.add(
            pool.submit(
                () -> {
                  batch.join();
                  try (DecodeSession session = batch.openSession(4, CaptureSink.none())) {
                    return batch.decodeStep(session, token);
                  } finally {
                    batch.leave();
                  }
                }));
      }
      for (Future<float[]> one : running) {
        assertThatThrownBy(one::get)
            .isInstanceOf(ExecutionException.class)
            .hasRootCauseInstanceOf(IllegalArgumentException.class);
      }
      pool.shutdown();
    }
  }

  @Test
  void decodeStep_threadThatDidNotJoin_runsAlone() throws Exception {
    try (TransformerExecutor executor =
        TransformerExecutor.load(model("llama"), new SplitKKernels())) {
      BatchingExecutor batch = new BatchingExecutor(executor);
      batch.expect(3);
      try (DecodeSession session = batch.openSession(2, CaptureSink.none())) {
        assertThat(batch.decodeStep(session, 7)).isEqualTo(alone(executor, new int[] {7})[0]);
      }
    }
  }

  @Test
  void decodeStep_listsThatDoNotFit_areRefused() throws Exception {
    try (TransformerExecutor executor =
        TransformerExecutor.load(model("llama"), new SplitKKernels())) {
      assertThatThrownBy(() -> executor.decodeStep(List.of(), new int[0]))
          .isInstanceOf(IllegalArgumentException.class);
      try (DecodeSession session = executor.openSession(1, CaptureSink.none())) {
        assertThatThrownBy(() -> executor.decodeStep(List.of(session), new int[] {1, 2}))
            .isInstanceOf(IllegalArgumentException.class);
        executor.decodeStep(List.of(session), new int[] {1});
        assertThatThrownBy(() -> executor.decodeStep(List.of(session), new int[] {1}))
            .isInstanceOf(RuntimeException.class);
      }
    }
  }
}
