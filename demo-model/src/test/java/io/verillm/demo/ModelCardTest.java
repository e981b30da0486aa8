package io.verillm.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files are those that the model card describes. */
class ModelCardTest {

  private static final Pattern FILE_ROW =
      Pattern.compile("\\| `((?:model|sibling)/\\S+)` \\| ([\\d,]+) \\| `([0-9a-f]{64})` \\|");

  @Test
  void files_allListed_haveTheirSizesAndHashes() throws IOException, GeneralSecurityException {
    Map<String, String> listed = new TreeMap<>();
    Matcher row = FILE_ROW.matcher(Files.readString(Path.of("MODEL_CARD.md")));
    while (row.find()) {
      byte[] file = resource(row.group(1));
      assertThat(file.length).isEqualTo(Integer.parseInt(row.group(2).replace(",", "")));
      listed.put(row.group(1), row.group(3));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
      assertThat(HexFormat.of().formatHex(digest)).as(row.group(1)).isEqualTo(row.group(3));
    }
    assertThat(listed).hasSize(10);
  }

  @ParameterizedTest
  @CsvSource({"model, 3672320", "sibling, 852864"})
  void weights_everyValue_isFiniteAndCovered(String model, int parameters) throws IOException {
    ByteBuffer file =
        ByteBuffer.wrap(resource(model + "/model.safetensors")).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) file.getLong()];
    file.get(header);
    assertThat(new String(header, UTF_8)).contains("\"BF16\"").doesNotContain("lm_head");
    assertThat(file.remaining()).isEqualTo(2 * parameters);
    int notFinite = 0;
    while (file.hasRemaining()) {
      // The all-ones exponent is infinity or no number.
      notFinite += (file.getShort() & 0x7F80) == 0x7F80 ? 1 : 0;
    }
    assertThat(notFinite).isZero();
  }

  @Test
  void notice_inTheJar_keepsTheLegend() throws IOException {
    try (InputStream in = ModelCardTest.class.getResourceAsStream("NOTICE")) {
      assertThat(in).isNotNull();
      assertThat(new String(in.readAllBytes(), UTF_8)).contains("Chip Chapin", "letters patent");
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ModelCardTest.class.getResourceAsStream("/io/verillm/demo/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }
}
