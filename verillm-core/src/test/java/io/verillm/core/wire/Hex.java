package io.verillm.core.wire;

import java.util.HexFormat;

/** Hexadecimal text in tests. */
final class Hex {
  private Hex() {}

  static byte[] bytes(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts));
  }

  static String of(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
