package io.verillm.exec.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.Runs;
import io.verillm.exec.TransformerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the executor promises beyond parity, which {@link TorchParityTest} shows. */
class TorchExecutorTest {
  private static final double BOUND = 2e-5; // as in TorchParityTest

  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir Path folder;

  @BeforeAll
  static void needsLibtorch() {
    assumeTrue(Libtorch.probe() instanceof Libtorch.Probe.Usable, "" + Libtorch.probe());
  }

  private TorchExecutor load(TorchSettings settings) throws Exception {
    return TorchExecutor.load(
        ModelFolder.open(
            RandomModel.of("llama").configKey("max_position_embeddings", "1200").writeTo(folder)),
        settings);
  }

  private TorchExecutor load() throws Exception {
    return load(TorchSettings.of(DType.F32));
  }

  @Test
  void prefill_twice_givesTheSameBits() throws Exception {
    int[] tokens = Runs.tokens(70, 384, 1);
    try (TorchExecutor executor = load()) {
      assertThat(Runs.prefill(executor, tokens).crc())
          .isEqualTo(Runs.prefill(executor, tokens).crc());
    }
  }

  @Test
  void prefill_longerThanABlock_agreesWithCanonical() throws Exception {
    int[] tokens = Runs.tokens(TorchExecutor.ROWS_PER_BLOCK * 2 + 9, 384, 2);
    try (TorchExecutor executor = load();
        TransformerExecutor canonical =
            TransformerExecutor.loadCanonical(ModelFolder.open(folder))) {
      TorchParityTest.assertNear(
          "long prefill",
          Runs.prefill(executor, tokens).rows,
          Runs.prefill(canonical, tokens).rows,
          BOUND);
    }
  }

