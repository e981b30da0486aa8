package io.verillm.core.canonical;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalGemmTest {
  static float[][] random(int rows, int columns, long seed) {
    Random random = new Random(seed);
    float[][] result = new float[rows][columns];
    for (float[] row : result) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return result;
  }

  static long crc(float[][] rows) {
    CRC32 crc = new CRC32();
    for (float[] row : rows) {
      for (float value : row) {
        int bits = Float.floatToRawIntBits(value);
        crc.update(bits & 0xff);
        crc.update(bits >>> 8 & 0xff);
        crc.update(bits >>> 16 & 0xff);
        crc.update(bits >>> 24);
      }
    }
    return crc.getValue();
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,3,7",
    "1,4,8",
    "2,3,16",
    "3,5,17",
    "2,24,1024",
    "3,25,1025",
    "1,97,1023",
    "7,49,33"
  })
  void multiply_anyShape_equalsDefinitionBitForBit(int rows, int depth, int columns) {
    float[][] x = random(rows, depth, 1);
    float[][] w = random(depth, columns, 2);
    float[][] expected = new float[rows][columns];
    CanonicalGemm.define(x, rows, w, expected);

    float[][] fast = random(rows, columns, 3);
    CanonicalGemm.multiply(x, 0, rows, w, depth, fast, 0, columns);
    assertThat(fast).isDeepEqualTo(expected);

    float[][] turned = new float[depth][rows + 2];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < depth; k++) {
        turned[k][r + 2] = x[r][k];
      }
    }
    float[][] fromTurned = random(rows, columns, 4);
    CanonicalGemm.multiplyTransposed(turned, 2, rows, w, depth, fromTurned, 0, columns);
    assertThat(fromTurned).isDeepEqualTo(expected);
  }

  @Test
  void multiply_partOfTheColumns_leavesTheOthersAlone() {
    float[][] x = random(3, 10, 1);
    float[][] w = random(10, 40, 2);
    float[][] expected = new float[3][40];
    CanonicalGemm.define(x, 3, w, expected);
    float[][] y = new float[3][40];
    CanonicalGemm.multiply(x, 0, 3, w, 10, y, 8, 24);
    for (int r = 0; r < 3; r++) {
      for (int j = 0; j < 40; j++) {
        assertThat(y[r][j]).isEqualTo(j >= 8 && j < 24 ? expected[r][j] : 0f);
      }
    }
  }

  /** One step in one rounding would keep the low product, which two roundings lose. */
  @Test
  void define_productThatNeedsMoreThan24Bits_isRoundedBeforeTheAddition() {
    float a = 1 + 0x1p-12f;
    float[][] y = new float[1][1];
    CanonicalGemm.define(new float[][] {{1, a}}, 1, new float[][] {{-1}, {a}}, y);
    assertThat(y[0][0]).isEqualTo(0x1p-11f);
    assertThat(Math.fma(a, a, -1f)).isNotEqualTo(0x1p-11f);
  }

  @Test
  void define_onlyNegativeZeros_givesPositiveZero() {
    float[][] y = new float[1][1];
    CanonicalGemm.define(new float[][] {{-0f, -0f}}, 1, new float[][] {{1}, {1}}, y);
    assertThat(Float.floatToRawIntBits(y[0][0])).isZero();
  }

  @Test
  void define_largeThenSmallAgain_dependsOnTheOrderOfK() {
    float[][] y = new float[1][1];
    CanonicalGemm.define(
        new float[][] {{1e8f, 1, -1e8f, 1}}, 1, new float[][] {{1}, {1}, {1}, {1}}, y);
    assertThat(y[0][0]).isEqualTo(1f);
  }

  @Test
  void gemm_oneOrThreeThreads_givesTheSameBits() {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (CanonicalKernels one = CanonicalKernels.singleThreaded();
        CanonicalKernels three = CanonicalKernels.parallel(pool, 3)) {
      assertThat(product(three)).isDeepEqualTo(product(one));
    } finally {
      pool.shutdown();
    }
  }

  private static float[][] product(CanonicalKernels kernels) {
    float[][] x = random(5, 200, 1);
    float[][] w = random(700, 200, 2);
    var matrix =
        kernels.matrix(
            200,
            700,
            (first, count, into) -> {
              for (int i = 0; i < count; i++) {
                System.arraycopy(w[first + i], 0, into, i * 200, 200);
              }
            },
            random(1, 700, 3)[0]);
    var in = kernels.allocate(5, 200);
    var out = kernels.allocate(5, 700);
    float[][] result = new float[5][700];
    for (int r = 0; r < 5; r++) {
      kernels.put(x[r], 0, in, r);
    }
    kernels.gemm(in, 5, matrix, out);
    for (int r = 0; r < 5; r++) {
      kernels.get(out, r, result[r], 0);
    }
    return result;
  }
}
