/** Wire format, trees, traces, orders, receipts, challenges, verdicts and canonical arithmetic. */
module io.verillm.core {
  requires static org.jspecify;
  requires static com.google.errorprone.annotations;
  requires com.fasterxml.jackson.databind;
  requires org.bouncycastle.provider;
  requires org.slf4j;

  exports io.verillm.core.canonical;
  exports io.verillm.core.challenge;
  exports io.verillm.core.order;
  exports io.verillm.core.receipt;
  exports io.verillm.core.sampling;
  exports io.verillm.core.spi;
  exports io.verillm.core.tensor;
  exports io.verillm.core.trace;
  exports io.verillm.core.tree;
  exports io.verillm.core.verdict;
  exports io.verillm.core.wire;

  uses io.verillm.core.challenge.NamedRandomness;
  uses io.verillm.core.spi.KernelProvider;

  provides io.verillm.core.spi.KernelProvider with
      io.verillm.core.internal.JavaKernelProvider;
}
