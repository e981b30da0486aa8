package io.verillm.core.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The decoded header of one safetensors file. Immutable.
 *
 * <p>Format: an unsigned 64-bit little-endian length, that many bytes of UTF-8 JSON starting with
 * an opening brace, then the data. Everything that is not exactly that is refused: repeated keys,
 * unknown fields and types, and data ranges that overlap, leave holes or end before or after the
 * file. Holes are refused because bytes that no tensor covers would escape the model digest.
 */
final class SafetensorsHeader {
  /** Bytes of the length field. */
  static final int LENGTH_BYTES = 8;

  /** Largest header that is read, as in the reference implementation. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(4).build())
          .build();

  private final Map<String, TensorEntry> entries;
  private final Map<String, String> metadata;

  private SafetensorsHeader(Map<String, TensorEntry> entries, Map<String, String> metadata) {
    this.entries = Collections.unmodifiableMap(entries);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /** Tensors by name, in UTF-8 order. */
  Map<String, TensorEntry> entries() {
    return entries;
  }

  /** The free text of the header, in file order. */
  Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Reads the length field.
   *
   * @param first the file's first eight bytes or fewer
   * @throws MalformedMessageException if the header would be empty, above the limit, or longer than
   *     the file
   */
  static int decodeLength(ByteBuffer first, long fileBytes) throws MalformedMessageException {
    if (first.remaining() < LENGTH_BYTES || fileBytes < LENGTH_BYTES) {
      throw new MalformedMessageException(
          "header length", 0, "a file of " + fileBytes + " bytes has none");
    }
    long length = first.slice().order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_HEADER_BYTES) {
      throw new MalformedMessageException(
          "header length", 0, Long.toUnsignedString(length) + " is not in 2.." + MAX_HEADER_BYTES);
    }
    if (length > fileBytes - LENGTH_BYTES) {
      throw new MalformedMessageException(
          "header length", 0, length + " leaves a file of " + fileBytes + " bytes");
    }
    return (int) length;
  }

  /**
   * Decodes the JSON part.
   *
   * @param json exactly the header's bytes
   * @param dataBytes bytes of the file after the header
   */
  static SafetensorsHeader decode(byte[] json, long dataBytes) throws MalformedMessageException {
    requireUtf8Object(json);
    Map<String, TensorEntry> entries = new TreeMap<>(Utf8Order.COMPARATOR);
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser in = JSON.createParser(json)) {
      expect(in, in.nextToken(), JsonToken.START_OBJECT, "header");
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        if (!Utf8Order.isEncodable(name)) {
          throw malformed(in, "tensor name", "has a lone surrogate");
        }
        if (name.equals(METADATA)) {
          readMetadata(in, metadata);
        } else {
          entries.put(name, readEntry(in, name, dataBytes));
        }
      }
      if (in.nextToken() != null) {
        throw malformed(in, "header", "has something after its object");
      }
    } catch (IOException e) {
      // Parsing an array meets no disk: whatever Jackson reports is about the content.
      throw new MalformedMessageException("header", LENGTH_BYTES, "not JSON: " + e.getMessage());
    }
    requireExactCover(entries.values(), dataBytes);
    return new SafetensorsHeader(entries, metadata);
  }

  private static void requireUtf8Object(byte[] json) throws MalformedMessageException {
    // Jackson would also guess UTF-16 and UTF-32, which always put a zero byte near the brace.
    if (json.length < 2 || json[0] != '{') {
      throw new MalformedMessageException("header", LENGTH_BYTES, "does not start with a brace");
    }
    for (int i = 1; i < Math.min(4, json.length); i++) {
      if (json[i] == 0) {
        throw new MalformedMessageException("header", LENGTH_BYTES + i, "zero byte in JSON");
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
    } catch (CharacterCodingException e) {
      throw new MalformedMessageException("header", LENGTH_BYTES, "not UTF-8");
    }
  }

  private static void readMetadata(JsonParser in, Map<String, String> metadata)
      throws IOException, MalformedMessageException {
    expect(in, in.nextToken(), JsonToken.START_OBJECT, METADATA);
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      expect(in, in.nextToken(), JsonToken.VALUE_STRING, METADATA);
      metadata.put(key, in.getText());
    }
  }

  private static TensorEntry readEntry(JsonParser in, String name, long dataBytes)
      throws IOException, MalformedMessageException {
    DType dtype = null;
    long[] dimensions = null;
    long[] offsets = null;
    expect(in, in.nextToken(), JsonToken.START_OBJECT, "tensor " + name);
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String field = in.currentName();
      switch (field) {
        case "dtype" -> {
          expect(in, in.nextToken(), JsonToken.VALUE_STRING, "dtype");
          String type = in.getText();
          dtype = DType.ofSafetensorsName(type).orElse(null);
          if (dtype == null) {
            throw malformed(in, "dtype", "unknown type " + type + " of " + name);
          }
        }
        case "shape" -> dimensions = readNumbers(in, "shape", Shape.MAX_RANK);
        case "data_offsets" -> {
          offsets = readNumbers(in, "data_offsets", 2);
          if (offsets.length != 2) {
            throw malformed(in, "data_offsets", "needs two numbers");
          }
        }
        default -> throw malformed(in, "tensor " + name, "unknown field " + field);
      }
    }
    return entry(in, name, dtype, dimensions, offsets, dataBytes);
  }

  private static TensorEntry entry(
      JsonParser in,
      String name,
      @Nullable DType dtype,
      long @Nullable [] dimensions,
      long @Nullable [] offsets,
      long dataBytes)
      throws MalformedMessageException {
    if (dtype == null || dimensions == null || offsets == null) {
      throw malformed(in, "tensor " + name, "needs dtype, shape and data_offsets");
    }
    if (offsets[0] > offsets[1] || offsets[1] > dataBytes) {
      throw malformed(
          in,
          "data_offsets",
          name + " is at " + offsets[0] + ".." + offsets[1] + " of " + dataBytes + " bytes");
    }
    try {
      Shape shape = Shape.of(dimensions);
      if (Math.multiplyExact(shape.elements(), dtype.bytes()) != offsets[1] - offsets[0]) {
        throw malformed(
            in,
            "data_offsets",
            name + " " + dtype + shape + " does not fill " + (offsets[1] - offsets[0]) + " bytes");
      }
      return new TensorEntry(name, dtype, shape, offsets[0], offsets[1]);
    } catch (ArithmeticException e) {
      throw malformed(in, "shape", name + " has more than 2^63 bytes");
    }
  }

  private static long[] readNumbers(JsonParser in, String field, int most)
      throws IOException, MalformedMessageException {
    expect(in, in.nextToken(), JsonToken.START_ARRAY, field);
    List<Long> numbers = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      expect(in, in.currentToken(), JsonToken.VALUE_NUMBER_INT, field);
      if (numbers.size() == most) {
        throw malformed(in, field, "has more than " + most + " numbers");
      }
      if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER || in.getLongValue() < 0) {
        throw malformed(in, field, "has a number outside 0..2^63-1");
      }
      numbers.add(in.getLongValue());
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static void requireExactCover(Iterable<TensorEntry> entries, long dataBytes)
      throws MalformedMessageException {
    List<TensorEntry> byOffset = new ArrayList<>();
    entries.forEach(byOffset::add);
    byOffset.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    long next = 0;
    for (TensorEntry entry : byOffset) {
      if (entry.begin() != next) {
        throw new MalformedMessageException(
            "data_offsets",
            LENGTH_BYTES,
            entry.name()
                + " starts at "
                + entry.begin()
                + (entry.begin() < next ? " inside its predecessor" : " after a hole")
                + ", expected "
                + next);
      }
      next = entry.end();
    }
    if (next != dataBytes) {
      throw new MalformedMessageException(
          "data_offsets", LENGTH_BYTES, "tensors end at " + next + " of " + dataBytes + " bytes");
    }
  }

  private static void expect(
      JsonParser in, @Nullable JsonToken found, JsonToken expected, String field)
      throws MalformedMessageException {
    if (found != expected) {
      throw malformed(in, field, "expected " + expected + ", found " + found);
    }
  }

  private static MalformedMessageException malformed(JsonParser in, String field, String message) {
    return new MalformedMessageException(
        field, LENGTH_BYTES + Math.max(0, in.currentLocation().getByteOffset()), message);
  }
}
