package io.verillm.cuda;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.Kernels;
import java.util.function.Supplier;

/** The kernels of one device. Thread-safe. */
final class CudaKernels implements Kernels {
  /** The provider's name. */
  static final String NAME = "cuda";

  private final Supplier<DeviceQueue> queues;
  private final String device;
  private final CommitKernels commitment;
  private final ComparisonKernels comparison;

  /**
   * Makes the kernels.
   *
   * @param side for commitments and comparisons, beside the engine's own work
   * @param queues opens a queue for a forward pass
   */
  CudaKernels(DeviceQueue side, Supplier<DeviceQueue> queues) {
    this.queues = queues;
    this.device = side.device();
    this.commitment = new CudaCommitKernels(side);
    this.comparison = new CudaComparisonKernels(side);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ComparisonKernels comparison() {
    return comparison;
  }

  @Override
  public CommitKernels commitment() {
    return commitment;
  }

  @Override
  public ArithmeticKernels openArithmetic() {
    return new CudaArithmetic(queues.get(), device);
  }

  @Override
  public String toString() {
    return device;
  }
}
