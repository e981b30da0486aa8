package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;

/**
 * How an element becomes a cell of an algebraic commitment. Lossless.
 *
 * <ul>
 *   <li>BF16 and F16: the 16 raw bits as an unsigned integer. −0 and +0 are different cells. <b>NaN
 *       is refused</b>, when committing and when verifying: its payloads would give one value many
 *       cells.
 *   <li>I8, I16: x + 2^(b−1), never r − x, whose 255 bits would cost four times as much. I16 holds
 *       fixed-point numbers of 16 bits.
 *   <li>U8, U16: as they are.
 *   <li>Every other type, F32 among them: Merkle trees only.
 * </ul>
 */
final class ElementCodec {
  private ElementCodec() {}

  /** Whether algebraic schemes take the type. */
  static boolean isAlgebraic(DType dtype) {
    return switch (dtype) {
      case BF16, F16, I8, I16, U8, U16 -> true;
      default -> false;
    };
  }

  /**
   * Refuses other types.
   *
   * @throws IllegalArgumentException if only Merkle trees take it
   */
  static void requireAlgebraic(DType dtype) {
    if (!isAlgebraic(dtype)) {
      throw new IllegalArgumentException(
          dtype + " has no algebraic encoding; commit to it with the scheme merkle");
    }
  }

  /** The cell of the element whose little-endian bytes start at {@code offset}. */
  static long cell(DType dtype, byte[] bytes, int offset) {
    int low = bytes[offset] & 0xFF;
    int raw = dtype.bytes() == 1 ? low : low | (bytes[offset + 1] & 0xFF) << 8;
    return switch (dtype) {
      case I8 -> raw ^ 0x80;
      case I16 -> raw ^ 0x8000;
      default -> raw;
    };
  }

  /** Whether the element is not a number. */
  static boolean isNan(DType dtype, byte[] bytes, int offset) {
    int raw = dtype.bytes() == 2 ? (bytes[offset] & 0xFF) | (bytes[offset + 1] & 0xFF) << 8 : 0;
    return switch (dtype) {
      case BF16 -> (raw & 0x7FFF) > 0x7F80;
      case F16 -> (raw & 0x7FFF) > 0x7C00;
      default -> false;
    };
  }

  /** Whether one of the elements is not a number. */
  static boolean hasNan(DType dtype, byte[] bytes) {
    for (int i = 0; i + dtype.bytes() <= bytes.length; i += dtype.bytes()) {
      if (isNan(dtype, bytes, i)) {
        return true;
      }
    }
    return false;
  }
}
