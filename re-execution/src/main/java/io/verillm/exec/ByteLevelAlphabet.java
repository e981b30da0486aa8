package io.verillm.exec;

/**
 * The printable stand-ins that byte-level tokenizers give to bytes: printable Latin-1 stands for
 * itself, every other byte, in ascending order, is a character from U+0100 on.
 *
 * <p>Source: the byte encoder of GPT-2.
 */
final class ByteLevelAlphabet {
  private static final char[] SYMBOLS = new char[256];
  private static final short[] BYTES = new short[0x144];

  static {
    java.util.Arrays.fill(BYTES, (short) -1);
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      SYMBOLS[b] = printable ? (char) b : (char) next++;
      BYTES[SYMBOLS[b]] = (short) b;
    }
  }

  private ByteLevelAlphabet() {}

  /** The character that stands for a byte. */
  static char symbol(int b) {
    return SYMBOLS[b];
  }

  /** The byte that a character stands for, or −1. */
  static int byteOf(char symbol) {
    return symbol < BYTES.length ? BYTES[symbol] : -1;
  }
}
