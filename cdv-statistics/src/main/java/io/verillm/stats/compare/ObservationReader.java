package io.verillm.stats.compare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads observations, one JSON object a line: {@code prompt} (a string) and exactly one of {@code
 * tokens} (integers), {@code text} (a string), {@code logprobs} (an object of numbers at most 0) or
 * {@code embedding} (numbers). Other members are ignored, empty lines skipped, duplicate members
 * refused. Lines are limited to {@value #MAXIMUM_LINE} characters. Thread-safe.
 */
public final class ObservationReader {
  /** Longest accepted line, in characters. */
  public static final int MAXIMUM_LINE = 4_000_000;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxStringLength(MAXIMUM_LINE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private ObservationReader() {}

  /**
   * Returns all observations; the reader is left open.
   *
   * @throws MalformedObservationException at the first line that is none
   * @throws IOException if reading fails
   */
  public static List<Observation> readAll(Reader source)
      throws IOException, MalformedObservationException {
    BufferedReader lines = new BufferedReader(source);
    List<Observation> result = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    long number = 1;
    while (true) {
      int c = lines.read();
      if (c == '\n' || c < 0) {
        if (!line.toString().isBlank()) {
          result.add(parse(line.toString(), number));
        }
        if (c < 0) {
          return List.copyOf(result);
        }
        line.setLength(0);
        number++;
      } else {
        if (line.length() == MAXIMUM_LINE) {
          throw new MalformedObservationException(number, "longer than " + MAXIMUM_LINE);
        }
        line.append((char) c);
      }
    }
  }

  /** Returns the observation of one line. */
  public static Observation parse(String line, long number) throws MalformedObservationException {
    JsonNode node;
    try {
      node = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new MalformedObservationException(number, "not JSON: " + e.getOriginalMessage());
    }
    if (node == null || !node.isObject()) {
      throw new MalformedObservationException(number, "not a JSON object");
    }
    JsonNode prompt = node.get("prompt");
    if (prompt == null || !prompt.isTextual()) {
      throw new MalformedObservationException(number, "'prompt' must be a string");
    }
    List<String> kinds = new ArrayList<>();
    for (String kind : List.of("tokens", "text", "logprobs", "embedding")) {
      if (node.has(kind)) {
        kinds.add(kind);
      }
    }
    if (kinds.size() != 1) {
      throw new MalformedObservationException(
          number, "needs exactly one of tokens, text, logprobs, embedding; has " + kinds);
    }
    String kind = kinds.get(0);
    return observation(prompt.textValue(), kind, node.path(kind), number);
  }

  private static Observation observation(String prompt, String kind, JsonNode value, long number)
      throws MalformedObservationException {
    switch (kind) {
      case "tokens" -> {
        requireKind(value.isArray(), number, "'tokens' must be an array");
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode token : value) {
          requireKind(
              token.isIntegralNumber() && token.canConvertToInt() && token.intValue() >= 0,
              number,
              "'tokens' must hold integers from 0");
          tokens.add(token.intValue());
        }
        return new Observation.Tokens(prompt, tokens);
      }
      case "text" -> {
        requireKind(value.isTextual(), number, "'text' must be a string");
        return new Observation.Text(prompt, value.textValue());
      }
      case "logprobs" -> {
        requireKind(
            value.isObject() && !value.isEmpty(),
            number,
            "'logprobs' must be an object with members");
        Map<String, Double> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
          double v = number(entry.getValue(), number, "logprobs");
          requireKind(v <= 0, number, "'logprobs' of '" + entry.getKey() + "' lies above 0");
          values.put(entry.getKey(), v);
        }
        return new Observation.LogProbabilities(prompt, values);
      }
      default -> {
        requireKind(
            value.isArray() && !value.isEmpty(),
            number,
            "'embedding' must be an array with numbers");
        List<Double> components = new ArrayList<>();
        for (JsonNode component : value) {
          components.add(number(component, number, "embedding"));
        }
        return new Observation.Embedding(prompt, components);
      }
    }
  }

  private static double number(JsonNode node, long line, String name)
      throws MalformedObservationException {
    requireKind(
        node.isNumber() && Double.isFinite(node.doubleValue()),
        line,
        "'" + name + "' must hold finite numbers");
    return node.doubleValue();
  }

  private static void requireKind(boolean condition, long line, String problem)
      throws MalformedObservationException {
    if (!condition) {
      throw new MalformedObservationException(line, problem);
    }
  }
}
