package io.verillm.cache.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.tensor.BFloat16;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values are those that TOPLOC's library 0.1.6 gives; the README's inputs were recovered. */
class TopKPolynomialTest {
  private static final String PREFILL =
      "bf4f bfc4 3ed0 3e30 be7d 3e51 bf61 bec6 3f1a 3e89 bf5a be94 3f80 bf48 3fb0 3df3 3f5d bf44"
          + " 3f53 bf98 bd07 bda4 3da0 bf26 bef3 bf2b 3f87 bd13 bfa9 bf2c 3d2a bf25 3e87 3f35 be60"
          + " 4039 3faf bdde 3e76 3feb 3fe0 bd3c beb4 bdc5 bfe2 bf69 bf19 3f29 3d21 3fce bfc1 3fa2"
          + " 3e64 bf84 3f1b bef1 3fd2 be9e bd8e bf86 3f1f be15 3ea6 4019 3fb5 be5c 3eb3 bf6b bea5"
          + " be4c c00b bea3 3e91 3e9b 3f92 bce4 3f25 3e82 3f82 c02b";
  private static final String[] DECODE = {
    "bf90 3f09 c018 be70 3fc1 3f08 bfe4 3e71 bfa7 3fb1 3fd4 bc95 3d18 bd0d be63 3f55",
    "bf34 3d0c bd75 3fbe 3fc8 bf60 3f48 3f12 bf3e be19 bf2e bfa7 3f04 3f75 3fe3 3e51",
    "3f26 3fc9 bf44 c023 3f46 3fb2 bef1 3f88 bfce bf5d 3fde 3f99 4022 3f61 bea8 bfc6",
    "3ab3 bf64 be2d 400d bea1 bfb0 3e96 bf1b 4034 3fac 3f91 3ee1 3efb 3aaf be25 bdd5",
    "3fad bf3d 3f9e 4002 3f34 3f9b 3f49 3f8f 3fad 3dd8 3dfa bfa5 bf02 be45 3f97 3f5f",
    "bf85 3dfd 3ede 3e42 bf86 be84 bf06 3f9e bf22 3fde bf2e 3e6b 3f72 bee5 3ebb c00f"
  };

