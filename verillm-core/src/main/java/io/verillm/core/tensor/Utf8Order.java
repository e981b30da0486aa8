package io.verillm.core.tensor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The order of names wherever names are hashed: by their UTF-8 bytes, unsigned. It differs from
 * {@link String#compareTo} where surrogate pairs meet characters from U+E000 on.
 */
public final class Utf8Order {
  /** Compares by UTF-8 bytes. */
  public static final Comparator<String> COMPARATOR =
      (left, right) -> Arrays.compareUnsigned(bytes(left), bytes(right));

  private Utf8Order() {}

  /** Whether the text has a UTF-8 form, which a lone surrogate has not. */
  public static boolean isEncodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
