package io.verillm.benchmarks.tensor;

import ethereum.ckzg4844.CKZG4844JNI;
import ethereum.ckzg4844.ProofAndY;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The same row by jc-kzg-4844, for {@link KzgBenchmark}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CkzgBenchmark {
  private byte[] blob16;
  private byte[] blob8;
  private byte[] commitment;
  private byte[] z;
  private ProofAndY opening;

  /** Loads the setup from the text resource of org.web3j:crypto. */
  @Setup
  public void prepare() {
    CKZG4844JNI.loadNativeLibrary();
    CKZG4844JNI.loadTrustedSetupFromResource("/trusted_setup.txt", CkzgBenchmark.class, 0);
    Random random = new Random(1);
    blob16 = new byte[4096 * 32];
    blob8 = new byte[4096 * 32];
    for (int i = 0; i < 4096; i++) {
      blob8[32 * i + 31] = (byte) random.nextInt();
      blob16[32 * i + 30] = (byte) random.nextInt();
      blob16[32 * i + 31] = (byte) random.nextInt();
    }
    z = new byte[32];
    z[28] = 7;
    z[31] = 21;
    commitment = commit16();
    opening = open();
    if (!verify()) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** Commits to 4096 values of 16 bits. */
  @Benchmark
  public byte[] commit16() {
    return CKZG4844JNI.blobToKzgCommitment(blob16);
  }

  /** Commits to 4096 values of 8 bits. */
  @Benchmark
  public byte[] commit8() {
    return CKZG4844JNI.blobToKzgCommitment(blob8);
  }

  /** Opens at a point outside the domain. */
  @Benchmark
  public ProofAndY open() {
    return CKZG4844JNI.computeKzgProof(blob16, z);
  }

  /** Checks one opening. */
  @Benchmark
  public boolean verify() {
    return CKZG4844JNI.verifyKzgProof(commitment, z, opening.getY(), opening.getProof());
  }
}
