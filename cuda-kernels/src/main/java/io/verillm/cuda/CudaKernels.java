package io.verillm.cuda;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.Kernels;
import java.util.function.Supplier;

/** The kernels of one device. Thread-safe. */
final class CudaKernels implements Kernels, AutoCloseable {
  /** The provider's name. */
  static final String NAME = "cuda";

  private final Supplier<DeviceQueue> queues;
  private final String device;
  private final DeviceQueue side;
  private final CudaCommitKernels commitment;
  private final CudaComparisonKernels comparison;

  /**
   * Makes the kernels.
   *
   * @param side for commitments and comparisons, beside the engine's own work
   * @param queues opens a queue for a forward pass
   */
  CudaKernels(DeviceQueue side, Supplier<DeviceQueue> queues) {
    this.side = side;
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

  /** Frees what these kernels keep on the device; what a forward pass opened stays open. */
  @Override
  public void close() {
    commitment.close();
    comparison.close();
    side.close();
  }

  @Override
  public String toString() {
    return device;
  }
}
