package io.verillm.examples.training;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Texts as token ids, by the same library that users of the model run.
 *
 * <p>The trainer has no encoder of its own, so it cannot disagree with the shipped tokenizer.
 */
public final class TokenStream implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;

  private TokenStream(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Opens the tokenizer of a model folder.
   *
   * @param folder holds {@code tokenizer.json}
   * @throws IOException if it cannot be read
   */
  public static TokenStream open(Path folder) throws IOException {
    // Left alone the library cuts every input at the length it finds in the configuration.
    Map<String, String> options = Map.of("truncation", "false", "padding", "false");
    return new TokenStream(
        HuggingFaceTokenizer.newInstance(folder.resolve("tokenizer.json"), options));
  }

  /**
   * Returns chapters as one run of ids, each between the begin and the end token.
   *
   * @param chapters texts in order
   */
  public long[] encodeDocuments(List<String> chapters) {
    LongStream.Builder ids = LongStream.builder();
    for (String chapter : chapters) {
      ids.add(TokenizerExport.BEGIN_ID);
      for (long id : encode(chapter)) {
        ids.add(id);
      }
      ids.add(TokenizerExport.END_ID);
    }
    return ids.build().toArray();
  }

  /** Returns the ids of a text, without marks. */
  public long[] encode(String text) {
    return tokenizer.encode(text, false, false).getIds();
  }

  /** Returns the text of ids, marks written out. */
  public String decode(long[] ids) {
    return tokenizer.decode(ids, false);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
