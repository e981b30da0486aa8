package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The numeric class of a run, recorded from what ran and never typed by hand.
 *
 * <p>It is the prover's claim. A class that is declared falsely is a deviation like any other, and
 * the checks compare values, not names.
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

  private static final List<String> FIELDS =
      List.of("engine", "version", "arithmetic", "dtype", "kernels", "device", "batch-shape");

  /** Refuses null and over-long components. */
  public ExecutionClass {
    for (String text :
        new String[] {engine, version, arithmetic, dtype, kernels, device, batchShape}) {
      Objects.requireNonNull(text, "component");
      if (text.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT) {
        throw new IllegalArgumentException("longer than " + MAX_TEXT + " bytes: " + text);
      }
    }
  }

  /** Whether runs of this class must agree bit for bit with the canonical executor. */
  public boolean isCanonical() {
    return arithmetic.equals(CANONICAL_ARITHMETIC);
  }

  /** Writes an array of seven texts. */
  public void encode(CborWriter out) {
    out.array(7).text(engine).text(version).text(arithmetic).text(dtype);
    out.text(kernels).text(device).text(batchShape);
  }

  /** Reads what {@link #encode} wrote. */
  public static ExecutionClass decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("class", FIELDS.size());
    String[] texts = new String[FIELDS.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = in.text("class." + FIELDS.get(i), MAX_TEXT);
    }
    return new ExecutionClass(texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]);
  }

  /** SHA-256 of the encoding, by which calibrations name a class. */
  public Digest32 digest() {
    CborWriter out = new CborWriter();
    encode(out);
    return Digest32.sha256(out.toByteArray());
  }

  @Override
  public String toString() {
    return String.join("/", engine, version, arithmetic, dtype, kernels, device, batchShape);
  }
}
