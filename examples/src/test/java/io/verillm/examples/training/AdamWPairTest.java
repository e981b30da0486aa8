package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs with the natives of the profile {@code train}; skipped without. */
class AdamWPairTest {

  @BeforeAll
  static void natives() {
    Natives.assumePresent();
  }

  /**
   * Two steps with the gradients 1 and 0.5 on a vector (no decay), worked by hand from the paper's
   * formula. With the betas swapped the second step would be 0.72 of the rate.
   */
  @Test
  void step_twoGradients_movesByTheFormulaWithBetasInTheirOrder() {
    try (PointerScope scope = new PointerScope()) {
      Tensor weight = Tensor.create(new float[] {1, 2, 3}, 3).set_requires_grad(true);
      Tensor matrix = Tensor.create(new float[] {1, 1}, 1, 2).set_requires_grad(true);
      AdamWPair optimiser = new AdamWPair(List.of(weight, matrix), 0.1, 0.9, 0.95);
      double rate = 0.01;
      for (double gradient : new double[] {1, 0.5}) {
        weight
            .mul(torch.tensor((float) gradient))
            .sum()
            .add(matrix.sum().mul(torch.tensor(0f)))
            .backward();
        optimiser.step(rate, 1e9);
      }
      double first = 1;
      double mean = (0.9 * 0.1 * 1 + 0.1 * 0.5) / (1 - 0.9 * 0.9);
      double square = (0.95 * 0.05 * 1 + 0.05 * 0.25) / (1 - 0.95 * 0.95);
      double second = mean / Math.sqrt(square);
      float[] now = new float[3];
      weight.detach().data_ptr_float().get(now);
      assertThat((double) now[0]).isCloseTo(1 - rate * (first + second), within(1e-6));
      // The matrix has no gradient, so only decay moves it: twice by rate times 0.1.
      float[] decayed = new float[2];
      matrix.detach().data_ptr_float().get(decayed);
      assertThat((double) decayed[0]).isCloseTo(Math.pow(1 - rate * 0.1, 2), within(1e-6));
    }
  }
}
