package io.verillm.exec;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.ModelDigest;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorEntry;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Hugging Face model folder: {@code config.json}, safetensors files, {@code tokenizer.json} and
 * the chat template. Checked when opened: every tensor that the configuration asks for is there in
 * its shape and a readable type, and no other. Immutable and thread-safe.
 */
public final class ModelFolder {
  private static final String CONFIG = "config.json";

  private final Path path;
  private final LlamaConfig config;
  private final SafetensorsReader tensors;

  private ModelFolder(Path path, LlamaConfig config, SafetensorsReader tensors) {
    this.path = path;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens a folder.
   *
   * @throws UnusableModelException if the folder cannot be run exactly as it says
   * @throws IOException if the disk fails
   */
  public static ModelFolder open(Path path) throws IOException, UnusableModelException {
    return open(path, Set.of());
  }

  /**
   * Opens a folder whose configuration has keys that are unknown here.
   *
   * @param ignoredKeys keys of {@code config.json} that the caller knows to be without effect
   */
  public static ModelFolder open(Path path, Set<String> ignoredKeys)
      throws IOException, UnusableModelException {
    LlamaConfig config = LlamaConfigReader.read(StrictJson.read(path.resolve(CONFIG)), ignoredKeys);
    SafetensorsReader tensors;
    try {
      tensors = SafetensorsReader.open(path);
    } catch (MalformedMessageException e) {
      throw new UnusableModelException(
          path, e.field(), "damaged weights (" + e.getMessage() + "); download them again", e);
    } catch (NoSuchFileException e) {
      throw new UnusableModelException(
          path, "weights", "missing " + e.getFile() + "; download the complete folder again", e);
    }
    ModelFolder folder = new ModelFolder(path, config, tensors);
    folder.checkTensors();
    return folder;
  }

  /** Where the folder is. */
  public Path path() {
    return path;
  }

  /** The architecture. */
  public LlamaConfig config() {
    return config;
  }

  /** The weights. */
  public SafetensorsReader tensors() {
    return tensors;
  }

  /**
   * Computes the digest of the weights as served; reads every byte.
   *
   * @throws UnusableModelException if a tied tensor is repeated with other content
   */
  public Digest32 computeModelDigest() throws UnusableModelException {
    try {
      return ModelDigest.of(
          tensors,
          config.tiedEmbeddings() ? ModelDigest.TIED_WORD_EMBEDDINGS : Map.of(),
          (tensor, done, total) -> {});
    } catch (IllegalArgumentException e) {
      throw new UnusableModelException(
          path, "lm_head.weight", e.getMessage() + "; set tie_word_embeddings to false", e);
    }
  }

  /** The tokenizer's definition. */
  public Path tokenizerFile() {
    return path.resolve("tokenizer.json");
  }

  /**
   * SHA-256 of the chat template's UTF-8 text: of {@code chat_template.jinja} where there is one,
   * else of {@code chat_template} in {@code tokenizer_config.json}, of the one named {@code
   * default} where it is a list.
   */
  public Optional<Digest32> chatTemplateDigest() throws IOException, UnusableModelException {
    Path jinja = path.resolve("chat_template.jinja");
    if (Files.exists(jinja)) {
      return Optional.of(Digest32.sha256(Files.readAllBytes(jinja)));
    }
    Path file = path.resolve("tokenizer_config.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    StrictJson json = StrictJson.read(file);
    JsonNode template = json.get("chat_template");
    if (template != null && template.isArray()) {
      JsonNode named = null;
      for (JsonNode entry : template) {
        if (entry.path("name").asText().equals("default")) {
          named = entry.get("template");
        }
      }
      template = named;
    }
    if (template == null) {
      return Optional.empty();
    }
    if (!template.isTextual()) {
      throw json.wrong("chat_template", "is neither a text nor a list with a default");
    }
    return Optional.of(Digest32.sha256(template.textValue().getBytes(StandardCharsets.UTF_8)));
  }

  /** Names and shapes of all tensors that a configuration asks for. */
  static Map<String, Shape> expectedTensors(LlamaConfig config) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    long hidden = config.hidden();
    long queries = config.queryWidth();
    long keys = config.keyValueWidth();
    long inner = config.intermediate();
    shapes.put("model.embed_tokens.weight", Shape.of(config.vocabulary(), hidden));
    for (int layer = 0; layer < config.layers(); layer++) {
      String at = "model.layers." + layer + ".";
      shapes.put(at + "input_layernorm.weight", Shape.of(hidden));
      projection(shapes, at + "self_attn.q_proj", queries, hidden, config.qkvBias());
      projection(shapes, at + "self_attn.k_proj", keys, hidden, config.qkvBias());
      projection(shapes, at + "self_attn.v_proj", keys, hidden, config.qkvBias());
      projection(shapes, at + "self_attn.o_proj", hidden, queries, config.outputBias());
      if (config.headNorms()) {
        shapes.put(at + "self_attn.q_norm.weight", Shape.of(config.headDim()));
        shapes.put(at + "self_attn.k_norm.weight", Shape.of(config.headDim()));
      }
      shapes.put(at + "post_attention_layernorm.weight", Shape.of(hidden));
      projection(shapes, at + "mlp.gate_proj", inner, hidden, config.mlpBias());
      projection(shapes, at + "mlp.up_proj", inner, hidden, config.mlpBias());
      projection(shapes, at + "mlp.down_proj", hidden, inner, config.mlpBias());
    }
    shapes.put("model.norm.weight", Shape.of(hidden));
    if (!config.tiedEmbeddings()) {
      shapes.put("lm_head.weight", Shape.of(config.vocabulary(), hidden));
    }
    return shapes;
  }

  private static void projection(
      Map<String, Shape> shapes, String name, long outputs, long inputs, boolean bias) {
    shapes.put(name + ".weight", Shape.of(outputs, inputs));
    if (bias) {
      shapes.put(name + ".bias", Shape.of(outputs));
    }
  }

  private void checkTensors() throws UnusableModelException {
    Map<String, Shape> expected = expectedTensors(config);
    for (Map.Entry<String, Shape> wanted : expected.entrySet()) {
      String name = wanted.getKey();
      if (!tensors.contains(name)) {
        throw new UnusableModelException(
            path, name, "tensor is missing; download the weights that belong to config.json");
      }
      TensorEntry found = tensors.entry(name);
      if (!found.shape().equals(wanted.getValue())) {
        throw new UnusableModelException(
            path,
            name,
            "has shape "
                + found.shape()
                + ", config.json asks for "
                + wanted.getValue()
                + "; use the weights that belong to it");
      }
      DType type = found.dtype();
      if (type != DType.F32 && type != DType.F16 && type != DType.BF16) {
        throw new UnusableModelException(
            path,
            name,
            "has type " + type + "; supported are F32, F16 and BF16, so use such a folder");
      }
    }
    Set<String> others = new TreeSet<>(tensors.names());
    others.removeAll(expected.keySet());
    others.removeIf(
        name ->
            name.endsWith(".rotary_emb.inv_freq") // a copy of what rope_theta says
                || name.equals("lm_head.weight")); // tied: the digest checks that it is the same
    for (String name : others) {
      throw new UnusableModelException(
          path,
          name,
          "tensor is not part of " + config.modelType() + " as config.json describes it");
    }
  }

  /** All elements of a small tensor. */
  float[] floats(String name) {
    return FloatTensors.toFloats(tensors.tensor(name));
  }

  /** Copies rows of a matrix. */
  void rows(String name, int first, int count, float[] into) {
    var view = tensors.rows(name, first, count);
    FloatTensors.toFloats(view, 0, into, 0, Math.toIntExact(view.shape().elements()));
  }
}
