package io.verillm.examples.training;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class WittenBellByteModelTest {

  @Test
  void probability_twoBytesOneContext_isWhatTheFormulaGives() {
    // "abab": N() = 4, T() = 2; after a: N = 2, T = 1, b twice.
    WittenBellByteModel model = new WittenBellByteModel(1, bytes("abab"));
    double b = (2 + 2 / 256.0) / (4 + 2);
    assertThat(model.probability(bytes("b"), 0)).isCloseTo(b, within(1e-15));
    assertThat(model.probability(bytes("ab"), 1)).isCloseTo((2 + b) / (2 + 1), within(1e-15));
    // x was never a context: its successors fall back to the empty one.
    assertThat(model.probability(bytes("xb"), 1)).isCloseTo(b, within(1e-15));
  }

  @Test
  void bitsPerByte_untrainedModel_isEight() {
    assertThat(new WittenBellByteModel(3, new byte[0]).bitsPerByte(bytes("anything")))
        .isCloseTo(8, within(1e-12));
  }

  @Property(tries = 100)
  void probability_anyContext_sumsToOne(
      @ForAll @Size(max = 40) byte[] training,
      @ForAll @Size(min = 6, max = 6) byte[] context,
      @ForAll @IntRange(max = 6) int order) {
    WittenBellByteModel model = new WittenBellByteModel(order, training);
    byte[] text = java.util.Arrays.copyOf(context, 7);
    double sum = 0;
    for (int next = 0; next < 256; next++) {
      text[6] = (byte) next;
      sum += model.probability(text, 6);
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
