package io.verillm.core.internal;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.KernelProvider;
import io.verillm.core.spi.Kernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JavaCommitKernels;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The kernels in plain Java: always there, priority 0, the definition of all others. */
public final class JavaKernelProvider implements KernelProvider {
  private static final String NAME = "java";

  /** Called by {@link java.util.ServiceLoader}. */
  public JavaKernelProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Probe probe() {
    ComparisonKernels comparison = new JavaComparisonKernels();
    // bfloat16 1, −2 against key 0: Philox of the zero counter's domain, computed independently
    ByteBuffer row = ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3F, 0, (byte) 0xC0});
    long[] sketch = comparison.sketch(DType.BF16, BufferView.ofHost(row, 1, 4), 0, 2);
    return Arrays.equals(sketch, KNOWN_SKETCH)
        ? new Probe.Usable(new JavaKernels(comparison, new JavaCommitKernels()))
        : new Probe.Unusable("a known sketch came out as " + Arrays.toString(sketch));
  }

  private static final long[] KNOWN_SKETCH = {-65536, 196608};

  private record JavaKernels(ComparisonKernels comparison, CommitKernels commitment)
      implements Kernels {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public ArithmeticKernels openArithmetic() {
      return CanonicalKernels.singleThreaded();
    }
  }
}
