package io.verillm.benchmarks.network;

import io.verillm.core.wire.MonotonicCounter;
import io.verillm.core.wire.RecordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Appends a record of the size of a commitment to a party's journal. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(2)
public class JournalBenchmark {
  private static final int BYTES = 256;

  @Param({"true", "false"})
  boolean forced;

  private Path folder;
  private RecordFile file;
  private final byte[] record = new byte[BYTES];

  /** Starts an empty file, so that its size stays bounded. */
  @Setup(Level.Iteration)
  public void open() throws Exception {
    folder = Files.createTempDirectory("verillm-journal");
    file =
        RecordFile.open(
            folder.resolve("journal"), BYTES, MonotonicCounter.none(), (payload, offset) -> {});
  }

  /** Appends. */
  @Benchmark
  public long append() throws IOException {
    if (forced) {
      file.append(record);
    } else {
      file.appendUnforced(record);
    }
    return file.records();
  }

  /** Removes the file. */
  @TearDown(Level.Iteration)
  public void close() throws IOException {
    file.close();
    Files.delete(folder.resolve("journal"));
    Files.delete(folder);
  }
}
