package io.verillm.tensorcommit.trace;

import io.verillm.core.trace.TraceLayout;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import io.verillm.tensorcommit.vector.KzgScheme;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Computes what a leaf of the kind {@link io.verillm.core.trace.TensorKind#COMMITMENT} holds: KZG
 * points over the row's 16-bit words, {@value TraceLayout#WORDS_PER_POINT} to a point, as {@link
 * TraceLayout} defines them. Exact, for rows of every type. Thread-safe.
 */
public final class RowCommitter {
  private final KzgScheme scheme;

  /**
   * Makes a committer.
   *
   * @param setup the ceremony's setup that the definition names
   * @throws IllegalArgumentException if it is another one
   */
  public RowCommitter(KzgSetup setup) {
    if (!setup.id().equals(KzgSetup.ETHEREUM_ID)) {
      throw new IllegalArgumentException(
          "rows are committed under setup " + KzgSetup.ETHEREUM_ID.shortHex());
    }
    this.scheme = setup.scheme(TraceLayout.WORDS_PER_POINT);
  }

  /** Loads the shipped setup and checks it, which takes about a second. */
  public static RowCommitter load(CurveBackend curve) {
    return new RowCommitter(KzgSetup.ethereum(curve));
  }

  /** Bytes of the commitment to a row. */
  static int commitmentBytes(int rowBytes) {
    int words = (rowBytes + 1) / 2;
    return (words + TraceLayout.WORDS_PER_POINT - 1)
        / TraceLayout.WORDS_PER_POINT
        * TraceLayout.POINT_BYTES;
  }

  /** The commitment to a row's raw bytes, of which there is at least one; nothing is moved. */
  public byte[] commit(ByteBuffer row) {
    byte[] words = words(row);
    int step = 2 * TraceLayout.WORDS_PER_POINT;
    ByteBuffer out = ByteBuffer.allocate(commitmentBytes(words.length));
    for (int from = 0; from < words.length; from += step) {
      byte[] part = Arrays.copyOfRange(words, from, Math.min(words.length, from + step));
      G1Point point = scheme.commit(new Scalars(part, part.length / 2, 16));
      out.put(point.encode());
    }
    return out.array();
  }

  /** A row's bytes as little-endian words of 16 bits; an odd last byte is a word of its own. */
  static byte[] words(ByteBuffer row) {
    byte[] out = new byte[(row.remaining() + 1) / 2 * 2];
    row.duplicate().get(out, 0, row.remaining());
    return out;
  }
}
