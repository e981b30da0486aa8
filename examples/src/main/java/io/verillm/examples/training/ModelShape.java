package io.verillm.examples.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of a Llama with tied embeddings, and its {@code config.json}.
 *
 * @param vocabulary token ids
 * @param hidden width of the residual stream
 * @param layers decoder blocks
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headSize width of one head, even
 * @param feedForward inner width of the gated feed-forward part
 * @param context tokens the model is trained on at once
 */
public record ModelShape(
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    int context) {

  /** Added to the mean square under the root of each norm. */
  public static final double NORM_EPSILON = 1e-5;

  /** Base of the rotary frequencies. */
  public static final double ROPE_BASE = 10_000;

  /** Checks that the sizes fit together. */
  public ModelShape {
    if (kvHeads < 1 || heads % kvHeads != 0) {
      throw new IllegalArgumentException(heads + " heads do not share " + kvHeads + " kv heads");
    }
    if (headSize < 2 || headSize % 2 != 0) {
      throw new IllegalArgumentException("rotary heads need an even width, got " + headSize);
    }
  }

  /** Returns the number of trained values; the output projection is the embedding. */
  public long parameters() {
    long attention = 2L * hidden * heads * headSize + 2L * hidden * kvHeads * headSize;
    long block = attention + 3L * hidden * feedForward + 2L * hidden;
    return (long) vocabulary * hidden + layers * block + hidden;
  }

  /**
   * Writes {@code config.json} and {@code generation_config.json} as Hugging Face reads them.
   *
   * @param folder an existing folder
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder) throws IOException {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("attention_bias", false);
    config.put("attention_dropout", 0.0);
    config.put("bos_token_id", TokenizerExport.BEGIN_ID);
    config.put("eos_token_id", TokenizerExport.END_ID);
    config.put("head_dim", headSize);
    config.put("hidden_act", "silu");
    config.put("hidden_size", hidden);
    config.put("initializer_range", LlamaNetwork.INITIAL_DEVIATION);
    config.put("intermediate_size", feedForward);
    config.put("max_position_embeddings", context);
    config.put("mlp_bias", false);
    config.put("num_attention_heads", heads);
    config.put("num_hidden_layers", layers);
    config.put("num_key_value_heads", kvHeads);
    config.put("rms_norm_eps", NORM_EPSILON);
    config.put("rope_theta", ROPE_BASE);
    config.put("tie_word_embeddings", true);
    config.put("torch_dtype", "bfloat16");
    config.put("use_cache", true);
    config.put("vocab_size", vocabulary);
    Json.write(folder.resolve("config.json"), config);

    Map<String, Object> generation = new LinkedHashMap<>();
    generation.put("bos_token_id", TokenizerExport.BEGIN_ID);
    generation.put("eos_token_id", TokenizerExport.END_ID);
    generation.put("do_sample", true);
    generation.put("temperature", 0.7);
    generation.put("max_length", context);
    Json.write(folder.resolve("generation_config.json"), generation);
  }

  /**
   * Reads the sizes from a folder that {@link #write} made.
   *
   * @throws IOException if {@code config.json} cannot be read
   */
  public static ModelShape read(Path folder) throws IOException {
    JsonNode config = Json.read(folder.resolve("config.json"));
    return new ModelShape(
        config.required("vocab_size").asInt(),
        config.required("hidden_size").asInt(),
        config.required("num_hidden_layers").asInt(),
        config.required("num_attention_heads").asInt(),
        config.required("num_key_value_heads").asInt(),
        config.required("head_dim").asInt(),
        config.required("intermediate_size").asInt(),
        config.required("max_position_embeddings").asInt());
  }
}
