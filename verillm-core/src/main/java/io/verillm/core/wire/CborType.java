package io.verillm.core.wire;

/** The kinds of CBOR items that messages consist of; there are no others. */
public enum CborType {
  /** A non-negative integer, major type 0. */
  UNSIGNED,
  /** A negative integer, major type 1. */
  NEGATIVE,
  /** A byte string, major type 2. */
  BYTES,
  /** A UTF-8 text string, major type 3. */
  TEXT,
  /** An array, major type 4. */
  ARRAY,
  /** A map with integer keys, major type 5. */
  MAP,
  /** False or true. */
  BOOL,
  /** Null. */
  NULL
}
