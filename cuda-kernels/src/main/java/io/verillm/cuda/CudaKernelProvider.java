package io.verillm.cuda;

import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.KernelProvider;
import io.verillm.core.spi.Kernels;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.JavaCommitKernels;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The kernels on a CUDA device, the first one that the driver shows ({@code CUDA_VISIBLE_DEVICES}
 * chooses). It is tried once; no driver, no device or too old a one is a reason, found in
 * milliseconds where no driver is installed. Thread-safe.
 */
public final class CudaKernelProvider implements KernelProvider {
  private final Object lock = new Object();
  private @Nullable Probe probed;

  /** Called by {@link java.util.ServiceLoader}; loads nothing. */
  public CudaKernelProvider() {}

  @Override
  public String name() {
    return CudaKernels.NAME;
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Probe probe() {
    synchronized (lock) {
      Probe known = probed;
      if (known == null) {
        known = probeNow();
        probed = known;
      }
      return known;
    }
  }

  private static Probe probeNow() {
    Optional<String> absent = DriverLibrary.whyAbsent();
    if (absent.isPresent()) {
      return new Probe.Unusable(absent.get());
    }
    try {
      CudaDriver driver = CudaDriver.open();
      Kernels kernels =
          new CudaKernels(driver.openQueue(/* background= */ true), () -> driver.openQueue(false));
      Optional<String> wrong = selfCheck(kernels);
      return wrong.isPresent() ? new Probe.Unusable(wrong.get()) : new Probe.Usable(kernels);
    } catch (AcceleratorException e) {
      return new Probe.Unusable(String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      // No bytedeco classes, or a library that they need: libcudart.so.13 for instance.
      return new Probe.Unusable("the CUDA classes or libraries cannot be loaded: " + e);
    }
  }

  /** One known answer of every kernel file; what is wrong, or nothing. */
  static Optional<String> selfCheck(Kernels kernels) {
    ByteBuffer row = ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3F, 0, (byte) 0xC0});
    BufferView view = BufferView.ofHost(row, 1, 4);
    long[] sketch = kernels.comparison().sketch(DType.BF16, view, 0, 2);
    if (!Arrays.equals(sketch, new long[] {-65536, 196608})) {
      return Optional.of("a known sketch came out as " + Arrays.toString(sketch));
    }
    if (kernels.comparison().rowDifference(DType.BF16, view, view, new int[] {1}).get(0).unequal()
        != 0) {
      return Optional.of("a row came out as unequal to itself");
    }
    TraceLayout layout =
        TraceLayout.of(TraceProfile.standard(DType.F32), new ModelDimensions(1, 300, 7, 5, 2, 1));
    List<BufferView> views = new ArrayList<>();
    for (TraceLayout.Row each : layout.rows()) {
      views.add(BufferView.ofHost(ByteBuffer.allocate(each.rowBytes()), 1, each.rowBytes()));
    }
    byte[] salts = new byte[layout.leavesPerToken() * ChunkLeaf.SALT_BYTES];
    if (!kernels
        .commitment()
        .commitRows(layout, 3, views, salts)
        .equals(new JavaCommitKernels().commitRows(layout, 3, views, salts))) {
      return Optional.of("a known token root came out as another one");
    }
    try (ArithmeticKernels arithmetic = kernels.openArithmetic();
        var x = arithmetic.allocate(1, 2);
        var w = arithmetic.matrix(2, 1, (first, count, into) -> Arrays.fill(into, 0, 2, 3f), null);
        var y = arithmetic.allocate(1, 1)) {
      float[] values = {2, 4};
      arithmetic.put(values, 0, x, 0);
      arithmetic.gemm(x, 1, w, y);
      arithmetic.get(y, 0, values, 0);
      if (values[0] != 18) {
        return Optional.of("2·3 + 4·3 came out as " + values[0]);
      }
      arithmetic.add(y, 1, y);
      arithmetic.get(y, 0, values, 0);
      return values[0] == 36 ? Optional.empty() : Optional.of("18 + 18 came out as " + values[0]);
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
