package io.verillm.benchmarks.tensor;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.MerkleTensors;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.RowTensors;
import io.verillm.tensorcommit.TensorCommitmentScheme;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorRoot;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TensorVerdict;
import io.verillm.tensorcommit.TerkleTensors;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.nio.ByteBuffer;
import java.util.List;
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

/** One entry of a committed tensor of 16-bit numbers in rows of 1024: open, verify, change. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TreeBenchmark {
  private static final Digest32 NONCE = Digest32.sha256(new byte[1]);

  @Param({"merkle", "kzg", "terkle-kzg"})
  String scheme;

  /** 2^10, 2^16, and the 1,679,616 of the published example (as 1640 rows and a little). */
  @Param({"1", "64", "1641"})
  int rows;

  private TensorCommitmentScheme subject;
  private CommittedTensor tensor;
  private TensorRoot root;
  private Region entry;
  private TensorOpening opening;
  private byte value;

  /** Commits, and checks that the opening holds. */
  @Setup
  public void prepare() {
    subject = scheme(scheme);
    Shape shape = Shape.of(rows, 1024);
    byte[] bytes = new byte[rows * 2048];
    new Random(3).nextBytes(bytes);
    tensor =
        subject.commit(
            TensorView.of(DType.U16, shape, ByteBuffer.wrap(bytes)), TensorStatement.NONE);
    root = tensor.root();
    entry = Region.entry(rows / 2, 513);
    opening = open();
    if (!verify().verified()) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  static TensorCommitmentScheme scheme(String name) {
    return switch (name) {
      case "merkle" -> new MerkleTensors();
      case "kzg" -> new RowTensors(KzgSetup.ethereum(CurveBackends.best()).scheme(1024));
      case "terkle-kzg" ->
          new TerkleTensors(KzgSetup.ethereum(CurveBackends.best()).scheme(128), 12, 10);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Opens the entry. */
  @Benchmark
  public TensorOpening open() {
    return subject.open(List.of(new OpenRequest(tensor, entry)), NONCE);
  }

  /** Checks the opening, points already decoded. */
  @Benchmark
  public TensorVerdict verify() {
    return subject.verify(List.of(new Claim(root, entry)), NONCE, opening);
  }

  /** Changes the entry. */
  @Benchmark
  public TensorRoot update() {
    tensor.update(entry, new byte[] {value++, 1});
    return tensor.root();
  }
}
