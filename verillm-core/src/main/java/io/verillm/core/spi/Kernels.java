package io.verillm.core.spi;

/**
 * What a provider computes. The plain-Java provider is the definition of each part: same value,
 * same refusal.
 */
public interface Kernels {
  /** The provider's name, which goes into the findings of whatever used it. */
  String name();

  /** Comparison and summary of rows. */
  ComparisonKernels comparison();

  /** Commitment to rows where they lie. */
  CommitKernels commitment();

  /**
   * Opens the operations of a forward pass; the caller closes them.
   *
   * @throws AcceleratorException if the device refuses
   */
  ArithmeticKernels openArithmetic();
}
