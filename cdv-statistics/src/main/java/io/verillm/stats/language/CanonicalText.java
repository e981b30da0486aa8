package io.verillm.stats.language;

import com.google.errorprone.annotations.CheckReturnValue;
import java.text.Normalizer;

/**
 * Text with formatting that a provider may change innocently taken away: Unicode NFC, white space
 * runs to one space, ends stripped.
 *
 * <p>A provider that strips one leading space drives a character kernel to full power; report raw
 * and canonical results side by side. Equal canonical text does not prove equal tokens.
 * Thread-safe.
 */
@CheckReturnValue
public final class CanonicalText {
  private CanonicalText() {}

  /** Returns the canonical form. */
  public static String of(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC).replaceAll("(?U)\\s+", " ").strip();
  }

  /** Returns the code points as a sequence for a {@link TokenKernel}. */
  public static int[] codePoints(String text) {
    return text.codePoints().toArray();
  }
}
