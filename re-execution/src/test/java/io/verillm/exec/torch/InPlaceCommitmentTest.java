package io.verillm.exec.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JavaCommitKernels;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import io.verillm.exec.AnswerRecording;
import io.verillm.exec.HuggingFaceJsonTokenizer;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.Runs;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.stats.calibration.Conditions;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that a provider of kernels reads in libtorch's own memory, in one call per step. */
class InPlaceCommitmentTest {
  private static final int PROMPT = 9;
  private static final int STEPS = 6;
  private static final JobSecret SECRET = JobSecret.copyOf(new byte[JobSecret.LENGTH]);
  private static final TraceId ID = new TraceId(Digest32.sha256());

  private static final ExecutorService HASHING = Executors.newSingleThreadExecutor();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    HASHING.shutdownNow();
  }

  @BeforeAll
  static void needsLibtorch() {
    assumeTrue(Libtorch.probe() instanceof Libtorch.Probe.Usable, "" + Libtorch.probe());
  }

  /** The plain-Java kernels, counting what a device would be asked to launch. */
  private static CommitKernels counting(AtomicInteger commits) {
    CommitKernels java = new JavaCommitKernels();
    return (CommitKernels)
        Proxy.newProxyInstance(
            CommitKernels.class.getClassLoader(),
            new Class<?>[] {CommitKernels.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("commitRows")) {
                commits.incrementAndGet();
              }
              return method.invoke(java, arguments);
            });
  }

  private static TraceHead run(TorchExecutor executor, TraceRecorder recorder, int sessions) {
    int[] tokens = Runs.tokens(PROMPT + STEPS + 1, 384, 5);
    DecodeSession other = executor.openSession(4, io.verillm.core.spi.CaptureSink.none());
    try (DecodeSession session = executor.openSession(PROMPT + STEPS, recorder)) {
      int[] prompt = java.util.Arrays.copyOf(tokens, PROMPT);
      recorder.feed(prompt);
      executor.feed(session, prompt, LogitsSink.none());
      for (int step = 0; step < STEPS; step++) {
        recorder.feed(tokens[PROMPT + step]);
        if (sessions == 2 && step == 2) {
          executor.decodeStep(List.of(other, session), new int[] {7, tokens[PROMPT + step]});
        } else {
          executor.decodeStep(session, tokens[PROMPT + step]);
        }
      }
      recorder.pushUnfed(PROMPT + STEPS, tokens[PROMPT + STEPS]);
    } finally {
      other.close();
    }
    return recorder.head();
  }

  @ParameterizedTest
  @CsvSource({"F32, default, 1", "BF16, default, 1", "F32, dispute, 1", "F32, default, 2"})
  void trace_inPlace_isTheOneOfCopiedRows(DType dtype, String profileName, int sessions)
      throws Exception {
    TraceProfile profile =
        profileName.equals("default") ? TraceProfile.standard(dtype) : TraceProfile.dispute(dtype);
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").dtype(dtype).writeTo(folder));
    try (TorchExecutor executor =
        TorchExecutor.load(model, TorchSettings.of(dtype).withBatch(sessions))) {
      MemoryTrace copied = new MemoryTrace();
      TraceHead expected =
          run(
              executor,
              new TraceRecorder(profile, executor.dimensions(), ID, SECRET, copied),
              sessions);
      MemoryTrace store = new MemoryTrace();
      AtomicInteger commits = new AtomicInteger();
      TraceHead head =
          run(
              executor,
              TraceRecorder.inPlace(
                  profile, executor.dimensions(), ID, SECRET, store, counting(commits)),
              sessions);
      assertThat(head).isEqualTo(expected);
      assertThat(commits.get()).as("the prompt and each step").isEqualTo(1 + STEPS);
      assertThat(store.positions()).isEqualTo(PROMPT + STEPS + 1);
      MemoryTrace beside = new MemoryTrace();
      assertThat(
              run(
                  executor,
                  TraceRecorder.overlapped(
                      profile, executor.dimensions(), ID, SECRET, beside, HASHING),
                  sessions))
          .isEqualTo(expected);
      for (int position = 0; position < PROMPT + STEPS; position++) {
        assertThat(store.rows(position)).isEqualTo(copied.rows(position));
        assertThat(beside.rows(position)).isEqualTo(copied.rows(position));
      }
    }
  }

  /** The memory of a run that fails goes away; what it showed has been read by then. */
  @Test
  void close_midway_waitsForTheReader() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").writeTo(folder));
    TraceProfile profile = TraceProfile.standard(DType.F32);
    try (TorchExecutor executor = TorchExecutor.load(model, TorchSettings.of(DType.F32))) {
      MemoryTrace copied = new MemoryTrace();
      run(executor, new TraceRecorder(profile, executor.dimensions(), ID, SECRET, copied), 1);
      MemoryTrace beside = new MemoryTrace();
      TraceRecorder recorder =
          TraceRecorder.overlapped(
              profile, executor.dimensions(), ID, SECRET, beside, task -> {}); // never runs it
      int[] prompt = java.util.Arrays.copyOf(Runs.tokens(PROMPT + STEPS + 1, 384, 5), PROMPT);
      try (DecodeSession session = executor.openSession(PROMPT, recorder)) {
        recorder.feed(prompt);
        executor.feed(session, prompt, LogitsSink.none());
        assertThat(beside.positions()).isLessThan(PROMPT);
      }
      assertThat(beside.positions()).isEqualTo(PROMPT);
      for (int position = 0; position < PROMPT; position++) {
        assertThat(beside.rows(position)).isEqualTo(copied.rows(position));
      }
    }
  }

  /** Nothing can be decided about rows with infinities, so that none is committed. */
  @Test
  void feed_infiniteValueInPlace_commitsNothing() throws Exception {
    RandomModel.of("llama").writeTo(folder);
    spoil(folder.resolve("model.safetensors"), "model.layers.0.self_attn.v_proj.weight");
    TraceProfile profile = TraceProfile.standard(DType.F32);
    try (TorchExecutor executor =
        TorchExecutor.load(ModelFolder.open(folder), TorchSettings.of(DType.F32))) {
      MemoryTrace store = new MemoryTrace();
      TraceRecorder recorder =
          TraceRecorder.overlapped(
              profile, executor.dimensions(), ID, SECRET, store, Runnable::run);
      try (DecodeSession session = executor.openSession(4, recorder)) {
        recorder.feed(1, 2);
        assertThatThrownBy(() -> executor.feed(session, new int[] {1, 2}, LogitsSink.none()))
            .isInstanceOf(ArithmeticException.class)
            .hasMessageContaining("non-finite value");
      }
      assertThat(store.positions()).isZero();
    }
  }

  /** Puts an infinity where a tensor of a safetensors file begins. */
  private static void spoil(Path file, String tensor) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    long begin =
        new JsonMapper()
            .readTree(bytes.array(), 8, header)
            .get(tensor)
            .get("data_offsets")
            .get(0)
            .asLong();
    bytes.putFloat((int) (8 + header + begin), Float.POSITIVE_INFINITY);
    Files.write(file, bytes.array());
  }

  /** A prover whose rows stay in libtorch's memory signs the receipt of one that copies them. */
  @Test
  void record_inPlace_givesTheSameReceiptAndTrace() throws Exception {
    ModelFolder model = ModelFolder.open(RandomModel.of("llama").writeTo(folder));
    TraceProfile profile = TraceProfile.standard(DType.F32);
    AtomicInteger commits = new AtomicInteger();
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(model.tokenizerFile());
        TorchExecutor executor = TorchExecutor.load(model, TorchSettings.of(DType.F32))) {
      TrialPlan plan =
          new TrialPlan(
              "in place",
              4,
              8,
              12,
              8,
              List.of(new Conditions.Regime(SamplingManifest.ONE, 0, SamplingManifest.ONE)));
      TrialOrders orders =
          new TrialOrders(
              plan, executor.modelDigest(), executor.dimensions(), tokenizer, List.of(), profile);
      AnswerRecording copying =
          new AnswerRecording(
              orders.prover(),
              executor.modelDigest(),
              new SamplingGenerator(executor, tokenizer),
              tokenizer,
              profile);
      MemoryTrace copied = new MemoryTrace();
      MemoryTrace read = new MemoryTrace();
      JobOrder order = orders.order(0);
      ChainPosition place = new ChainPosition(0, 0, ChainPosition.NONE);
      AnswerRecording.Recorded expected = copying.record(order, SECRET, copied, place, count -> {});
      AnswerRecording.Recorded recorded =
          copying
              .hashingOn(Runnable::run)
              .hashingInPlace(counting(commits))
              .record(order, SECRET, read, place, count -> {});
      assertThat(recorded.receipt()).isEqualTo(expected.receipt());
      assertThat(recorded.answer()).isEqualTo(expected.answer());
      assertThat(commits.get()).isEqualTo(order.prompt().size() + 12 - 1);
      assertThat(read.positions()).isEqualTo(copied.positions());
      assertThat(read.rows(3)).isEqualTo(copied.rows(3));
    }
  }
}
