package io.verillm.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.canonical.RopeScaling;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.SafetensorsWriter;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private void writeAndSet(String type, String key, String json) throws IOException {
    RandomModel.of(type).writeTo(folder);
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) MAPPER.readTree(file.toFile());
    if (json.equals("absent")) {
      config.remove(key);
    } else {
      config.set(key, MAPPER.readTree(json));
    }
    Files.write(file, MAPPER.writeValueAsBytes(config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "llama;model_type;absent;qwen3",
        "llama;model_type;\"gpt2\";llama, mistral, qwen2 and qwen3",
        "llama;model_type;7;text",
        "llama;hidden_act;\"gelu\";silu",
        "llama;hidden_act;absent;silu",
        "llama;hidden_size;absent;integer",
        "llama;hidden_size;0;integers in 1",
        "llama;hidden_size;64.5;integers",
        "llama;hidden_size;\"64\";integers",
        "llama;hidden_size;99999999999;integers",
        "llama;intermediate_size;-1;integers",
        "llama;num_hidden_layers;70000;65535",
        "llama;num_attention_heads;0;integers",
        "llama;num_key_value_heads;3;divide",
        "llama;num_key_value_heads;8;integers in 1..4",
        "qwen2;num_key_value_heads;absent;missing",
        "llama;head_dim;15;even",
        "llama;head_dim;1;integers in 2",
        "qwen3;head_dim;absent;missing",
        "llama;vocab_size;absent;missing",
        "llama;max_position_embeddings;absent;missing",
        "llama;rms_norm_eps;absent;missing",
        "llama;rms_norm_eps;0;(0, 1)",
        "llama;rms_norm_eps;\"1e-5\";numbers",
        "llama;rope_theta;1;(1, 1e15)",
        "llama;rope_theta;-3;(1, 1e15)",
        "llama;tie_word_embeddings;1;true and false",
        "llama;attention_bias;\"no\";true and false",
        "llama;rope_scaling;7;object",
        "llama;rope_scaling;{\"rope_type\":\"longrope\",\"factor\":2};llama3",
        "llama;rope_scaling;{\"rope_type\":\"linear\"};factor",
        "llama;rope_scaling;{\"rope_type\":\"linear\",\"factor\":0.5};factor",
        "llama;rope_scaling;{\"rope_type\":\"linear\",\"factor\":2,\"beta\":1};ignored keys",
        "llama;rope_scaling;{\"rope_type\":\"linear\",\"type\":\"yarn\",\"factor\":2};keep one",
        "llama;rope_scaling;{\"rope_type\":\"yarn\",\"factor\":2,\"mscale\":1};ignored keys",
        "llama;rope_scaling;{\"rope_type\":\"yarn\",\"factor\":2,\"beta_fast\":0};beta_fast",
        "llama;rope_scaling;{\"rope_type\":\"llama3\",\"factor\":2};low_freq_factor",
        "llama;rope_parameters;{\"rope_type\":\"default\"};keep one",
        "qwen2;layer_types;[\"sliding_attention\"];full_attention",
        "llama;quantization_config;{};quantised",
        "llama;auto_map;{};built-in",
        "llama;pretraining_tp;2;supported is 1",
        "llama;partial_rotary_factor;0.5;supported is 1",
        "llama;attn_logit_softcapping;50.0;absence",
        "llama;eos_token_id;\"end\";ids",
        "llama;eos_token_id;[1,-2];ids",
        "llama;brand_new_thing;1;ignored keys"
      })
  void open_wrongKey_namesItAndWhatIsSupported(String type, String key, String json, String hint)
      throws Exception {
    writeAndSet(type, key, json);
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOfSatisfying(
            UnusableModelException.class, e -> assertThat(e.item()).startsWith(key))
        .hasMessageContaining(hint);
  }

  @Test
  void open_keysWithoutEffect_areIgnored() throws Exception {
    writeAndSet("llama", "torch_dtype", "\"float32\"");
    ModelFolder.open(folder);
    writeAndSet("llama", "brand_new_thing", "1");
    ModelFolder.open(folder, Set.of("brand_new_thing"));
    writeAndSet("qwen2", "sliding_window", "128");
    ModelFolder.open(folder);
    writeAndSet("mistral", "sliding_window", "512");
    ModelFolder.open(folder);
  }

  @Test
  void open_newerRopeParameters_areRead() throws Exception {
    writeAndSet("llama", "rope_theta", "absent");
    Path file = folder.resolve("config.json");
    ObjectNode config = (ObjectNode) MAPPER.readTree(file.toFile());
    config.set(
        "rope_parameters",
        MAPPER.readTree("{\"rope_type\":\"linear\",\"factor\":2.0,\"rope_theta\":5000}"));
    Files.write(file, MAPPER.writeValueAsBytes(config));
    LlamaConfig parsed = ModelFolder.open(folder).config();
    assertThat(parsed.ropeTheta()).isEqualTo(5000);
    assertThat(parsed.ropeScaling()).isEqualTo(new RopeScaling.Linear(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\":1,\"a\":2}", "{} x", "null", "\u0000"})
  void open_configThatIsNoObject_isRefused(String json) throws Exception {
    RandomModel.of("llama").writeTo(folder);
    Files.writeString(folder.resolve("config.json"), json);
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(UnusableModelException.class)
        .hasMessageContaining("download");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors"})
  void open_missingFile_saysDownload(String name) throws Exception {
    RandomModel.of("llama").writeTo(folder);
    Files.delete(folder.resolve(name));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(UnusableModelException.class)
        .hasMessageContaining("download");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 100, 5000})
  void open_truncatedWeights_saysDownload(int bytes) throws Exception {
    RandomModel.of("llama").writeTo(folder);
    Path file = folder.resolve("model.safetensors");
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), bytes));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(UnusableModelException.class)
        .hasMessageContaining("download");
  }

  @Test
  void open_missingShard_saysDownload() throws Exception {
    RandomModel.of("llama").shards(2).writeTo(folder);
    Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(UnusableModelException.class)
        .hasMessageContaining("model-00002-of-00002.safetensors");
  }

  private void editTensors(Consumer<Map<String, TensorView>> edit) throws Exception {
    RandomModel.of("llama").writeTo(folder);
    SafetensorsReader reader = SafetensorsReader.open(folder);
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (String name : reader.names()) {
      tensors.put(name, reader.tensor(name));
    }
    edit.accept(tensors);
    SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
  }

  private void assertUnusable(String item, String hint) {
    assertThatThrownBy(() -> TransformerExecutor.loadCanonical(ModelFolder.open(folder)))
        .isInstanceOfSatisfying(
            UnusableModelException.class, e -> assertThat(e.item()).isEqualTo(item))
        .hasMessageContaining(hint);
  }

  @Test
  void open_missingTensor_namesIt() throws Exception {
    String name = "model.layers.1.self_attn.k_proj.weight";
    editTensors(tensors -> tensors.remove(name));
    assertUnusable(name, "missing");
  }

  @Test
  void open_wrongShape_namesBoth() throws Exception {
    String name = "model.layers.0.mlp.up_proj.weight";
    editTensors(
        tensors -> tensors.put(name, TensorView.copyOf(Shape.of(64, 128), new float[64 * 128])));
    assertUnusable(name, "[128, 64]");
  }

  @Test
  void open_unreadableType_namesSupportedOnes() throws Exception {
    String name = "model.norm.weight";
    editTensors(
        tensors ->
            tensors.put(name, FloatTensors.ofFloats(DType.F8_E4M3, Shape.of(64), new float[64])));
    assertUnusable(name, "F32, F16 and BF16");
  }

  @Test
  void open_tensorNobodyAskedFor_isRefused() throws Exception {
    String name = "model.layers.0.self_attn.q_proj.bias";
    editTensors(tensors -> tensors.put(name, TensorView.copyOf(Shape.of(64), new float[64])));
    assertUnusable(name, "not part of llama");
  }

  @Test
  void load_tiedHeadWithOtherContent_isRefused() throws Exception {
    RandomModel.of("llama").writeTo(folder);
    Path file = folder.resolve("config.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true"));
    assertUnusable("lm_head.weight", "tie_word_embeddings");
  }

  @Test
  void computeModelDigest_shardedOrNot_isTheSame() throws Exception {
    Digest32 whole =
        ModelFolder.open(RandomModel.of("llama").writeTo(folder.resolve("a"))).computeModelDigest();
    Digest32 sharded =
        ModelFolder.open(RandomModel.of("llama").shards(4).writeTo(folder.resolve("b")))
            .computeModelDigest();
    Digest32 other =
        ModelFolder.open(RandomModel.of("llama").seed(2).writeTo(folder.resolve("c")))
            .computeModelDigest();
    assertThat(sharded).isEqualTo(whole);
    assertThat(other).isNotEqualTo(whole);
  }

  @Test
  void chatTemplateDigest_textListOrFile_isOfTheTemplate() throws Exception {
    RandomModel.of("llama").writeTo(folder);
    ModelFolder opened = ModelFolder.open(folder);
    assertThat(opened.chatTemplateDigest()).isEmpty();
    Digest32 expected = Digest32.sha256("{{x}}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path file = folder.resolve("tokenizer_config.json");
    Files.writeString(file, "{\"chat_template\":\"{{x}}\"}");
    assertThat(opened.chatTemplateDigest()).contains(expected);
    Files.writeString(
        file,
        "{\"chat_template\":[{\"name\":\"tool\",\"template\":\"y\"},"
            + "{\"name\":\"default\",\"template\":\"{{x}}\"}]}");
    assertThat(opened.chatTemplateDigest()).contains(expected);
    Files.writeString(file, "{\"chat_template\":7}");
    assertThatThrownBy(opened::chatTemplateDigest).isInstanceOf(UnusableModelException.class);
    Files.writeString(folder.resolve("chat_template.jinja"), "{{x}}");
    assertThat(opened.chatTemplateDigest()).contains(expected);
  }

  @Test
  void load_completeFolder_givesExecutorAndTokenizer() throws Exception {
    RandomModel.of("llama").writeTo(folder);
    try (Models.LoadedModel model = Models.load(folder)) {
      assertThat(model.executor().dimensions().vocabulary())
          .isGreaterThanOrEqualTo(model.tokenizer().size());
      assertThat(model.chatTemplateDigest()).isEmpty();
    }
  }
}
