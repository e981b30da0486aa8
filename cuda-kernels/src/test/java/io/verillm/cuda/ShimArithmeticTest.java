package io.verillm.cuda;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernelsContract;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;

/** The contract of canonical arithmetic, through g++ and the sanitizers, in every order. */
class ShimArithmeticTest {
  abstract static class InOrder extends ArithmeticKernelsContract {
    private final ShimQueue.Order order;

    InOrder(ShimQueue.Order order) {
      this.order = order;
    }

    @Override
    protected ArithmeticKernels open() {
      Assumptions.assumeTrue(ShimProgram.isCompilerPresent(), "g++ is not installed");
      return new CudaArithmetic(new ShimQueue(order), "shim");
    }
  }

  @Nested
  class Forward extends InOrder {
    Forward() {
      super(ShimQueue.Order.FORWARD);
    }
  }

  @Nested
  class Reverse extends InOrder {
    Reverse() {
      super(ShimQueue.Order.REVERSE);
    }
  }

  @Nested
  class Shuffled extends InOrder {
    Shuffled() {
      super(ShimQueue.Order.SHUFFLED);
    }
  }
}
