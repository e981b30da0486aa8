package io.verillm.core.trace;

import io.verillm.core.tensor.DType;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.Digest32;

/**
 * The layout of one leaf of a token tree: {@code 0x00 ‖ data ‖ suffix}.
 *
 * <p>{@code data} is 1 to {@value #MAX_DATA} raw little-endian bytes of one row. The suffix is
 * exactly {@value #SUFFIX_BYTES} bytes, big-endian:
 *
 * <pre>
 *   offset  bytes  field
 *        0     16  salt
 *       16      1  version, 1
 *       17      1  kind code
 *       18      1  dtype code
 *       19      1  hook code
 *       20      2  layer
 *       22      4  position
 *       26      2  chunk, from 0
 *       28      4  bytes of the whole row
 * </pre>
 *
 * <p>Only the last chunk of a row is shorter than the profile's chunk. With 1024 data bytes the
 * suffix fits into the block that SHA-256's padding needs anyway. The suffix says which row the
 * bytes are claimed to be; it does not prove that a model computed them.
 */
public final class ChunkLeaf {
  /** Most data bytes in a leaf. */
  public static final int MAX_DATA = 1024;

  /** Bytes of a salt. */
  public static final int SALT_BYTES = 16;

  /** Bytes of the suffix. */
  public static final int SUFFIX_BYTES = 32;

  /** The version in the suffix. */
  public static final int VERSION = 1;

  private ChunkLeaf() {}

  /**
   * Writes the leaf, its prefix included.
   *
   * @param data the chunk, 1 to {@value #MAX_DATA} bytes
   * @param salt {@value #SALT_BYTES} bytes
   * @param position at least 0
   * @param chunk 0 to 65535
   * @param rowBytes at least the length of {@code data}
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static byte[] encode(
      byte[] data, byte[] salt, RowKey key, DType dtype, int position, int chunk, int rowBytes) {
    if (data.length < 1 || data.length > MAX_DATA || rowBytes < data.length) {
      throw new IllegalArgumentException(data.length + " bytes of a row of " + rowBytes);
    }
    if (salt.length != SALT_BYTES || position < 0 || chunk < 0 || chunk > 0xFFFF) {
      throw new IllegalArgumentException(
          "salt of " + salt.length + " bytes, position " + position + ", chunk " + chunk);
    }
    byte[] leaf = new byte[1 + data.length + SUFFIX_BYTES];
    leaf[0] = MerkleHash.LEAF_PREFIX;
    System.arraycopy(data, 0, leaf, 1, data.length);
    System.arraycopy(salt, 0, leaf, 1 + data.length, SALT_BYTES);
    writeTag(leaf, 1 + data.length + SALT_BYTES, key, dtype, rowBytes);
    writePlace(leaf, 1 + data.length + SALT_BYTES, position, chunk);
    return leaf;
  }

  /** The leaf's hash in the token tree. */
  public static Digest32 hash(
      byte[] data, byte[] salt, RowKey key, DType dtype, int position, int chunk, int rowBytes) {
    return Digest32.sha256(encode(data, salt, key, dtype, position, chunk, rowBytes));
  }

  /** Writes what is the same for all leaves of a row; {@code offset} is where the salt ended. */
  static void writeTag(byte[] target, int offset, RowKey key, DType dtype, int rowBytes) {
    target[offset] = VERSION;
    target[offset + 1] = (byte) key.kind().code();
    target[offset + 2] = (byte) dtype.code();
    target[offset + 3] = (byte) key.hook().code();
    target[offset + 4] = (byte) (key.layer() >>> 8);
    target[offset + 5] = (byte) key.layer();
    writeInt(target, offset + 12, rowBytes);
  }

  /** Writes where the leaf stands; {@code offset} as above. */
  static void writePlace(byte[] target, int offset, int position, int chunk) {
    writeInt(target, offset + 6, position);
    target[offset + 10] = (byte) (chunk >>> 8);
    target[offset + 11] = (byte) chunk;
  }

  private static void writeInt(byte[] target, int offset, int value) {
    target[offset] = (byte) (value >>> 24);
    target[offset + 1] = (byte) (value >>> 16);
    target[offset + 2] = (byte) (value >>> 8);
    target[offset + 3] = (byte) value;
  }
}
