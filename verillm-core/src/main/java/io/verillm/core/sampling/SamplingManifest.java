package io.verillm.core.sampling;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything an order says about how tokens are drawn. Immutable; equality by content.
 *
 * <p>All numbers are integers: a micro-unit is a millionth, so temperature 0.7 is 700 000. The
 * canonical form is a CBOR map with these keys, all present but the last:
 *
 * <pre>
 * 1 temperature, 2 top-k, 3 top-p, 4 repetition, 5 frequency, 6 presence penalty,
 * 7 logit bias [id, bias, id, bias, … by rising id], 8 [stop strings], 9 minimum tokens,
 * 10 maximum tokens, 11 [end tokens, ascending], 12 sequences, 13 grammar digest if any
 * </pre>
 */
public final class SamplingManifest {
  /** One, in micro-units: the value that switches repetition penalty and top-p off. */
  public static final int ONE = 1_000_000;

  /** Largest temperature, 100. */
  public static final int MAX_TEMPERATURE = 100 * ONE;

  /** Largest repetition penalty, 100; the smallest is its inverse. */
  public static final int MAX_REPETITION_PENALTY = 100 * ONE;

  /** Largest magnitude of frequency and presence penalties, 100. */
  public static final int MAX_PENALTY = 100 * ONE;

  /** Largest magnitude of a bias, 1000. */
  public static final int MAX_BIAS = 1000 * ONE;

  /** Most biased tokens. */
  public static final int MAX_BIASED = 4096;

  /** Most stop strings. */
  public static final int MAX_STOPS = 64;

  /** Longest stop string, UTF-8 bytes. */
  public static final int MAX_STOP_BYTES = 1024;

  /** Most end-of-sequence ids. */
  public static final int MAX_EOS = 64;

  /** Most parallel answers. */
  public static final int MAX_SEQUENCES = 1024;

  private final int temperatureMicros;
  private final int topK;
  private final int topPMicros;
  private final int repetitionPenaltyMicros;
  private final int frequencyPenaltyMicros;
  private final int presencePenaltyMicros;
  private final TreeMap<Integer, Integer> logitBiasMicros;
  private final @Nullable Digest32 grammar;
  private final List<String> stops;
  private final int minTokens;
  private final int maxTokens;
  private final List<Integer> eosIds;
  private final int sequences;

  private SamplingManifest(Builder from) {
    this.temperatureMicros = from.temperatureMicros;
    this.topK = from.topK;
    this.topPMicros = from.topPMicros;
    this.repetitionPenaltyMicros = from.repetitionPenaltyMicros;
    this.frequencyPenaltyMicros = from.frequencyPenaltyMicros;
    this.presencePenaltyMicros = from.presencePenaltyMicros;
    this.logitBiasMicros = new TreeMap<>(from.logitBiasMicros);
    this.grammar = from.grammar;
    this.stops = List.copyOf(from.stops);
    this.minTokens = from.minTokens;
    this.maxTokens = from.maxTokens;
    this.eosIds = from.eosIds.stream().sorted().toList();
    this.sequences = from.sequences;
  }

  /** Starts from temperature 1 with every filter, penalty and bias off, and one answer. */
  public static Builder builder(int maxTokens) {
    return new Builder(maxTokens);
  }

  /** Temperature in micro-units; 0 means the most likely token, without noise. */
  public int temperatureMicros() {
    return temperatureMicros;
  }

  /** How many of the most likely tokens may be drawn; 0 means all. */
  public int topK() {
    return topK;
  }

  /** Probability mass that may be drawn, in millionths; {@link #ONE} means all. */
  public int topPMicros() {
    return topPMicros;
  }

  /** Repetition penalty in micro-units; {@link #ONE} is off. */
  public int repetitionPenaltyMicros() {
    return repetitionPenaltyMicros;
  }

  /** Penalty per earlier occurrence in the output, in micro-units of a logit. */
  public int frequencyPenaltyMicros() {
    return frequencyPenaltyMicros;
  }

  /** Penalty for any earlier occurrence in the output, in micro-units of a logit. */
  public int presencePenaltyMicros() {
    return presencePenaltyMicros;
  }

  /** What is added to logits, in micro-units by token id, sorted by id; unmodifiable. */
  public Map<Integer, Integer> logitBiasMicros() {
    return Collections.unmodifiableSortedMap(logitBiasMicros);
  }

  /** Digest of a grammar that constrains the output. */
  public Optional<Digest32> grammar() {
    return Optional.ofNullable(grammar);
  }

  /** Texts that end the answer, in the client's order. */
  public List<String> stops() {
    return stops;
  }

  /** Output tokens before which no end-of-sequence token may be drawn. */
  public int minTokens() {
    return minTokens;
  }

  /** Output tokens after which the answer ends. */
  public int maxTokens() {
    return maxTokens;
  }

  /** Tokens that end the answer, ascending. */
  public List<Integer> eosIds() {
    return eosIds;
  }

  /** Number of parallel answers. */
  public int sequences() {
    return sequences;
  }

  /**
   * Names a feature that {@link TokenSampler} cannot replay, so that a verifier abstains instead of
   * judging.
   */
  public Optional<String> unsupportedFeature() {
    return grammar == null ? Optional.empty() : Optional.of("grammar");
  }

  /** Writes the canonical form as the next item. */
  public void encode(CborWriter out) {
    SamplingManifestCodec.encode(this, out);
  }

  /**
   * Reads a canonical form as the next item.
   *
   * @throws MalformedMessageException if the item is not exactly one manifest with every setting in
   *     range
   */
  public static SamplingManifest decode(CborReader in) throws MalformedMessageException {
    return SamplingManifestCodec.decode(in);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SamplingManifest that && fields().equals(that.fields());
  }

