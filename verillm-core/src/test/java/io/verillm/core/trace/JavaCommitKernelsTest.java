package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import org.junit.jupiter.api.Test;

class JavaCommitKernelsTest extends CommitKernelsContract {
  @Override
  protected CommitKernels subject() {
    return new JavaCommitKernels();
  }

  @Test
  void anyKernel_deviceMemory_isRefused() {
    BufferView device = BufferView.ofDevice(4096, 84, 7, 12, 12, 0, this);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().gatherRows(device, new int[] {1}));
  }
}
