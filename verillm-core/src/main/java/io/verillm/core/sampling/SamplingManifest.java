package io.verillm.core.sampling;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
 * <p>All numbers are integers: a micro-unit is a millionth, so temperature 0.7 is 700 000.
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

  /** Writes a CBOR map, see {@code docs/wire.cddl}; every setting is written, off or not. */
  public void encode(CborWriter out) {
    out.map(grammar == null ? 12 : 13);
    out.unsigned(1).unsigned(temperatureMicros);
    out.unsigned(2).unsigned(topK);
    out.unsigned(3).unsigned(topPMicros);
    out.unsigned(4).unsigned(repetitionPenaltyMicros);
    out.unsigned(5).integer(frequencyPenaltyMicros);
    out.unsigned(6).integer(presencePenaltyMicros);
    out.unsigned(7).array(2 * logitBiasMicros.size());
    logitBiasMicros.forEach((id, bias) -> out.unsigned(id).integer(bias));
    out.unsigned(8).array(stops.size());
    stops.forEach(out::text);
    out.unsigned(9).unsigned(minTokens);
    out.unsigned(10).unsigned(maxTokens);
    out.unsigned(11).array(eosIds.size());
    eosIds.forEach(out::unsigned);
    out.unsigned(12).unsigned(sequences);
    if (grammar != null) {
      out.unsigned(13).digest(grammar);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedMessageException if the item is not exactly one manifest with every setting in
   *     range
   */
  public static SamplingManifest decode(CborReader in) throws MalformedMessageException {
    int start = in.offset();
    int entries = in.map("sampling", 13);
    if (entries < 12) {
      throw new MalformedMessageException("sampling", start, "12 or 13 settings, got " + entries);
    }
    in.key("sampling.temperature", 1);
    int temperature = (int) in.unsigned("sampling.temperature", MAX_TEMPERATURE);
    in.key("sampling.top-k", 2);
    int topK = (int) in.unsigned("sampling.top-k", Integer.MAX_VALUE);
    in.key("sampling.top-p", 3);
    int topP = (int) in.unsigned("sampling.top-p", ONE);
    in.key("sampling.repetition-penalty", 4);
    int repetition = (int) in.unsigned("sampling.repetition-penalty", MAX_REPETITION_PENALTY);
    in.key("sampling.frequency-penalty", 5);
    int frequency = signed(in, "sampling.frequency-penalty");
    in.key("sampling.presence-penalty", 6);
    int presence = signed(in, "sampling.presence-penalty");
    in.key("sampling.logit-bias", 7);
    Map<Integer, Integer> biases = biases(in);
    in.key("sampling.stops", 8);
    int stopCount = in.array("sampling.stops", MAX_STOPS);
    List<String> stops = new ArrayList<>();
    for (int i = 0; i < stopCount; i++) {
      stops.add(in.text("sampling.stops", MAX_STOP_BYTES));
    }
    in.key("sampling.min-tokens", 9);
    int least = (int) in.unsigned("sampling.min-tokens", Integer.MAX_VALUE);
    in.key("sampling.max-tokens", 10);
    int most = (int) in.unsigned("sampling.max-tokens", Integer.MAX_VALUE);
    in.key("sampling.eos", 11);
    List<Integer> eos = ascending(in);
    in.key("sampling.sequences", 12);
    int sequences = (int) in.unsigned("sampling.sequences", MAX_SEQUENCES);
    Digest32 grammar = null;
    if (entries == 13) {
      in.key("sampling.grammar", 13);
      grammar = in.digest("sampling.grammar");
    }
    try {
      return builder(most)
          .temperatureMicros(temperature)
          .topK(topK)
          .topPMicros(topP)
          .repetitionPenaltyMicros(repetition)
          .frequencyPenaltyMicros(frequency)
          .presencePenaltyMicros(presence)
          .logitBiasMicros(biases)
          .stops(stops)
          .minTokens(least)
          .eosIds(eos)
          .sequences(sequences)
          .grammar(grammar)
          .build();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new MalformedMessageException("sampling", start, String.valueOf(e.getMessage()));
    }
  }

  private static int signed(CborReader in, String field) throws MalformedMessageException {
    int offset = in.offset();
    long value = in.integer(field);
    if (value != (int) value) {
      throw new MalformedMessageException(field, offset, value + " does not fit 32 bits");
    }
    return (int) value;
  }

  private static Map<Integer, Integer> biases(CborReader in) throws MalformedMessageException {
    int start = in.offset();
    int count = in.array("sampling.logit-bias", 2 * MAX_BIASED);
    if (count % 2 != 0) {
      throw new MalformedMessageException("sampling.logit-bias", start, "an id without a bias");
    }
    Map<Integer, Integer> biases = new TreeMap<>();
    int previous = -1;
    for (int i = 0; i < count; i += 2) {
      int offset = in.offset();
      int id = (int) in.unsigned("sampling.logit-bias", Integer.MAX_VALUE);
      if (id <= previous) {
        throw new MalformedMessageException("sampling.logit-bias", offset, "ids do not ascend");
      }
      biases.put(id, signed(in, "sampling.logit-bias"));
      previous = id;
    }
    return biases;
  }

  private static List<Integer> ascending(CborReader in) throws MalformedMessageException {
    int count = in.array("sampling.eos", MAX_EOS);
    List<Integer> ids = new ArrayList<>();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int offset = in.offset();
      int id = (int) in.unsigned("sampling.eos", Integer.MAX_VALUE);
      if (id <= previous) {
        throw new MalformedMessageException("sampling.eos", offset, "ids do not ascend");
      }
      ids.add(id);
      previous = id;
    }
    return ids;
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
