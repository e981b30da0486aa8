package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.ComparisonKernelsContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** The contract of comparisons, through g++ and the sanitizers, in every order of threads. */
class ShimComparisonTest {
  abstract static class InOrder extends ComparisonKernelsContract {
    private final ShimQueue.Order order;
    private final boolean onDevice;
    private ShimQueue queue;
    private DevicePlaces places;
    private CudaComparisonKernels kernels;

    InOrder(ShimQueue.Order order, boolean onDevice) {
      this.order = order;
      this.onDevice = onDevice;
    }

    @BeforeEach
    void start() {
      Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
      queue = new ShimQueue(order);
      kernels = new CudaComparisonKernels(queue);
      places = new DevicePlaces(queue);
    }

    @AfterEach
    void end() {
      if (queue != null) {
        places.close();
        kernels.close();
        queue.close();
      }
    }

    @Override
    protected ComparisonKernels subject() {
      return kernels;
    }

    @Override
    protected BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
      return onDevice
          ? places.place(bytes, rows, rowBytes, rowStride)
          : super.place(bytes, rows, rowBytes, rowStride);
    }
  }

  @Nested
  class HostForward extends InOrder {
    HostForward() {
      super(ShimQueue.Order.FORWARD, false);
    }
  }

  @Nested
  class DeviceReverse extends InOrder {
    DeviceReverse() {
      super(ShimQueue.Order.REVERSE, true);
    }
  }

  @Nested
  class DeviceShuffled extends InOrder {
    DeviceShuffled() {
      super(ShimQueue.Order.SHUFFLED, true);
    }
  }
}
