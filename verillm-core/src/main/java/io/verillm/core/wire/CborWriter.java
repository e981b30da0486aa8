package io.verillm.core.wire;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Writes one item of deterministic CBOR: equal content gives equal bytes.
 *
 * <p>Source: RFC 8949 section 4.2.1. Heads are the shortest ones; there are no floats, tags or
 * indefinite lengths; map keys are integers in the bytewise order of their encodings (0, 1, 2, …,
 * −1, −2, …). Containers nest at most 16 deep. A container is opened with its number of entries and
 * closes itself after the last one. Belongs to one thread.
 */
public final class CborWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CborFrames frames = new CborFrames();

  /** An empty writer. */
  public CborWriter() {}

  /**
   * Writes a non-negative integer, as a value or a map key.
   *
   * @param value 0 to 2^63 − 1
   * @throws IllegalArgumentException if it is negative
   * @throws IllegalStateException if nothing fits here, or a key does not ascend
   */
  @CanIgnoreReturnValue
  public CborWriter unsigned(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("not an unsigned value: " + value);
    }
    return integer(value);
  }

  /**
   * Writes an integer, as a value or a map key.
   *
   * @throws IllegalStateException if nothing fits here, or a key does not ascend
   */
  @CanIgnoreReturnValue
  public CborWriter integer(long value) {
    if (frames.expectsKey()) {
      if (!frames.isAscending(value)) {
        throw new IllegalStateException("map key " + value + " is repeated or out of order");
      }
      integerHead(value);
      frames.completeKey(value);
      return this;
    }
    requireValuePlace();
    integerHead(value);
    frames.completeItem();
    return this;
  }

  /** Writes a byte string. */
  @CanIgnoreReturnValue
  public CborWriter bytes(byte[] value) {
    Objects.requireNonNull(value, "value");
    requireValuePlace();
    head(2, value.length);
    out.write(value, 0, value.length);
    frames.completeItem();
    return this;
  }

  /** Writes a digest as a byte string of 32. */
  @CanIgnoreReturnValue
  public CborWriter digest(Digest32 value) {
    return bytes(value.toByteArray());
  }

  /**
   * Writes a text string.
   *
   * @throws IllegalArgumentException if the text has a lone surrogate and therefore no UTF-8 form
   */
  @CanIgnoreReturnValue
  public CborWriter text(String value) {
    Objects.requireNonNull(value, "value");
    requireValuePlace();
    ByteBuffer encoded;
    try {
      encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text has a lone surrogate", e);
    }
    head(3, encoded.remaining());
    out.write(encoded.array(), encoded.arrayOffset() + encoded.position(), encoded.remaining());
    frames.completeItem();
    return this;
  }

  /** Opens an array of {@code n} items. */
  @CanIgnoreReturnValue
  public CborWriter array(int n) {
    return open(4, n);
  }

  /**
   * Opens a map of {@code n} pairs; each key is written by {@link #unsigned} or {@link #integer}.
   */
  @CanIgnoreReturnValue
  public CborWriter map(int n) {
    return open(5, n);
  }

  /** Writes false or true. */
  @CanIgnoreReturnValue
  public CborWriter bool(boolean value) {
    requireValuePlace();
    out.write(value ? 0xF5 : 0xF4);
    frames.completeItem();
    return this;
  }

  /** Writes null. */
  @CanIgnoreReturnValue
  public CborWriter nul() {
    requireValuePlace();
    out.write(0xF6);
    frames.completeItem();
    return this;
  }

  /**
   * Returns the encoded item.
   *
   * @throws IllegalStateException if nothing was written or a container misses entries
   */
  public byte[] toByteArray() {
    if (!frames.isComplete()) {
      throw new IllegalStateException("the item is incomplete: " + frames);
    }
    return out.toByteArray();
  }

  private CborWriter open(int major, int n) {
    if (n < 0) {
      throw new IllegalArgumentException("a container cannot have " + n + " entries");
    }
    requireValuePlace();
    if (frames.isFull()) {
      throw new IllegalStateException("nested deeper than " + CborFrames.MAX_DEPTH);
    }
    head(major, n);
    frames.open(major == 5, n);
    return this;
  }

  private void requireValuePlace() {
    if (frames.isComplete()) {
      throw new IllegalStateException("the item is already complete");
    }
    if (frames.expectsKey()) {
      throw new IllegalStateException("a map key must be an integer");
    }
  }

  private void integerHead(long value) {
    if (value < 0) {
      head(1, ~value);
    } else {
      head(0, value);
    }
  }

  private void head(int major, long argument) {
    int initial = major << 5;
    if (argument < 24) {
      out.write(initial | (int) argument);
      return;
    }
    int log = argument < 1L << 8 ? 0 : argument < 1L << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
    out.write(initial | (24 + log));
    for (int shift = (8 << log) - 8; shift >= 0; shift -= 8) {
      out.write((int) (argument >>> shift));
    }
  }
}
