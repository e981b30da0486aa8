package io.verillm.core.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Reads one item of deterministic CBOR and refuses every other encoding of the same content.
 *
 * <p>Source: RFC 8949 section 4.2.1. Refused are heads longer than necessary, indefinite lengths,
 * floats, tags, simple values other than false, true and null, integers outside the range of a
 * {@code long}, text that is not UTF-8, map keys that are not strictly ascending integers, nesting
 * deeper than 16, and anything after the item. A length is compared with its limit and with the
 * input that is left before anything is allocated by it.
 *
 * <p>Every read names the field that it is after; all failures are {@link
 * MalformedMessageException} with that name and an offset, and leave the reader unusable. A caller
 * must read as many entries as {@link #array} or {@link #map} returned: containers close themselves
 * after the last one. Belongs to one thread; the input must not change meanwhile.
 */
public final class CborReader {
  private final ByteBuffer in;
  private final int base;
  private final CborFrames frames = new CborFrames();

  private CborReader(ByteBuffer in, int base) {
    this.in = in;
    this.base = base;
  }

  /** Reads from an array, which is not copied. */
  public static CborReader of(byte[] input) {
    return new CborReader(ByteBuffer.wrap(input), 0);
  }

  /** Reads what remains in a buffer; the buffer's own position does not move. */
  public static CborReader of(ByteBuffer input) {
    return new CborReader(input.slice(), 0); // a slice is big-endian, as CBOR is
  }

  /** Returns the kind of the next item, which may be a map key. */
  public CborType nextType(String field) throws MalformedMessageException {
    if (frames.isComplete()) {
      throw malformed(field, "the item has ended");
    }
    if (!in.hasRemaining()) {
      throw malformed(field, "the input ends");
    }
    int initial = in.get(in.position()) & 0xFF;
    return switch (initial >> 5) {
      case 0 -> CborType.UNSIGNED;
      case 1 -> CborType.NEGATIVE;
      case 2 -> CborType.BYTES;
      case 3 -> CborType.TEXT;
      case 4 -> CborType.ARRAY;
      case 5 -> CborType.MAP;
      case 6 -> throw malformed(field, "tags are not allowed");
      default -> simpleType(field, initial);
    };
  }

  private CborType simpleType(String field, int initial) throws MalformedMessageException {
    if (initial == 0xF4 || initial == 0xF5) {
      return CborType.BOOL;
    }
    if (initial == 0xF6) {
      return CborType.NULL;
    }
    throw malformed(field, "simple values and floats are not allowed");
  }

  /** Reads an integer from 0 to 2^63 − 1. */
  public long unsigned(String field) throws MalformedMessageException {
    return unsigned(field, Long.MAX_VALUE);
  }

  /** Reads an integer from 0 to {@code max}. */
  public long unsigned(String field, long max) throws MalformedMessageException {
    int start = in.position();
    requireValue(field, CborType.UNSIGNED);
    long value = argument(field);
    if (value > max) {
      throw malformedAt(start, field, value + " is larger than " + max);
    }
    frames.completeItem();
    return value;
  }

  /** Reads an integer that fits a {@code long}. */
  public long integer(String field) throws MalformedMessageException {
    requireValuePlace(field);
    long value = anyInteger(field);
    frames.completeItem();
    return value;
  }

  /** Reads a byte string of at most {@code maxLength}. */
  public byte[] bytes(String field, int maxLength) throws MalformedMessageException {
    int length = stringLength(field, CborType.BYTES, maxLength);
    byte[] value = new byte[length];
    in.get(value);
    frames.completeItem();
    return value;
  }

  /** Reads a byte string of exactly {@code length}. */
  public byte[] bytesExactly(String field, int length) throws MalformedMessageException {
    int start = in.position();
    int found = stringLength(field, CborType.BYTES, length);
    if (found != length) {
      throw malformedAt(start, field, "needs " + length + " bytes, has " + found);
    }
    byte[] value = new byte[length];
    in.get(value);
    frames.completeItem();
    return value;
  }

  /** Reads a byte string of 32. */
  public Digest32 digest(String field) throws MalformedMessageException {
    return Digest32.copyOf(bytesExactly(field, Digest32.LENGTH));
  }

  /**
   * Reads a byte string as a reader of the item inside; its offsets count from the start of this
   * reader's input. The caller calls {@link #end} on both.
   */
  public CborReader embedded(String field, int maxLength) throws MalformedMessageException {
    int length = stringLength(field, CborType.BYTES, maxLength);
    int start = in.position();
    in.position(start + length);
    frames.completeItem();
    return new CborReader(in.slice(start, length), base + start);
  }

  /** Reads valid UTF-8 of at most {@code maxBytes}; an unpaired surrogate is not valid. */
  public String text(String field, int maxBytes) throws MalformedMessageException {
    int length = stringLength(field, CborType.TEXT, maxBytes);
    int start = in.position();
    String value;
    try {
      // A new decoder reports malformed input, where String's constructor would repair it.
      value = StandardCharsets.UTF_8.newDecoder().decode(in.slice(start, length)).toString();
    } catch (CharacterCodingException e) {
      throw malformedAt(start, field, "text is not valid UTF-8");
    }
    in.position(start + length);
    frames.completeItem();
    return value;
  }

  /** Opens an array of at most {@code maxItems} and returns how many it has. */
  public int array(String field, int maxItems) throws MalformedMessageException {
    return open(field, CborType.ARRAY, maxItems);
  }

  /** Opens an array of exactly {@code n} items. */
  public void arrayOf(String field, int n) throws MalformedMessageException {
    int start = in.position();
    int found = open(field, CborType.ARRAY, n);
    if (found != n) {
      throw malformedAt(start, field, "needs " + n + " items, has " + found);
    }
  }

  /** Opens a map of at most {@code maxEntries} pairs and returns how many it has. */
  public int map(String field, int maxEntries) throws MalformedMessageException {
    return open(field, CborType.MAP, maxEntries);
  }

  /** Opens a map of exactly {@code n} pairs. */
  public void mapOf(String field, int n) throws MalformedMessageException {
    int start = in.position();
    int found = open(field, CborType.MAP, n);
    if (found != n) {
      throw malformedAt(start, field, "needs " + n + " entries, has " + found);
    }
  }

  /** Reads the next map key, which must be {@code expectedKey}. */
  public void key(String field, long expectedKey) throws MalformedMessageException {
    int start = in.position();
    long found = nextKey(field);
    if (found != expectedKey) {
      throw malformedAt(start, field, "needs key " + expectedKey + ", has " + found);
    }
  }

  /** Reads the next map key, which must come after the previous one. */
  public long nextKey(String field) throws MalformedMessageException {
    int start = in.position();
    if (!frames.expectsKey()) {
      throw malformed(field, "no map entry is left here");
    }
    long key = anyInteger(field);
    if (!frames.isAscending(key)) {
      throw malformedAt(start, field, "map key " + key + " is repeated or out of order");
    }
    frames.completeKey(key);
    return key;
  }

  /** Reads false or true. */
  public boolean bool(String field) throws MalformedMessageException {
    requireValue(field, CborType.BOOL);
    boolean value = in.get() == (byte) 0xF5;
    frames.completeItem();
    return value;
  }

  /** Whether the next item is null; consumes nothing, and false at the end of the input. */
  public boolean nextIsNull() {
    return in.hasRemaining()
        && !frames.isComplete()
        && !frames.expectsKey()
        && in.get(in.position()) == (byte) 0xF6;
  }

  /** Reads null. */
  public void nul(String field) throws MalformedMessageException {
    requireValue(field, CborType.NULL);
    in.get();
    frames.completeItem();
  }

  /** Bytes read so far, counted from the start of the input. */
  public int offset() {
    return base + in.position();
  }

  /** Refuses an incomplete item and bytes after it. */
  public void end() throws MalformedMessageException {
    if (!frames.isComplete()) {
      throw malformed("end", "the item is not read to its end: " + frames);
    }
    if (in.hasRemaining()) {
      throw malformed("end", in.remaining() + " bytes follow the item");
    }
  }

  /** An exception at the current offset, for checks of a message's own rules. */
  public MalformedMessageException malformed(String field, String message) {
    return malformedAt(in.position(), field, message);
  }

  private MalformedMessageException malformedAt(int position, String field, String message) {
    return new MalformedMessageException(field, base + position, message);
  }

  private void requireValuePlace(String field) throws MalformedMessageException {
    Objects.requireNonNull(field, "field");
    if (frames.isComplete()) {
      throw malformed(field, "the item has ended");
    }
    if (frames.expectsKey()) {
      throw malformed(field, "an unread map entry is left");
    }
  }

  private void requireValue(String field, CborType type) throws MalformedMessageException {
    requireValuePlace(field);
    CborType found = nextType(field);
    if (found != type) {
      throw malformed(field, "needs " + type + ", has " + found);
    }
  }

  private long anyInteger(String field) throws MalformedMessageException {
    CborType type = nextType(field);
    if (type != CborType.UNSIGNED && type != CborType.NEGATIVE) {
      throw malformed(field, "needs an integer, has " + type);
    }
    long argument = argument(field);
    return type == CborType.UNSIGNED ? argument : ~argument;
  }

  private int stringLength(String field, CborType type, int maxLength)
      throws MalformedMessageException {
    int start = in.position();
    requireValue(field, type);
    long length = argument(field);
    if (length > maxLength) {
      throw malformedAt(start, field, length + " bytes are more than " + maxLength);
    }
    if (length > in.remaining()) {
      throw malformedAt(start, field, "claims " + length + " bytes, " + in.remaining() + " left");
    }
    return (int) length;
  }

  private int open(String field, CborType type, int max) throws MalformedMessageException {
    int start = in.position();
    requireValue(field, type);
    if (frames.isFull()) {
      throw malformed(field, "nested deeper than " + CborFrames.MAX_DEPTH);
    }
    long entries = argument(field);
    if (entries > max) {
      throw malformedAt(start, field, entries + " entries are more than " + max);
    }
    boolean map = type == CborType.MAP;
    long smallest = map ? 2 * entries : entries; // every item takes at least one byte
    if (smallest > in.remaining()) {
      throw malformedAt(
          start, field, "claims " + entries + " entries, " + in.remaining() + " bytes left");
    }
    frames.open(map, (int) entries);
    return (int) entries;
  }

  /** Reads a head; its kind was checked, its argument is returned. */
  private long argument(String field) throws MalformedMessageException {
    int start = in.position();
    int info = in.get() & 0x1F;
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw malformedAt(start, field, info == 31 ? "indefinite length" : "reserved head");
    }
    int log = info - 24;
    if (in.remaining() < 1 << log) {
      throw malformedAt(start, field, "the input ends within a head");
    }
    long value =
        switch (log) {
          case 0 -> in.get() & 0xFF;
          case 1 -> in.getShort() & 0xFFFF;
          case 2 -> in.getInt() & 0xFFFFFFFFL;
          default -> in.getLong();
        };
    if (value < 0) {
      throw malformedAt(start, field, "more than 63 bits");
    }
    long smallest = log == 0 ? 24 : 1L << (4 << log);
    if (value < smallest) {
      throw malformedAt(start, field, "a shorter head would do for " + value);
    }
    return value;
  }
}
