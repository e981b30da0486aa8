package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 8949 appendix A: those of our subset are read, all others are refused. */
class CborAppendixATest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "25, 1819",
    "100, 1864",
    "1000, 1903e8",
    "1000000, 1a000f4240",
    "1000000000000, 1b000000e8d4a51000",
    "-1, 20",
    "-10, 29",
    "-100, 3863",
    "-1000, 3903e7",
    // The ends of our range, not in the appendix
    "9223372036854775807, 1b7fffffffffffffff",
    "-9223372036854775808, 3b7fffffffffffffff",
    "255, 18ff",
    "256, 190100",
    "65535, 19ffff",
    "65536, 1a00010000",
    "4294967295, 1affffffff",
    "4294967296, 1b0000000100000000",
  })
  void integer_example_roundTrips(long value, String hex) throws Exception {
    assertThat(Hex.of(new CborWriter().integer(value).toByteArray())).isEqualTo(hex);
    CborReader in = CborReader.of(Hex.bytes(hex));
    assertThat(in.integer("x")).isEqualTo(value);
    in.end();
    if (value >= 0) {
      assertThat(CborReader.of(Hex.bytes(hex)).unsigned("x")).isEqualTo(value);
    } else {
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> CborReader.of(Hex.bytes(hex)).unsigned("x"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 60",
    "a, 6161",
    "IETF, 6449455446",
    "'\"\\', 62225c",
    "\u00fc, 62c3bc",
    "\u6c34, 63e6b0b4",
    "\ud800\udd51, 64f0908591"
  })
  void text_example_roundTrips(String value, String hex) throws Exception {
    assertThat(Hex.of(new CborWriter().text(value).toByteArray())).isEqualTo(hex);
    CborReader in = CborReader.of(Hex.bytes(hex));
    assertThat(in.text("x", 4)).isEqualTo(value);
    in.end();
  }

  @Test
  void bytes_example_roundTrips() throws Exception {
    assertThat(new CborWriter().bytes(new byte[0]).toByteArray()).isEqualTo(Hex.bytes("40"));
    assertThat(new CborWriter().bytes(Hex.bytes("01020304")).toByteArray())
        .isEqualTo(Hex.bytes("4401020304"));
    CborReader in = CborReader.of(Hex.bytes("4401020304"));
    assertThat(in.bytes("x", 4)).isEqualTo(Hex.bytes("01020304"));
    in.end();
  }

  @Test
  void simple_example_roundTrips() throws Exception {
    assertThat(new CborWriter().bool(false).toByteArray()).isEqualTo(Hex.bytes("f4"));
    assertThat(new CborWriter().bool(true).toByteArray()).isEqualTo(Hex.bytes("f5"));
    assertThat(new CborWriter().nul().toByteArray()).isEqualTo(Hex.bytes("f6"));
    assertThat(CborReader.of(Hex.bytes("f4")).bool("x")).isFalse();
    assertThat(CborReader.of(Hex.bytes("f5")).bool("x")).isTrue();
    assertThat(CborReader.of(Hex.bytes("f6")).nextIsNull()).isTrue();
    assertThat(CborReader.of(Hex.bytes("f5")).nextIsNull()).isFalse();
  }

  @Test
  void array_nestedExample_roundTrips() throws Exception {
    byte[] expected = Hex.bytes("8301820203820405"); // [1, [2, 3], [4, 5]]
    byte[] written =
        new CborWriter()
            .array(3)
            .unsigned(1)
            .array(2)
            .unsigned(2)
            .unsigned(3)
            .array(2)
            .unsigned(4)
            .unsigned(5)
            .toByteArray();
    assertThat(written).isEqualTo(expected);
    CborReader in = CborReader.of(expected);
    assertThat(in.array("a", 3)).isEqualTo(3);
    assertThat(in.unsigned("a0")).isEqualTo(1);
    in.arrayOf("a1", 2);
    assertThat(in.unsigned("a10")).isEqualTo(2);
    assertThat(in.unsigned("a11")).isEqualTo(3);
    in.arrayOf("a2", 2);
    assertThat(in.unsigned("a20")).isEqualTo(4);
    assertThat(in.unsigned("a21")).isEqualTo(5);
    in.end();
  }

  @Test
  void map_example_roundTrips() throws Exception {
    byte[] expected = Hex.bytes("a201020304"); // {1: 2, 3: 4}
    assertThat(
            new CborWriter().map(2).unsigned(1).unsigned(2).unsigned(3).unsigned(4).toByteArray())
        .isEqualTo(expected);
    CborReader in = CborReader.of(expected);
    in.mapOf("m", 2);
    in.key("one", 1);
    assertThat(in.unsigned("one")).isEqualTo(2);
    assertThat(in.nextKey("three")).isEqualTo(3);
    assertThat(in.unsigned("three")).isEqualTo(4);
    in.end();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "83010203",
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819", // 1 to 25
        "a0",
        "a201020304",
        "40",
        "60",
        "8301820203820405",
        "f6",
      })
  void walker_exampleOfTheSubset_comesBackUnchanged(String hex) throws Exception {
    assertThat(Hex.of(CborWalker.copy(Hex.bytes(hex)))).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // beyond 63 bits and bignums
        "1bffffffffffffffff",
        "3bffffffffffffffff",
        "c249010000000000000000",
        "c349010000000000000000",
        // floats: half, single, double, infinities and NaN
        "f90000",
        "f98000",
        "f93c00",
        "fb3ff199999999999a",
        "f93e00",
        "f97bff",
        "fa47c35000",
        "fa7f7fffff",
        "fb7e37e43c8800759c",
        "f90001",
        "f90400",
        "f9c400",
        "fbc010666666666666",
        "f97c00",
        "f97e00",
        "f9fc00",
        "fa7f800000",
        "fa7fc00000",
        "faff800000",
        "fb7ff0000000000000",
        "fb7ff8000000000000",
        "fbfff0000000000000",
        // undefined and other simple values
        "f7",
        "f0",
        "f8ff",
        "f818",
        "f814",
        // tags
        "c074323031332d30332d32315432303a30343a30305a",
        "c11a514b67b0",
        "c1fb41d452d9ec200000",
        "d74401020304",
        "d818456449455446",
        "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
        // text keys are outside the subset
        "a26161016162820203",
        "826161a161626163",
        "a56161614161626142616361436164614461656145",
        // indefinite lengths
        "5f42010243030405ff",
        "7f657374726561646d696e67ff",
        "9fff",
        "9f018202039f0405ffff",
        "9f01820203820405ff",
        "83018202039f0405ff",
        "83019f0203ff820405",
        "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
        "bf61610161629f0203ffff",
        "826161bf61626163ff",
        "bf6346756ef563416d7421ff",
      })
  void walker_exampleOutsideTheSubset_isRefused(String hex) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> CborWalker.copy(Hex.bytes(hex)));
  }
}
