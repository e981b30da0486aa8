package io.verillm.cuda;

import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.KernelArguments;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Canonical arithmetic on the device: the bits of {@link
 * io.verillm.core.canonical.CanonicalKernels}. Operands stay on the device until they are read.
 * Thread-safe; closing it frees every operand.
 */
final class CudaArithmetic implements ArithmeticKernels {
  private static final int FEW_ROWS = 16;
  private static final int ROWS_PER_BLOCK = 4;
  private static final int TILE = 128;
  private static final int THREADS = 256;
  private static final int ATTENTION_BLOCKS = 1024;
  private static final int TURNED_AT_ONCE = 64;

  private final DeviceQueue queue;
  private final String device;
  private final Set<Operand> operands = new HashSet<>();
  private final Scratch scores;
  private final Scratch table;
  private boolean closed;

  CudaArithmetic(DeviceQueue queue, String device) {
    this.queue = queue;
    this.device = device;
    this.scores = new Scratch(queue, false);
    this.table = new Scratch(queue, false);
  }

  /** Memory of one operand. */
  class Operand {
    final long address;
    private boolean freed;

    Operand(long floats) {
      synchronized (queue.lock()) {
        if (closed) {
          throw new IllegalStateException("kernels are closed");
        }
        this.address = queue.allocate(Math.multiplyExact(floats, Float.BYTES));
        operands.add(this);
      }
    }

    CudaArithmetic kernels() {
      return CudaArithmetic.this;
    }

    public void close() {
      synchronized (queue.lock()) {
        if (!freed) {
          freed = true;
          operands.remove(this);
          queue.free(address);
        }
      }
    }

    long live() {
      if (freed) {
        throw new IllegalStateException("operand is closed");
      }
      return address;
    }
  }

  private final class Rows extends Operand implements RowBlock {
    private final int capacity;
    private final int width;

    Rows(int capacity, int width) {
      super((long) capacity * width);
      this.capacity = capacity;
      this.width = width;
    }

    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int width() {
      return width;
    }

    long row(int index) {
      return live() + (long) index * width * Float.BYTES;
    }
  }

  private final class Matrix extends Operand implements WeightMatrix {
    private final int inputs;
    private final int outputs;
    private final boolean biased;

    /** [inputs][outputs], then the bias. */
    Matrix(int inputs, int outputs, boolean biased) {
      super((inputs + (biased ? 1L : 0L)) * outputs);
      this.inputs = inputs;
      this.outputs = outputs;
      this.biased = biased;
    }

    @Override
    public int inputs() {
      return inputs;
    }

    @Override
    public int outputs() {
      return outputs;
    }

    long at(long input) {
      return live() + input * outputs * Float.BYTES;
    }
  }

  private final class Vector extends Operand implements WeightVector {
    private final int length;

    Vector(int length) {
      super(length);
      this.length = length;
    }

    @Override
    public int length() {
      return length;
    }
  }

  @Override
  public String name() {
    return CudaKernels.NAME;
  }

  @Override
  public String arithmetic() {
    return ExecutionClass.CANONICAL_ARITHMETIC;
  }

  @Override
  public String dtype() {
    return "F32";
  }

  @Override
  public String device() {
    return device;
  }

  @Override
  public WeightMatrix matrix(
      int inputs, int outputs, WeightSource source, float @Nullable [] bias) {
    KernelArguments.requireMatrix(inputs, outputs, bias);
    Matrix matrix = new Matrix(inputs, outputs, bias != null);
    // turned on the host in stripes of inputs, so that each stripe is one copy
    float[] turned = new float[Math.multiplyExact(inputs, outputs)];
    float[] stored = new float[Math.multiplyExact(inputs, TURNED_AT_ONCE)];
    for (int first = 0; first < outputs; first += TURNED_AT_ONCE) {
      int count = Math.min(TURNED_AT_ONCE, outputs - first);
      source.read(first, count, stored);
      for (int i = 0; i < inputs; i++) {
        for (int c = 0; c < count; c++) {
          turned[i * outputs + first + c] = stored[c * inputs + i];
        }
      }
    }
    synchronized (queue.lock()) {
      upload(matrix.live(), turned, 0, turned.length);
      if (bias != null) {
        upload(matrix.at(inputs), bias, 0, outputs);
      }
    }
    return matrix;
  }

  @Override
  public WeightVector vector(float[] values) {
    Vector vector = new Vector(values.length);
    synchronized (queue.lock()) {
      upload(vector.live(), values, 0, values.length);
    }
    return vector;
  }

