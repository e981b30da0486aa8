package io.verillm.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.spi.AcceleratorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The shim finds the mistakes that it is there for. */
class ShimItselfTest {
  @BeforeEach
  void needsCompiler() {
    Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
  }

  @ParameterizedTest
  @CsvSource({
    "divergent_barrier, 32, different barriers",
    "early_exit, 32, threads left while others wait",
    "write_beyond, 33, heap-buffer-overflow",
    "shared_beyond, 32, global-buffer-overflow",
    "signed_overflow, 32, signed integer overflow",
    "no_such_kernel, 32, no kernel"
  })
  void launch_kernelWithAMistake_isReported(String kernel, int threads, String complaint) {
    ShimQueue queue = new ShimQueue(ShimQueue.Order.FORWARD);
    long out = queue.allocate(32 * 4);
    assertThatThrownBy(() -> queue.launch(kernel, 1, 1, threads, out))
        .isInstanceOf(AcceleratorException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void launch_sharedMemoryNobodyWrote_holdsPoison() {
    assertThat(run("unwritten_shared", ShimQueue.Order.FORWARD)[5]).isEqualTo(0xA5A5A5A5);
  }

  @ParameterizedTest
  @EnumSource(ShimQueue.Order.class)
  void launch_missingBarrier_showsInEveryOrder(ShimQueue.Order order) {
    int[] right = new int[32];
    for (int i = 0; i < 32; i++) {
      right[i] = (i + 31) % 32;
    }
    assertThat(run("missing_barrier", order)).isNotEqualTo(right);
  }

  @Test
  void close_memoryLeft_fails() {
    ShimQueue queue = new ShimQueue(ShimQueue.Order.FORWARD);
    ByteBuffer bytes = ByteBuffer.allocate(4);
    long address = queue.allocate(4);
    queue.download(address, bytes);
    assertThat(bytes.array()).containsOnly(0xCD);
    assertThatThrownBy(() -> queue.allocate(1L << 40)).hasMessageContaining("out of memory");
    assertThatThrownBy(queue::close).isInstanceOf(IllegalStateException.class);
    queue.free(address);
    queue.close();
  }

  private static int[] run(String kernel, ShimQueue.Order order) {
    ShimQueue queue = new ShimQueue(order);
    long out = queue.allocate(32 * 4);
    queue.launch(kernel, 1, 1, 32, out);
    ByteBuffer bytes = ByteBuffer.allocate(32 * 4).order(ByteOrder.LITTLE_ENDIAN);
    queue.download(out, bytes);
    queue.free(out);
    queue.close();
    int[] words = new int[32];
    bytes.clear();
    bytes.asIntBuffer().get(words);
    return words;
  }
}
