package io.verillm.cuda;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernels.RowBlock;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.KernelProvider.Probe;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.Kernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A program that compares every kernel of the device with plain Java on fresh random inputs, NaN
 * payloads and infinities among them, each output poisoned before. Prints the seed; the same seed
 * gives the same inputs. Ends with 0 if all agree, 1 if one differs, 4 without a device.
 *
 * <p>Arguments: rounds, largest width, and optionally a seed.
 */
final class DeviceCheck {
  private static final int OK = 0;
  private static final int DIFFERS = 1;
  private static final int NO_DEVICE = 4;

  private final Random random;
  private final Kernels java;
  private final Kernels cuda;
  private final int mostWidth;
  private int comparisons;

  private DeviceCheck(Random random, Kernels java, Kernels cuda, int mostWidth) {
    this.random = random;
    this.java = java;
    this.cuda = cuda;
    this.mostWidth = mostWidth;
  }

  public static void main(String[] arguments) {
    KernelSelection selection = KernelSelection.load();
    if (selection.probe("cuda") instanceof Probe.Unusable unusable) {
      System.err.println("no device to check: " + unusable.why());
      System.exit(NO_DEVICE);
    }
    int rounds = Integer.parseInt(arguments[0]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : new Random().nextLong();
    System.out.println("seed " + seed + " on " + selection.require("cuda"));
    CudaDriver driver = CudaDriver.open();
    Random random = new Random(seed);
    int comparisons = 0;
    try {
      for (int i = 0; i < rounds; i++) {
        // new scratch memory each time, so that every output starts poisoned
        CudaKernels cuda =
            new CudaKernels(
                new PoisoningQueue(driver.openQueue(false)),
                () -> new PoisoningQueue(driver.openQueue(false)));
        DeviceCheck check =
            new DeviceCheck(
                random, selection.require("java"), cuda, Integer.parseInt(arguments[1]));
        check.round();
        comparisons += check.comparisons;
        cuda.close();
      }
    } catch (AssertionError | RuntimeException e) {
      System.err.println("FAILED (seed " + seed + "): " + e);
      System.exit(DIFFERS);
    }
    System.out.println(comparisons + " comparisons, every bit equal");
    System.exit(OK);
  }

  private void round() {
    DType dtype = List.of(DType.BF16, DType.F16, DType.F32).get(random.nextInt(3));
    int rows = 1 + random.nextInt(40);
    int width = 1 + random.nextInt(mostWidth);
    ByteBuffer bytes = randomBytes(rows * width * dtype.bytes());
    ByteBuffer changed = ByteBuffer.wrap(bytes.array().clone());
    for (int i = random.nextInt(1 + rows * width); i > 0; i--) {
      changed.array()[random.nextInt(changed.capacity())] ^= (byte) (1 << random.nextInt(8));
    }
    BufferView x = BufferView.ofHost(bytes, rows, width * dtype.bytes());
    BufferView y = BufferView.ofHost(changed, rows, width * dtype.bytes());
    String what = rows + " rows of " + width + " " + dtype;
    int cut = 1 + random.nextInt(rows);
    int[] segments = cut == rows ? new int[] {rows} : new int[] {cut, rows};
    same(
        "row_difference, " + what,
        java.comparison().rowDifference(dtype, x, y, segments),
        cuda.comparison().rowDifference(dtype, x, y, segments));
    int outputs = 1 + random.nextInt(130);
    long key = random.nextLong();
    same(
        "sketch_rows, " + what + ", " + outputs + " outputs",
        Arrays.hashCode(java.comparison().sketch(dtype, x, key, outputs)),
        Arrays.hashCode(cuda.comparison().sketch(dtype, x, key, outputs)));
    int count = 1 + random.nextInt(Math.min(width, 1024));
    same(
        "largest_elements, " + what + ", " + count + " kept",
        java.comparison().largest(dtype, x, count),
        cuda.comparison().largest(dtype, x, count));
    commitment();
    try (ArithmeticKernels expected = CanonicalKernels.singleThreaded();
        ArithmeticKernels actual = cuda.openArithmetic()) {
      long seed = random.nextLong();
      same("arithmetic", arithmetic(expected, seed), arithmetic(actual, seed));
    }
  }

  private void commitment() {
    int width = 2 * (1 + random.nextInt(mostWidth));
    TraceLayout layout =
        TraceLayout.of(
            TraceProfile.standard(random.nextBoolean() ? DType.BF16 : DType.F32),
            new ModelDimensions(1 + random.nextInt(6), width, width, 2, 2, 64));
    int positions = 1 + random.nextInt(9);
    List<BufferView> views = new ArrayList<>();
    for (TraceLayout.Row row : layout.rows()) {
      views.add(
          BufferView.ofHost(randomBytes(positions * row.rowBytes()), positions, row.rowBytes()));
    }
    byte[] salts = randomBytes(positions * layout.leavesPerToken() * ChunkLeaf.SALT_BYTES).array();
    int first = random.nextInt(50);
    same(
        "commit_tokens, " + positions + " tokens of " + layout.leavesPerToken() + " leaves",
        java.commitment().commitRows(layout, first, views, salts),
        cuda.commitment().commitRows(layout, first, views, salts));
  }

  /** Bits of what a product, norms, element functions and attention leave of random rows. */
  private String arithmetic(ArithmeticKernels kernels, long seed) {
    Random values = new Random(seed);
    int rows = 1 + values.nextInt(40);
    int headDim = 2 * (1 + values.nextInt(32));
    int groups = 1 + values.nextInt(3);
    int heads = groups * (1 + values.nextInt(3));
    int width = heads * headDim;
    try (RowBlock x = filled(kernels, values, rows, width);
        RowBlock y = filled(kernels, values, rows, width);
        RowBlock keys = filled(kernels, values, rows, groups * headDim);
        RowBlock cached = filled(kernels, values, rows, groups * headDim);
        var weight = kernels.vector(floats(values, width));
        var w =
            kernels.matrix(
                width,
                width,
                (first, count, into) -> {
                  for (int o = 0; o < count; o++) {
                    float[] row = floats(new Random(first + o), width);
                    System.arraycopy(row, 0, into, o * width, width);
                  }
                },
                floats(values, width))) {
      kernels.gemm(x, rows, w, y);
      kernels.rmsNorm(y, rows, weight, 1e-5f, x);
      kernels.attention(x, rows, 0, keys, cached, headDim, y);
      kernels.swiGlu(y, x, rows, x);
      kernels.add(x, rows, y);
      kernels.softmax(y, rows, width);
      kernels.add(x, rows, y);
      StringBuilder bits = new StringBuilder();
      float[] row = new float[width];
      for (int r = 0; r < rows; r++) {
        kernels.get(x, r, row, 0);
        bits.append(Arrays.hashCode(row)).append(' ');
      }
      return bits.toString();
    }
  }

  private static RowBlock filled(ArithmeticKernels kernels, Random random, int rows, int width) {
    RowBlock block = kernels.allocate(rows, width);
    for (int r = 0; r < rows; r++) {
      kernels.put(floats(random, width), 0, block, r);
    }
    return block;
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private ByteBuffer randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private void same(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError(what + ": java " + expected + ", cuda " + actual);
    }
    comparisons++;
  }
}
