package io.verillm.core.trace;

import java.nio.ByteBuffer;
import java.util.BitSet;

/** The rows of one announced position while they come in. Reused for later positions. */
final class TokenRows {
  final byte[] bytes;
  final BitSet present = new BitSet();
  int tokenId;

  TokenRows(int bytesPerToken) {
    bytes = new byte[bytesPerToken];
  }

  ByteBuffer view() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }
}
