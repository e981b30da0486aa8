package io.verillm.exec.torch;

import io.verillm.core.tensor.DType;
import java.util.Objects;

/**
 * How a {@link TorchExecutor} computes. Every setting changes bits, so every one is part of the
 * execution class.
 *
 * @param dtype F32 or BF16: type of weights, activations and captured rows
 * @param products how products of BF16 operands are computed; without effect for F32
 * @param threads threads of both pools, libtorch's own and the BLAS library's, at least 1
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param batch sequences that share a decode step, 1 to 1024; smaller steps are filled up to it
 */
public record TorchSettings(DType dtype, Products products, int threads, String device, int batch) {
  /** How products of BF16 operands are computed. */
  public enum Products {
    /** Native where the processor has them, else widened. */
    AUTOMATIC,
    /** By libtorch's BF16 kernels. On a processor without BF16 instructions they are very slow. */
    NATIVE,
    /**
     * Operands widened to F32, products in F32, every result rounded to BF16. Weights then take
     * four bytes each in memory.
     */
    WIDENED
  }

  /** Checks every setting. */
  public TorchSettings {
    Objects.requireNonNull(products, "products");
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw new IllegalArgumentException("dtype " + dtype + ", supported are F32 and BF16");
    }
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads " + threads + ", supported are 1 to 1024");
    }
    if (!device.matches("cpu|cuda(:[0-9]{1,3})?")) {
      throw new IllegalArgumentException(
          "device " + device + ", supported are cpu, cuda and cuda:N");
    }
    if (batch < 1 || batch > 1024) {
      throw new IllegalArgumentException("batch " + batch + ", supported are 1 to 1024");
    }
  }

  /** The processor, one thread, one sequence at a time. */
  public static TorchSettings of(DType dtype) {
    return new TorchSettings(dtype, Products.AUTOMATIC, 1, "cpu", 1);
  }

  /** The same with other products. */
  public TorchSettings withProducts(Products value) {
    return new TorchSettings(dtype, value, threads, device, batch);
  }

  /** The same with another number of threads. */
  public TorchSettings withThreads(int value) {
    return new TorchSettings(dtype, products, value, device, batch);
  }

  /** The same on another device. */
  public TorchSettings withDevice(String value) {
    return new TorchSettings(dtype, products, threads, value, batch);
  }

  /** The same with another number of sequences per step. */
  public TorchSettings withBatch(int value) {
    return new TorchSettings(dtype, products, threads, device, value);
  }

  boolean onCpu() {
    return device.equals("cpu");
  }
}
