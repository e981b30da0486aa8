package io.verillm.benchmarks;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

/** Integer comparison of two rows of 16-bit floats; pairs divided by the time is the rate. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class RowDifferenceBenchmark {
  @Param({"4096", "1048576"})
  int elements;

  /** Share of elements that differ by one unit in the last place, in thousandths. */
  @Param({"0", "10", "1000"})
  int perMille;

  /** Random bits on both sides instead. */
  @Param("false")
  boolean anyBits;

  private TensorView claimed;
  private TensorView rerun;

  /** Makes the rows and checks that fast form and definition agree. */
  @Setup
  public void prepare() {
    Random random = new Random(1);
    ByteBuffer one = ByteBuffer.allocate(2 * elements).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer other = ByteBuffer.allocate(2 * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      short bits = (short) (0x3F80 + random.nextInt(128));
      if (anyBits) {
        one.putShort((short) random.nextInt());
        other.putShort((short) random.nextInt());
        continue;
      }
      one.putShort(bits);
      other.putShort((short) (random.nextInt(1000) < perMille ? bits ^ 1 : bits));
    }
    claimed = TensorView.of(DType.BF16, Shape.of(elements), one.flip());
    rerun = TensorView.of(DType.BF16, Shape.of(elements), other.flip());
    if (!swar().equals(definition())) {
      throw new IllegalStateException("would time a wrong answer");
    }
  }

  /** The form that is used. */
  @Benchmark
  public RowDifference swar() {
    return RowDifference.compare(claimed, rerun);
  }

  /** The loop that defines it. */
  @Benchmark
  public RowDifference definition() {
    return RowDifference.defineCompare(claimed, rerun);
  }
}
