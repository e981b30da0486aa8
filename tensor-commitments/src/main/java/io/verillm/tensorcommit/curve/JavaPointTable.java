package io.verillm.tensorcommit.curve;

import java.util.List;
import java.util.Objects;

/** Affine points in Montgomery form, one flat array. */
final class JavaPointTable implements PointTable {
  final long[] affine;
  private final int size;

  JavaPointTable(long[] owned, int size) {
    this.affine = owned;
    this.size = size;
  }

  static JavaPointTable of(List<G1Point> points) {
    long[] affine = new long[Math.multiplyExact(points.size(), G1Sum.AFFINE)];
    for (int i = 0; i < points.size(); i++) {
      read(points.get(i), affine, i * G1Sum.AFFINE);
    }
    return new JavaPointTable(affine, points.size());
  }

  static void read(G1Point point, long[] affine, int offset) {
    if (!point.isInfinity()) {
      Fp.read(point.affine(), 0, affine, offset);
      Fp.read(point.affine(), 48, affine, offset + Fp.LIMBS);
    }
  }

  static G1Point write(long[] affine, int offset) {
    if (G1Sum.isAffineInfinity(affine, offset)) {
      return G1Point.INFINITY;
    }
    byte[] bytes = new byte[G1Point.AFFINE_BYTES];
    Fp.write(affine, offset, bytes, 0);
    Fp.write(affine, offset + Fp.LIMBS, bytes, 48);
    return G1Point.ofTrusted(bytes);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public G1Point get(int index) {
    Objects.checkIndex(index, size);
    return write(affine, index * G1Sum.AFFINE);
  }
}
