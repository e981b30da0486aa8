package io.verillm.tensorcommit;

import io.verillm.core.tensor.Shape;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.G1Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Opened regions of one or more committed tensors and the proof for all of them together.
 * Immutable. It discloses the opened elements to whoever holds it.
 *
 * @param scheme the scheme that made it
 * @param nonce the verifier's, 32 bytes: a proof made for another nonce is no answer
 * @param opened one per claim, in the order of the claims
 * @param points checked points of the proof, in the scheme's order
 * @param hashes nodes of Merkle proofs, in the scheme's order
 * @param leaves whole leaves of Merkle trees, in the scheme's order
 */
public record TensorOpening(
    String scheme,
    Digest32 nonce,
    List<OpenedRegion> opened,
    List<G1Point> points,
    List<Digest32> hashes,
    List<byte[]> leaves) {
  /** Most bytes of an encoded opening. */
  public static final int MAX_BYTES = 1 << 28;

  private static final int VERSION = 1;
  private static final int MAX_ITEMS = 1 << 20;

  /** Copies the lists. */
  public TensorOpening {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(nonce, "nonce");
    opened = List.copyOf(opened);
    points = List.copyOf(points);
    hashes = List.copyOf(hashes);
    leaves = List.copyOf(leaves);
  }

  /** Bytes of the proof alone: what is there beside the opened elements. */
  public int proofBytes() {
    int bytes = points.size() * G1Point.BYTES + hashes.size() * Digest32.LENGTH;
    for (byte[] leaf : leaves) {
      bytes += leaf.length;
    }
    return bytes;
  }

  /** The deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    out.array(7).unsigned(VERSION).text(scheme).bytes(nonce.toByteArray());
    out.array(opened.size());
    for (OpenedRegion region : opened) {
      out.array(3);
      writeAxes(out, region.region(), true);
      writeAxes(out, region.region(), false);
      out.bytes(region.values());
    }
    out.array(points.size());
    points.forEach(point -> out.bytes(point.encode()));
    out.array(hashes.size());
    hashes.forEach(hash -> out.bytes(hash.toByteArray()));
    out.array(leaves.size());
    leaves.forEach(out::bytes);
    return out.toByteArray();
  }

  private static void writeAxes(CborWriter out, Region region, boolean starts) {
    out.array(region.rank());
    for (int i = 0; i < region.rank(); i++) {
      out.unsigned(starts ? region.start(i) : region.count(i));
    }
  }

  /**
   * Reads one opening and nothing else; checks every point.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives for some
   *     opening, or a point is refused
   */
  public static TensorOpening decode(byte[] bytes, CurveBackend curve)
      throws MalformedMessageException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedMessageException("opening", 0, "above " + MAX_BYTES + " bytes");
    }
    CborReader in = CborReader.of(bytes);
    in.arrayOf("opening", 7);
    if (in.unsigned("opening.version", 255) != VERSION) {
      throw new MalformedMessageException("opening.version", in.offset(), "not version 1");
    }
    String scheme = in.text("opening.scheme", 32);
    Digest32 nonce = digest(in, "opening.nonce");
    int count = in.array("opening.opened", MAX_ITEMS);
    List<OpenedRegion> opened = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      in.arrayOf("opening.region", 3);
      long[] start = axes(in, "opening.start");
      long[] lengths = axes(in, "opening.count");
      byte[] values = in.bytes("opening.values", bytes.length);
      try {
        opened.add(new OpenedRegion(Region.block(start, lengths), values));
      } catch (IllegalArgumentException e) {
        throw new MalformedMessageException(
            "opening.region", in.offset(), String.valueOf(e.getMessage()));
      }
    }
    count = in.array("opening.points", MAX_ITEMS);
    List<G1Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(
          curve.decodeG1(in.bytes("opening.points", G1Point.BYTES), "opening.points[" + i + "]"));
    }
    count = in.array("opening.hashes", MAX_ITEMS);
    List<Digest32> hashes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      hashes.add(digest(in, "opening.hashes"));
    }
    count = in.array("opening.leaves", MAX_ITEMS);
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(in.bytes("opening.leaves", bytes.length));
    }
    in.end();
    return new TensorOpening(scheme, nonce, opened, points, hashes, leaves);
  }

  private static Digest32 digest(CborReader in, String field) throws MalformedMessageException {
    int offset = in.offset();
    byte[] bytes = in.bytes(field, Digest32.LENGTH);
    if (bytes.length != Digest32.LENGTH) {
      throw new MalformedMessageException(field, offset, "needs 32 bytes");
    }
    return Digest32.copyOf(bytes);
  }

  private static long[] axes(CborReader in, String field) throws MalformedMessageException {
    long[] out = new long[in.array(field, Shape.MAX_RANK)];
    for (int i = 0; i < out.length; i++) {
      out[i] = in.unsigned(field, Integer.MAX_VALUE);
    }
    return out;
  }
}
