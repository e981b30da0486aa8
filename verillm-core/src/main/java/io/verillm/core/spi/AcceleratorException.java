package io.verillm.core.spi;

/** A device or a provider of kernels could not do its work. Never a statement about a prover. */
public final class AcceleratorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception without a cause. */
  public AcceleratorException(String message) {
    super(message);
  }

  /** Makes an exception. */
  public AcceleratorException(String message, Throwable cause) {
    super(message, cause);
  }
}
