package io.verillm.core.spi;

import io.verillm.core.wire.Digest32;

/** Turns text into token ids and back. Thread-safe. */
public interface Tokenizer {
  /**
   * Encodes text.
   *
   * @param specialTokens whether text that spells a special token becomes that token; false for
   *     anything a user typed
   */
  int[] encode(String text, boolean specialTokens);

  /** The special tokens that stand before every prompt, such as a begin-of-sequence token. */
  int[] promptPrefix();

  /** Returns the UTF-8 bytes that the ids stand for; special tokens stand for none. */
  byte[] decode(int[] ids);

  /** Digest of the tokenizer's definition. */
  Digest32 digest();
}
