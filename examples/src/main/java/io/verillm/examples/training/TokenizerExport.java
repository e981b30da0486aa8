package io.verillm.examples.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes merges as a Hugging Face tokenizer: {@code tokenizer.json} and {@code
 * tokenizer_config.json}.
 *
 * <p>Ids: the begin token 0, the end token 1, byte value b at 2 + b, merge m at 258 + m.
 */
public final class TokenizerExport {

  /** Starts each document; the template puts it in front of a prompt. */
  public static final String BEGIN = "<|begin|>";

  /** Ends each document: the end-of-sequence token. */
  public static final String END = "<|end|>";

  /** Id of {@link #BEGIN}. */
  public static final int BEGIN_ID = 0;

  /** Id of {@link #END}. */
  public static final int END_ID = 1;

  /** Tokens that are no merges: two marks and 256 bytes. */
  public static final int BASE_SIZE = 2 + 256;

  private TokenizerExport() {}

  /**
   * Writes both files into a folder.
   *
   * @param folder an existing folder
   * @param merges in the order in which they apply
   * @param contextLength what the model reads at most, in tokens
   * @throws IOException if a file cannot be written
   */
  public static void write(Path folder, List<BpeTrainer.Merge> merges, int contextLength)
      throws IOException {
    Json.write(folder.resolve("tokenizer.json"), tokenizer(merges));
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("add_bos_token", true);
    config.put("add_eos_token", false);
    Map<String, Object> decoder = new LinkedHashMap<>();
    decoder.put(Integer.toString(BEGIN_ID), special(BEGIN));
    decoder.put(Integer.toString(END_ID), special(END));
    config.put("added_tokens_decoder", decoder);
    config.put("bos_token", BEGIN);
    config.put("eos_token", END);
    config.put("clean_up_tokenization_spaces", false);
    config.put("model_max_length", contextLength);
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    Json.write(folder.resolve("tokenizer_config.json"), config);
  }

  private static Map<String, Object> tokenizer(List<BpeTrainer.Merge> merges) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("version", "1.0");
    root.put("truncation", null);
    root.put("padding", null);
    root.put("added_tokens", List.of(added(BEGIN_ID, BEGIN), added(END_ID, END)));
    root.put("normalizer", null);
    root.put("pre_tokenizer", byteLevel());
    root.put("post_processor", template());
    root.put("decoder", byteLevel());
    root.put("model", model(merges));
    return root;
  }

  private static Map<String, Object> model(List<BpeTrainer.Merge> merges) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    vocabulary.put(BEGIN, BEGIN_ID);
    vocabulary.put(END, END_ID);
    for (int value = 0; value < 256; value++) {
      vocabulary.put(String.valueOf(ByteAlphabet.symbol(value)), vocabulary.size());
    }
    List<String> rules = new ArrayList<>();
    for (BpeTrainer.Merge merge : merges) {
      if (vocabulary.putIfAbsent(merge.result(), vocabulary.size()) != null) {
        throw new IllegalArgumentException("two merges make " + merge.result());
      }
      rules.add(merge.left() + " " + merge.right());
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", false);
    model.put("vocab", vocabulary);
    model.put("merges", rules);
    return model;
  }

  private static Map<String, Object> byteLevel() {
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("type", "ByteLevel");
    step.put("add_prefix_space", false);
    step.put("trim_offsets", true);
    step.put("use_regex", true);
    return step;
  }

  private static Map<String, Object> template() {
    Object begin = Map.of("SpecialToken", ordered("id", BEGIN, "type_id", 0));
    Object first = Map.of("Sequence", ordered("id", "A", "type_id", 0));
    Object second = Map.of("Sequence", ordered("id", "B", "type_id", 1));
    Map<String, Object> marks = new LinkedHashMap<>();
    Map<String, Object> mark = ordered("id", BEGIN, "ids", List.of(BEGIN_ID));
    mark.put("tokens", List.of(BEGIN));
    marks.put(BEGIN, mark);
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("type", "TemplateProcessing");
    step.put("single", List.of(begin, first));
    step.put("pair", List.of(begin, first, second));
    step.put("special_tokens", marks);
    return step;
  }

  private static Map<String, Object> added(int id, String content) {
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("id", id);
    token.putAll(special(content));
    return token;
  }

  private static Map<String, Object> special(String content) {
    Map<String, Object> token = ordered("content", content, "single_word", false);
    token.put("lstrip", false);
    token.put("rstrip", false);
    token.put("normalized", false);
    token.put("special", true);
    return token;
  }

  private static Map<String, Object> ordered(
      String key1, Object value1, String key2, Object value2) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(key1, value1);
    map.put(key2, value2);
    return map;
  }
}
