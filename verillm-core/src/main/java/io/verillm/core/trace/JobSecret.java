package io.verillm.core.trace;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What a prover keeps to itself per job: the salts of a trace follow from it. Whoever has it can
 * test guesses about unopened rows. Immutable; compared by content; never printed.
 */
public final class JobSecret {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private JobSecret(byte[] owned) {
    this.bytes = owned;
  }

  /** Draws a secret. */
  public static JobSecret random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new JobSecret(bytes);
  }

  /**
   * Copies a secret.
   *
   * @throws IllegalArgumentException if {@code source} is not {@value #LENGTH} bytes long
   */
  public static JobSecret copyOf(byte[] source) {
    if (source.length != LENGTH) {
      throw new IllegalArgumentException(
          "a job secret needs " + LENGTH + " bytes, got " + source.length);
    }
    return new JobSecret(source.clone());
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobSecret that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "JobSecret";
  }
}
