package io.verillm.tensorcommit.curve;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Many multiples of one point from a table of its multiples, one addition per window of the scalar.
 * Immutable and thread-safe.
 */
public final class FixedBase {
  private final int width;
  private final int windows;
  private final long[] table;

  /**
   * Builds the table.
   *
   * @param width bits of a window, 1 to 12; the table has ⌈bits / width⌉ · 2^width points
   * @param bits widest scalar, 1 to 255
   */
  public FixedBase(G1Point base, int width, int bits) {
    if (width < 1 || width > 12 || bits < 1 || bits > 255) {
      throw new IllegalArgumentException("windows of " + width + " bits for " + bits);
    }
    this.width = width;
    this.windows = (bits + width - 1) / width;
    int size = 1 << width;
    this.table = new long[windows * size * G1Sum.AFFINE];
    G1Sum sum = new G1Sum();
    long[] row = new long[size * G1Sum.XYZZ];
    long[] start = new long[G1Sum.AFFINE];
    JavaPointTable.read(base, start, 0);
    for (int w = 0; w < windows; w++) {
      java.util.Arrays.fill(row, 0);
      for (int k = 1; k < size; k++) {
        System.arraycopy(row, (k - 1) * G1Sum.XYZZ, row, k * G1Sum.XYZZ, G1Sum.XYZZ);
        sum.addAffine(row, k * G1Sum.XYZZ, start, 0, false);
      }
      G1Sum.toAffine(row, size, table, w * size * G1Sum.AFFINE);
      long[] next = new long[G1Sum.XYZZ];
      System.arraycopy(row, (size - 1) * G1Sum.XYZZ, next, 0, G1Sum.XYZZ);
      sum.addAffine(next, 0, start, 0, false);
      G1Sum.toAffine(next, 1, start, 0);
    }
  }

  /**
   * One multiple per scalar.
   *
   * @throws IllegalArgumentException if a scalar is wider than the table
   */
  public List<G1Point> multiplyAll(FrVector scalars) {
    List<G1Point> out = new ArrayList<>(scalars.size());
    int batch = 1024;
    G1Sum sum = new G1Sum();
    long[] sums = new long[batch * G1Sum.XYZZ];
    long[] affine = new long[batch * G1Sum.AFFINE];
    for (int from = 0; from < scalars.size(); from += batch) {
      int count = Math.min(batch, scalars.size() - from);
      java.util.Arrays.fill(sums, 0);
      for (int i = 0; i < count; i++) {
        add(sum, sums, i * G1Sum.XYZZ, scalars.get(from + i));
      }
      G1Sum.toAffine(sums, count, affine, 0);
      for (int i = 0; i < count; i++) {
        out.add(JavaPointTable.write(affine, i * G1Sum.AFFINE));
      }
    }
    return out;
  }

  private void add(G1Sum sum, long[] sums, int at, Fr scalar) {
    byte[] bytes = scalar.toLittleEndian();
    if (new BigInteger(1, scalar.encode()).bitLength() > windows * width) {
      throw new IllegalArgumentException("scalar wider than the table");
    }
    Scalars digits = new Scalars(bytes, 1, 255);
    for (int w = 0; w < windows; w++) {
      int digit = digits.digit(0, w * width, width);
      if (digit != 0) {
        sum.addAffine(sums, at, table, ((w << width) + digit) * G1Sum.AFFINE, false);
      }
    }
  }
}
