package io.verillm.exec;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.SafetensorsWriter;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * Writes small model folders with seeded random weights: equal settings give equal bytes. For
 * tests, benchmarks and experiments; the text that such a model writes means nothing.
 *
 * <p>Belongs to one thread until {@link #writeTo}.
 */
public final class RandomModel {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final ObjectNode config = MAPPER.createObjectNode();
  private long seed = 1;
  private DType dtype = DType.F32;
  private int shards = 1;

  private RandomModel(String modelType) {
    config.put("model_type", modelType);
    config.put("hidden_act", "silu");
    config.put("hidden_size", 64);
    config.put("intermediate_size", 128);
    config.put("num_hidden_layers", 2);
    config.put("num_attention_heads", 4);
    config.put("num_key_value_heads", 2);
    config.put("head_dim", 16);
    config.put("vocab_size", 384);
    config.put("max_position_embeddings", 512);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10000.0);
    config.put("tie_word_embeddings", false);
    config.put("bos_token_id", 0);
    config.put("eos_token_id", 1);
  }

  /**
   * Starts from two layers of 64 elements, four heads on two KV heads, 384 tokens.
   *
   * @param modelType {@code llama}, {@code mistral}, {@code qwen2} or {@code qwen3}
   */
  public static RandomModel of(String modelType) {
    return new RandomModel(modelType);
  }

  /**
   * A Llama of 50.3 million parameters, of which a decode step reads 44.0 million: six layers of
   * 768 elements, twelve heads on four KV heads, 8192 tokens, 2048 positions, weights in F32.
   */
  public static RandomModel fiftyMillion() {
    return of("llama")
        .sizes(6, 768, 2048)
        .heads(12, 4, 64)
        .vocabulary(8192)
        .configKey("max_position_embeddings", "2048");
  }

  /** Sets the seed of the weights. */
  public RandomModel seed(long value) {
    this.seed = value;
    return this;
  }

  /** Sets the sizes of the network. */
  public RandomModel sizes(int layers, int hidden, int intermediate) {
    config.put("num_hidden_layers", layers);
    config.put("hidden_size", hidden);
    config.put("intermediate_size", intermediate);
    return this;
  }

  /** Sets the attention's heads. */
  public RandomModel heads(int heads, int keyValueHeads, int headDim) {
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keyValueHeads);
    config.put("head_dim", headDim);
    return this;
  }

  /** Sets the number of tokens. */
  public RandomModel vocabulary(int value) {
    config.put("vocab_size", value);
    return this;
  }

  /** Sets any key of {@code config.json} to a JSON value; null removes it. */
  public RandomModel configKey(String key, @org.jspecify.annotations.Nullable String json) {
    try {
      if (json == null) {
        config.remove(key);
      } else {
        config.set(key, MAPPER.readTree(json));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON: " + json, e);
    }
    return this;
  }

  /** Sets the stored type of the weights: F32, F16 or BF16. */
  public RandomModel dtype(DType value) {
    this.dtype = Objects.requireNonNull(value, "dtype");
    return this;
  }

  /** Spreads the tensors over several files with an index. */
  public RandomModel shards(int value) {
    this.shards = value;
    return this;
  }

  /**
   * Writes {@code config.json}, the weights, and a tokenizer of single bytes where the vocabulary
   * has room for one: id 0 begins, id 1 ends, byte b is 2 + b.
   *
   * @param folder created where missing
   * @throws IllegalArgumentException if the settings describe no supported model
   */
  public Path writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    byte[] json = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
    Path configFile = folder.resolve("config.json");
    LlamaConfig parsed;
    try {
      parsed = LlamaConfigReader.read(StrictJson.parse(configFile, json), Set.of());
    } catch (UnusableModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    Files.write(configFile, json);
    Random random = new Random(seed);
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    ModelFolder.expectedTensors(parsed)
        .forEach((name, shape) -> tensors.put(name, weights(name, shape, random)));
    if (shards == 1) {
      SafetensorsWriter.write(folder.resolve(SafetensorsReader.SINGLE_FILE), tensors, Map.of());
    } else {
      writeShards(folder, tensors);
    }
    if (parsed.vocabulary() >= 258) {
      Files.write(
          folder.resolve("tokenizer.json"),
          MAPPER.writeValueAsBytes(tokenizer(parsed.vocabulary())));
    }
    return folder;
  }

  private TensorView weights(String name, Shape shape, Random random) {
    float[] values = new float[Math.toIntExact(shape.elements())];
    boolean norm = name.endsWith("norm.weight");
    boolean bias = name.endsWith(".bias");
    // uniform, of variance 1 / inputs: rows keep their size from layer to layer
    float half = norm || bias ? 0.2f : (float) StrictMath.sqrt(3.0 / shape.dimension(1));
    if (name.equals("model.embed_tokens.weight")) {
      half = 1.0f;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * half + (norm ? 1 : 0);
    }
    return FloatTensors.ofFloats(dtype, shape, values);
  }

  private void writeShards(Path folder, Map<String, TensorView> tensors) throws IOException {
    ObjectNode index = MAPPER.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    for (int shard = 0; shard < shards; shard++) {
      String file = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
      Map<String, TensorView> part = new LinkedHashMap<>();
      int i = 0;
      for (Map.Entry<String, TensorView> tensor : tensors.entrySet()) {
        if (i++ % shards == shard) {
          part.put(tensor.getKey(), tensor.getValue());
          map.put(tensor.getKey(), file);
        }
      }
      SafetensorsWriter.write(folder.resolve(file), part, Map.of());
    }
    Files.write(folder.resolve(SafetensorsReader.INDEX_FILE), MAPPER.writeValueAsBytes(index));
  }

  /** One token a byte; ids beyond, which only the model draws, stand for three bytes each. */
  private static ObjectNode tokenizer(int size) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    String[] special = {"<|begin|>", "<|end|>"};
    for (int id = 0; id < special.length; id++) {
      ObjectNode token = added.addObject();
      token.put("id", id).put("content", special[id]).put("single_word", false);
      token.put("lstrip", false).put("rstrip", false).put("normalized", false);
      token.put("special", true);
    }
    root.putNull("normalizer");
    ObjectNode level = MAPPER.createObjectNode();
    level.put("type", "ByteLevel").put("add_prefix_space", false);
    level.put("trim_offsets", true).put("use_regex", true);
    root.set("pre_tokenizer", level);
    root.putNull("post_processor");
    root.set("decoder", level.deepCopy());
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < special.length; id++) {
      vocabulary.put(special[id], id);
    }
    for (int b = 0; b < 256; b++) {
      vocabulary.put(String.valueOf(ByteLevelAlphabet.symbol(b)), 2 + b);
    }
    for (int id = 258; id < size; id++) {
      String name = "";
      for (int shift = 16; shift >= 0; shift -= 8) {
        name += ByteLevelAlphabet.symbol(id >> shift & 0xFF);
      }
      vocabulary.put(name, id);
    }
    model.putArray("merges");
    return root;
  }
}
