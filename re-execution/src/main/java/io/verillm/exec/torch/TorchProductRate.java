package io.verillm.exec.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How fast libtorch multiplies here, for comparing a prefill with it. */
public final class TorchProductRate {
  private static final int ROWS = 512;
  private static final int INPUTS = 768;
  private static final int OUTPUTS = 2048;
  private static final int TRIES = 20;

  private TorchProductRate() {}

  /**
   * Floating-point operations per second of an F32 product of 512 × 768 and 768 × 2048 elements on
   * the CPU, a multiplication and an addition being two: the best of twenty tries.
   *
   * @throws io.verillm.core.spi.AcceleratorException if libtorch is not there
   */
  public static double measure(int threads) {
    Libtorch.require();
    return TorchRuntime.run(
        threads,
        () -> {
          Tensor x = torch.ones(ROWS, INPUTS).to(ScalarType.Float);
          Tensor w = torch.ones(OUTPUTS, INPUTS).to(ScalarType.Float);
          double best = Double.POSITIVE_INFINITY;
          for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            try (Tensor y = torch.linear(x, w)) {
              best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
          }
          return 2.0 * ROWS * INPUTS * OUTPUTS / best;
        });
  }
}
