package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Philox4x32Test {
  /** Origin: file kat_vectors of the authors' library Random123, lines "philox4x32 10". */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void block_publishedVectors_areMet(String counter, String key, String expected) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[6];
    Philox4x32.block(c[0], c[1], c[2], c[3], k[0], k[1], out, 1);
    int[] e = words(expected);
    assertThat(out).containsExactly(0, e[0], e[1], e[2], e[3], 0);
  }

  private static int[] words(String hex) {
    return java.util.Arrays.stream(hex.split(" ")).mapToInt(HexFormat::fromHexDigits).toArray();
  }
}
