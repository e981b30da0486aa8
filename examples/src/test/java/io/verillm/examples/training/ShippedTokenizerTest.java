package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizer in {@code demo-model} is the one that this module's trainer makes. */
class ShippedTokenizerTest {

  @Test
  void tokenizer_trainedAgain_isByteForByteTheShippedOne(@TempDir Path folder) throws IOException {
    TrainDemoModel.main(new String[] {"tokenizer", folder.toString()});
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      byte[] made = Files.readAllBytes(folder.resolve(file));
      assertThat(made).isEqualTo(shipped("model", file)).isEqualTo(shipped("sibling", file));
    }
  }

  @Test
  void tokenizer_heldOutText_comesBackWhole(@TempDir Path folder) throws IOException {
    Files.write(folder.resolve("tokenizer.json"), shipped("model", "tokenizer.json"));
    List<String> chapters = KjvText.chapters(KjvText.load().heldOut());
    try (TokenStream stream = TokenStream.open(folder)) {
      for (String chapter : chapters) {
        assertThat(stream.decode(stream.encode(chapter))).isEqualTo(chapter);
      }
      assertThat(stream.encodeDocuments(chapters)).hasSize(54_519);
    }
  }

  @Test
  void tokenizer_anyText_comesBackWhole(@TempDir Path folder) throws IOException {
    Files.write(folder.resolve("tokenizer.json"), shipped("model", "tokenizer.json"));
    Random random = new Random(7);
    StringBuilder text = new StringBuilder("  a\n\n\n b\t\t 's 'S \r\n\u0000\u2028");
    for (int i = 0; i < 5000; i++) {
      text.appendCodePoint(random.nextInt(0xD800));
      text.appendCodePoint(0x1F000 + random.nextInt(0x800));
    }
    try (TokenStream stream = TokenStream.open(folder)) {
      assertThat(stream.decode(stream.encode(text.toString()))).isEqualTo(text.toString());
      assertThat(stream.encode("And it came to pass")).containsExactly(297, 356, 472, 290, 602);
    }
  }

  private static byte[] shipped(String model, String file) throws IOException {
    String name = "/io/verillm/demo/" + model + "/" + file;
    try (InputStream in = ShippedTokenizerTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }
}