  @Test
  void prefill_rangesOneAfterTheOther_giveTheRowsOfTheWhole() throws Exception {
    int[] tokens = Runs.tokens(60, 384, 3);
    try (TorchExecutor executor = load()) {
      Runs.Record whole = Runs.prefill(executor, tokens);
      Runs.Record parts = new Runs.Record();
      executor.prefill(tokens, new LayerRange(0, 1), null, parts, parts);
      float[] states = new float[60 * 64];
      RowKey boundary = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 0);
      for (int p = 0; p < 60; p++) {
        float[] row = parts.rows.get(Runs.Record.name(boundary, p));
        System.arraycopy(row, 0, states, p * 64, 64);
      }
      TensorView rows = FloatTensors.ofFloats(DType.F32, Shape.of(60, 64), states);
      executor.prefill(tokens, new LayerRange(1, 2), rows, parts, parts);
      TorchParityTest.assertNear("ranges", parts.rows, whole.rows, BOUND);
    }
  }

  @Test
  void layer_onTheRowsOfAPrefill_givesThemBack() throws Exception {
    int[] tokens = Runs.tokens(40, 384, 4);
    try (TorchExecutor executor = load()) {
      Map<String, float[]> rows = Runs.prefill(executor, tokens).rows;
      RowKey input = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, 1);
      RowKey output = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 1);
      RowKey key = new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 1);
      RowKey value = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 1);
      ModelExecutor.LayerResult result =
          executor.layer(
              1, 30, view(rows, input, 30, 40), view(rows, key, 0, 30), view(rows, value, 0, 30));
      Map<String, float[]> found = new TreeMap<>();
      Map<String, float[]> expected = new TreeMap<>();
      for (int i = 0; i < 10; i++) {
        found.put("output " + i, FloatTensors.toFloats(result.outputRows().row(i)));
        expected.put("output " + i, rows.get(Runs.Record.name(output, 30 + i)));
        found.put("key " + i, FloatTensors.toFloats(result.keyRows().row(i)));
        expected.put("key " + i, rows.get(Runs.Record.name(key, 30 + i)));
        found.put("value " + i, FloatTensors.toFloats(result.valueRows().row(i)));
        expected.put("value " + i, rows.get(Runs.Record.name(value, 30 + i)));
      }
      TorchParityTest.assertNear("layer", found, expected, BOUND);
    }
  }

  private static TensorView view(Map<String, float[]> rows, RowKey key, int from, int to) {
    int width = rows.get(Runs.Record.name(key, from)).length;
    float[] all = new float[(to - from) * width];
    for (int p = from; p < to; p++) {
      System.arraycopy(rows.get(Runs.Record.name(key, p)), 0, all, (p - from) * width, width);
    }
    return FloatTensors.ofFloats(DType.F32, Shape.of(to - from, width), all);
  }

  @Test
  void feed_thenDecodeInABatch_agreesWithPrefill() throws Exception {
    int[] tokens = Runs.tokens(50, 384, 5);
    try (TorchExecutor executor = load(TorchSettings.of(DType.F32).withBatch(2))) {
      Runs.Record whole = Runs.prefill(executor, tokens);
      Runs.Record fed = new Runs.Record();
      try (DecodeSession session = executor.openSession(50, fed);
          DecodeSession other = executor.openSession(50, CaptureSink.none())) {
        executor.feed(session, java.util.Arrays.copyOf(tokens, 20), fed);
        for (int p = 20; p < 50; p++) {
          float[][] logits =
              executor.decodeStep(List.of(session, other), new int[] {tokens[p], tokens[49 - p]});
          fed.accept(p, logits[0]);
        }
        assertThat(session.length()).isEqualTo(50);
        assertThat(other.length()).isEqualTo(30);
      }
      TorchParityTest.assertNear("feed and batch", fed.rows, whole.rows, BOUND);
    }
  }

  @Test
  void anyCall_argumentsOutOfRange_areRefusedAndHarmNothing() throws Exception {
    int[] tokens = Runs.tokens(30, 384, 6);
    CaptureSink none = CaptureSink.none();
    LogitsSink silent = LogitsSink.none();
    LayerRange all = new LayerRange(0, 2);
    try (TorchExecutor executor = load();
        TorchExecutor stranger =
            TorchExecutor.load(ModelFolder.open(folder), TorchSettings.of(DType.F32))) {
      long before = Runs.prefill(executor, tokens).crc();
      assertRefused(() -> executor.prefill(new int[0], all, null, none, silent));
      assertRefused(() -> executor.prefill(new int[] {384}, all, null, none, silent));
      assertRefused(() -> executor.prefill(new int[] {-1}, all, null, none, silent));
      assertRefused(() -> executor.prefill(new int[1201], all, null, none, silent));
      assertRefused(() -> executor.prefill(tokens, new LayerRange(0, 3), null, none, silent));
      assertRefused(() -> executor.prefill(tokens, new LayerRange(1, 2), null, none, silent));
      TensorView narrow = FloatTensors.ofFloats(DType.F32, Shape.of(30, 63), new float[30 * 63]);
      assertRefused(() -> executor.prefill(tokens, new LayerRange(1, 2), narrow, none, silent));
      assertRefused(() -> executor.openSession(0, none));
      assertRefused(() -> executor.openSession(1201, none));
      try (DecodeSession session = executor.openSession(2, none);
          DecodeSession foreign = stranger.openSession(2, none)) {
        assertRefused(() -> executor.decodeStep(foreign, 1));
        assertRefused(() -> executor.decodeStep(session, 384));
        assertRefused(() -> executor.decodeStep(List.of(), new int[0]));
        assertRefused(() -> executor.decodeStep(List.of(session), new int[] {1, 2}));
        assertRefused(() -> executor.decodeStep(List.of(session, session), new int[] {1, 2}));
        assertRefused(() -> executor.feed(session, new int[3], silent));
        assertThat(session.length()).isZero();
        assertThat(executor.decodeStep(session, 1)).hasSize(384);
      }
      assertThat(Runs.prefill(executor, tokens).crc()).isEqualTo(before);
    }
  }

  private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void close_thenUse_isRefused() throws Exception {
    TorchExecutor executor = load();
    executor.close();
    executor.close();
    assertThatThrownBy(() -> Runs.prefill(executor, new int[] {1}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void describe_everySetting_makesAnotherClass() throws Exception {
    TorchSettings one = TorchSettings.of(DType.F32);
    try (TorchExecutor plain = load(one);
        TorchExecutor bf16 =
            TorchExecutor.load(ModelFolder.open(folder), TorchSettings.of(DType.BF16));
        TorchExecutor batched = TorchExecutor.load(ModelFolder.open(folder), one.withBatch(4))) {
      assertThat(plain.describe()).isNotEqualTo(bf16.describe());
      assertThat(plain.describe()).isNotEqualTo(batched.describe());
      assertThat(plain.describe().isCanonical()).isFalse();
      assertThat(plain.modelDigest()).isEqualTo(bf16.modelDigest());
    }
  }

  /**
   * A prefill of 256 tokens makes some 6 MB of native tensors: kept, 800 of them would be 5 GB, and
   * even one row of 64 floats a token kept would be 50 MB. In a process whose heap is resident as a
   * whole from the start, so that nothing else grows but code, by a few MB.
   */
  @Test
  void prefill_thousandTimes_keepsNoNativeMemory() throws Exception {
    assumeTrue(Files.isReadable(STATUS), "resident size is read from " + STATUS);
    RandomModel.of("llama").writeTo(folder);
    Path log = folder.resolve("prefills.log");
    Process prefills =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                TorchExecutorTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(prefills.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      prefills.destroyForcibly();
    }
    String said = Files.readString(log);
    assertThat(prefills.exitValue()).as(said).isZero();
    Matcher grown = Pattern.compile("(?m)^grown by (-?\\d+)$").matcher(said);
    assertThat(grown.find()).as(said).isTrue();
    assertThat(Long.parseLong(grown.group(1))).as(said).isLessThan(40L << 20);
  }

  /** Says by how many bytes 800 prefills let the process grow. */
  public static void main(String[] arguments) throws Exception {
    int[] tokens = Runs.tokens(256, 384, 7);
    try (TorchExecutor executor =
        TorchExecutor.load(ModelFolder.open(Path.of(arguments[0])), TorchSettings.of(DType.F32))) {
      long after200 = 0;
      for (int i = 1; i <= 1000; i++) {
        executor.prefill(tokens, new LayerRange(0, 2), null, CaptureSink.none(), LogitsSink.none());
        if (i == 200) {
          after200 = residentBytes();
        }
      }
      System.out.println("grown by " + (residentBytes() - after200));
    }
  }

  private static long residentBytes() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
