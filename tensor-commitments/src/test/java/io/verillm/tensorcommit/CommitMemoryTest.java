package io.verillm.tensorcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.tensorcommit.vector.EthereumSetup;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a commitment to 32 tokens of 4096 values of 16 bits takes beside the tensor. */
class CommitMemoryTest {
  /**
   * All that is allocated on the heap from first to last, garbage included, is below four times the
   * tensor; the native scratch of one row (at most 0.2 MiB) comes and goes row by row.
   */
  @Test
  void commit_of32Tokens_allocatesLessThanFourTimesTheTensor() {
    assumeThat(TensorSchemeContract.CURVE.name()).isEqualTo("blst");
    RowTensors rows = new RowTensors(EthereumSetup.get().scheme(4096));
    TensorView tensor = TensorSchemeContract.tensor(Shape.of(32, 4096), 7);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(rows.commit(tensor, TensorSchemeContract.CONTEXT).root()).isNotNull(); // warm
    long before = threads.getCurrentThreadAllocatedBytes();
    CommittedTensor committed = rows.commit(tensor, TensorSchemeContract.CONTEXT);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(committed.root()).isNotNull();
    assertThat(allocated).isLessThan(4L * tensor.bytes().remaining() - (200 << 10));
  }
}
