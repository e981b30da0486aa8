package io.verillm.core.wire;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 digest, compared by content. Immutable. */
public final class Digest32 implements Comparable<Digest32> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private Digest32(byte[] owned) {
    this.bytes = owned;
  }

  /**
   * Copies a digest.
   *
   * @throws IllegalArgumentException if {@code source} is not 32 bytes long
   */
  public static Digest32 copyOf(byte[] source) {
    if (source.length != LENGTH) {
      throw new IllegalArgumentException("a digest needs 32 bytes, got " + source.length);
    }
    return new Digest32(source.clone());
  }

  /**
   * Copies 32 bytes from the middle of an array.
   *
   * @throws IndexOutOfBoundsException if they do not all lie inside {@code source}
   */
  public static Digest32 copyOf(byte[] source, int offset) {
    java.util.Objects.checkFromIndexSize(offset, LENGTH, source.length);
    return new Digest32(Arrays.copyOfRange(source, offset, offset + LENGTH));
  }

  /** Hashes the concatenation of {@code parts} with SHA-256. */
  public static Digest32 sha256(byte[]... parts) {
    MessageDigest digest = newSha256();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return new Digest32(digest.digest());
  }

  /** Parses 64 hexadecimal digits. */
  public static Digest32 parse(String hex) {
    return copyOf(HexFormat.of().parseHex(hex));
  }

  /** Returns a fresh SHA-256 instance; every Java platform has one. */
  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must provide SHA-256", e);
    }
  }

  /** Returns a copy of the 32 bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /**
   * Writes the 32 bytes into an array, without the copy that {@link #toByteArray} makes.
   *
   * @throws IndexOutOfBoundsException if they do not all fit
   */
  public void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, LENGTH);
  }

  /** Returns the first eight hexadecimal digits, for people. */
  public String shortHex() {
    return HexFormat.of().formatHex(bytes, 0, 4);
  }

  @Override
  public int compareTo(Digest32 other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest32 that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
