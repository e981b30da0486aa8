package io.verillm.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object that is read key by key, and that complains about keys nobody asked for: an
 * unread key may change the computation.
 */
final class StrictJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final long MAX_BYTES = 1L << 28;

  private final Path file;
  private final String prefix;
  private final ObjectNode node;
  private final Set<String> unread;

  private StrictJson(Path file, String prefix, ObjectNode node) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
    this.unread = new TreeSet<>();
    node.fieldNames().forEachRemaining(unread::add);
  }

  static StrictJson read(Path file) throws IOException, UnusableModelException {
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException e) {
      throw new UnusableModelException(
          file, "file", "is missing; download the complete model folder again", e);
    }
    if (size > MAX_BYTES) {
      throw new UnusableModelException(file, "file", "has " + size + " bytes; not a JSON file");
    }
    return parse(file, Files.readAllBytes(file));
  }

  static StrictJson parse(Path file, byte[] json) throws UnusableModelException {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UnusableModelException(
          file,
          "file",
          "is not JSON without repeated keys (" + e.getOriginalMessage() + "); download it again",
          e);
    } catch (IOException e) {
      throw new UnusableModelException(file, "file", "is not UTF-8; download it again", e);
    }
    if (!(root instanceof ObjectNode object)) {
      throw new UnusableModelException(file, "file", "is not a JSON object; download it again");
    }
    return new StrictJson(file, "", object);
  }

  Path file() {
    return file;
  }

  ObjectNode node() {
    return node;
  }

  UnusableModelException wrong(String key, String message) {
    return new UnusableModelException(file, prefix + key, message);
  }

  /** The value, or null where the key is absent or JSON null. Marks the key as read. */
  @Nullable JsonNode get(String key) {
    unread.remove(key);
    JsonNode value = node.get(key);
    return value == null || value.isNull() ? null : value;
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  void ignore(Iterable<String> keys) {
    for (String key : keys) {
      unread.remove(key);
    }
  }

  void requireAllRead() throws UnusableModelException {
    for (String key : unread) {
      throw wrong(
          key,
          "is not a known key and may change the computation; if it does not, name it among the"
              + " ignored keys");
    }
  }

  int requireInt(String key, int least, int most) throws UnusableModelException {
    JsonNode value = get(key);
    if (value == null) {
      throw wrong(key, "is missing; it needs an integer in " + least + ".." + most);
    }
    return checkInt(key, value, least, most);
  }

  int optionalInt(String key, int otherwise, int least, int most) throws UnusableModelException {
    JsonNode value = get(key);
    return value == null ? otherwise : checkInt(key, value, least, most);
  }

  private int checkInt(String key, JsonNode value, int least, int most)
      throws UnusableModelException {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(key, "is " + value + ", supported are integers in " + least + ".." + most);
    }
    return value.intValue();
  }

  double requireNumber(String key) throws UnusableModelException {
    JsonNode value = get(key);
    if (value == null) {
      throw wrong(key, "is missing; it needs a number");
    }
    return checkNumber(key, value);
  }

  double optionalNumber(String key, double otherwise) throws UnusableModelException {
    JsonNode value = get(key);
    return value == null ? otherwise : checkNumber(key, value);
  }

  private double checkNumber(String key, JsonNode value) throws UnusableModelException {
    if (!value.isNumber() || !(Math.abs(value.doubleValue()) < 1e300)) {
      throw wrong(key, "is " + value + ", supported are finite numbers");
    }
    return value.doubleValue();
  }

  boolean optionalBoolean(String key, boolean otherwise) throws UnusableModelException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(key, "is " + value + ", supported are true and false");
    }
    return value.booleanValue();
  }

  Optional<String> optionalText(String key) throws UnusableModelException {
    JsonNode value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw wrong(key, "is " + value + ", expected a text");
    }
    return Optional.of(value.textValue());
  }

  Optional<StrictJson> optionalObject(String key) throws UnusableModelException {
    JsonNode value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof ObjectNode object)) {
      throw wrong(key, "is " + value + ", expected an object");
    }
    return Optional.of(new StrictJson(file, prefix + key + ".", object));
  }
}
