package io.verillm.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.sampling.Philox4x32;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every provider of {@link ComparisonKernels} must do: the same value, the same refusal. A
 * provider's test extends this class; one for a device overrides {@link #place}.
 */
public abstract class ComparisonKernelsContract {
  /** The kernels under test. */
  protected abstract ComparisonKernels subject();

  /** Brings rows to where the kernels read them. */
  protected BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
    return BufferView.ofHost(bytes, rows, rowBytes, rowStride);
  }

  private static ByteBuffer randomRows(Random random, int bytes) {
    byte[] raw = new byte[bytes];
    random.nextBytes(raw);
    return ByteBuffer.wrap(raw);
  }

  private static TensorView row(DType dtype, ByteBuffer bytes, int offset, int rowBytes) {
    return TensorView.of(dtype, Shape.of(rowBytes / dtype.bytes()), bytes.slice(offset, rowBytes));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16", "F32"})
  void rowDifference_stridedSegments_equalsTheDefinitionOfEachRow(DType dtype) {
    Random random = new Random(dtype.code());
    for (int width : new int[] {1, 3, 4, 5, 63, 64, 65, 200, 4096}) {
      int rowBytes = width * dtype.bytes();
      int stride = rowBytes + dtype.bytes() * random.nextInt(3);
      int rows = 7;
      ByteBuffer left = randomRows(random, rows * stride);
      ByteBuffer right = ByteBuffer.wrap(left.array().clone());
      for (int change = 0; change < width; change++) {
        right.put(random.nextInt(right.capacity()), (byte) random.nextInt());
      }
      int[] ends = {1, 2, 5, 7};
      var actual =
          subject()
              .rowDifference(
                  dtype,
                  place(left, rows, rowBytes, stride),
                  place(right, rows, rowBytes, stride),
                  ends);
      assertThat(actual).hasSize(ends.length);
      int at = 0;
      for (int segment = 0; segment < ends.length; segment++) {
        RowDifference expected = RowDifference.none();
        for (; at < ends[segment]; at++) {
          expected =
              expected.plus(
                  RowDifference.defineCompare(
                      row(dtype, left, at * stride, rowBytes),
                      row(dtype, right, at * stride, rowBytes)));
        }
        assertThat(actual.get(segment)).isEqualTo(expected);
      }
    }
  }

  @Test
  void rowDifference_noRows_givesNoSegment() {
    BufferView none = place(ByteBuffer.allocate(0), 0, 2, 2);
    assertThat(subject().rowDifference(DType.BF16, none, none, new int[0])).isEmpty();
  }

  @Test
  void rowDifference_badSegmentsShapesOrTypes_areRefused() {
    BufferView rows = place(ByteBuffer.allocate(12), 3, 4, 4);
    for (int[] ends : new int[][] {{}, {2}, {4}, {0, 3}, {2, 2, 3}, {2, 1, 3}, {-1, 3}, {3, 4}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> subject().rowDifference(DType.BF16, rows, rows, ends));
    }
    int[] ends = {3};
    BufferView fewer = place(ByteBuffer.allocate(12), 2, 4, 4);
    BufferView wider = place(ByteBuffer.allocate(18), 3, 6, 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().rowDifference(DType.BF16, rows, fewer, ends));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().rowDifference(DType.BF16, rows, wider, ends));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().rowDifference(DType.F32, wider, wider, ends));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().rowDifference(DType.I16, rows, rows, ends));
  }

  @Test
  void sketch_wideRow_equalsIndependentlyComputedValues() {
    // Computed in Python integers, Philox included.
    float[] values = new float[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((i * 37) % 101 - 50) / 8f;
    }
    ByteBuffer bytes = FloatTensors.ofFloats(DType.F32, Shape.of(300), values).bytes();
    long[] sketch =
        subject().sketch(DType.F32, place(bytes, 1, 1200, 1200), 0x0123456789ABCDEFL, 8);
    assertThat(sketch).hasSize(8);
    assertThat(new long[] {sketch[0], sketch[1], sketch[2], sketch[7]})
        .containsExactly(-4767744, 114688, -2146304, 7684096);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16", "F32"})
  void sketch_anyBits_equalsThePlainSum(DType dtype) {
    Random random = new Random(40 + dtype.code());
    for (int width : new int[] {1, 31, 32, 33, 127, 128, 129, 500}) {
      int rowBytes = width * dtype.bytes();
      ByteBuffer bytes = randomRows(random, 3 * rowBytes + 4);
      long key = random.nextLong();
      long[] actual = subject().sketch(dtype, place(bytes, 3, rowBytes, rowBytes), key, 5);
      for (int r = 0; r < 3; r++) {
        float[] values = FloatTensors.toFloats(row(dtype, bytes, r * rowBytes, rowBytes));
        for (int j = 0; j < 5; j++) {
          assertThat(actual[r * 5 + j]).isEqualTo(plainSketch(values, key, j));
        }
      }
    }
  }

  private static long plainSketch(float[] values, long key, int output) {
    BigInteger sum = BigInteger.ZERO;
    int[] words = new int[4];
    for (int i = 0; i < values.length; i++) {
      BigInteger fixed = fixed(values[i]);
      Philox4x32.block(i / 128, output, 0, 2, (int) key, (int) (key >>> 32), words, 0);
      boolean negative = (words[i / 32 % 4] >>> i % 32 & 1) == 1;
      sum = negative ? sum.subtract(fixed) : sum.add(fixed);
    }
    return sum.longValueExact();
  }

  private static BigInteger fixed(float value) {
    BigInteger limit = BigInteger.valueOf(Integer.MAX_VALUE);
    if (Float.isNaN(value)) {
      return BigInteger.ZERO;
    }
    if (Float.isInfinite(value)) {
      return value > 0 ? limit : limit.negate();
    }
    return new BigDecimal(value)
        .multiply(BigDecimal.valueOf(65536))
        .setScale(0, RoundingMode.HALF_EVEN)
        .toBigInteger()
        .min(limit)
        .max(limit.negate());
  }

  @Test
  void sketch_edgeValues_followTheRounding() {
    float[] values = {
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      1e30f,
      -1e30f,
      0x1p-17f,
      0x1.8p-16f,
      -0x1p-17f,
      32767.998f,
      32768f,
      Float.MIN_VALUE,
      -0f
    };
    for (float value : values) {
      ByteBuffer bytes =
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).flip();
      long[] sketch = subject().sketch(DType.F32, place(bytes, 1, 4, 4), 77, 16);
      for (int j = 0; j < 16; j++) {
        assertThat(sketch[j]).as("%s", value).isEqualTo(plainSketch(new float[] {value}, 77, j));
      }
    }
  }

  @Test
  void sketch_manyOutputs_estimateTheSquaredDistance() {
    Random random = new Random(3);
    float[] left = new float[256];
    float[] right = new float[256];
    double distance = 0;
    for (int i = 0; i < left.length; i++) {
      left[i] = (float) random.nextGaussian();
      right[i] = left[i] + (float) random.nextGaussian() / 16;
      distance += Math.pow((double) left[i] - right[i], 2);
    }
    int outputs = 2000;
    BufferView rows =
        place(FloatTensors.ofFloats(DType.F32, Shape.of(256), left).bytes(), 1, 1024, 1024);
    BufferView others =
        place(FloatTensors.ofFloats(DType.F32, Shape.of(256), right).bytes(), 1, 1024, 1024);
    long[] a = subject().sketch(DType.F32, rows, 9, outputs);
    long[] b = subject().sketch(DType.F32, others, 9, outputs);
    double estimate = 0;
    for (int j = 0; j < outputs; j++) {
      estimate += Math.pow(a[j] - b[j], 2) / outputs * 0x1p-32;
    }
    // relative standard error is below sqrt(2 / outputs) = 3.2 %; allow five of them
    assertThat(estimate / distance).isBetween(0.84, 1.16);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, ComparisonKernels.MAX_SKETCH + 1})
  void sketch_outputsOutOfRange_areRefused(int outputs) {
    BufferView rows = place(ByteBuffer.allocate(4), 1, 4, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().sketch(DType.BF16, rows, 1, outputs));
    BufferView odd = place(ByteBuffer.allocate(3), 1, 3, 3);
    assertThatIllegalArgumentException().isThrownBy(() -> subject().sketch(DType.BF16, odd, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> subject().sketch(DType.U8, odd, 1, 1));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16", "F32"})
  void largest_anyBits_equalsRepeatedSearch(DType dtype) {
    Random random = new Random(60 + dtype.code());
    for (int width : new int[] {1, 2, 31, 64, 65, 257, 1500}) {
      int rowBytes = width * dtype.bytes();
      int rows = 3;
      ByteBuffer bytes = randomRows(random, rows * rowBytes);
      if (width > 2) {
        // many equal magnitudes of either sign, so that ties decide
        for (int i = 0; i < bytes.capacity(); i++) {
          bytes.put(i, (byte) (bytes.get(i) & (random.nextInt(4) == 0 ? 0x80 : 0x81)));
        }
      }
      for (int count : new int[] {1, Math.min(width, 7), Math.min(width, 128)}) {
        LargestElements actual =
            subject().largest(dtype, place(bytes, rows, rowBytes, rowBytes), count);
        assertThat(actual.rows()).isEqualTo(rows);
        assertThat(actual.count()).isEqualTo(count);
        for (int r = 0; r < rows; r++) {
          int[] bits = bits(dtype, bytes.slice(r * rowBytes, rowBytes));
          boolean[] taken = new boolean[width];
          for (int rank = 0; rank < count; rank++) {
            int best = -1;
            for (int i = 0; i < width; i++) {
              if (!taken[i]
                  && (best < 0 || magnitude(dtype, bits[i]) > magnitude(dtype, bits[best]))) {
                best = i;
              }
            }
            taken[best] = true;
            assertThat(actual.place(r, rank)).as("row %d rank %d", r, rank).isEqualTo(best);
            assertThat(actual.bits(r, rank)).isEqualTo(bits[best]);
          }
        }
      }
    }
  }

  private static int[] bits(DType dtype, ByteBuffer row) {
    ByteBuffer little = row.order(ByteOrder.LITTLE_ENDIAN);
    int[] bits = new int[row.limit() / dtype.bytes()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = dtype.bytes() == 4 ? little.getInt(4 * i) : little.getShort(2 * i) & 0xFFFF;
    }
    return bits;
  }

  private static int magnitude(DType dtype, int bits) {
    return bits & (dtype.bytes() == 4 ? 0x7FFFFFFF : 0x7FFF);
  }

  @Test
  void largest_countsOutOfRange_areRefused() {
    BufferView rows = place(ByteBuffer.allocate(8), 2, 4, 4);
    for (int count : new int[] {0, -1, 3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> subject().largest(DType.BF16, rows, count));
    }
    BufferView wide = place(ByteBuffer.allocate(2 * 2000), 1, 4000, 4000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().largest(DType.BF16, wide, ComparisonKernels.MAX_LARGEST + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> subject().largest(DType.U8, rows, 1));
  }
}
