package io.verillm.benchmarks;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import io.verillm.exec.TransformerExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The demo model: 128 tokens decoded with and without recording, and verified by one prefill. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class DemoModelBenchmark {
  private static final int TOKENS = 128;

  @Param({"plain", "recorded"})
  String decode;

  private TransformerExecutor executor;
  private int[] tokens;

  /** Loads the model. */
  @Setup
  public void prepare() throws Exception {
    Path folder = Files.createTempDirectory("verillm-benchmark");
    executor = Models.load(DemoModel.MAIN.copyTo(folder)).executor();
    tokens = new int[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      tokens[i] = 258 + 7 * i;
    }
  }

  /** Decodes all tokens, one after the other. */
  @Benchmark
  public float decodeTokens() {
    CaptureSink sink = CaptureSink.none();
    TraceRecorder recorder = null;
    if (decode.equals("recorded")) {
      recorder =
          new TraceRecorder(
              TraceProfile.standard(DType.F32),
              executor.dimensions(),
              new TraceId(Digest32.sha256()),
              JobSecret.copyOf(new byte[JobSecret.LENGTH]),
              new MemoryTrace());
      sink = recorder;
    }
    float last = 0;
    try (DecodeSession session = executor.openSession(TOKENS, sink)) {
      for (int token : tokens) {
        if (recorder != null) {
          recorder.feed(token);
        }
        last = executor.decodeStep(session, token)[0];
      }
    }
    return last;
  }

  /** Runs the same tokens in one prefill with all logits. */
  @Benchmark
  public int prefillTokens() {
    int[] seen = new int[1];
    executor.prefill(
        tokens,
        new LayerRange(0, executor.dimensions().layers()),
        null,
        CaptureSink.none(),
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return true;
          }

          @Override
          public void accept(int position, float[] logits) {
            seen[0]++;
          }
        });
    return seen[0];
  }
}
