package io.verillm.cuda;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.trace.CommitKernelsContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** The contract of commitments, through g++ and the sanitizers, in every order of threads. */
class ShimCommitTest {
  /** Rows on the host, which are copied first. */
  abstract static class OnHost extends CommitKernelsContract {
    private final ShimQueue.Order order;
    private final int processors;
    ShimQueue queue;
    private CudaCommitKernels kernels;

    OnHost(ShimQueue.Order order, int processors) {
      this.order = order;
      this.processors = processors;
    }

    @BeforeEach
    void start() {
      Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
      queue = new ShimQueue(order, processors);
      kernels = new CudaCommitKernels(queue);
    }

    @AfterEach
    void end() {
      if (queue != null) {
        kernels.close();
        queue.close();
      }
    }

    @Override
    protected CommitKernels subject() {
      return kernels;
    }
  }

  /** Rows in memory of the device, where the kernels read them in place. */
  abstract static class OnDevice extends OnHost {
    private DevicePlaces places;

    OnDevice(ShimQueue.Order order, int processors) {
      super(order, processors);
    }

    @BeforeEach
    void place() {
      places = new DevicePlaces(queue);
    }

    @AfterEach
    @Override
    void end() {
      if (places != null) {
        places.close();
      }
      super.end();
    }

    @Override
    protected BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
      return places.place(bytes, rows, rowBytes, rowStride);
    }
  }

  /** One processor: large blocks of threads. */
  @Nested
  class HostForward extends OnHost {
    HostForward() {
      super(ShimQueue.Order.FORWARD, 1);
    }
  }

  /** Many processors: small blocks, and groups of them. */
  @Nested
  class DeviceReverse extends OnDevice {
    DeviceReverse() {
      super(ShimQueue.Order.REVERSE, 1000);
    }
  }

  @Nested
  class DeviceShuffled extends OnDevice {
    DeviceShuffled() {
      super(ShimQueue.Order.SHUFFLED, 4);
    }
  }
}
