package io.verillm.core.receipt;

import java.util.Objects;

/**
 * The numeric class of a run, recorded from what ran and never typed by hand.
 *
 * @param engine name of the engine
 * @param version its version
 * @param arithmetic name of the arithmetic; {@link #CANONICAL_ARITHMETIC} is judged exactly
 * @param dtype type that activations are rounded to, a safetensors name
 * @param kernels name of the kernel provider
 * @param device processor or accelerator
 * @param batchShape how requests were batched, such as {@code 1}
 */
public record ExecutionClass(
    String engine,
    String version,
    String arithmetic,
    String dtype,
    String kernels,
    String device,
    String batchShape) {
  /** The arithmetic that two machines share bit for bit. */
  public static final String CANONICAL_ARITHMETIC = "fp32-seqk-muladd-v1";

  /** Longest text of a component, in UTF-8 bytes. */
  public static final int MAX_TEXT = 128;

  /** Refuses null and over-long components. */
  public ExecutionClass {
    for (String text :
        new String[] {engine, version, arithmetic, dtype, kernels, device, batchShape}) {
      Objects.requireNonNull(text, "component");
      if (text.length() > MAX_TEXT) {
        throw new IllegalArgumentException("longer than " + MAX_TEXT + ": " + text);
      }
    }
  }

  /** Whether runs of this class must agree bit for bit with the canonical executor. */
  public boolean isCanonical() {
    return arithmetic.equals(CANONICAL_ARITHMETIC);
  }
}
