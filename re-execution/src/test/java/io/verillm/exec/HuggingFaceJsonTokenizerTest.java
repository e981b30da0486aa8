package io.verillm.exec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.wire.Digest32;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceJsonTokenizerTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = RandomModel.of("llama").vocabulary(258).writeTo(folder).resolve("tokenizer.json");
  }

  private HuggingFaceJsonTokenizer edited(String... replacements) throws Exception {
    String json = Files.readString(file);
    for (int i = 0; i < replacements.length; i += 2) {
      assertThat(json).contains(replacements[i]);
      json = json.replace(replacements[i], replacements[i + 1]);
    }
    Files.writeString(file, json);
    return HuggingFaceJsonTokenizer.load(file);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "Hello, world", " two  spaces ", "é漢字🙂\n\t\u0000x", "<|begin|> <|end|>"})
  void decode_ofEncodedPlainText_givesItsBytes(String text) throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      int[] ids = tokenizer.encode(text, false);
      assertThat(tokenizer.decode(ids)).isEqualTo(text.getBytes(UTF_8));
      assertThat(ids).doesNotContain(0, 1).hasSize(text.getBytes(UTF_8).length);
    }
  }

  @Test
  void decode_everyIdOfARandomModel_givesBytes() throws Exception {
    Path larger = RandomModel.of("llama").vocabulary(384).writeTo(folder.resolve("larger"));
    try (HuggingFaceJsonTokenizer tokenizer =
        HuggingFaceJsonTokenizer.load(larger.resolve("tokenizer.json"))) {
      assertThat(tokenizer.decode(new int[] {257})).containsExactly(0xFF);
      assertThat(tokenizer.decode(new int[] {383})).containsExactly(0, 1, 0x7F);
      assertThatThrownBy(() -> tokenizer.decode(new int[] {384}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void encode_specialTextOfAUser_staysText() throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      assertThat(tokenizer.encode("<|end|>", true)).containsExactly(1);
      assertThat(tokenizer.encode("<|end|>", false)).hasSize(7).doesNotContain(1);
      assertThat(tokenizer.encode("a<|begin|>b", true)).containsExactly(2 + 'a', 0, 2 + 'b');
      assertThat(tokenizer.specialIds()).containsExactlyInAnyOrder(0, 1);
    }
  }

  @Test
  void encode_templateThatAddsTokens_addsNothing() throws Exception {
    String template =
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<|begin|>\","
            + "\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[{\"Sequence\":"
            + "{\"id\":\"A\",\"type_id\":0}},{\"Sequence\":{\"id\":\"B\",\"type_id\":1}}],"
            + "\"special_tokens\":{\"<|begin|>\":{\"id\":\"<|begin|>\",\"ids\":[0],\"tokens\":"
            + "[\"<|begin|>\"]}}}";
    try (HuggingFaceJsonTokenizer tokenizer =
        edited("\"post_processor\":null", "\"post_processor\":" + template)) {
      assertThat(tokenizer.encode("a", true)).containsExactly(2 + 'a');
      assertThat(tokenizer.encode("a", false)).containsExactly(2 + 'a');
    }
  }

  @Test
  void encode_addedTokensThatAreNotSpecial_keepTheirIds() throws Exception {
    // id 258 follows the vocabulary; hiding a special token must not move it
    String added =
        "\"added_tokens\":[{\"id\":258,\"content\":\"<think>\",\"single_word\":false,"
            + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":false},";
    try (HuggingFaceJsonTokenizer tokenizer = edited("\"added_tokens\":[", added)) {
      assertThat(tokenizer.encode("<think>", false)).containsExactly(258);
      assertThat(tokenizer.encode("<think>", true)).containsExactly(258);
      assertThat(tokenizer.decode(new int[] {258})).isEqualTo("<think>".getBytes(UTF_8));
    }
  }

  @Test
  void encode_specialTokensOutsideTheVocabulary_keepLaterIds() throws Exception {
    String added =
        "\"added_tokens\":[{\"id\":258,\"content\":\"<|im|>\",\"single_word\":false,"
            + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true},"
            + "{\"id\":259,\"content\":\"<tool>\",\"single_word\":false,"
            + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":false},";
    try (HuggingFaceJsonTokenizer tokenizer = edited("\"added_tokens\":[", added)) {
      assertThat(tokenizer.encode("<|im|><tool>", true)).containsExactly(258, 259);
      assertThat(tokenizer.encode("<|im|><tool>", false)).hasSize(7).endsWith(259);
      assertThat(tokenizer.decode(new int[] {258, 259})).isEqualTo("<tool>".getBytes(UTF_8));
    }
  }

  @Test
  void decode_halfACharacter_keepsItsBytes() throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      int[] ids = tokenizer.encode("🙂", false);
      assertThat(tokenizer.decode(java.util.Arrays.copyOf(ids, 3)))
          .containsExactly(0xF0, 0x9F, 0x99);
      assertThat(tokenizer.decode(new int[] {0, 2 + 0xFF, 1})).containsExactly(0xFF);
    }
  }

  @Test
  void encode_longText_isNotTruncated() throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      assertThat(tokenizer.encode("ab ".repeat(2000), false)).hasSize(6000);
    }
  }

  @Test
  void digest_isOfTheFile() throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      assertThat(tokenizer.digest()).isEqualTo(Digest32.sha256(Files.readAllBytes(file)));
    }
  }

  @Test
  void load_always_keepsTheLibraryOffline() throws Exception {
    HuggingFaceJsonTokenizer.load(file).close();
    assertThat(ai.djl.util.Utils.isOfflineMode()).isTrue();
  }

  @Test
  void decode_visibleSpaceFamily_givesExactBytes() throws Exception {
    Files.writeString(
        file,
        "{\"added_tokens\":[{\"id\":0,\"content\":\"<s>\",\"special\":true}],\"decoder\":"
            + "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":"
            + "\"\u2581\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"},"
            + "{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}]},\"model\":{\"type\":"
            + "\"BPE\",\"vocab\":{\"<s>\":0,\"<0xF0>\":1,\"\u2581a\":2,\"b\":3}}}");
    TokenBytes bytes = TokenBytes.of(StrictJson.read(file));
    assertThat(bytes.decode(new int[] {0, 2, 3, 2, 1})).containsExactly('a', 'b', ' ', 'a', 0xF0);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 258, Integer.MAX_VALUE})
  void decode_idOutsideTheTable_isRefused(int id) throws Exception {
    try (HuggingFaceJsonTokenizer tokenizer = HuggingFaceJsonTokenizer.load(file)) {
      assertThatThrownBy(() -> tokenizer.decode(new int[] {id}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"decoder\":{\"type\":\"ByteLevel\";\"decoder\":{\"type\":\"WordPiece\";decoder",
        "\"vocab\":;\"words\":;model.vocab",
        "\"added_tokens\":[{\"id\":0;\"added_tokens\":[{\"id\":-4;added_tokens",
        "\"type\":\"BPE\";\"type\":\"NoSuch\";file",
        "{\"version\";[{\"version\";file",
        "\"version\":;\"decoder\":null,\"version\":;file"
      })
  void load_damagedDefinition_saysWhat(String from, String to, String item) {
    assertThatThrownBy(() -> edited(from, to))
        .isInstanceOfSatisfying(
            UnusableModelException.class, e -> assertThat(e.item()).isEqualTo(item));
  }

  @Test
  void load_missingFile_saysWhatToDo() {
    assertThatThrownBy(() -> HuggingFaceJsonTokenizer.load(folder.resolve("none.json")))
        .isInstanceOf(UnusableModelException.class)
        .hasMessageContaining("download");
  }
}
