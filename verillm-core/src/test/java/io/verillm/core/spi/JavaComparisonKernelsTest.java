package io.verillm.core.spi;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.tensor.DType;
import org.junit.jupiter.api.Test;

class JavaComparisonKernelsTest extends ComparisonKernelsContract {
  @Override
  protected ComparisonKernels subject() {
    return KernelSelection.load().require("java").comparison();
  }

  @Test
  void anyKernel_deviceMemory_isRefused() {
    BufferView device = BufferView.ofDevice(4096, 64, 1, 4, 4, 0, this);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().sketch(DType.BF16, device, 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().rowDifference(DType.BF16, device, device, new int[] {1}));
  }
}
