package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GumbelNoiseTest {
  private static final SamplingSeed SEED = SamplingSeed.ofKey(0x01234567, 0x89ABCDEF);

  /** Origin: Philox in Python integers, logarithms in Python's decimal at 60 digits. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, f2a884a8, 2.9276387687072094",
    "7, 1, 0, 253d041e, -0.6563994056471566",
    "7, 2, 0, ed04b8b8, 2.5634371935604015",
    "7, 3, 0, b16d3994, 1.0034291036209502",
    "7, 4, 3, dfc168fc, 2.005273509138559",
    "100000, 151935, 1, f392a02b, 3.0005086235774625",
    "2147483647, 2147483647, 2147483647, 9010ef20, 0.5535506713488224",
  })
  void at_independentlyComputedPoints_areMet(
      int position, int id, int sequence, String word, double expected) {
    GumbelNoise noise = new GumbelNoise(SEED, sequence);
    int[] words = new int[4];
    noise.words(position, id >> 2, words);
    assertThat(words[id & 3]).isEqualTo(HexFormat.fromHexDigits(word));
    assertThat(noise.at(position, id)).isCloseTo(expected, within(1e-15 * 4));
  }

  /** Origin: decimal logarithms at 60 digits. The two ends show that nothing is infinite. */
  @ParameterizedTest
  @CsvSource({
    "0, -3.129994640884816",
    "1, -3.0807737589468562",
    "-2147483648, 0.36651292091756793",
    "-1, 22.87385695841999"
  })
  void gumbel_endsOfTheRange_areFinite(int word, double expected) {
    assertThat(GumbelNoise.gumbel(word)).isCloseTo(expected, within(1e-14));
    assertThat(GumbelNoise.gumbel(word)).isLessThan(GumbelNoise.LARGEST);
  }

  @Test
  void at_manyPoints_hasTheSameBitsOnEveryPlatform() {
    // Recorded on JDK 17; StrictMath promises the same on every other one.
    GumbelNoise noise = new GumbelNoise(SEED, 5);
    long hash = 0;
    for (int i = 0; i < 100_000; i++) {
      hash = hash * 31 + Double.doubleToRawLongBits(noise.at(i / 300, i));
    }
    assertThat(hash).isEqualTo(-8901033218117414927L);
  }

  @Test
  void atMost_wordsAroundEveryPower_isNotBelow() {
    for (int ones = 0; ones <= 32; ones++) {
      long first = (1L << 32) - (1L << 32 - ones);
      for (long word = Math.max(0, first - 3); word < Math.min(1L << 32, first + 3); word++) {
        assertThat(GumbelNoise.atMost((int) word))
            .isGreaterThanOrEqualTo(GumbelNoise.gumbel((int) word));
      }
    }
  }

  @Test
  void at_anyCoordinate_changesTheNumber() {
    GumbelNoise noise = new GumbelNoise(SEED, 0);
    double base = noise.at(10, 20);
    assertThat(noise.at(11, 20)).isNotEqualTo(base);
    assertThat(noise.at(10, 21)).isNotEqualTo(base);
    assertThat(new GumbelNoise(SEED, 1).at(10, 20)).isNotEqualTo(base);
    assertThat(new GumbelNoise(SamplingSeed.ofKey(0x01234567, 1), 0).at(10, 20)).isNotEqualTo(base);
    assertThatIllegalArgumentException().isThrownBy(() -> new GumbelNoise(SEED, -1));
  }

  @Test
  void gumbel_evenlySpacedWords_hasTheMeanAndVarianceOfAGumbelNumber() {
    double sum = 0;
    double squares = 0;
    int n = 1 << 20;
    for (int i = 0; i < n; i++) {
      double g = GumbelNoise.gumbel((i << 12) + 0x800);
      sum += g;
      squares += g * g;
    }
    double mean = sum / n;
    assertThat(mean).isCloseTo(0.5772156649, within(1e-4)); // Euler–Mascheroni
    assertThat(squares / n - mean * mean).isCloseTo(Math.PI * Math.PI / 6, within(1e-3));
  }
}
