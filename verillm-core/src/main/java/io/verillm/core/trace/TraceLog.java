package io.verillm.core.trace;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;

/**
 * The leaves of a trace log: leaf 0 names the trace, leaf p + 1 is position p ({@link
 * PositionEntry}). Their first item, 0 or 1, keeps the two apart.
 */
public final class TraceLog {
  /** Version of the log's layout. */
  public static final int VERSION = 1;

  private static final int TAG = 0;

  private TraceLog() {}

  /** Bytes of leaf 0: CBOR {@code [0, version, trace id]}. */
  public static byte[] leafZero(TraceId id) {
    return new CborWriter()
        .array(3)
        .unsigned(TAG)
        .unsigned(VERSION)
        .digest(id.digest())
        .toByteArray();
  }

  /** Hash of leaf 0. */
  public static Digest32 leafZeroHash(TraceId id) {
    return MerkleHash.leaf(leafZero(id));
  }
}