  @Override
  public RowBlock allocate(int capacity, int width) {
    KernelArguments.requireBlock(capacity, width);
    Rows rows = new Rows(capacity, width);
    synchronized (queue.lock()) {
      queue.clear(rows.live(), (long) capacity * width * Float.BYTES);
    }
    return rows;
  }

  @Override
  public void put(float[] values, int offset, RowBlock target, int row) {
    Rows rows = own(target);
    Objects.checkIndex(row, rows.capacity);
    Objects.checkFromIndexSize(offset, rows.width, values.length);
    synchronized (queue.lock()) {
      upload(rows.row(row), values, offset, rows.width);
    }
  }

  @Override
  public void get(RowBlock source, int row, float[] values, int offset) {
    Rows rows = own(source);
    Objects.checkIndex(row, rows.capacity);
    Objects.checkFromIndexSize(offset, rows.width, values.length);
    ByteBuffer bytes = littleEndian(rows.width);
    synchronized (queue.lock()) {
      queue.download(rows.row(row), bytes);
    }
    bytes.clear();
    bytes.asFloatBuffer().get(values, offset, rows.width);
  }

  @Override
  public void getOutput(WeightMatrix matrix, int output, float[] values) {
    Matrix own = own(matrix);
    Objects.checkIndex(output, own.outputs);
    Objects.checkFromIndexSize(0, own.inputs, values.length);
    // a column: gathered on the device as rows of one float
    int[] inputs = new int[own.inputs];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = i;
    }
    ByteBuffer indices =
        ByteBuffer.allocate(inputs.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    indices.asIntBuffer().put(inputs);
    ByteBuffer bytes = littleEndian(own.inputs);
    synchronized (queue.lock()) {
      long packed = table.atLeast(2L * own.inputs * Integer.BYTES);
      long result = packed + (long) own.inputs * Integer.BYTES;
      queue.upload(packed, indices);
      queue.launch(
          "gather_rows",
          own.inputs,
          1,
          32,
          own.live() + (long) output * Float.BYTES,
          (long) own.outputs * Float.BYTES,
          Float.BYTES,
          packed,
          result);
      queue.download(result, bytes);
    }
    bytes.clear();
    bytes.asFloatBuffer().get(values, 0, own.inputs);
  }

  @Override
  public void copy(RowBlock source, int from, RowBlock target, int to, int count) {
    Rows s = own(source);
    Rows t = own(target);
    if (s.width != t.width) {
      throw new IllegalArgumentException("widths " + s.width + " and " + t.width);
    }
    Objects.checkFromIndexSize(from, count, s.capacity);
    Objects.checkFromIndexSize(to, count, t.capacity);
    if (count > 0) {
      synchronized (queue.lock()) {
        queue.copy(t.row(to), s.row(from), (long) count * s.width * Float.BYTES);
      }
    }
  }

  @Override
  public void gemm(RowBlock x, int rows, WeightMatrix w, RowBlock y) {
    Rows from = own(x);
    Matrix matrix = own(w);
    Rows to = own(y);
    KernelArguments.requireGemm(x, rows, w, y);
    long bias = matrix.biased ? matrix.at(matrix.inputs) : 0;
    boolean few = rows < FEW_ROWS;
    int threads = few ? 64 : THREADS;
    run(
        rows,
        few ? "gemm_few_rows" : "gemm_tiles",
        blocks(matrix.outputs, few ? threads : TILE),
        blocks(rows, few ? ROWS_PER_BLOCK : TILE),
        threads,
        from.live(),
        matrix.live(),
        bias,
        to.live(),
        rows,
        matrix.inputs,
        matrix.outputs);
  }

  @Override
  public void rmsNorm(RowBlock x, int rows, WeightVector weight, float epsilon, RowBlock y) {
    Rows from = own(x);
    Vector vector = own(weight);
    Rows to = own(y);
    KernelArguments.requireNorm(x, rows, weight, y);
    run(
        rows,
        "rms_norm",
        Math.multiplyExact(rows, from.width / vector.length),
        1,
        THREADS,
        from.live(),
        to.live(),
        vector.live(),
        vector.length,
        Float.floatToRawIntBits(epsilon));
  }

