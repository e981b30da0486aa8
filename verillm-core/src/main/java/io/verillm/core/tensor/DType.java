package io.verillm.core.tensor;

import java.util.Optional;

/** Element types of tensors, with their stable wire codes and their names in safetensors files. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(1, 4, "F32"),
  /** IEEE 754 binary16. */
  F16(2, 2, "F16"),
  /** The upper 16 bits of binary32. */
  BF16(3, 2, "BF16"),
  /** 8 bits: 4 exponent, 3 mantissa, no infinities. */
  F8_E4M3(4, 1, "F8_E4M3"),
  /** 8 bits: 5 exponent, 2 mantissa. */
  F8_E5M2(5, 1, "F8_E5M2"),
  /** Signed 8-bit integer. */
  I8(6, 1, "I8"),
  /** Unsigned 8-bit integer. */
  U8(7, 1, "U8"),
  /** Signed 16-bit integer. */
  I16(8, 2, "I16"),
  /** Signed 32-bit integer. */
  I32(9, 4, "I32"),
  /** Signed 64-bit integer. */
  I64(10, 8, "I64"),
  /** One byte, 0 or 1. */
  BOOL(11, 1, "BOOL"),
  /** IEEE 754 binary64. */
  F64(12, 8, "F64"),
  /** Unsigned 16-bit integer. */
  U16(13, 2, "U16"),
  /** Unsigned 32-bit integer. */
  U32(14, 4, "U32"),
  /** Unsigned 64-bit integer. */
  U64(15, 8, "U64");

  private final int code;
  private final int bytes;
  private final String safetensorsName;

  DType(int code, int bytes, String safetensorsName) {
    this.code = code;
    this.bytes = bytes;
    this.safetensorsName = safetensorsName;
  }

  /** The stable code on the wire, 1 to 255. */
  public int code() {
    return code;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** The name in the header of a safetensors file. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** Finds a type by its wire code. */
  public static Optional<DType> ofCode(int code) {
    for (DType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Finds a type by its safetensors name. */
  public static Optional<DType> ofSafetensorsName(String name) {
    for (DType type : values()) {
      if (type.safetensorsName.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
