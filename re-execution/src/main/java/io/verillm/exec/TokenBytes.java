package io.verillm.exec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The exact bytes of every token, from the vocabulary of a {@code tokenizer.json}; a half character
 * at the end of an answer keeps its bytes. Immutable.
 *
 * <p>Two families: byte-level BPE (decoder {@code ByteLevel}), and BPE or Unigram with a visible
 * space (decoders {@code Metaspace}, or {@code Replace}, {@code ByteFallback}, {@code Fuse}, {@code
 * Strip} as the Llama 2 family has them). Every other decoder is refused.
 */
final class TokenBytes {
  private static final String VISIBLE_SPACE = "\u2581";

  private final byte[][] bytes;
  private final boolean stripLeadingSpace;

  private TokenBytes(byte[][] bytes, boolean stripLeadingSpace) {
    this.bytes = bytes;
    this.stripLeadingSpace = stripLeadingSpace;
  }

  static TokenBytes of(StrictJson json) throws UnusableModelException {
    Set<String> decoders = new HashSet<>();
    ObjectNode root = json.node();
    collectDecoders(root.path("decoder"), decoders);
    boolean byteLevel = decoders.contains("ByteLevel");
    boolean strip = decoders.contains("Strip") || decoders.contains("Metaspace");
    Set<String> known =
        byteLevel
            ? Set.of("ByteLevel", "Sequence", "Fuse")
            : Set.of("Sequence", "Replace", "ByteFallback", "Fuse", "Strip", "Metaspace");
    boolean visibleSpace = decoders.contains("Replace") || decoders.contains("Metaspace");
    if (!known.containsAll(decoders) || !(byteLevel || visibleSpace)) {
      throw json.wrong(
          "decoder",
          "is "
              + decoders
              + "; supported are ByteLevel, Metaspace, and Replace with ByteFallback, Fuse, Strip");
    }
    requireVisibleSpace(json, root.path("decoder"));
    List<byte[]> table = new ArrayList<>();
    for (Map.Entry<String, Integer> token : vocabulary(json).entrySet()) {
      put(
          table,
          token.getValue(),
          byteLevel ? fromByteLevel(token.getKey()) : fromVisibleSpace(token.getKey()));
    }
    for (JsonNode added : root.path("added_tokens")) {
      int id = added.path("id").asInt(-1);
      if (id < 0 || id > 1 << 24) {
        throw json.wrong("added_tokens", "has an entry without a usable id");
      }
      boolean special = added.path("special").asBoolean();
      String content = added.path("content").asText();
      put(table, id, special ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
    }
    return new TokenBytes(table.toArray(new byte[0][]), strip);
  }

  private static void requireVisibleSpace(StrictJson json, JsonNode decoder)
      throws UnusableModelException {
    if (decoder.isObject()) {
      String type = decoder.path("type").asText();
      if (type.equals("Replace")
          && !(decoder.path("pattern").path("String").asText().equals(VISIBLE_SPACE)
              && decoder.path("content").asText().equals(" "))) {
        throw json.wrong(
            "decoder", "replaces something else than " + VISIBLE_SPACE + " by a space");
      }
      if (type.equals("Strip")
          && !(decoder.path("content").asText().equals(" ")
              && decoder.path("start").asInt() == 1
              && decoder.path("stop").asInt() == 0)) {
        throw json.wrong("decoder", "strips something else than one leading space");
      }
      if (type.equals("Metaspace")
          && (!decoder.path("replacement").asText().equals(VISIBLE_SPACE)
              || decoder.path("prepend_scheme").asText("always").equals("never"))) {
        throw json.wrong("decoder", "is a Metaspace other than " + VISIBLE_SPACE + " in front");
      }
      for (JsonNode inner : decoder.path("decoders")) {
        requireVisibleSpace(json, inner);
      }
    }
  }

  private static void collectDecoders(JsonNode decoder, Set<String> types) {
    if (decoder.isObject()) {
      types.add(decoder.path("type").asText());
      for (JsonNode inner : decoder.path("decoders")) {
        collectDecoders(inner, types);
      }
    }
  }

  /** Tokens of the model itself, by text. */
  private static Map<String, Integer> vocabulary(StrictJson json) throws UnusableModelException {
    JsonNode vocab = json.node().path("model").path("vocab");
    Map<String, Integer> result = new java.util.LinkedHashMap<>();
    if (vocab instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        result.put(field.getKey(), field.getValue().asInt(-1));
      }
    } else if (vocab instanceof ArrayNode array) {
      for (int id = 0; id < array.size(); id++) {
        result.put(array.get(id).path(0).asText(), id);
      }
    }
    if (result.isEmpty()) {
      throw json.wrong("model.vocab", "is missing or empty; download the file again");
    }
    for (int id : result.values()) {
      if (id < 0 || id > 1 << 24) {
        throw json.wrong("model.vocab", "has an id that is not in 0..2^24");
      }
    }
    return result;
  }

  private static void put(List<byte[]> table, int id, byte[] value) {
    while (table.size() <= id) {
      table.add(new byte[0]);
    }
    table.set(id, value);
  }

  private static byte[] fromByteLevel(String token) {
    byte[] result = new byte[token.length()];
    for (int i = 0; i < result.length; i++) {
      int b = ByteLevelAlphabet.byteOf(token.charAt(i));
      if (b < 0) {
        return token.getBytes(StandardCharsets.UTF_8); // not written in the alphabet: stands as is
      }
      result[i] = (byte) b;
    }
    return result;
  }

  private static byte[] fromVisibleSpace(String token) {
    if (token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")) {
      try {
        return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
      } catch (NumberFormatException e) {
        // an ordinary token that only looks alike
      }
    }
    return token.replace(VISIBLE_SPACE, " ").getBytes(StandardCharsets.UTF_8);
  }

  int size() {
    return bytes.length;
  }

  byte[] decode(int[] ids) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean atStart = true;
    for (int id : ids) {
      if (id < 0 || id >= bytes.length) {
        throw new IllegalArgumentException("token " + id + " is not in 0.." + (bytes.length - 1));
      }
      byte[] piece = bytes[id];
      boolean strip = atStart && stripLeadingSpace && piece.length > 0 && piece[0] == ' ';
      out.write(piece, strip ? 1 : 0, strip ? piece.length - 1 : piece.length);
      atStart &= piece.length == 0;
    }
    return out.toByteArray();
  }
}
