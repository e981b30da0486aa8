package io.verillm.testkit.study;

import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.ArithmeticKernels;

/** The class of prover that a study is about; the verifier is canonical. */
public enum StudyClass {
  /** fp32 with products split in four: only the order of sums differs from the verifier's. */
  FP32("fp32", "fp32 with products split in four"),
  /** The same with every result rounded to bf16. */
  BF16("bf16", "bf16 with products split in four");

  private final String id;
  private final String description;

  StudyClass(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /** Stable name. */
  public String id() {
    return id;
  }

  /** What it computes with. */
  public String description() {
    return description;
  }

  /** Kernels of the class. */
  public ArithmeticKernels kernels() {
    return this == FP32 ? SplitKKernels.fp32() : new SplitKKernels();
  }

  /** The class of a name. */
  public static StudyClass of(String id) {
    for (StudyClass one : values()) {
      if (one.id.equals(id)) {
        return one;
      }
    }
    throw new IllegalArgumentException("no class " + id);
  }
}