  @Override
  public void rope(RowBlock x, int rows, int firstPosition, RotaryTable table) {
    Rows own = own(x);
    int headDim = table.headDim();
    KernelArguments.requireRope(x, rows, firstPosition, headDim);
    if (rows == 0) {
      return;
    }
    float[] turns = new float[Math.multiplyExact(rows, headDim)];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(table.row(firstPosition + r), 0, turns, r * headDim, headDim);
    }
    long pairs = (long) rows * own.width / 2;
    synchronized (queue.lock()) {
      long at = this.table.atLeast((long) turns.length * Float.BYTES);
      upload(at, turns, 0, turns.length);
      queue.launch(
          "rope", blocks(pairs, THREADS), 1, THREADS, own.live(), at, own.width, headDim, pairs);
    }
  }

  @Override
  public void swiGlu(RowBlock gate, RowBlock up, int rows, RowBlock y) {
    Rows g = own(gate);
    Rows u = own(up);
    Rows to = own(y);
    KernelArguments.requireSwiGlu(gate, up, rows, y);
    long count = (long) rows * g.width;
    run(rows, "swiglu", blocks(count, THREADS), 1, THREADS, g.live(), u.live(), to.live(), count);
  }

  @Override
  public void add(RowBlock x, int rows, RowBlock delta) {
    Rows to = own(x);
    Rows d = own(delta);
    KernelArguments.requireAdd(x, rows, delta);
    long count = (long) rows * to.width;
    run(rows, "add_rows", blocks(count, THREADS), 1, THREADS, to.live(), d.live(), count);
  }

  @Override
  public void softmax(RowBlock x, int rows, int n) {
    Rows own = own(x);
    KernelArguments.requireSoftmax(x, rows, n);
    run(rows, "softmax", rows, 1, THREADS, own.live(), own.width, n);
  }

  @Override
  public void attention(
      RowBlock queries,
      int rows,
      int firstPosition,
      RowBlock keys,
      RowBlock values,
      int headDim,
      RowBlock out) {
    Rows q = own(queries);
    Rows k = own(keys);
    Rows v = own(values);
    Rows o = own(out);
    KernelArguments.requireAttention(queries, rows, firstPosition, keys, values, headDim, out);
    int heads = q.width / headDim;
    int capacity = firstPosition + rows;
    int blocks = (int) Math.min((long) rows * heads, ATTENTION_BLOCKS);
    float scale = (float) (1.0 / StrictMath.sqrt(headDim));
    synchronized (queue.lock()) {
      long scratch = scores.atLeast((long) blocks * capacity * Float.BYTES);
      run(
          rows,
          "attention",
          blocks,
          1,
          THREADS,
          q.live(),
          k.live(),
          v.live(),
          o.live(),
          scratch,
          capacity,
          rows,
          firstPosition,
          heads,
          k.width / headDim,
          headDim,
          Float.floatToRawIntBits(scale));
    }
  }

  private void run(int rows, String kernel, int gridX, int gridY, int threads, long... arguments) {
    if (rows > 0) {
      synchronized (queue.lock()) {
        queue.launch(kernel, gridX, gridY, threads, arguments);
      }
    }
  }

  private static int blocks(long count, int each) {
    return Math.toIntExact((count + each - 1) / each);
  }

  private void upload(long target, float[] values, int offset, int count) {
    ByteBuffer bytes = littleEndian(count);
    bytes.asFloatBuffer().put(values, offset, count);
    queue.upload(target, bytes);
  }

  private static ByteBuffer littleEndian(int floats) {
    return ByteBuffer.allocate(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private Rows own(RowBlock block) {
    if (Objects.requireNonNull(block, "block") instanceof Rows rows && rows.kernels() == this) {
      return rows;
    }
    throw foreign(block);
  }

  private Matrix own(WeightMatrix matrix) {
    if (Objects.requireNonNull(matrix, "matrix") instanceof Matrix own && own.kernels() == this) {
      return own;
    }
    throw foreign(matrix);
  }

  private Vector own(WeightVector vector) {
    if (Objects.requireNonNull(vector, "vector") instanceof Vector own && own.kernels() == this) {
      return own;
    }
    throw foreign(vector);
  }

  private static IllegalArgumentException foreign(Object operand) {
    return new IllegalArgumentException(
        "operand of another provider: " + operand.getClass().getName());
  }

  @Override
  public void close() {
    synchronized (queue.lock()) {
      if (!closed) {
        closed = true;
        for (Operand operand : Set.copyOf(operands)) {
          operand.close();
        }
        scores.close();
        table.close();
        queue.close();
      }
    }
  }
}