  private static short[] bits(String... hex) {
    String[] words = String.join(" ", hex).split(" ");
    short[] bits = new short[words.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) Integer.parseInt(words[i], 16);
    }
    return bits;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|42|42",
        "1 2 3|4 5 6|3 1 0",
        "12 11 15|0 0 0|0 0 0",
        "1 3 5 2|1 5 4 1|49133 40920 49130 57309",
        "1 8 3|1 2 3|35555 61756 33684",
        "100 55 2|1 0 1|28287 10463 53194",
        "0 1 2 3|16256 49280 16544 16640|16256 33271 48818 16432"
      })
  void interpolate_publishedVectors_agree(String x, String y, String coefficients) {
    assertThat(TopKPolynomial.interpolate(ints(x), ints(y))).isEqualTo(ints(coefficients));
  }

  private static int[] ints(String text) {
    return Arrays.stream(text.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  @Test
  void build_readmeExample_givesThePublishedProofs() {
    String[] expected = {"ffd91b422b67ba4b756d", "ffd9cbb89af1862554a0", "ffd9b468dae6e4ab41b6"};
    short[][] chunks = {
      bits(PREFILL), bits(DECODE[0], DECODE[1], DECODE[2]), bits(DECODE[3], DECODE[4], DECODE[5])
    };
    assertThat(TopKPolynomial.largest(chunks[0], 4)).containsExactly(35, 79, 63, 70);
    for (int i = 0; i < chunks.length; i++) {
      TopKPolynomial proof = TopKPolynomial.build(chunks[i], 4).orElseThrow();
      assertThat(HexFormat.of().formatHex(proof.encode())).isEqualTo(expected[i]);
      assertThat(proof.compare(chunks[i])).isEqualTo(new TopKPolynomial.Comparison(0, 0, 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"1.01, 0, 1.75", "1.10, 0, 16.25"})
  void compare_scaledPrefill_givesThePublishedMeans(float factor, int mismatches, double mean) {
    short[] own = bits(PREFILL);
    short[] scaled = new short[own.length];
    for (int i = 0; i < own.length; i++) {
      scaled[i] = BFloat16.fromFloat(BFloat16.toFloat(own[i]) * factor);
    }
    TopKPolynomial.Comparison found = TopKPolynomial.build(own, 4).orElseThrow().compare(scaled);
    assertThat(found.exponentMismatches()).isEqualTo(mismatches);
    assertThat(found.mantissaMean()).isCloseTo(mean, within(1e-12));
  }

  @Test
  void compare_fourTimesAsLarge_agreesNowhere() {
    short[] own = bits(PREFILL);
    short[] scaled = own.clone();
    for (int i = 0; i < own.length; i++) {
      scaled[i] = BFloat16.fromFloat(BFloat16.toFloat(own[i]) * 4);
    }
    TopKPolynomial.Comparison found = TopKPolynomial.build(own, 4).orElseThrow().compare(scaled);
    assertThat(found.exponentMismatches()).isEqualTo(4);
    assertThat(found.mantissaMean()).isInfinite();
    assertThat(found.publishedRuleAccepts()).isFalse();
  }

  /** The library ignores signs; here they are counted. */
  @Test
  void compare_negated_countsTheSigns() {
    short[] own = bits(PREFILL);
    short[] negated = own.clone();
    for (int i = 0; i < own.length; i++) {
      negated[i] ^= (short) 0x8000;
    }
    assertThat(TopKPolynomial.build(own, 4).orElseThrow().compare(negated).signMismatches())
        .isEqualTo(4);
  }

  /** Indices that collide modulo 65497: the library's verifier went wrong on these. */
  @Test
  void build_indicesCollide_usesTheNextModulus() {
    short[] values = new short[40 * 4096];
    values[100] = BFloat16.fromFloat(8);
    values[65597] = BFloat16.fromFloat(-9);
    values[7] = BFloat16.fromFloat(7.5f);
    values[163000] = BFloat16.fromFloat(6.5f);
    TopKPolynomial proof = TopKPolynomial.build(values, 4).orElseThrow();
    assertThat(HexFormat.of().formatHex(proof.encode())).isEqualTo("ffd89096fe2bf34fdfe0");
    assertThat(proof.compare(values)).isEqualTo(new TopKPolynomial.Comparison(0, 0, 0));
    assertThat(TopKPolynomial.modulus(new int[] {0, 65497, 130994})).isEqualTo(65496);
  }

  @Test
  void decode_knownEncoding_evaluates() throws Exception {
    byte[] bytes = HexFormat.of().parseHex("ffd90001000200030004");
    TopKPolynomial proof = TopKPolynomial.decode(bytes, 4);
    assertThat(proof.at(42)).isEqualTo(39741);
    assertThat(proof.toBase64()).isEqualTo("/9kAAQACAAMABA==");
    assertThat(proof.encode()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "000000000000000000000000, 5", // the library's null proof
    "ffd900010002000300, 4",
    "ffd90001000200030004, 5",
    "ffd9, 1",
    "ffda0001000200030004, 4",
    "00030001000200030004, 4",
    "ffd9ffd9000200030004, 4"
  })
  void decode_outOfRange_isMalformed(String hex, int points) {
    assertThatThrownBy(() -> TopKPolynomial.decode(HexFormat.of().parseHex(hex), points))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Property(tries = 300)
  void build_anyValues_reproducesThem(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int k) {
    Random random = new Random(seed);
    short[] values = new short[40 + random.nextInt(400)];
    for (int i = 0; i < values.length; i++) {
      values[i] = BFloat16.fromFloat((float) random.nextGaussian());
    }
    TopKPolynomial proof = TopKPolynomial.build(values, k).orElseThrow();
    assertThat(proof.compare(values)).isEqualTo(new TopKPolynomial.Comparison(0, 0, 0));
    assertThat(proof.encode()).hasSize(2 + 2 * k);
  }

  @Property(tries = 500)
  void decode_anyBytes_onlyTheDocumentedExceptionEscapes(
      @ForAll @Size(max = 40) byte[] bytes, @ForAll @IntRange(min = 1, max = 20) int points) {
    try {
      assertThat(TopKPolynomial.decode(bytes, points).encode()).isEqualTo(bytes);
    } catch (MalformedMessageException expected) {
      assertThat(expected.field()).startsWith("polynomial");
    }
  }
}
