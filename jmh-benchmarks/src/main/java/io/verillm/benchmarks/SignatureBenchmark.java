package io.verillm.benchmarks;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

/** Reading one receipt from bytes, and the VRF proof that it carries. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class SignatureBenchmark {
  /** Job folder with a receipt, relative to the working directory. */
  @Param({"examples/consumer/job"})
  String job;

  private final SigningKey key = SigningKey.fromSeed(new byte[32]);
  private byte[] receipt;
  private Digest32 order;
  private SeedProof proof;

  /** Reads the receipt and checks that what is timed holds. */
  @Setup
  public void prepare() throws MalformedMessageException {
    try {
      receipt = Files.readAllBytes(Path.of(job, "receipt.cose"));
    } catch (IOException e) {
      throw new UncheckedIOException("run from the project's root", e);
    }
    order = Digest32.sha256(new byte[] {1});
    proof = SeedProof.prove(key, order);
    if (decodeAndVerifyReceipt() == null || verifySeedProof().isEmpty()) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** Decodes envelope and payload and checks the signature. */
  @Benchmark
  public Receipt decodeAndVerifyReceipt() throws MalformedMessageException {
    SignedMessage message = SignedMessage.decode(receipt);
    if (!message.verify("demo")) {
      throw new IllegalStateException("the signature must hold");
    }
    return Receipt.decode(message.payload());
  }

  /** ECVRF verification (RFC 9381). */
  @Benchmark
  public Optional<SamplingSeed> verifySeedProof() {
    return proof.seed(key.verifyingKey(), order);
  }

  /** ECVRF proving. */
  @Benchmark
  public SeedProof proveSeed() {
    return SeedProof.prove(key, order);
  }
}
