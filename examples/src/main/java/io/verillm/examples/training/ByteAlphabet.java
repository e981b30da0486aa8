package io.verillm.examples.training;

/**
 * The printable stand-ins for the 256 byte values in byte-level vocabularies.
 *
 * <p>Source: GPT-2's encoder. Bytes that print in Latin-1 (33 to 126, 161 to 172, 174 to 255) stand
 * for themselves; the other 68, in rising order, for the code points from 256 on.
 */
final class ByteAlphabet {

  private static final char[] SYMBOLS = symbols();

  private ByteAlphabet() {}

  /** Returns the stand-in of one byte value in 0 to 255. */
  static char symbol(int value) {
    return SYMBOLS[value];
  }

  private static char[] symbols() {
    char[] symbols = new char[256];
    char next = 256;
    for (int value = 0; value < 256; value++) {
      boolean printable =
          (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
      symbols[value] = printable ? (char) value : next++;
    }
    return symbols;
  }
}
