package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random items: against Jackson's CBOR reader, and with one bit changed. */
class CborPropertiesTest {
  private static final CBORFactory JACKSON = new CBORFactory();

  /** Writes a random item and notes what a token stream of it must show. */
  private static void write(Random random, int depth, CborWriter out, List<Object> tokens) {
    switch (random.nextInt(depth < 6 ? 7 : 5)) {
      case 0 -> {
        long value = random.nextLong() >> random.nextInt(64);
        out.integer(value);
        tokens.add(value);
      }
      case 1 -> {
        byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 70_000 : 40)];
        random.nextBytes(value);
        out.bytes(value);
        tokens.add(Hex.of(value));
      }
      case 2 -> {
        StringBuilder value = new StringBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
          int codePoint = random.nextInt(0x10FFFF >> random.nextInt(20));
          value.appendCodePoint(codePoint >= 0xD800 && codePoint < 0xE000 ? 'x' : codePoint);
        }
        out.text(value.toString());
        tokens.add(value.toString());
      }
      case 3 -> {
        boolean value = random.nextBoolean();
        out.bool(value);
        tokens.add(value);
      }
      case 4 -> {
        out.nul();
        tokens.add(JsonToken.VALUE_NULL);
      }
      case 5 -> {
        int n = random.nextInt(5);
        out.array(n);
        tokens.add(JsonToken.START_ARRAY);
        for (int i = 0; i < n; i++) {
          write(random, depth + 1, out, tokens);
        }
        tokens.add(JsonToken.END_ARRAY);
      }
      default -> {
        int n = random.nextInt(5);
        out.map(n);
        tokens.add(JsonToken.START_OBJECT);
        long key = random.nextInt(300);
        for (int i = 0; i < n; i++) {
          boolean negative = i > n / 2;
          out.integer(negative ? -1 - key : key);
          tokens.add("key " + (negative ? -1 - key : key));
          key += 1 + (random.nextLong() >>> (2 + random.nextInt(62)) >>> 3);
          write(random, depth + 1, out, tokens);
        }
        tokens.add(JsonToken.END_OBJECT);
      }
    }
  }

  private static List<Object> jacksonTokens(byte[] encoded) throws Exception {
    List<Object> tokens = new ArrayList<>();
    try (CBORParser parser = JACKSON.createParser(encoded)) {
      JsonToken token = parser.nextToken();
      while (token != null) {
        tokens.add(
            switch (token) {
              case VALUE_NUMBER_INT -> parser.getLongValue();
              case VALUE_EMBEDDED_OBJECT -> Hex.of(parser.getBinaryValue());
              case VALUE_STRING -> parser.getText();
              case VALUE_TRUE -> true;
              case VALUE_FALSE -> false;
              case FIELD_NAME -> "key " + parser.currentName();
              default -> token;
            });
        token = parser.nextToken();
      }
    }
    return tokens;
  }

  @Property(tries = 500)
  void writer_randomItem_isWhatJacksonReadsAndTheReaderCopies(@ForAll long seed) throws Exception {
    CborWriter out = new CborWriter();
    List<Object> tokens = new ArrayList<>();
    write(new Random(seed), 0, out, tokens);
    byte[] encoded = out.toByteArray();
    assertThat(jacksonTokens(encoded)).isEqualTo(tokens);
    assertThat(CborWalker.copy(encoded)).isEqualTo(encoded);
  }

  @Property(tries = 1000)
  void reader_oneBitChanged_refusesOrReadsAnotherCanonicalItem(
      @ForAll long seed, @ForAll @IntRange(max = 1 << 20) int at) {
    CborWriter out = new CborWriter();
    write(new Random(seed), 0, out, new ArrayList<>());
    byte[] encoded = out.toByteArray();
    int bit = at % (8 * encoded.length);
    encoded[bit / 8] ^= (byte) (1 << (bit % 8));
    try {
      assertThat(CborWalker.copy(encoded)).isEqualTo(encoded);
    } catch (MalformedMessageException e) {
      assertThat(e.offset()).isBetween(0L, (long) encoded.length);
    }
  }

  @Property(tries = 300)
  void reader_everyPrefix_isRefused(@ForAll long seed, @ForAll @IntRange(max = 1 << 20) int at) {
    CborWriter out = new CborWriter();
    write(new Random(seed), 0, out, new ArrayList<>());
    byte[] encoded = out.toByteArray();
    byte[] prefix = java.util.Arrays.copyOf(encoded, at % encoded.length);
    org.assertj.core.api.Assertions.assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> CborWalker.copy(prefix));
  }
}
