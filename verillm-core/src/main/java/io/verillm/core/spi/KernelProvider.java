package io.verillm.core.spi;

import java.util.Objects;

/** A source of {@link Kernels}, found by {@link java.util.ServiceLoader}. Thread-safe. */
public interface KernelProvider {
  /** Stable name for logs, benchmarks and findings, such as {@code java} or {@code cuda}. */
  String name();

  /** Which usable provider an automatic choice takes: the largest. The plain-Java one has 0. */
  int priority();

  /** Loads what is needed and checks one known answer; never throws for "not here". */
  Probe probe();

  /** What a provider found out about itself on this machine. */
  sealed interface Probe {
    /**
     * It can run.
     *
     * @param kernels shared freely
     */
    record Usable(Kernels kernels) implements Probe {
      /** Refuses null. */
      public Usable {
        Objects.requireNonNull(kernels, "kernels");
      }
    }

    /**
     * It cannot run.
     *
     * @param why for people: what is missing and where it was looked for
     */
    record Unusable(String why) implements Probe {
      /** Refuses null. */
      public Unusable {
        Objects.requireNonNull(why, "why");
      }
    }
  }
}
