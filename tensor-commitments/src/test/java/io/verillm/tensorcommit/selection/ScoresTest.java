package io.verillm.tensorcommit.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoresTest {
  @Test
  void norms_smallMatrix_areThoseByHand() {
    TensorView w = TensorView.copyOf(Shape.of(2, 2), new float[] {3, -4, 0, 5});
    assertThat(WeightScores.l1(w)).isEqualTo(3);
    assertThat(WeightScores.l2(w)).isCloseTo(Math.sqrt(12.5), within(1e-12));
  }

  /**
   * A diagonal matrix whose squares are Pareto quantiles has the spectrum of a power law of known
   * exponent; the fit's standard error is (α − 1) / √n, and the quantiles have no noise at all.
   */
  @Test
  void spectralExponent_paretoSpectrum_isItsExponent() {
    int n = 400;
    for (double alpha : new double[] {2, 3, 5}) {
      float[] w = new float[n * n];
      for (int i = 0; i < n; i++) {
        double quantile = Math.pow(1 - (i + 0.5) / n, -1 / (alpha - 1));
        w[i * n + i] = (float) Math.sqrt(quantile);
      }
      assertThat(WeightScores.spectralExponent(TensorView.copyOf(Shape.of(n, n), w)))
          .isCloseTo(alpha, within(2 * (alpha - 1) / Math.sqrt(n)));
    }
  }

  /** Scaling moves the spectrum and not its exponent; transposing changes nothing. */
  @Test
  void spectralExponent_scaledOrTransposed_isTheSame() {
    Random random = new Random(3);
    float[] w = new float[40 * 60];
    float[] transposed = new float[w.length];
    float[] scaled = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
      scaled[i] = 8 * w[i];
      transposed[i % 60 * 40 + i / 60] = w[i];
    }
    double exponent = WeightScores.spectralExponent(TensorView.copyOf(Shape.of(40, 60), w));
    assertThat(WeightScores.spectralExponent(TensorView.copyOf(Shape.of(40, 60), scaled)))
        .isCloseTo(exponent, within(1e-6));
    assertThat(WeightScores.spectralExponent(TensorView.copyOf(Shape.of(60, 40), transposed)))
        .isCloseTo(exponent, within(1e-6));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> WeightScores.spectralExponent(TensorView.copyOf(Shape.of(4), new float[4])));
  }

  @Test
  void significance_smallestExponent_isTheLargestAndTheMeanRatioIsKept() {
    double[] found = WeightScores.significance(new double[] {2, 4, 3}, new long[] {10, 20, 30});
    assertThat(found[0]).isGreaterThan(found[2]);
    assertThat(found[2]).isGreaterThan(found[1]);
    double kept = (10 * (1 - found[0]) + 20 * (1 - found[1]) + 30 * (1 - found[2])) / 60;
    assertThat(kept).isCloseTo(0.7, within(1e-12));
    assertThat(WeightScores.significance(new double[] {3, 3}, new long[] {1, 1}))
        .containsExactly(new double[] {0.3, 0.3}, within(1e-12));
  }

  @Test
  void random_sameSeed_isTheSame() {
    assertThat(WeightScores.random(5, 1)).isEqualTo(WeightScores.random(5, 1));
    assertThat(Arrays.equals(WeightScores.random(5, 1), WeightScores.random(5, 2))).isFalse();
  }

  @Test
  void power_file_isReadInAnyOrder() throws MalformedMessageException {
    assertThat(DetectionPower.parse("# measured\n\n1, 0.5\r\n0,1\n2,0", 3))
        .containsExactly(1, 0.5, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "0,1\n1,1", "0,1\n1,1\n2,1\n3,1", "0,1\n1,1\n1,1\n2,1", "0,1\n1,1.5\n2,1",
        "0,1\n1,-0.1\n2,1", "0,1\n1,NaN\n2,1", "0,1\n1\n2,1", "0,1\nx,1\n2,1", "0,1\n1,y\n2,1",
        "0,1\n-1,1\n2,1", "0,1\n1,1,1\n2,1", "{\"layers\":[]}"
      })
  void power_badFile_isMalformed(String text) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> DetectionPower.parse(text, 3));
  }
}
