package io.verillm.core.sampling;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The canonical form of {@link SamplingManifest}: a CBOR map with the keys 1 to 12, and 13 if there
 * is a grammar.
 */
final class SamplingManifestCodec {
  private static final int ENTRIES = 12;

  private SamplingManifestCodec() {}

  static void encode(SamplingManifest manifest, CborWriter out) {
    out.map(manifest.grammar().isPresent() ? ENTRIES + 1 : ENTRIES);
    out.unsigned(1).unsigned(manifest.temperatureMicros());
    out.unsigned(2).unsigned(manifest.topK());
    out.unsigned(3).unsigned(manifest.topPMicros());
    out.unsigned(4).unsigned(manifest.repetitionPenaltyMicros());
    out.unsigned(5).integer(manifest.frequencyPenaltyMicros());
    out.unsigned(6).integer(manifest.presencePenaltyMicros());
    out.unsigned(7).array(2 * manifest.logitBiasMicros().size());
    manifest.logitBiasMicros().forEach((id, bias) -> out.unsigned(id).integer(bias));
    out.unsigned(8).array(manifest.stops().size());
    manifest.stops().forEach(out::text);
    out.unsigned(9).unsigned(manifest.minTokens());
    out.unsigned(10).unsigned(manifest.maxTokens());
    out.unsigned(11).array(manifest.eosIds().size());
    manifest.eosIds().forEach(out::unsigned);
    out.unsigned(12).unsigned(manifest.sequences());
    manifest.grammar().ifPresent(digest -> out.unsigned(13).digest(digest));
  }

  static SamplingManifest decode(CborReader in) throws MalformedMessageException {
    int entries = in.map("sampling", ENTRIES + 1);
    if (entries < ENTRIES) {
      throw in.malformed("sampling", entries + " settings, expected 12 or 13");
    }
    int temperature = unsigned(in, 1, "sampling.temperature");
    int topK = unsigned(in, 2, "sampling.top-k");
    int topP = unsigned(in, 3, "sampling.top-p");
    int repetition = unsigned(in, 4, "sampling.repetition-penalty");
    int frequency = signed(in, 5, "sampling.frequency-penalty");
    int presence = signed(in, 6, "sampling.presence-penalty");
    Map<Integer, Integer> bias = bias(in);
    List<String> stops = stops(in);
    int minTokens = unsigned(in, 9, "sampling.min-tokens");
    int maxTokens = unsigned(in, 10, "sampling.max-tokens");
    List<Integer> eosIds = eosIds(in);
    int sequences = unsigned(in, 12, "sampling.sequences");
    Digest32 grammar = null;
    if (entries > ENTRIES) {
      in.key("sampling.grammar", 13);
      grammar = in.digest("sampling.grammar");
    }
    try {
      return SamplingManifest.builder(maxTokens)
          .temperatureMicros(temperature)
          .topK(topK)
          .topPMicros(topP)
          .repetitionPenaltyMicros(repetition)
          .frequencyPenaltyMicros(frequency)
          .presencePenaltyMicros(presence)
          .logitBiasMicros(bias)
          .grammar(grammar)
          .stops(stops)
          .minTokens(minTokens)
          .eosIds(eosIds)
          .sequences(sequences)
          .build();
    } catch (IllegalArgumentException e) {
      throw in.malformed("sampling", String.valueOf(e.getMessage()));
    }
  }

  private static int unsigned(CborReader in, int key, String field)
      throws MalformedMessageException {
    in.key(field, key);
    return (int) in.unsigned(field, Integer.MAX_VALUE);
  }

  private static int signed(CborReader in, int key, String field) throws MalformedMessageException {
    in.key(field, key);
    return integer(in, field);
  }

  private static int integer(CborReader in, String field) throws MalformedMessageException {
    long value = in.integer(field);
    if (value != (int) value) {
      throw in.malformed(field, value + " does not fit 32 bits");
    }
    return (int) value;
  }

  private static int idAfter(int previous, CborReader in, String field)
      throws MalformedMessageException {
    int id = (int) in.unsigned(field, Integer.MAX_VALUE);
    if (id <= previous) {
      throw in.malformed(field, "id " + id + " does not ascend");
    }
    return id;
  }

  private static Map<Integer, Integer> bias(CborReader in) throws MalformedMessageException {
    String field = "sampling.logit-bias";
    in.key(field, 7);
    int count = in.array(field, 2 * SamplingManifest.MAX_BIASED);
    if (count % 2 != 0) {
      throw in.malformed(field, "an id without a bias");
    }
    Map<Integer, Integer> bias = new LinkedHashMap<>();
    int id = -1;
    for (int i = 0; i < count; i += 2) {
      id = idAfter(id, in, field);
      bias.put(id, integer(in, field));
    }
    return bias;
  }

  private static List<String> stops(CborReader in) throws MalformedMessageException {
    in.key("sampling.stops", 8);
    int count = in.array("sampling.stops", SamplingManifest.MAX_STOPS);
    List<String> stops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stops.add(in.text("sampling.stops", SamplingManifest.MAX_STOP_BYTES));
    }
    return stops;
  }

  private static List<Integer> eosIds(CborReader in) throws MalformedMessageException {
    in.key("sampling.eos", 11);
    int count = in.array("sampling.eos", SamplingManifest.MAX_EOS);
    List<Integer> ids = new ArrayList<>();
    int id = -1;
    for (int i = 0; i < count; i++) {
      id = idAfter(id, in, "sampling.eos");
      ids.add(id);
    }
    return ids;
  }
}
