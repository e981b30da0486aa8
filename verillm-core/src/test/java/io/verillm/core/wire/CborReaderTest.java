package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CborReaderTest {
  private interface Read {
    void from(CborReader in) throws MalformedMessageException;
  }

  private static MalformedMessageException refused(String hex, Read read) {
    CborReader in = CborReader.of(Hex.bytes(hex));
    MalformedMessageException refusal =
        catchThrowableOfType(MalformedMessageException.class, () -> read.from(in));
    assertThat(refusal).as(hex).isNotNull();
    return refusal;
  }

  private static MalformedMessageException walkerRefuses(String hex) {
    MalformedMessageException refusal =
        catchThrowableOfType(
            MalformedMessageException.class, () -> CborWalker.copy(Hex.bytes(hex)));
    assertThat(refusal).as(hex).isNotNull();
    return refusal;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1800",
        "1817",
        "190000",
        "1900ff",
        "1a00000000",
        "1a0000ffff",
        "1b0000000000000000",
        "1b00000000ffffffff",
        "3800",
        "3817",
        "3900ff",
        "3a0000ffff",
        "3b00000000ffffffff",
        "5800",
        "580100",
        "59000100",
        "7800",
        "780161",
        "9800",
        "980100",
        "990001f6",
        "b800",
        "b8010101",
        "9b0000000000000001f6"
      })
  void anyItem_headLongerThanNecessary_isRefused(String hex) {
    assertThat(walkerRefuses(hex)).hasMessageContaining("shorter head");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1c", "1d", "1e", "5c", "7d", "9e", "bc", "fc", "fd", "fe", "ff", "1f"})
  void anyItem_reservedHead_isRefused(String hex) {
    walkerRefuses(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "18",
        "19",
        "1901",
        "1a000f42",
        "1b000000e8d4a510",
        "41",
        "4401",
        "61",
        "82",
        "8201",
        "a1",
        "a101",
        "a20102",
        "58",
        "5818"
      })
  void anyItem_truncated_isRefused(String hex) {
    walkerRefuses(hex);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000", "f6f6", "8000", "a000", "810100", "a1010200", "4040"})
  void end_trailingBytes_isRefused(String hex) {
    assertThat(walkerRefuses(hex).field()).isEqualTo("end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a201010101", // the same key twice
        "a203010101", // descending
        "a220010001", // a negative key before a non-negative one
        "a221012001", // -2 before -1
        "a220012001",
        "a219010001181801", // 256 before 24
        "a2818001820001", // array keys
        "a1f401", // false as a key
        "a1f601",
        "a1410101", // byte string as a key
        "a1616101",
        "a1a00001",
      })
  void map_keysNotAscendingIntegers_isRefused(String hex) {
    walkerRefuses(hex);
  }

  @Test
  void map_keysInEncodingOrder_isRead() throws Exception {
    // {0, 23, 24, 255, 256, 65536, 2^32, 2^63-1, -1, -24, -25, -257, -2^63}
    long[] keys = {
      0, 23, 24, 255, 256, 65536, 1L << 32, Long.MAX_VALUE, -1, -24, -25, -257, Long.MIN_VALUE
    };
    CborWriter out = new CborWriter().map(keys.length);
    for (long key : keys) {
      out.integer(key).nul();
    }
    CborReader in = CborReader.of(out.toByteArray());
    in.mapOf("m", keys.length);
    for (long key : keys) {
      in.key("k", key);
      in.nul("v");
    }
    in.end();
  }

  @ParameterizedTest
  @CsvSource({
    "5b4000000000000000, BYTES", // nine bytes that claim 2^62
    "7b4000000000000000, TEXT",
    "9b4000000000000000, ARRAY",
    "bb4000000000000000, MAP",
    "bb7fffffffffffffff, MAP", // twice the claim overflows
    "5b7fffffffffffffff, BYTES",
    "5bffffffffffffffff, BYTES",
    "5a7fffffff, BYTES",
    "9a7fffffff, ARRAY",
    "ba7fffffff, MAP",
    "ba40000000, MAP",
    "baffffffff, MAP",
    "9affffffff, ARRAY",
    "5affffffff, BYTES",
  })
  void anyLength_farBeyondTheInput_isRefusedBeforeAllocating(String hex, CborType type) {
    MalformedMessageException refusal =
        refused(
            hex,
            in -> {
              assertThat(in.nextType("item")).isEqualTo(type);
              switch (type) {
                case BYTES -> in.bytes("item", Integer.MAX_VALUE);
                case TEXT -> in.text("item", Integer.MAX_VALUE);
                case ARRAY -> in.array("item", Integer.MAX_VALUE);
                default -> in.map("item", Integer.MAX_VALUE);
              }
            });
    assertThat(refusal.field()).isEqualTo("item");
    assertThat(refusal.offset()).isZero();
  }

  @Test
  void anyRead_valueAboveTheFieldsLimit_isRefusedThere() {
    assertThat(refused("0b", in -> in.unsigned("n", 10)).field()).isEqualTo("n");
    assertThat(
            refused(
                "8143010203",
                in -> {
                  in.arrayOf("a", 1);
                  in.bytes("b", 2);
                }))
        .satisfies(e -> assertThat(e.field()).isEqualTo("b"))
        .satisfies(e -> assertThat(e.offset()).isEqualTo(1));
    refused("6161", in -> in.text("t", 0));
    refused("83010203", in -> in.array("a", 2));
    refused("a201020304", in -> in.map("m", 1));
    refused("a201020304", in -> in.mapOf("m", 1));
    refused("a201020304", in -> in.mapOf("m", 3));
    refused("820102", in -> in.arrayOf("a", 3));
    refused("420102", in -> in.bytesExactly("b", 1));
    refused("420102", in -> in.bytesExactly("b", 3));
    refused("581f" + "00".repeat(31), in -> in.digest("d"));
    refused("5821" + "00".repeat(33), in -> in.digest("d"));
  }

  @Test
  void anyRead_valueAtTheFieldsLimit_isRead() throws Exception {
    assertThat(CborReader.of(Hex.bytes("0a")).unsigned("n", 10)).isEqualTo(10);
    assertThat(CborReader.of(Hex.bytes("42c3bc")).bytes("b", 2)).hasSize(2);
    assertThat(CborReader.of(Hex.bytes("62c3bc")).text("t", 2)).isEqualTo("\u00fc");
    assertThat(CborReader.of(Hex.bytes("83010203")).array("a", 3)).isEqualTo(3);
    assertThat(CborReader.of(Hex.bytes("a201020304")).map("m", 2)).isEqualTo(2);
    assertThat(CborReader.of(Hex.bytes("5820" + "07".repeat(32))).digest("d"))
        .isEqualTo(Digest32.parse("07".repeat(32)));
  }

  @Test
  void anyRead_otherType_isRefused() {
    Read[] reads = {
      in -> in.unsigned("f"),
      in -> in.integer("f"),
      in -> in.bytes("f", 9),
      in -> in.text("f", 9),
      in -> in.array("f", 9),
      in -> in.map("f", 9),
      in -> in.bool("f"),
      in -> in.nul("f"),
    };
    String[] items = {"01", "20", "4101", "6161", "8101", "a10101", "f5", "f6"};
    for (int i = 0; i < reads.length; i++) {
      for (int j = 0; j < items.length; j++) {
        if (i != j && !(i == 1 && j == 0)) {
          assertThat(refused(items[j], reads[i]).offset()).as(items[j] + i).isZero();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "61ff",
        "6180",
        "62c080",
        "62c1bf",
        "63e08080",
        "63eda080",
        "63edbfbf",
        "64f0808080",
        "64f4908080",
        "61c3",
        "62e6b0",
        "64f5808080",
        "66eda081edb080"
      })
  void text_notUtf8_isRefused(String hex) {
    refused(hex, in -> in.text("t", 100));
  }

  @Test
  void nesting_sixteenDeep_isReadAndSeventeenRefused() throws Exception {
    String deepest = "81".repeat(15) + "80";
    assertThat(Hex.of(CborWalker.copy(Hex.bytes(deepest)))).isEqualTo(deepest);
    assertThat(walkerRefuses("81".repeat(16) + "80")).hasMessageContaining("deeper");
    assertThat(walkerRefuses("81".repeat(16) + "a0")).hasMessageContaining("deeper");
    assertThat(walkerRefuses("a101".repeat(16) + "a0")).hasMessageContaining("deeper");
    walkerRefuses("81".repeat(100_000));
    String wide = "83" + "81".repeat(14) + "80" + "81".repeat(14) + "80" + "f6";
    assertThat(Hex.of(CborWalker.copy(Hex.bytes(wide)))).isEqualTo(wide);
  }

  @Test
  void anyRead_afterTheItemEnded_isRefused() throws Exception {
    CborReader in = CborReader.of(Hex.bytes("0102"));
    in.unsigned("a");
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(() -> in.unsigned("b"));
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(() -> in.nextType("b"));
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(in::end);
  }

  @Test
  void key_whereNoEntryIsLeft_isRefused() {
    assertThat(refused("01", in -> in.key("k", 1)).field()).isEqualTo("k");
    refused(
        "8101",
        in -> {
          in.arrayOf("a", 1);
          in.key("k", 1);
        });
    refused(
        "a0",
        in -> {
          in.map("m", 1);
          in.nextKey("k");
        });
    refused(
        "a1010203",
        in -> {
          in.map("m", 2);
          in.key("k", 1);
          in.unsigned("v");
          in.key("k", 3);
        });
  }

  @Test
  void value_whereAKeyIsDue_isRefused() {
    refused(
        "a10102",
        in -> {
          in.mapOf("m", 1);
          in.unsigned("v");
        });
    refused(
        "82a1010203",
        in -> {
          in.arrayOf("a", 2);
          in.map("m", 5);
          in.unsigned("the entry was skipped");
        });
  }

  @Test
  void key_otherThanExpected_isRefusedAtTheKey() {
    MalformedMessageException refusal =
        refused(
            "a10102",
            in -> {
              in.mapOf("m", 1);
              in.key("k", 2);
            });
    assertThat(refusal.offset()).isEqualTo(1);
    assertThat(refusal.field()).isEqualTo("k");
  }

  @Test
  void end_unreadEntries_isRefused() {
    refused(
        "820102",
        in -> {
          in.arrayOf("a", 2);
          in.unsigned("x");
          in.end();
        });
    refused("", CborReader::end);
    refused(
        "814100",
        in -> {
          in.arrayOf("a", 1);
          in.end();
        });
  }

  @Test
  void nextIsNull_atTheEnd_isFalse() {
    assertThat(CborReader.of(new byte[0]).nextIsNull()).isFalse();
  }

  @Test
  void of_littleEndianBufferWithOffset_readsTheRestAndLeavesThePosition() throws Exception {
    ByteBuffer buffer = ByteBuffer.wrap(Hex.bytes("ffff1903e8ff")).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(2).limit(5);
    CborReader in = CborReader.of(buffer);
    assertThat(in.unsigned("n")).isEqualTo(1000);
    in.end();
    assertThat(in.offset()).isEqualTo(3);
    assertThat(buffer.position()).isEqualTo(2);
    CborReader readOnly = CborReader.of(buffer.asReadOnlyBuffer());
    assertThat(readOnly.unsigned("n")).isEqualTo(1000);
  }

  @Test
  void embedded_errorInside_hasTheOuterOffset() throws Exception {
    CborReader in = CborReader.of(Hex.bytes("8243820102f6"));
    in.arrayOf("a", 2);
    CborReader inner = in.embedded("e", 3);
    in.nul("n");
    in.end();
    inner.arrayOf("b", 2);
    assertThat(inner.unsigned("x")).isEqualTo(1);
    MalformedMessageException refusal =
        catchThrowableOfType(MalformedMessageException.class, () -> inner.bool("y"));
    assertThat(refusal.offset()).isEqualTo(4);
    assertThat(refusal.field()).isEqualTo("y");
  }

  @Test
  void embedded_readingOn_doesNotLeaveTheString() throws Exception {
    CborReader in = CborReader.of(Hex.bytes("8241814101"));
    in.arrayOf("a", 2);
    CborReader inner = in.embedded("e", 9);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> inner.arrayOf("b", 1));
  }

  @Test
  void writer_wrongUse_isRefused() {
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().toByteArray());
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().array(1).toByteArray());
    assertThatIllegalStateException()
        .isThrownBy(() -> new CborWriter().map(1).unsigned(1).toByteArray());
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().nul().nul());
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().array(0).nul());
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().map(1).text("key"));
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().map(1).nul());
    assertThatIllegalStateException().isThrownBy(() -> new CborWriter().map(1).array(0));
    assertThatIllegalStateException()
        .isThrownBy(() -> new CborWriter().map(2).unsigned(1).nul().unsigned(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> new CborWriter().map(2).unsigned(2).nul().unsigned(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> new CborWriter().map(2).integer(-1).nul().unsigned(1));
    assertThatIllegalArgumentException().isThrownBy(() -> new CborWriter().unsigned(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new CborWriter().array(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new CborWriter().text("\ud800"));
    assertThatIllegalStateException()
        .isThrownBy(
            () -> {
              CborWriter out = new CborWriter();
              for (int depth = 0; depth < 17; depth++) {
                out.array(1);
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"1b8000000000000000", "1bffffffffffffffff", "3b8000000000000000"})
  void integer_moreThan63Bits_isRefusedAsSuch(String hex) {
    assertThat(walkerRefuses(hex)).hasMessageContaining("63 bits");
  }
}
