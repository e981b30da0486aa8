package io.verillm.exec;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.wire.Digest32;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * The tokenizer that a {@code tokenizer.json} defines, encoded by Hugging Face's own library and
 * decoded to exact bytes by {@link TokenBytes}. Thread-safe.
 *
 * <p>No token is ever added to what the text says: no begin or end token, no truncation, no
 * padding. The library always looks for special tokens in its input, so text of a user goes through
 * a second instance in which every special token is spelled as a random text that no user can know.
 *
 * <p>The library's usage report and downloads are off: the property {@code ai.djl.offline} is set
 * where neither it nor {@code DJL_OFFLINE} is.
 */
public final class HuggingFaceJsonTokenizer implements Tokenizer, AutoCloseable {
  private static final String PROBE = "a";
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final Digest32 digest;
  private final TokenBytes bytes;
  private final Set<Integer> specialIds;
  private final HuggingFaceTokenizer parsing;
  private final HuggingFaceTokenizer literal;

  private HuggingFaceJsonTokenizer(
      Digest32 digest,
      TokenBytes bytes,
      Set<Integer> specialIds,
      HuggingFaceTokenizer parsing,
      HuggingFaceTokenizer literal) {
    this.digest = digest;
    this.bytes = bytes;
    this.specialIds = specialIds;
    this.parsing = parsing;
    this.literal = literal;
  }

  /**
   * Loads a definition.
   *
   * @throws UnusableModelException if the file is missing, damaged, of a kind whose tokens have no
   *     exact bytes, or refused by the library
   */
  public static HuggingFaceJsonTokenizer load(Path tokenizerJson)
      throws IOException, UnusableModelException {
    byte[] definition;
    try {
      definition = Files.readAllBytes(tokenizerJson);
    } catch (NoSuchFileException e) {
      throw new UnusableModelException(
          tokenizerJson, "file", "is missing; download the complete model folder again", e);
    }
    StrictJson json = StrictJson.parse(tokenizerJson, definition);
    TokenBytes bytes = TokenBytes.of(json);
    Map<String, Integer> special = specialTokens(json.node());
    byte[] hidden = withHiddenSpecialTokens(json.node(), special.keySet());
    if (System.getProperty("ai.djl.offline") == null && System.getenv("DJL_OFFLINE") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    try {
      HuggingFaceTokenizer parsing = library(definition);
      try {
        return new HuggingFaceJsonTokenizer(
            Digest32.sha256(definition),
            bytes,
            Set.copyOf(special.values()),
            parsing,
            library(hidden));
      } catch (RuntimeException e) {
        parsing.close();
        throw e;
      }
    } catch (RuntimeException e) {
      throw new UnusableModelException(
          tokenizerJson,
          "file",
          "is refused by the tokenizer library (" + e.getMessage() + "); download it again",
          e);
    }
  }

  private static HuggingFaceTokenizer library(byte[] definition) throws IOException {
    try (InputStream in = new ByteArrayInputStream(definition)) {
      return HuggingFaceTokenizer.newInstance(in, OPTIONS);
    }
  }

  private static Map<String, Integer> specialTokens(ObjectNode root) {
    Map<String, Integer> special = new HashMap<>();
    for (JsonNode added : root.path("added_tokens")) {
      if (added.path("special").asBoolean()) {
        special.put(added.path("content").asText(), added.path("id").asInt());
      }
    }
    return special;
  }

  /** Removing the tokens would move the ids of those after them, so they are spelled otherwise. */
  private static byte[] withHiddenSpecialTokens(ObjectNode original, Set<String> special)
      throws IOException {
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    String secret = HexFormat.of().formatHex(nonce);
    ObjectNode root = original.deepCopy();
    for (JsonNode added : root.path("added_tokens")) {
      String content = added.path("content").asText();
      if (special.contains(content) && added instanceof ObjectNode object) {
        object.put("content", spelling(secret, object.path("id").asInt()));
      }
    }
    String unknown = root.path("model").path("unk_token").asText("");
    if (root.path("model").path("vocab") instanceof ObjectNode vocabulary) {
      for (String content : special) {
        JsonNode id = vocabulary.get(content);
        if (id != null) {
          vocabulary.remove(content);
          vocabulary.set(spelling(secret, id.asInt()), id);
          if (content.equals(unknown) && root.path("model") instanceof ObjectNode model) {
            model.put("unk_token", spelling(secret, id.asInt()));
          }
        }
      }
    } else if (root.path("model").path("vocab") instanceof ArrayNode pieces) {
      for (int id = 0; id < pieces.size(); id++) {
        if (special.contains(pieces.get(id).path(0).asText())
            && pieces.get(id) instanceof ArrayNode piece) {
          piece.set(0, spelling(secret, id));
        }
      }
    }
    // templates add tokens by name; nothing is added here, so they can go
    root.putNull("post_processor");
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String spelling(String secret, int id) {
    return "\u0001" + secret + ":" + id + "\u0001";
  }

  @Override
  public int[] encode(String text, boolean specialTokens) {
    HuggingFaceTokenizer library = specialTokens ? parsing : literal;
    long[] ids = library.encode(text, false, false).getIds();
    int[] result = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      result[i] = Math.toIntExact(ids[i]);
    }
    return result;
  }

  /**
   * What the definition's post-processor puts in front of a text. A definition that adds tokens
   * behind it too gives only those in front.
   */
  @Override
  public int[] promptPrefix() {
    long[] bare = parsing.encode(PROBE, false, false).getIds();
    long[] framed = parsing.encode(PROBE, true, false).getIds();
    for (int start = 0; start + bare.length <= framed.length; start++) {
      if (Arrays.equals(framed, start, start + bare.length, bare, 0, bare.length)) {
        return Arrays.stream(framed, 0, start).mapToInt(Math::toIntExact).toArray();
      }
    }
    throw new IllegalStateException("the tokenizer's post-processor changes the text's own tokens");
  }

  @Override
  public byte[] decode(int[] ids) {
    return bytes.decode(ids);
  }

  @Override
  public Digest32 digest() {
    return digest;
  }

  /** Number of ids that have bytes. */
  public int size() {
    return bytes.size();
  }

  /** Ids that stand for no text. */
  public Set<Integer> specialIds() {
    return new HashSet<>(specialIds);
  }

  @Override
  public void close() {
    parsing.close();
    literal.close();
  }
}
