package io.verillm.benchmarks;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.Kernels;
import io.verillm.core.spi.LargestElements;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.RowDifference;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

/**
 * 64 rows of 4096 bfloat16 values, 512 KiB, in host memory, through the interface of kernels. With
 * a device {@code -p provider=java,cuda} sets both side by side, the way there and back included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class KernelsBenchmark {
  private static final int ROWS = 64;
  private static final int WIDTH = 4096;
  private static final int KEPT = 128;
  private static final int OUTPUTS = 64;

  @Param({"java"})
  String provider;

  private Kernels kernels;
  private BufferView rows;
  private BufferView others;
  private int[] indices;

  /** Makes rows, of which the other ones differ in 1 % of their values, and checks the answers. */
  @Setup
  public void prepare() {
    kernels = KernelSelection.load().require(provider);
    Random random = new Random(1);
    byte[] bytes = new byte[ROWS * WIDTH * 2];
    random.nextBytes(bytes);
    byte[] changed = bytes.clone();
    for (int i = 0; i < WIDTH * ROWS / 100; i++) {
      changed[2 * random.nextInt(WIDTH * ROWS)] ^= 1;
    }
    rows = BufferView.ofHost(ByteBuffer.wrap(bytes), ROWS, WIDTH * 2);
    others = BufferView.ofHost(ByteBuffer.wrap(changed), ROWS, WIDTH * 2);
    indices = random.ints(ROWS, 0, ROWS).toArray();
    Kernels java = KernelSelection.load().require("java");
    boolean same =
        Arrays.equals(gatherRows(), java.commitment().gatherRows(rows, indices))
            && Arrays.equals(sketch(), java.comparison().sketch(DType.BF16, rows, 7, OUTPUTS))
            && largest().equals(java.comparison().largest(DType.BF16, rows, KEPT))
            && rowDifference()
                .equals(
                    java.comparison().rowDifference(DType.BF16, rows, others, new int[] {ROWS}));
    if (!same) {
      throw new IllegalStateException("would time a wrong answer of " + provider);
    }
  }

  /** What an opening shows. */
  @Benchmark
  public byte[] gatherRows() {
    return kernels.commitment().gatherRows(rows, indices);
  }

  /** 64 projections of each row. */
  @Benchmark
  public long[] sketch() {
    return kernels.comparison().sketch(DType.BF16, rows, 7, OUTPUTS);
  }

  /** The 128 largest elements of each row. */
  @Benchmark
  public LargestElements largest() {
    return kernels.comparison().largest(DType.BF16, rows, KEPT);
  }

  /** All rows as one segment. */
  @Benchmark
  public List<RowDifference> rowDifference() {
    return kernels.comparison().rowDifference(DType.BF16, rows, others, new int[] {ROWS});
  }
}