  @Override
  public int hashCode() {
    return fields().hashCode();
  }

  @Override
  public String toString() {
    return "SamplingManifest" + fields();
  }

  private List<Object> fields() {
    return List.of(
        temperatureMicros,
        topK,
        topPMicros,
        repetitionPenaltyMicros,
        frequencyPenaltyMicros,
        presencePenaltyMicros,
        logitBiasMicros,
        grammar(),
        stops,
        minTokens,
        maxTokens,
        eosIds,
        sequences);
  }

  /** Collects settings; belongs to one thread. Everything is checked in {@link #build}. */
  public static final class Builder {
    private int temperatureMicros = ONE;
    private int topK;
    private int topPMicros = ONE;
    private int repetitionPenaltyMicros = ONE;
    private int frequencyPenaltyMicros;
    private int presencePenaltyMicros;
    private Map<Integer, Integer> logitBiasMicros = Map.of();
    private @Nullable Digest32 grammar;
    private List<String> stops = List.of();
    private int minTokens;
    private final int maxTokens;
    private List<Integer> eosIds = List.of();
    private int sequences = 1;

    private Builder(int maxTokens) {
      this.maxTokens = maxTokens;
    }

    /** Sets the temperature, 0 to {@link #MAX_TEMPERATURE}. */
    public Builder temperatureMicros(int value) {
      this.temperatureMicros = value;
      return this;
    }

    /** Draws the most likely token always. */
    public Builder greedy() {
      return temperatureMicros(0);
    }

    /** Sets top-k; 0 is off. */
    public Builder topK(int value) {
      this.topK = value;
      return this;
    }

    /** Sets top-p in millionths, 1 to {@link #ONE}. */
    public Builder topPMicros(int value) {
      this.topPMicros = value;
      return this;
    }

    /** Sets the repetition penalty, 0.01 to 100 in micro-units. */
    public Builder repetitionPenaltyMicros(int value) {
      this.repetitionPenaltyMicros = value;
      return this;
    }

    /** Sets the frequency penalty, −100 to 100 in micro-units. */
    public Builder frequencyPenaltyMicros(int value) {
      this.frequencyPenaltyMicros = value;
      return this;
    }

    /** Sets the presence penalty, −100 to 100 in micro-units. */
    public Builder presencePenaltyMicros(int value) {
      this.presencePenaltyMicros = value;
      return this;
    }

    /** Sets biases by token id, each −1000 to 1000 in micro-units. */
    public Builder logitBiasMicros(Map<Integer, Integer> value) {
      this.logitBiasMicros = Map.copyOf(value);
      return this;
    }

    /** Sets the digest of a grammar, which this library cannot replay. */
    public Builder grammar(@Nullable Digest32 value) {
      this.grammar = value;
      return this;
    }

    /** Sets the stop strings; none may be empty or repeated. */
    public Builder stops(List<String> value) {
      this.stops = List.copyOf(value);
      return this;
    }

    /** Sets the number of output tokens before which the answer may not end. */
    public Builder minTokens(int value) {
      this.minTokens = value;
      return this;
    }

    /** Sets the tokens that end the answer; none may be repeated. */
    public Builder eosIds(List<Integer> value) {
      this.eosIds = List.copyOf(value);
      return this;
    }

    /** Sets the number of parallel answers, 1 to {@link #MAX_SEQUENCES}. */
    public Builder sequences(int value) {
      this.sequences = value;
      return this;
    }

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException naming the setting that is out of range
     */
    public SamplingManifest build() {
      requireIn("temperature", temperatureMicros, 0, MAX_TEMPERATURE);
      requireIn("top-k", topK, 0, Integer.MAX_VALUE);
      requireIn("top-p", topPMicros, 1, ONE);
      requireIn("repetition penalty", repetitionPenaltyMicros, ONE / 100, MAX_REPETITION_PENALTY);
      requireIn("frequency penalty", frequencyPenaltyMicros, -MAX_PENALTY, MAX_PENALTY);
      requireIn("presence penalty", presencePenaltyMicros, -MAX_PENALTY, MAX_PENALTY);
      requireIn("number of biases", logitBiasMicros.size(), 0, MAX_BIASED);
      logitBiasMicros.forEach(
          (id, bias) -> {
            requireIn("biased token id", id, 0, Integer.MAX_VALUE);
            requireIn("bias", bias, -MAX_BIAS, MAX_BIAS);
          });
      requireIn("maximum tokens", maxTokens, 1, Integer.MAX_VALUE);
      requireIn("minimum tokens", minTokens, 0, maxTokens);
      requireIn("number of end tokens", eosIds.size(), 0, MAX_EOS);
      requireIn("different end tokens", new HashSet<>(eosIds).size(), eosIds.size(), MAX_EOS);
      eosIds.forEach(id -> requireIn("end token id", id, 0, Integer.MAX_VALUE));
      requireIn("sequences", sequences, 1, MAX_SEQUENCES);
      requireStops();
      return new SamplingManifest(this);
    }

    private void requireStops() {
      requireIn("number of stop strings", stops.size(), 0, MAX_STOPS);
      requireIn("different stop strings", new HashSet<>(stops).size(), stops.size(), MAX_STOPS);
      for (String stop : stops) {
        Objects.requireNonNull(stop, "stop string");
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(stop)) {
          throw new IllegalArgumentException("a stop string has a lone surrogate");
        }
        int bytes = stop.getBytes(StandardCharsets.UTF_8).length;
        requireIn("bytes of a stop string", bytes, 1, MAX_STOP_BYTES);
      }
    }

    private static void requireIn(String what, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            what + " " + value + " is not in " + least + ".." + most);
      }
    }
  }
}
