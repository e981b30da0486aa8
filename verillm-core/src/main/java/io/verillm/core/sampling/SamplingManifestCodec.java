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
 * The canonical form of {@link SamplingManifest}: a CBOR map with the keys 1 to 13, all present.
 */
final class SamplingManifestCodec {
  private static final int ENTRIES = 13;

  private SamplingManifestCodec() {}

  static void encode(SamplingManifest manifest, CborWriter out) {
    out.map(ENTRIES);
    out.unsigned(1).unsigned(manifest.temperatureMicros());
    out.unsigned(2).unsigned(manifest.topK());
    out.unsigned(3).unsigned(manifest.topPMicros());
    out.unsigned(4).unsigned(manifest.repetitionPenaltyMicros());
    out.unsigned(5).integer(manifest.frequencyPenaltyMicros());
    out.unsigned(6).integer(manifest.presencePenaltyMicros());
    out.unsigned(7).map(manifest.logitBiasMicros().size());
    manifest.logitBiasMicros().forEach((id, bias) -> out.unsigned(id).integer(bias));
    out.unsigned(8);
    manifest.grammar().ifPresentOrElse(out::digest, out::nul);
    out.unsigned(9).array(manifest.stops().size());
    manifest.stops().forEach(out::text);
    out.unsigned(10).unsigned(manifest.minTokens());
    out.unsigned(11).unsigned(manifest.maxTokens());
    out.unsigned(12).array(manifest.eosIds().size());
    manifest.eosIds().forEach(out::unsigned);
    out.unsigned(13).unsigned(manifest.sequences());
  }

  static SamplingManifest decode(CborReader in) throws MalformedMessageException {
    in.mapOf("sampling", ENTRIES);
    int temperature = unsigned(in, 1, "temperature");
    int topK = unsigned(in, 2, "top-k");
    int topP = unsigned(in, 3, "top-p");
    int repetition = unsigned(in, 4, "repetition penalty");
    int frequency = signed(in, 5, "frequency penalty");
    int presence = signed(in, 6, "presence penalty");
    Map<Integer, Integer> bias = bias(in);
    in.key("grammar", 8);
    Digest32 grammar = null;
    if (in.nextIsNull()) {
      in.nul("grammar");
    } else {
      grammar = in.digest("grammar");
    }
    List<String> stops = stops(in);
    int minTokens = unsigned(in, 10, "minimum tokens");
    int maxTokens = unsigned(in, 11, "maximum tokens");
    List<Integer> eosIds = eosIds(in);
    int sequences = unsigned(in, 13, "sequences");
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
    return toInt(in, field, in.integer(field));
  }

  private static int toInt(CborReader in, String field, long value)
      throws MalformedMessageException {
    if (value != (int) value) {
      throw in.malformed(field, value + " does not fit 32 bits");
    }
    return (int) value;
  }

  private static Map<Integer, Integer> bias(CborReader in) throws MalformedMessageException {
    in.key("logit bias", 7);
    int count = in.map("logit bias", SamplingManifest.MAX_BIASED);
    Map<Integer, Integer> bias = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      int id = toInt(in, "logit bias", in.nextKey("logit bias"));
      bias.put(id, toInt(in, "logit bias", in.integer("logit bias")));
    }
    return bias;
  }

  private static List<String> stops(CborReader in) throws MalformedMessageException {
    in.key("stop strings", 9);
    int count = in.array("stop strings", SamplingManifest.MAX_STOPS);
    List<String> stops = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      stops.add(in.text("stop strings", SamplingManifest.MAX_STOP_BYTES));
    }
    return stops;
  }

  private static List<Integer> eosIds(CborReader in) throws MalformedMessageException {
    in.key("end tokens", 12);
    int count = in.array("end tokens", SamplingManifest.MAX_EOS);
    List<Integer> ids = new ArrayList<>();
    int previous = -1;
    for (int i = 0; i < count; i++) {
      int id = (int) in.unsigned("end tokens", Integer.MAX_VALUE);
      if (id <= previous) {
        throw in.malformed("end tokens", id + " does not ascend");
      }
      ids.add(id);
      previous = id;
    }
    return ids;
  }
}
