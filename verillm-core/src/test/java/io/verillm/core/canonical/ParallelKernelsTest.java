package io.verillm.core.canonical;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernelsContract;

/** Three parts on one thread give the bits of one part. */
class ParallelKernelsTest extends ArithmeticKernelsContract {
  @Override
  protected ArithmeticKernels open() {
    return CanonicalKernels.parallel(Runnable::run, 3);
  }
}
