package io.verillm.cuda;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernelsContract;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.ComparisonKernelsContract;
import io.verillm.core.spi.KernelProvider.Probe;
import io.verillm.core.spi.Kernels;
import io.verillm.core.trace.CommitKernelsContract;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contracts on whatever device the driver shows; skipped with the reason where none is. */
class DeviceTest {
  private static final Probe PROBE = new CudaKernelProvider().probe();

  @BeforeAll
  static void needsDevice() {
    Assumptions.assumeTrue(PROBE instanceof Probe.Usable, PROBE.toString());
  }

  static Kernels kernels() {
    return ((Probe.Usable) PROBE).kernels();
  }

  @Nested
  class CommitmentOfHostRows extends CommitKernelsContract {
    @Override
    protected CommitKernels subject() {
      return kernels().commitment();
    }
  }

  @Nested
  class CommitmentOfDeviceRows extends CommitKernelsContract {
    private DeviceQueue queue;
    private DevicePlaces places;

    @Override
    protected CommitKernels subject() {
      return kernels().commitment();
    }

    @Override
    protected BufferView place(ByteBuffer bytes, int rows, int rowBytes, long rowStride) {
      if (queue == null) {
        queue = CudaDriver.open().openQueue(false);
        places = new DevicePlaces(queue);
      }
      return places.place(bytes, rows, rowBytes, rowStride);
    }

    @AfterEach
    void free() {
      if (queue != null) {
        places.close();
        queue.close();
      }
    }
  }

  @Nested
  class Comparison extends ComparisonKernelsContract {
    @Override
    protected ComparisonKernels subject() {
      return kernels().comparison();
    }
  }

  @Nested
  class Arithmetic extends ArithmeticKernelsContract {
    @Override
    protected ArithmeticKernels open() {
      return kernels().openArithmetic();
    }
  }
}
