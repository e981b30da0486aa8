package io.verillm.exec;

import io.verillm.core.tensor.DType;
import java.util.List;

/** Every architecture and every variant flag that folders are run with. */
public final class Variants {
  private Variants() {}

  /** Two layers each, 384 tokens, 512 positions. */
  public static List<RandomModel> all() {
    return List.of(
        RandomModel.of("llama"),
        RandomModel.of("llama").heads(4, 1, 16).configKey("tie_word_embeddings", "true"),
        RandomModel.of("llama").heads(4, 4, 24).shards(3),
        RandomModel.of("llama").configKey("attention_bias", "true").configKey("mlp_bias", "true"),
        RandomModel.of("mistral").dtype(DType.BF16).configKey("sliding_window", "null"),
        RandomModel.of("mistral").configKey("sliding_window", "37"),
        RandomModel.of("qwen2").dtype(DType.F16).configKey("tie_word_embeddings", "true"),
        RandomModel.of("qwen3").heads(6, 3, 32).configKey("rope_theta", "1000000"),
        rope("{\"type\":\"linear\",\"factor\":4.0}"),
        rope("{\"rope_type\":\"dynamic\",\"factor\":2.0}"),
        rope("{\"rope_type\":\"yarn\",\"factor\":8.0,\"original_max_position_embeddings\":64}"),
        rope(
            "{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
                + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}"));
  }

  private static RandomModel rope(String json) {
    return RandomModel.of("llama").configKey("rope_scaling", json);
  }
}
