package io.verillm.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The definition of {@link RowDifference}: one pair after the other, no shortcut. */
final class RowDifferenceDefinition {
  private RowDifferenceDefinition() {}

  static RowDifference compare(DType dtype, ByteBuffer claimed, ByteBuffer rerun) {
    ByteBuffer left = claimed.slice().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer right = rerun.slice().order(ByteOrder.LITTLE_ENDIAN);
    int width = dtype.bytes();
    int signBit = width == 4 ? 0x80000000 : 0x8000;
    int exponentMask =
        switch (dtype) {
          case F32 -> 0x7F800000;
          case BF16 -> 0x7F80;
          case F16 -> 0x7C00;
          default -> throw new IllegalArgumentException(dtype.toString());
        };
    int elements = left.limit() / width;
    long unequal = 0;
    long signs = 0;
    long exponents = 0;
    long nonFinite = 0;
    long[] histogram = new long[RowDifference.BUCKETS];
    for (int i = 0; i < elements; i++) {
      int x = width == 4 ? left.getInt(i * 4) : left.getShort(i * 2) & 0xFFFF;
      int y = width == 4 ? right.getInt(i * 4) : right.getShort(i * 2) & 0xFFFF;
      if (x != y) {
        unequal++;
      }
      if (((x ^ y) & signBit) != 0) {
        signs++;
      }
      if (((x ^ y) & exponentMask) != 0) {
        exponents++;
      }
      if ((x & exponentMask) == exponentMask || (y & exponentMask) == exponentMask) {
        nonFinite++;
      } else if (((x ^ y) & signBit) == 0) {
        histogram[RowDifference.bucket(Math.abs((x & ~signBit) - (y & ~signBit)))]++;
      }
    }
    return new RowDifference(elements, unequal, signs, exponents, nonFinite, histogram);
  }
}
