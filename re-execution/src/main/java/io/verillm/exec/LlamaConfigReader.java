package io.verillm.exec;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.canonical.RopeScaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a {@code config.json}. What would change the computation and is not implemented is refused
 * by key; what cannot change it is ignored by name; everything else is refused as unknown.
 */
final class LlamaConfigReader {
  static final Set<String> MODEL_TYPES = Set.of("llama", "mistral", "qwen2", "qwen3");

  /** Keys that say nothing about the computation of a forward pass. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "_name_or_path",
          "architectures",
          "attention_dropout",
          "bos_token_id",
          "dtype",
          "hidden_dropout",
          "initializer_range",
          "max_window_layers",
          "output_attentions",
          "output_hidden_states",
          "pad_token_id",
          "return_dict",
          "torch_dtype",
          "transformers_version",
          "use_cache");

  private static final int MOST = 1 << 20;

  private LlamaConfigReader() {}

  static LlamaConfig read(StrictJson json, Set<String> ignoredKeys) throws UnusableModelException {
    String type =
        json.optionalText("model_type")
            .orElseThrow(
                () ->
                    json.wrong(
                        "model_type", "is missing; supported are llama, mistral, qwen2 and qwen3"));
    if (!MODEL_TYPES.contains(type)) {
      throw json.wrong(
          "model_type", "is " + type + ", supported are llama, mistral, qwen2 and qwen3");
    }
    refuseUnsupported(json);
    int hidden = json.requireInt("hidden_size", 1, MOST);
    int heads = json.requireInt("num_attention_heads", 1, MOST);
    int keyValueHeads =
        type.equals("llama")
            ? json.optionalInt("num_key_value_heads", heads, 1, heads)
            : json.requireInt("num_key_value_heads", 1, heads);
    if (heads % keyValueHeads != 0) {
      throw json.wrong(
          "num_key_value_heads", "is " + keyValueHeads + ", which does not divide " + heads);
    }
    int headDim = headDim(json, type, hidden, heads);
    int maxPositions = json.requireInt("max_position_embeddings", 1, 1 << 24);
    boolean attentionBias = json.optionalBoolean("attention_bias", false);
    double theta = 10000;
    Optional<StrictJson> scaling = json.optionalObject("rope_scaling");
    Optional<StrictJson> parameters = json.optionalObject("rope_parameters");
    if (parameters.isPresent()) {
      if (scaling.isPresent() || json.has("rope_theta")) {
        throw json.wrong("rope_parameters", "stands beside rope_scaling or rope_theta; keep one");
      }
      theta = parameters.get().optionalNumber("rope_theta", theta);
      scaling = parameters;
    } else {
      theta = json.optionalNumber("rope_theta", theta);
    }
    if (!(theta > 1 && theta < 1e15)) {
      throw json.wrong("rope_theta", "is " + theta + ", supported are numbers in (1, 1e15)");
    }
    RopeScaling rope =
        scaling.isPresent() ? ropeScaling(scaling.get(), maxPositions) : new RopeScaling.Unscaled();
    int window = slidingWindow(json, type, maxPositions);
    double epsilon = json.requireNumber("rms_norm_eps");
    if (!(epsilon > 0 && epsilon < 1)) {
      throw json.wrong("rms_norm_eps", "is " + epsilon + ", supported are numbers in (0, 1)");
    }
    LlamaConfig config =
        new LlamaConfig(
            type,
            json.requireInt("num_hidden_layers", 1, 0xFFFF),
            hidden,
            json.requireInt("intermediate_size", 1, MOST),
            heads,
            keyValueHeads,
            headDim,
            json.requireInt("vocab_size", 1, 1 << 24),
            maxPositions,
            (float) epsilon,
            theta,
            rope,
            type.equals("qwen2") || attentionBias,
            !type.equals("qwen2") && attentionBias,
            json.optionalBoolean("mlp_bias", false),
            type.equals("qwen3"),
            window,
            json.optionalBoolean("tie_word_embeddings", false),
            eosTokenIds(json));
    json.ignore(WITHOUT_EFFECT);
    json.ignore(ignoredKeys);
    json.requireAllRead();
    return config;
  }

  private static int headDim(StrictJson json, String type, int hidden, int heads)
      throws UnusableModelException {
    int headDim;
    if (json.has("head_dim") || type.equals("qwen3")) {
      // engines disagree about the default of qwen3, so it has to be written
      headDim = json.requireInt("head_dim", 2, 1 << 14);
    } else if (hidden % heads == 0) {
      json.get("head_dim");
      headDim = hidden / heads;
    } else {
      throw json.wrong("head_dim", "is missing, and hidden_size is no multiple of the heads");
    }
    if (headDim % 2 != 0 || headDim < 2) {
      throw json.wrong("head_dim", "is " + headDim + ", supported are even numbers");
    }
    if ((long) headDim * heads > MOST) {
      throw json.wrong("head_dim", "times num_attention_heads is above " + MOST);
    }
    return headDim;
  }

  private static void refuseUnsupported(StrictJson json) throws UnusableModelException {
    Optional<String> activation = json.optionalText("hidden_act");
    if (activation.isEmpty() || !activation.get().equals("silu")) {
      throw json.wrong("hidden_act", "is " + activation.orElse("missing") + ", supported is silu");
    }
    if (json.has("quantization_config")) {
      throw json.wrong(
          "quantization_config",
          "quantised weights are not supported; use the F32, F16 or BF16 folder of the model");
    }
    if (json.has("auto_map")) {
      throw json.wrong("auto_map", "custom model code is not supported; use a built-in model_type");
    }
    if (json.optionalInt("pretraining_tp", 1, 0, MOST) > 1) {
      throw json.wrong("pretraining_tp", "is above 1, which splits sums; supported is 1");
    }
    if (json.optionalNumber("partial_rotary_factor", 1) != 1) {
      throw json.wrong("partial_rotary_factor", "supported is 1");
    }
    for (String off : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
      if (json.get(off) != null) {
        throw json.wrong(off, "is not supported; supported is its absence");
      }
    }
    json.get("quantization_config");
    json.get("auto_map");
  }

  /** Mistral has one window for all layers; the others have one for some, which is refused. */
  private static int slidingWindow(StrictJson json, String type, int maxPositions)
      throws UnusableModelException {
    boolean mistral = type.equals("mistral");
    boolean used = json.optionalBoolean("use_sliding_window", mistral);
    int window =
        json.optionalInt("sliding_window", LlamaConfig.FULL_ATTENTION, 1, Integer.MAX_VALUE);
    JsonNode layers = json.get("layer_types");
    if (layers != null) {
      for (JsonNode layer : layers) {
        if (!layer.asText().equals("full_attention")) {
          throw json.wrong("layer_types", "has " + layer + ", supported is full_attention");
        }
      }
    }
    if (!used || window >= maxPositions) {
      return LlamaConfig.FULL_ATTENTION;
    }
    if (!mistral) {
      throw json.wrong(
          "sliding_window",
          "is "
              + window
              + ", supported beside mistral are null and at least max_position_embeddings ("
              + maxPositions
              + ")");
    }
    return window;
  }

