package io.verillm.core.order;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A sequence of token ids, compared by content. Immutable. */
public final class TokenIds {
  /** Longest sequence that any message may carry. */
  public static final int MAX_LENGTH = 1 << 20;

  /** Length of the salt of {@link #saltedDigest}, in bytes. */
  public static final int SALT_LENGTH = 16;

  private static final byte[] DIGEST_TAG =
      "verillm/token-ids/v1".getBytes(StandardCharsets.US_ASCII);

  private final int[] ids;

  private TokenIds(int[] owned) {
    if (owned.length > MAX_LENGTH) {
      throw new IllegalArgumentException(owned.length + " tokens are more than " + MAX_LENGTH);
    }
    for (int id : owned) {
      if (id < 0) {
        throw new IllegalArgumentException("negative token id " + id);
      }
    }
    this.ids = owned;
  }

  /**
   * Copies token ids.
   *
   * @throws IllegalArgumentException if an id is negative or there are more than {@value
   *     #MAX_LENGTH}
   */
  public static TokenIds of(int... ids) {
    return new TokenIds(ids.clone());
  }

  /** Number of tokens. */
  public int size() {
    return ids.length;
  }

  /** The id at {@code index}, counted from 0. */
  public int get(int index) {
    return ids[index];
  }

  /** The last id. */
  public int last() {
    return ids[ids.length - 1];
  }

  /** Returns a copy of the ids. */
  public int[] toArray() {
    return ids.clone();
  }

  /** Returns these tokens followed by {@code next}. */
  public TokenIds concat(TokenIds next) {
    int[] all = Arrays.copyOf(ids, ids.length + next.ids.length);
    System.arraycopy(next.ids, 0, all, ids.length, next.ids.length);
    return new TokenIds(all);
  }

  /** Returns the first {@code length} tokens. */
  public TokenIds prefix(int length) {
    return new TokenIds(Arrays.copyOf(ids, length));
  }

  /**
   * The digest that a receipt carries instead of the ids: SHA-256 of a tag, the salt, the count and
   * the ids, all integers 32 bits big-endian. The salt keeps short prompts from being guessed.
   *
   * @param salt {@value #SALT_LENGTH} bytes
   */
  public Digest32 saltedDigest(byte[] salt) {
    if (salt.length != SALT_LENGTH) {
      throw new IllegalArgumentException("the salt needs 16 bytes, got " + salt.length);
    }
    ByteBuffer body = ByteBuffer.allocate(4 + 4 * ids.length).putInt(ids.length);
    for (int id : ids) {
      body.putInt(id);
    }
    return Digest32.sha256(DIGEST_TAG, salt, body.array());
  }

  /** Writes a CBOR array of unsigned integers. */
  public void encode(CborWriter out) {
    out.array(ids.length);
    for (int id : ids) {
      out.unsigned(id);
    }
  }

  /** Reads what {@link #encode} wrote. */
  public static TokenIds decode(CborReader in, String field) throws MalformedMessageException {
    int length = in.array(field, MAX_LENGTH);
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = (int) in.unsigned(field, Integer.MAX_VALUE);
    }
    return new TokenIds(ids);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenIds that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return ids.length + " tokens";
  }
}
