package io.verillm.benchmarks;

import io.verillm.core.wire.Digest32;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Random;
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

/** SHA-256 of one block, the floor under every commitment. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class HashingBenchmark {
  @Param({"1024", "8192", "1048576"})
  int bytes;

  private byte[] data;
  private byte[] out;
  private MessageDigest digest;

  /** Fills the block. */
  @Setup
  public void prepare() {
    data = new byte[bytes];
    new Random(1).nextBytes(data);
    out = new byte[32];
    digest = Digest32.newSha256();
  }

  /** Hashes the block. */
  @Benchmark
  public byte[] sha256() throws DigestException {
    digest.update(data);
    digest.digest(out, 0, 32);
    return out;
  }
}
