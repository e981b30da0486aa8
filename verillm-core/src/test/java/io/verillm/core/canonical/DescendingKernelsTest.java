package io.verillm.core.canonical;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ArithmeticKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescendingKernelsTest {
  private static float[][] product(
      ArithmeticKernels kernels, float[][] x, float[][] byOutput, float[] bias) {
    int depth = x[0].length;
    int outputs = byOutput.length;
    ArithmeticKernels.WeightMatrix w =
        kernels.matrix(
            depth,
            outputs,
            (first, count, target) -> {
              for (int c = 0; c < count; c++) {
                System.arraycopy(byOutput[first + c], 0, target, c * depth, depth);
              }
            },
            bias);
    ArithmeticKernels.RowBlock from = kernels.allocate(x.length, depth);
    ArithmeticKernels.RowBlock to = kernels.allocate(x.length, outputs);
    for (int r = 0; r < x.length; r++) {
      kernels.put(x[r], 0, from, r);
    }
    kernels.gemm(from, x.length, w, to);
    float[][] y = new float[x.length][outputs];
    for (int r = 0; r < x.length; r++) {
      kernels.get(to, r, y[r], 0);
    }
    return y;
  }

  /** One output at a time, from the last k to the first, then the bias. */
  @ParameterizedTest
  @CsvSource({"1,1,1", "1,3,7", "2,4,16", "3,25,33", "2,97,64"})
  void gemm_anyShape_addsFromTheLastToTheFirst(int rows, int depth, int outputs) {
    float[][] x = CanonicalGemmTest.random(rows, depth, 1);
    float[][] w = CanonicalGemmTest.random(outputs, depth, 2);
    float[] bias = CanonicalGemmTest.random(1, outputs, 3)[0];
    float[][] y = product(new DescendingKernels(), x, w, bias);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < outputs; j++) {
        float sum = +0.0f;
        for (int k = depth - 1; k >= 0; k--) {
          sum = sum + x[r][k] * w[j][k];
        }
        assertThat(y[r][j]).isEqualTo(sum + bias[j]);
      }
    }
  }

  @Test
  void gemm_manyTerms_isNotCanonical() {
    float[][] x = CanonicalGemmTest.random(4, 256, 1);
    float[][] w = CanonicalGemmTest.random(64, 256, 2);
    float[][] backwards = product(new DescendingKernels(), x, w, new float[64]);
    float[][] canonical = product(CanonicalKernels.singleThreaded(), x, w, new float[64]);
    assertThat(CanonicalGemmTest.crc(backwards)).isNotEqualTo(CanonicalGemmTest.crc(canonical));
    assertThat(new DescendingKernels().arithmetic())
        .isNotEqualTo(ExecutionClass.CANONICAL_ARITHMETIC)
        .isNotEqualTo(SplitKKernels.fp32().arithmetic());
    assertThat(new DescendingKernels().dtype()).isEqualTo("F32");
  }
}