  private static List<Integer> eosTokenIds(StrictJson json) throws UnusableModelException {
    List<Integer> ids = new ArrayList<>();
    JsonNode value = json.get("eos_token_id");
    if (value != null) {
      for (JsonNode id : value.isArray() ? value : List.of(value)) {
        if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
          throw json.wrong("eos_token_id", "is " + value + ", supported are ids and lists of them");
        }
        ids.add(id.intValue());
      }
    }
    return ids;
  }

  private static RopeScaling ropeScaling(StrictJson json, int maxPositions)
      throws UnusableModelException {
    Optional<String> older = json.optionalText("type");
    String type = json.optionalText("rope_type").or(() -> older).orElse("default");
    if (older.isPresent() && !older.get().equals(type)) {
      throw json.wrong("type", "is " + older.get() + " beside rope_type " + type + "; keep one");
    }
    try {
      RopeScaling scaling = ropeScaling(json, type, maxPositions);
      json.requireAllRead();
      return scaling;
    } catch (IllegalArgumentException e) {
      throw json.wrong("factor", "or a number beside it: " + e.getMessage());
    }
  }

  private static RopeScaling ropeScaling(StrictJson json, String type, int maxPositions)
      throws UnusableModelException {
    return switch (type) {
      case "default" -> new RopeScaling.Unscaled();
      case "linear" -> new RopeScaling.Linear(json.requireNumber("factor"));
      case "dynamic" -> new RopeScaling.DynamicNtk(json.requireNumber("factor"));
      case "yarn" -> yarn(json, json.requireNumber("factor"), maxPositions);
      case "llama3" ->
          new RopeScaling.Llama3(
              json.requireNumber("factor"),
              json.requireNumber("low_freq_factor"),
              json.requireNumber("high_freq_factor"),
              json.requireInt("original_max_position_embeddings", 1, 1 << 24));
      default ->
          throw json.wrong(
              "rope_type",
              "is " + type + ", supported are default, linear, dynamic, yarn and llama3");
    };
  }

  private static RopeScaling yarn(StrictJson json, double factor, int maxPositions)
      throws UnusableModelException {
    return new RopeScaling.Yarn(
        factor,
        json.optionalInt("original_max_position_embeddings", maxPositions, 1, 1 << 24),
        json.optionalNumber("beta_fast", 32),
        json.optionalNumber("beta_slow", 1),
        json.optionalBoolean("truncate", true),
        (float)
            json.optionalNumber(
                "attention_factor", RopeScaling.Yarn.defaultAttentionFactor(factor)));
  }
}
