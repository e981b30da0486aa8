package io.verillm.tensorcommit.vector;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.G2Point;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a setup file, big-endian:
 *
 * <pre>
 *   "VLSRS", version 1, kind u8
 *   kind 1, univariate ceremony:  size u32, g2-size u32, size Lagrange points, g2-size powers in G2,
 *                                 size powers in G1
 *   kind 2, INSECURE grid:        "INSECURE", rank u8, rank × dimension u32, Lagrange point per grid
 *                                 cell in row-major order, rank points of G2
 *   transcript length u32, transcript
 * </pre>
 *
 * <p>The transcript is empty today; a ceremony of several parties puts the proofs of its steps
 * there. A file's id is the SHA-256 of all its bytes. One reader per file.
 */
final class SetupFile {
  static final int UNIVARIATE = 1;
  static final int INSECURE_GRID = 2;
  private static final byte[] MAGIC = {'V', 'L', 'S', 'R', 'S', 1};
  private static final int MAX_TRANSCRIPT = 1 << 24;

  private final ByteBuffer in;

  private SetupFile(ByteBuffer in) {
    this.in = in;
  }

  static SetupFile read(byte[] file, Digest32 expected, int kind) throws MalformedMessageException {
    if (!Digest32.sha256(file).equals(expected)) {
      throw new MalformedMessageException("setup", 0, "is not the setup " + expected.shortHex());
    }
    ByteBuffer in = ByteBuffer.wrap(file);
    byte[] magic = new byte[MAGIC.length];
    if (in.remaining() < MAGIC.length + 1) {
      throw new MalformedMessageException("setup", 0, "too short");
    }
    in.get(magic);
    if (!java.util.Arrays.equals(magic, MAGIC)) {
      throw new MalformedMessageException("setup", 0, "not a setup file of version 1");
    }
    int found = in.get() & 0xFF;
    if (found != kind) {
      throw new MalformedMessageException(
          "setup.kind", MAGIC.length, "is kind " + found + ", needed is kind " + kind);
    }
    return new SetupFile(in);
  }

  static ByteArrayOutputStream start(int kind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    out.write(kind);
    return out;
  }

  static void writeNumber(ByteArrayOutputStream out, int number) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(number).array());
  }

  int number(String field, int most) throws MalformedMessageException {
    requireLeft(field, 4);
    int at = in.position();
    int value = in.getInt();
    if (value < 1 || value > most) {
      throw new MalformedMessageException(field, at, value + " is not in 1.." + most);
    }
    return value;
  }

  byte[] bytes(String field, int count) throws MalformedMessageException {
    requireLeft(field, count);
    byte[] out = new byte[count];
    in.get(out);
    return out;
  }

  /** Refuses a file whose points cannot be there, before anything is allocated for them. */
  void requireBytes(long count) throws MalformedMessageException {
    if (in.remaining() < count + 4) {
      throw new MalformedMessageException(
          "points", in.position(), "need " + count + " bytes, has " + (in.remaining() - 4));
    }
  }

  private void requireLeft(String field, int count) throws MalformedMessageException {
    if (in.remaining() < count) {
      throw new MalformedMessageException(field, in.position(), "file ends");
    }
  }

  List<G1Point> g1Points(String field, int count, CurveBackend curve)
      throws MalformedMessageException {
    List<G1Point> points = new ArrayList<>(count);
    byte[] bytes = new byte[G1Point.BYTES];
    for (int i = 0; i < count; i++) {
      in.get(bytes);
      G1Point point = curve.decodeG1(bytes, field + "[" + i + "]");
      if (point.isInfinity()) {
        throw new MalformedMessageException(field + "[" + i + "]", in.position(), "is infinity");
      }
      points.add(point);
    }
    return points;
  }

  List<G2Point> g2Points(String field, int count, CurveBackend curve)
      throws MalformedMessageException {
    List<G2Point> points = new ArrayList<>(count);
    byte[] bytes = new byte[G2Point.BYTES];
    for (int i = 0; i < count; i++) {
      in.get(bytes);
      G2Point point = curve.decodeG2(bytes, field + "[" + i + "]");
      if (point.isInfinity()) {
        throw new MalformedMessageException(field + "[" + i + "]", in.position(), "is infinity");
      }
      points.add(point);
    }
    return points;
  }

  void end() throws MalformedMessageException {
    requireLeft("transcript", 4);
    int length = in.getInt();
    if (length < 0 || length > MAX_TRANSCRIPT || length != in.remaining()) {
      throw new MalformedMessageException("transcript", in.position(), "does not end the file");
    }
  }
}
