package io.verillm.benchmarks.tensor;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.GridTensors;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TensorVerdict;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.InsecureSetup;
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

/** One multilinear polynomial of twelve variables: commit, open one entry, verify. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class MultilinearBenchmark {
  private static final Digest32 NONCE = Digest32.sha256(new byte[1]);

  @Param({"blst", "java"})
  String backend;

  private GridTensors scheme;
  private TensorView tensor;
  private CommittedTensor committed;
  private Region entry;
  private TensorOpening opening;

  /** Makes an insecure setup, and checks that the opening holds. */
  @Setup
  public void prepare() {
    Shape shape = Shape.of(4, 1024);
    scheme =
        GridTensors.multilinear(
            InsecureSetup.generate(
                    GridTensors.dimensions(shape, true),
                    new byte[16],
                    CurveBackends.require(backend))
                .scheme(),
            shape);
    byte[] bytes = new byte[8192];
    new Random(3).nextBytes(bytes);
    tensor = TensorView.of(DType.U16, shape, ByteBuffer.wrap(bytes));
    committed = commit();
    entry = Region.entry(2, 513);
    opening = open();
    if (!verify().verified()) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** Commits to 4096 values of 16 bits. */
  @Benchmark
  public CommittedTensor commit() {
    return scheme.commit(tensor, TensorStatement.NONE);
  }

  /** Opens an entry, which is a Boolean point. */
  @Benchmark
  public TensorOpening open() {
    return scheme.open(List.of(new OpenRequest(committed, entry)), NONCE);
  }

  /** Checks the opening. */
  @Benchmark
  public TensorVerdict verify() {
    return scheme.verify(List.of(new Claim(committed.root(), entry)), NONCE, opening);
  }
}
