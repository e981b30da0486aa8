package io.verillm.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.RopeScaling;
import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ArithmeticKernels.RowBlock;
import io.verillm.core.spi.ArithmeticKernels.WeightMatrix;
import io.verillm.core.spi.ArithmeticKernels.WeightSource;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every provider of canonical arithmetic must do: the bits of {@link CanonicalKernels} on one
 * thread, and its refusals.
 */
public abstract class ArithmeticKernelsContract {
  private final ArithmeticKernels reference = CanonicalKernels.singleThreaded();
  private ArithmeticKernels subject;

  /** Opens the kernels under test. */
  protected abstract ArithmeticKernels open();

  @BeforeEach
  void openSubject() {
    subject = open();
  }

  @AfterEach
  void closeSubject() {
    subject.close();
  }

  /** Magnitudes from subnormal to large, both signs, both zeros, all finite. */
  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(16)) {
            case 0 -> random.nextBoolean() ? 0f : -0f;
            case 1 -> (float) random.nextGaussian() * 0x1p-130f;
            case 2 -> (float) random.nextGaussian() * 100;
            default -> (float) random.nextGaussian();
          };
    }
    return values;
  }

  private static RowBlock block(ArithmeticKernels kernels, int capacity, int width, long seed) {
    RowBlock block = kernels.allocate(capacity, width);
    float[] values = values(capacity * width, seed);
    for (int r = 0; r < capacity; r++) {
      kernels.put(values, r * width, block, r);
    }
    return block;
  }

  private static int[] bits(ArithmeticKernels kernels, RowBlock block) {
    float[] row = new float[block.width()];
    int[] bits = new int[block.capacity() * block.width()];
    for (int r = 0; r < block.capacity(); r++) {
      kernels.get(block, r, row, 0);
      for (int i = 0; i < row.length; i++) {
        bits[r * row.length + i] = Float.floatToRawIntBits(row[i]);
      }
    }
    return bits;
  }

  /** Runs one operation with both and compares every row of the block it returns. */
  private void same(BiFunction<ArithmeticKernels, String, RowBlock> operation, String what) {
    RowBlock actual = operation.apply(subject, what);
    assertThat(bits(subject, actual))
        .as(what)
        .isEqualTo(bits(reference, operation.apply(reference, what)));
  }

  private static WeightSource source(float[] weights, int inputs) {
    return (first, count, into) ->
        System.arraycopy(weights, first * inputs, into, 0, count * inputs);
  }

  @Test
  void names_sayCanonicalArithmetic() {
    assertThat(subject.arithmetic()).isEqualTo(ExecutionClass.CANONICAL_ARITHMETIC);
    assertThat(subject.dtype()).isEqualTo("F32");
    assertThat(subject.name()).isNotEmpty();
    assertThat(subject.device()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,3,7",
    "1,64,256",
    "1,65,257",
    "2,5,33",
    "3,16,64",
    "4,17,65",
    "5,40,129",
    "17,33,65",
    "64,8,128",
    "65,31,127",
    "129,70,130"
  })
  void gemm_anyShape_givesTheSameBits(int rows, int inputs, int outputs) {
    float[] weights = values(inputs * outputs, 1);
    for (float[] bias : new float[][] {null, values(outputs, 2)}) {
      same(
          (kernels, what) -> {
            WeightMatrix w = kernels.matrix(inputs, outputs, source(weights, inputs), bias);
            RowBlock y = block(kernels, rows + 1, outputs, 3);
            kernels.gemm(block(kernels, rows, inputs, 4), rows, w, y);
            return y;
          },
          rows + "x" + inputs + "x" + outputs);
    }
  }

  @Test
  void gemm_oneRowOrMany_givesTheSameRow() {
    float[] weights = values(48 * 70, 1);
    WeightMatrix w = subject.matrix(48, 70, source(weights, 48), null);
    RowBlock many = subject.allocate(40, 70);
    subject.gemm(block(subject, 40, 48, 4), 40, w, many);
    RowBlock one = subject.allocate(1, 70);
    subject.gemm(block(subject, 40, 48, 4), 1, w, one);
    float[] first = new float[70];
    float[] alone = new float[70];
    subject.get(many, 0, first, 0);
    subject.get(one, 0, alone, 0);
    assertThat(alone).isEqualTo(first);
  }

  @Test
  void getOutput_anyOutput_returnsItsWeights() {
    float[] weights = values(12 * 35, 1);
    WeightMatrix w = subject.matrix(12, 35, source(weights, 12), null);
    assertThat(w.inputs()).isEqualTo(12);
    assertThat(w.outputs()).isEqualTo(35);
    for (int output : new int[] {0, 1, 31, 32, 34}) {
      float[] row = new float[12];
      subject.getOutput(w, output, row);
      assertThat(row)
          .isEqualTo(java.util.Arrays.copyOfRange(weights, output * 12, output * 12 + 12));
    }
    assertThatThrownBy(() -> subject.getOutput(w, 35, new float[12]))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void copy_partOfABlock_movesWholeRows() {
    same(
        (kernels, what) -> {
          RowBlock target = block(kernels, 6, 5, 1);
          kernels.copy(block(kernels, 4, 5, 2), 1, target, 3, 2);
          kernels.copy(block(kernels, 4, 5, 2), 0, target, 0, 0);
          return target;
        },
        "copy");
    RowBlock a = subject.allocate(2, 3);
    RowBlock other = subject.allocate(2, 4);
    assertThatIllegalArgumentException().isThrownBy(() -> subject.copy(a, 0, other, 0, 1));
    assertThatThrownBy(() -> subject.copy(a, 1, subject.allocate(2, 3), 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> subject.put(new float[3], 0, a, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> subject.put(new float[3], 1, a, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> subject.get(a, -1, new float[3], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 31, 64, 100, 129, 600})
  void rmsNorm_wholeRowsOrHeads_givesTheSameBits(int length) {
    for (int parts : new int[] {1, 3}) {
      same(
          (kernels, what) -> {
            RowBlock y = block(kernels, 4, length * parts, 1);
            kernels.rmsNorm(
                block(kernels, 4, length * parts, 2),
                3,
                kernels.vector(values(length, 3)),
                1e-5f,
                y);
            return y;
          },
          length + " in " + parts);
    }
  }

  @Test
  void rmsNorm_inPlaceAndEpsilonZero_givesTheSameBits() {
    same(
        (kernels, what) -> {
          RowBlock x = block(kernels, 2, 48, 2);
          kernels.rmsNorm(x, 2, kernels.vector(values(48, 3)), 0f, x);
          return x;
        },
        "in place");
  }

  @ParameterizedTest
  @CsvSource({"2,1,0", "8,3,5", "64,2,1000", "128,1,0"})
  void rope_anyHead_givesTheSameBits(int headDim, int heads, int firstPosition) {
    RotaryTable table = RotaryTable.of(new RopeScaling.Unscaled(), 10000, headDim);
    same(
        (kernels, what) -> {
          RowBlock x = block(kernels, 5, heads * headDim, 1);
          kernels.rope(x, 4, firstPosition, table);
          return x;
        },
        "rope");
  }

  @Test
  void elementwise_anyValues_givesTheSameBits() {
    for (int width : new int[] {1, 3, 257}) {
      same(
          (kernels, what) -> {
            RowBlock y = block(kernels, 3, width, 1);
            kernels.swiGlu(block(kernels, 3, width, 2), block(kernels, 3, width, 3), 2, y);
            kernels.add(y, 2, block(kernels, 3, width, 5));
            return y;
          },
          "width " + width);
    }
    same(
        (kernels, what) -> {
          RowBlock gate = kernels.allocate(1, 12);
          float[] far = {
            -200f, -89f, -88.73f, -87.4f, -87.33f, 0f, -0f, 87f, 88.7f, 88.73f, 150f, 1e30f
          };
          kernels.put(far, 0, gate, 0);
          kernels.swiGlu(gate, block(kernels, 1, 12, 9), 1, gate);
          return gate;
        },
        "in place, far values");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "5,5", "33,20", "300,257", "700,700"})
  void softmax_firstElements_givesTheSameBits(int width, int n) {
    same(
        (kernels, what) -> {
          RowBlock x = block(kernels, 4, width, 8);
          kernels.softmax(x, 3, n);
          return x;
        },
        n + " of " + width);
  }

  @ParameterizedTest
  @CsvSource({
    "1,0,1,1,2",
    "1,9,2,1,8",
    "3,0,2,2,4",
    "5,4,4,2,16",
    "13,0,3,1,8",
    "20,7,2,1,32",
    "1,300,1,1,4"
  })
  void attention_rowsAndBlocks_givesTheSameBits(
      int rows, int firstPosition, int heads, int groups, int headDim) {
    same(
        (kernels, what) -> {
          int cached = firstPosition + rows;
          RowBlock out = block(kernels, rows + 1, heads * headDim, 1);
          kernels.attention(
              block(kernels, rows, heads * headDim, 2),
              rows,
              firstPosition,
              block(kernels, cached + 2, groups * headDim, 3),
              block(kernels, cached + 2, groups * headDim, 4),
              headDim,
              out);
          return out;
        },
        "attention");
  }

  @Test
  void anyOperation_shapesThatDoNotFit_areRefused() {
    RowBlock narrow = subject.allocate(2, 3);
    RowBlock wide = subject.allocate(2, 4);
    float[] weights = new float[12];
    WeightMatrix w = subject.matrix(3, 4, source(weights, 3), null);
    refused(() -> subject.gemm(wide, 1, w, wide));
    refused(() -> subject.gemm(narrow, 1, w, narrow));
    refused(() -> subject.gemm(narrow, 3, w, wide));
    refused(() -> subject.gemm(narrow, -1, w, wide));
    refused(() -> subject.matrix(0, 1, source(weights, 1), null));
    refused(() -> subject.matrix(3, 4, source(weights, 3), new float[3]));
    refused(() -> subject.matrix(3, 4, source(weights, 3), new float[0]));
    refused(() -> subject.allocate(0, 1));
    refused(() -> subject.allocate(1, 0));
    refused(() -> subject.rmsNorm(wide, 1, subject.vector(new float[3]), 0, wide));
    refused(() -> subject.rmsNorm(wide, 1, subject.vector(new float[4]), 0, narrow));
    RotaryTable table = RotaryTable.of(new RopeScaling.Unscaled(), 10000, 4);
    refused(() -> subject.rope(narrow, 1, 0, table));
    refused(() -> subject.rope(wide, 1, -1, table));
    refused(() -> subject.rope(wide, 3, 0, table));
    refused(() -> subject.swiGlu(narrow, wide, 1, narrow));
    refused(() -> subject.add(narrow, 1, wide));
    refused(() -> subject.add(narrow, 3, narrow));
    refused(() -> subject.softmax(narrow, 1, 0));
    refused(() -> subject.softmax(narrow, 1, 4));
    refused(() -> subject.softmax(narrow, 3, 1));
    refused(() -> subject.attention(wide, 1, 0, wide, wide, 3, wide));
    refused(() -> subject.attention(wide, 1, 0, wide, wide, 0, wide));
    refused(() -> subject.attention(wide, 1, 0, wide, narrow, 4, wide));
    refused(() -> subject.attention(wide, 1, 0, wide, wide, 4, narrow));
    refused(() -> subject.attention(wide, 1, 2, wide, wide, 4, wide));
    refused(() -> subject.attention(wide, 1, -1, wide, wide, 4, wide));
  }

  @Test
  void anyOperation_operandOfAnotherProvider_isRefused() {
    RowBlock foreign =
        new RowBlock() {
          @Override
          public int capacity() {
            return 2;
          }

          @Override
          public int width() {
            return 4;
          }

          @Override
          public void close() {}
        };
    RowBlock own = subject.allocate(2, 4);
    refused(() -> subject.add(own, 1, foreign));
    refused(() -> subject.add(foreign, 1, own));
    refused(() -> subject.put(new float[4], 0, foreign, 0));
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call);
  }
}
