package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor.LayerResult;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransformerExecutorTest {
  @TempDir Path folder;

  static List<RandomModel> shapes() {
    return List.of(
        RandomModel.of("llama"),
        RandomModel.of("llama").sizes(1, 6, 5).heads(1, 1, 2).vocabulary(7),
        RandomModel.of("llama").sizes(3, 45, 67).heads(3, 1, 10).vocabulary(101),
        RandomModel.of("mistral").heads(4, 4, 16).dtype(DType.BF16).shards(3),
        RandomModel.of("qwen2").configKey("tie_word_embeddings", "true").dtype(DType.F16),
        RandomModel.of("qwen3").heads(6, 2, 18).configKey("attention_bias", "true"),
        RandomModel.of("llama")
            .configKey("mlp_bias", "true")
            .configKey("attention_bias", "true")
            .configKey(
                "rope_scaling",
                "{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
                    + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}"));
  }

  private TransformerExecutor load(RandomModel model) throws Exception {
    return TransformerExecutor.loadCanonical(ModelFolder.open(model.writeTo(folder)));
  }

  private static void assertSameBits(Runs.Record actual, Runs.Record expected) {
    assertThat(actual.rows.keySet()).isEqualTo(expected.rows.keySet());
    expected.rows.forEach(
        (name, values) -> assertThat(actual.rows.get(name)).as(name).isEqualTo(values));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void decodeStep_anyModel_givesTheBitsOfPrefill(RandomModel model) throws Exception {
    try (TransformerExecutor executor = load(model)) {
      int[] tokens = Runs.tokens(150, executor.dimensions().vocabulary(), 5);
      assertSameBits(Runs.decode(executor, tokens), Runs.prefill(executor, tokens));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void prefill_chainedLayerRanges_giveTheBitsOfOneRun(RandomModel model) throws Exception {
    try (TransformerExecutor executor = load(model.sizes(3, 45, 67))) {
      int[] tokens = Runs.tokens(131, executor.dimensions().vocabulary(), 6);
      Runs.Record whole = Runs.prefill(executor, tokens);
      Runs.Record chained = new Runs.Record();
      executor.prefill(tokens, new LayerRange(0, 1), null, chained, chained);
      assertThat(chained.rows.keySet()).noneMatch(name -> name.startsWith("logits"));
      float[] boundary = new float[tokens.length * 45];
      RowKey output = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 0);
      for (int p = 0; p < tokens.length; p++) {
        float[] row = chained.rows.get(Runs.Record.name(output, p));
        System.arraycopy(row, 0, boundary, p * 45, 45);
      }
      executor.prefill(
          tokens,
          new LayerRange(1, 3),
          TensorView.copyOf(Shape.of(tokens.length, 45), boundary),
          chained,
          chained);
      assertSameBits(chained, whole);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void layer_fromCommittedRows_givesTheBitsOfPrefill(RandomModel model) throws Exception {
    try (TransformerExecutor executor = load(model)) {
      var d = executor.dimensions();
      Runs.Record run = Runs.prefill(executor, Runs.tokens(140, d.vocabulary(), 7));
      int layer = d.layers() - 1;
      for (int[] part : new int[][] {{0, 140}, {0, 1}, {139, 1}, {37, 20}, {100, 3}}) {
        LayerResult result =
            executor.layer(
                layer,
                part[0],
                rows(run, TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer, part[0], part[1]),
                rows(run, TensorKind.KEY, HookPoint.AFTER_ROPE, layer, 0, part[0]),
                rows(run, TensorKind.VALUE, HookPoint.AS_CACHED, layer, 0, part[0]));
        assertThat(result.outputRows().bytes())
            .isEqualTo(
                rows(run, TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, layer, part[0], part[1])
                    .bytes());
        assertThat(result.keyRows().bytes())
            .isEqualTo(
                rows(run, TensorKind.KEY, HookPoint.AFTER_ROPE, layer, part[0], part[1]).bytes());
        assertThat(result.valueRows().bytes())
            .isEqualTo(
                rows(run, TensorKind.VALUE, HookPoint.AS_CACHED, layer, part[0], part[1]).bytes());
      }
    }
  }

  private static TensorView rows(
      Runs.Record run, TensorKind kind, HookPoint hook, int layer, int first, int count) {
    RowKey key = new RowKey(kind, hook, layer);
    int width = run.rows.get(Runs.Record.name(key, 0)).length;
    float[] all = new float[count * width];
    for (int r = 0; r < count; r++) {
      System.arraycopy(run.rows.get(Runs.Record.name(key, first + r)), 0, all, r * width, width);
    }
    return TensorView.copyOf(Shape.of(count, width), all);
  }

  @Test
  void feed_promptThenSteps_givesTheBitsOfPrefill() throws Exception {
    try (TransformerExecutor executor = load(RandomModel.of("llama"))) {
      int[] tokens = Runs.tokens(60, 384, 8);
      Runs.Record record = new Runs.Record();
      try (DecodeSession session = executor.openSession(60, record)) {
        executor.feed(session, java.util.Arrays.copyOf(tokens, 33), record);
        executor.feed(session, java.util.Arrays.copyOfRange(tokens, 33, 52), record);
        for (int p = 52; p < 60; p++) {
          assertThat(session.length()).isEqualTo(p);
          record.accept(p, executor.decodeStep(session, tokens[p]));
        }
      }
      assertSameBits(record, Runs.prefill(executor, tokens));
    }
  }

  @Test
  void prefill_twoThreadsAndConcurrentCalls_giveTheSameBits() throws Exception {
    ModelFolder model =
        ModelFolder.open(
            RandomModel.of("llama").sizes(2, 256, 768).heads(4, 2, 64).writeTo(folder));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (TransformerExecutor one = TransformerExecutor.loadCanonical(model);
        TransformerExecutor two =
            TransformerExecutor.load(model, CanonicalKernels.parallel(pool, 2))) {
      int[] tokens = Runs.tokens(200, 384, 9);
      Runs.Record expected = Runs.prefill(one, tokens);
      assertSameBits(Runs.prefill(two, tokens), expected);
      List<Future<Runs.Record>> runs = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        // on the pool that the kernels use too: must neither block nor differ
        runs.add(pool.submit(() -> Runs.prefill(two, tokens)));
      }
      for (Future<Runs.Record> run : runs) {
        assertSameBits(run.get(), expected);
      }
    } finally {
      pool.shutdown();
    }
  }

  /** The value is the same on every JDK, processor and JIT mode, or canonical means nothing. */
  @Test
  void prefill_seededModel_hasTheCommittedBits() throws Exception {
    try (TransformerExecutor executor =
        load(RandomModel.of("qwen3").heads(4, 2, 32).configKey("rope_theta", "1000000"))) {
      Runs.Record run = Runs.prefill(executor, Runs.tokens(300, 384, 10));
      assertThat(executor.modelDigest().toString()).isEqualTo(MODEL_DIGEST);
      assertThat(Long.toHexString(run.crc())).isEqualTo(RUN_CRC);
    }
  }

  private static final String MODEL_DIGEST =
      "a6f29aa9857784ce2f34c9d23afdb098251af1890f45fc77eb5f345447a05b26";
  private static final String RUN_CRC = "6fb2bb16";

  @Test
  void prefill_someLogitsWanted_givesOnlyThose() throws Exception {
    try (TransformerExecutor executor = load(RandomModel.of("llama"))) {
      int[] tokens = Runs.tokens(140, 384, 11);
      Runs.Record all = Runs.prefill(executor, tokens);
      List<Integer> seen = new ArrayList<>();
      executor.prefill(
          tokens,
          new LayerRange(0, 2),
          null,
          CaptureSink.none(),
          new LogitsSink() {
            @Override
            public boolean wants(int position) {
              return position % 50 == 39;
            }

            @Override
            public void accept(int position, float[] logits) {
              seen.add(position);
              assertThat(logits).isEqualTo(all.logits(position));
            }
          });
      assertThat(seen).containsExactly(39, 89, 139);
    }
  }

  @Test
  void prefill_wrongArguments_areRefused() throws Exception {
    try (TransformerExecutor executor = load(RandomModel.of("llama"))) {
      LayerRange all = new LayerRange(0, 2);
      CaptureSink none = CaptureSink.none();
      LogitsSink quiet = LogitsSink.none();
      TensorView states = TensorView.copyOf(Shape.of(1, 64), new float[64]);
      assertThatThrownBy(() -> executor.prefill(new int[0], all, null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> executor.prefill(new int[] {384}, all, null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("384");
      assertThatThrownBy(() -> executor.prefill(new int[] {-1}, all, null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> executor.prefill(new int[513], all, null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("512");
      assertThatThrownBy(() -> executor.prefill(new int[1], all, states, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> executor.prefill(new int[1], new LayerRange(1, 2), null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> executor.prefill(new int[2], new LayerRange(1, 2), states, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> executor.prefill(new int[1], new LayerRange(0, 3), null, none, quiet))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> executor.layer(2, 0, states, states, states))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> executor.layer(0, 1, states, states, states))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("key rows");
    }
  }

  @Test
  void session_closedFullOrForeign_isRefused() throws Exception {
    try (TransformerExecutor executor = load(RandomModel.of("llama"));
        TransformerExecutor other = load(RandomModel.of("llama"))) {
      DecodeSession session = executor.openSession(1, CaptureSink.none());
      assertThatThrownBy(() -> other.decodeStep(session, 1))
          .isInstanceOf(IllegalArgumentException.class);
      executor.decodeStep(session, 1);
      assertThatThrownBy(() -> executor.decodeStep(session, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("holds 1");
      session.close();
      session.close();
      assertThatThrownBy(() -> executor.decodeStep(session, 1))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void describe_canonicalKernels_namesCanonicalArithmetic() throws Exception {
    TransformerExecutor executor = load(RandomModel.of("llama"));
    assertThat(executor.describe().isCanonical()).isTrue();
    assertThat(executor.describe().kernels()).isEqualTo("java");
    executor.close();
    assertThatThrownBy(() -> executor.openSession(1, CaptureSink.none()))
        .isInstanceOf(IllegalStateException.class);
  }
}
