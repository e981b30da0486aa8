package io.verillm.exec.torch;

import io.verillm.core.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Refuses infinities and NaN: nothing can be decided about a run that has them. */
final class FiniteRows {
  private static final long F32_EXPONENTS = 0x7F8000007F800000L;
  private static final long F32_STEPS = 0x0080000000800000L;
  private static final long F32_CARRIES = 0x8000000080000000L;
  private static final long BF16_EXPONENTS = 0x7F807F807F807F80L;
  private static final long BF16_STEPS = 0x0080008000800080L;
  private static final long BF16_CARRIES = 0x8000800080008000L;

  private FiniteRows() {}

  /**
   * Whether every element is finite. An exponent of all ones carries into the sign bit when its
   * lowest bit is added, and no other does; several elements are asked at once.
   *
   * @param bytes little-endian elements of F32 or BF16; position and limit stay
   */
  static boolean areFinite(DType dtype, ByteBuffer bytes) {
    boolean f32 = dtype == DType.F32;
    long exponents = f32 ? F32_EXPONENTS : BF16_EXPONENTS;
    long steps = f32 ? F32_STEPS : BF16_STEPS;
    long carries = f32 ? F32_CARRIES : BF16_CARRIES;
    ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    long found = 0;
    int at = 0;
    for (; at + 8 <= in.limit(); at += 8) {
      found |= ((in.getLong(at) & exponents) + steps) & carries;
    }
    for (; at < in.limit(); at += dtype.bytes()) {
      long element = f32 ? in.getInt(at) & 0xFFFFFFFFL : in.getShort(at) & 0xFFFFL;
      found |= ((element & exponents) + steps) & carries & (f32 ? 0x80000000L : 0x8000L);
    }
    return found == 0;
  }
}
