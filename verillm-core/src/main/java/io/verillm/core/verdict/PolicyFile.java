package io.verillm.core.verdict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.NamedRandomness;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.VerifyingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * A policy as a JSON file that people can read and edit. It is configuration, never signed.
 *
 * <pre>{@code
 * {
 *   "network": "demo",
 *   "models": [{"digest": "…", "layers": 4, "hidden": 256, "keyWidth": 128, "valueWidth": 128,
 *               "vocabulary": 2048, "maxPositions": 512}],
 *   "profiles": ["…hexadecimal CBOR…"],
 *   "randomness": ["…VRF public key…", "drand-quicknet"],
 *   "witnesses": ["…public key…"],
 *   "calibrators": ["…public key…"],
 *   "alpha": 0.00001,
 *   "borderline": 0.001,
 *   "largestMiss": {"TENTH_OF_TOKENS": 0.1},
 *   "maxPrefillTokens": 4096,
 *   "maxOpeningBytes": 67108864,
 *   "require": ["TEXT"]
 * }
 * }</pre>
 *
 * <p>Only {@code network} is required; an unknown field is refused, because a misspelt demand would
 * be a demand that nobody makes.
 */
public final class PolicyFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> FIELDS =
      Set.of(
          "network",
          "models",
          "profiles",
          "randomness",
          "witnesses",
          "calibrators",
          "alpha",
          "borderline",
          "largestMiss",
          "maxPrefillTokens",
          "maxOpeningBytes",
          "require");

  private PolicyFile() {}

  /**
   * Reads a policy.
   *
   * @throws IOException if the file cannot be read
   * @throws MalformedMessageException if it is not a policy; the message names the field
   */
  public static VerificationPolicy read(Path file) throws IOException, MalformedMessageException {
    return parse(Files.readString(file, StandardCharsets.UTF_8));
  }

  /** Parses a policy, see {@link #read}. */
  public static VerificationPolicy parse(String json) throws MalformedMessageException {
    try {
      JsonNode root = JSON.readTree(json);
      if (root == null || !root.isObject()) {
        throw bad("policy", "not a JSON object");
      }
      for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        if (!FIELDS.contains(name)) {
          throw bad(name, "unknown field; known are " + FIELDS.stream().sorted().toList());
        }
      }
      return build(root);
    } catch (JsonProcessingException e) {
      throw bad("policy", e.getOriginalMessage());
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw bad("policy", String.valueOf(e.getMessage()));
    }
  }

  private static VerificationPolicy build(JsonNode root) throws MalformedMessageException {
    JsonNode network = root.path("network");
    if (!network.isTextual()) {
      throw bad("network", "a text is required");
    }
    VerificationPolicy.Builder policy = VerificationPolicy.builder(network.textValue());
    for (JsonNode model : list(root, "models")) {
      policy.trustModel(
          Digest32.parse(text(model, "digest")),
          new ModelDimensions(
              integer(model, "layers"),
              integer(model, "hidden"),
              integer(model, "keyWidth"),
              integer(model, "valueWidth"),
              integer(model, "vocabulary"),
              integer(model, "maxPositions")));
    }
    for (JsonNode profile : list(root, "profiles")) {
      policy.knowProfile(TraceProfile.decode(HexFormat.of().parseHex(profile.asText())));
    }
    for (JsonNode key : list(root, "randomness")) {
      policy.admitSource(source(key.asText()));
    }
    for (JsonNode key : list(root, "witnesses")) {
      policy.trustWitness(key(key));
    }
    for (JsonNode key : list(root, "calibrators")) {
      policy.trustCalibrator(key(key));
    }
    if (root.has("alpha") || root.has("borderline")) {
      policy.levels(number(root, "alpha"), number(root, "borderline"));
    }
    for (Map.Entry<String, JsonNode> miss : root.path("largestMiss").properties()) {
      if (!miss.getValue().isNumber()) {
        throw bad("largestMiss." + miss.getKey(), "a number is required");
      }
      policy.largestMiss(Deviation.valueOf(miss.getKey()), miss.getValue().doubleValue());
    }
    for (JsonNode check : list(root, "require")) {
      policy.require(CheckName.valueOf(check.asText().toUpperCase(Locale.ROOT)));
    }
    if (root.has("maxPrefillTokens")) {
      policy.maxPrefillTokens(integer(root, "maxPrefillTokens"));
    }
    if (root.has("maxOpeningBytes")) {
      policy.maxOpeningBytes(integer(root, "maxOpeningBytes"));
    }
    return policy.build();
  }

  /** Writes a policy's text from its parts; what {@link #parse} reads. */
  public static String format(
      String network,
      Map<Digest32, ModelDimensions> models,
      List<TraceProfile> profiles,
      List<VerifyingKey> randomness,
      List<VerifyingKey> witnesses,
      List<VerifyingKey> calibrators,
      Map<Deviation, Double> largestMiss) {
    ObjectNode root = JSON.createObjectNode();
    root.put("network", network);
    ArrayNode modelList = root.putArray("models");
    models.forEach(
        (digest, dimensions) ->
            modelList
                .addObject()
                .put("digest", digest.toString())
                .put("layers", dimensions.layers())
                .put("hidden", dimensions.hidden())
                .put("keyWidth", dimensions.keyWidth())
                .put("valueWidth", dimensions.valueWidth())
                .put("vocabulary", dimensions.vocabulary())
                .put("maxPositions", dimensions.maxPositions()));
    ArrayNode profileList = root.putArray("profiles");
    profiles.forEach(profile -> profileList.add(HexFormat.of().formatHex(profile.encode())));
    ArrayNode sourceList = root.putArray("randomness");
    randomness.forEach(key -> sourceList.add(HexFormat.of().formatHex(key.toByteArray())));
    ArrayNode witnessList = root.putArray("witnesses");
    witnesses.forEach(key -> witnessList.add(HexFormat.of().formatHex(key.toByteArray())));
    ArrayNode calibratorList = root.putArray("calibrators");
    calibrators.forEach(key -> calibratorList.add(HexFormat.of().formatHex(key.toByteArray())));
    ObjectNode misses = root.putObject("largestMiss");
    largestMiss.forEach((deviation, miss) -> misses.put(deviation.name(), miss));
    return root.toPrettyString() + "\n";
  }

  private static Iterable<JsonNode> list(JsonNode root, String name)
      throws MalformedMessageException {
    JsonNode node = root.path(name);
    if (!node.isMissingNode() && !node.isArray()) {
      throw bad(name, "a list is required");
    }
    return node;
  }

  private static String text(JsonNode node, String name) throws MalformedMessageException {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw bad(name, "a text is required");
    }
    return value.textValue();
  }

  private static int integer(JsonNode node, String name) throws MalformedMessageException {
    JsonNode value = node.path(name);
    if (!value.isInt()) {
      throw bad(name, "an integer is required");
    }
    return value.intValue();
  }

  private static double number(JsonNode node, String name) throws MalformedMessageException {
    JsonNode value = node.path(name);
    if (!value.isNumber()) {
      throw bad(name, "a number is required; alpha and borderline go together");
    }
    return value.doubleValue();
  }

  /** A VRF key in hexadecimal, or the name of a source that a module on the class path has. */
  private static RandomnessSource source(String text) throws MalformedMessageException {
    if (text.matches("[0-9a-fA-F]{64}")) {
      return new VrfRandomness(VerifyingKey.decode(HexFormat.of().parseHex(text)));
    }
    List<String> known = new ArrayList<>();
    for (NamedRandomness named : ServiceLoader.load(NamedRandomness.class)) {
      if (named.name().equals(text)) {
        return named.source();
      }
      known.add(named.name());
    }
    throw bad(
        "randomness",
        "neither a VRF key nor a known source: "
            + text
            + "; known here are "
            + known
            + " (verillm-network has drand-quicknet)");
  }

  private static VerifyingKey key(JsonNode node) throws MalformedMessageException {
    return VerifyingKey.decode(HexFormat.of().parseHex(node.asText()));
  }

  private static MalformedMessageException bad(String field, String message) {
    return new MalformedMessageException(field, 0, message);
  }
}
