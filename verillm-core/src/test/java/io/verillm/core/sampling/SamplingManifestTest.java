package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingManifestTest {
  private static SamplingManifest full() {
    return SamplingManifest.builder(256)
        .temperatureMicros(700_000)
        .topK(50)
        .topPMicros(950_000)
        .repetitionPenaltyMicros(1_100_000)
        .frequencyPenaltyMicros(-500_000)
        .presencePenaltyMicros(250_000)
        .logitBiasMicros(Map.of(300, -1_000_000, 5, 20))
        .stops(List.of("\n\n", "é"))
        .minTokens(2)
        .eosIds(List.of(7, 2))
        .sequences(3)
        .build();
  }

  private static byte[] encode(SamplingManifest manifest) {
    CborWriter out = new CborWriter();
    manifest.encode(out);
    return out.toByteArray();
  }

  private static SamplingManifest decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    SamplingManifest manifest = SamplingManifest.decode(in);
    in.end();
    return manifest;
  }

  /** Written out by hand from RFC 8949. */
  private static final String FULL =
      "ac" // map of 12
          + "01"
          + "1a000aae60" // temperature 700000
          + "02"
          + "1832" // top-k 50
          + "03"
          + "1a000e7ef0" // top-p 950000
          + "04"
          + "1a0010c8e0" // repetition 1100000
          + "05"
          + "3a0007a11f" // frequency −500000
          + "06"
          + "1a0003d090" // presence 250000
          + "07"
          + "84"
          + "0514"
          + "19012c3a000f423f" // [5, 20, 300, −1000000]
          + "08"
          + "82"
          + "620a0a"
          + "62c3a9" // stop strings
          + "09"
          + "02" // minimum
          + "0a"
          + "190100" // maximum
          + "0b"
          + "82"
          + "02"
          + "07" // end tokens
          + "0c"
          + "03"; // sequences

  @Test
  void encode_everySetting_isExactlyTheseBytes() throws Exception {
    assertThat(HexFormat.of().formatHex(encode(full()))).isEqualTo(FULL);
    assertThat(decode(HexFormat.of().parseHex(FULL))).isEqualTo(full());
  }

  @Test
  void decode_grammar_isKeptAndUnsupported() throws Exception {
    SamplingManifest manifest =
        SamplingManifest.builder(1).grammar(Digest32.sha256(new byte[] {1})).build();
    byte[] bytes = encode(manifest);
    assertThat(decode(bytes)).isEqualTo(manifest);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> decode(Arrays.copyOf(bytes, bytes.length - 1)));
    assertThat(manifest.unsupportedFeature()).contains("grammar");
    assertThat(full().unsupportedFeature()).isEmpty();
  }

  @Test
  void decode_truncatedAtEveryByteOrLonger_isMalformed() {
    byte[] whole = encode(full());
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatExceptionOfType(MalformedMessageException.class)
          .as("cut at %d", length)
          .isThrownBy(() -> decode(cut));
    }
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> decode(Arrays.copyOf(whole, whole.length + 1)));
  }

  @Property(tries = 2000)
  void decode_anyFlippedBit_isMalformedOrAnotherManifest(@ForAll @IntRange(max = 8 * 128) int bit) {
    byte[] bytes = encode(full());
    int at = bit % (bytes.length * 8);
    bytes[at / 8] ^= (byte) (1 << at % 8);
    try {
      SamplingManifest other = decode(bytes);
      assertThat(other).isNotEqualTo(full());
      assertThat(encode(other)).isEqualTo(bytes);
    } catch (MalformedMessageException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ac011a>ab011a", // a map of 11
        "ac011a>ad011a", // a map of 13 without the last entry
        "021832>03183203", // key repeated
        "0c03>0c00", // no sequence
        "0c03>0d03", // unknown key
        "0b820207>0b820702", // end tokens not ascending
        "0b820207>0b820202", // end token repeated
        "0b820207>0b822007", // negative id
        "84051419012c3a000f423f>8419012c3a000f423f0514", // bias out of order
        "84051419012c3a000f423f>840514053a000f423f", // biased twice
        "84051419012c3a000f423f>83051419012c", // an id without a bias
        "8405141901>8424141901", // negative id
        "82620a0a62c3a9>82620a0a620a0a", // stop string repeated
        "82620a0a62c3a9>82620a0a62c328", // not UTF-8
        "82620a0a62c3a9>826062c3a9", // empty stop string
        "031a000e7ef0>0300", // top-p 0
        "031a000e7ef0>031a000f4241", // top-p above 1
        "011a000aae60>01f93c00", // a float
        "011a000aae60>011a05f5e101", // temperature above 100
        "021832>021a80000000", // above 32 bits signed
        "053a0007a11f>053b0000000100000000", // below 32 bits
        "09020a190100>09020a01", // minimum above maximum
        "09020a190100>09020a00", // maximum 0
        "0c03>0c030d40", // bytes after the map
        "021832>02190032", // longer head than needed
      })
  void decode_lyingField_isMalformed(String edit) {
    String[] parts = edit.split(">");
    assertThat(FULL).containsOnlyOnce(parts[0]);
    String hex = FULL.replace(parts[0], parts[1]);
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(() -> decode(bytes));
  }

  @Test
  void decode_hugeCounts_allocateNothing() {
    // arrays that claim 2^32 − 1 entries
    for (String edit : List.of("840514>9a", "82620a0a>9a", "820207>9a")) {
      String[] parts = edit.split(">");
      String hex = FULL.substring(0, FULL.indexOf(parts[0])) + parts[1] + "ffffffff";
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> decode(HexFormat.of().parseHex(hex)));
    }
  }

  static List<UnaryOperator<SamplingManifest.Builder>> outOfRange() {
    List<String> many = IntStream.range(0, 65).mapToObj(i -> "s" + i).toList();
    return List.of(
        b -> b.temperatureMicros(-1),
        b -> b.temperatureMicros(100_000_001),
        b -> b.topK(-1),
        b -> b.topPMicros(0),
        b -> b.topPMicros(1_000_001),
        b -> b.repetitionPenaltyMicros(9_999),
        b -> b.repetitionPenaltyMicros(100_000_001),
        b -> b.frequencyPenaltyMicros(-100_000_001),
        b -> b.presencePenaltyMicros(100_000_001),
        b -> b.logitBiasMicros(Map.of(-1, 0)),
        b -> b.logitBiasMicros(Map.of(1, 1_000_000_001)),
        b -> b.logitBiasMicros(Map.of(1, Integer.MIN_VALUE)),
        b -> b.stops(List.of("")),
        b -> b.stops(List.of("a", "a")),
        b -> b.stops(many),
        b -> b.stops(List.of("\uD800")),
        b -> b.stops(List.of("é".repeat(513))),
        b -> b.minTokens(-1),
        b -> b.minTokens(11),
        b -> b.eosIds(List.of(-1)),
        b -> b.eosIds(List.of(3, 3)),
        b -> b.eosIds(IntStream.range(0, 65).boxed().toList()),
        b -> b.sequences(0),
        b -> b.sequences(1025));
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void build_settingOutOfRange_isRefused(UnaryOperator<SamplingManifest.Builder> change) {
    SamplingManifest.builder(10).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> change.apply(SamplingManifest.builder(10)).build());
  }

  @Test
  void build_maximumBelowOne_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> SamplingManifest.builder(0).build());
  }

  @Test
  void build_changedCollectionsAfterwards_changeNothing() {
    List<Integer> ids = new ArrayList<>(List.of(4));
    SamplingManifest manifest = SamplingManifest.builder(10).eosIds(ids).build();
    ids.add(5);
    assertThat(manifest.eosIds()).containsExactly(4);
    assertThat(manifest).isEqualTo(SamplingManifest.builder(10).eosIds(List.of(4)).build());
    assertThat(manifest).isNotEqualTo(SamplingManifest.builder(11).eosIds(List.of(4)).build());
  }
}
