package io.verillm.core.trace;

import java.nio.ByteBuffer;
import java.util.BitSet;

/** The rows of one announced position while they come in. Reused for later positions. */
final class TokenRows {
  final BitSet present = new BitSet();
  int tokenId;
  private final int bytesPerToken;
  private byte[] bytes = new byte[0];

  TokenRows(int bytesPerToken) {
    this.bytesPerToken = bytesPerToken;
  }

  /** Where rows go; rows that are read elsewhere never ask for it. */
  byte[] bytes() {
    if (bytes.length != bytesPerToken) {
      bytes = new byte[bytesPerToken];
    }
    return bytes;
  }

  ByteBuffer view() {
    return ByteBuffer.wrap(bytes()).asReadOnlyBuffer();
  }
}
