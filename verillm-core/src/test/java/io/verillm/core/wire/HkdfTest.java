package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HkdfTest {
  private static String range(int from, int to) {
    StringBuilder hex = new StringBuilder();
    for (int i = from; i <= to; i++) {
      hex.append(String.format("%02x", i));
    }
    return hex.toString();
  }

  /** RFC 5869 appendix A.1 and A.3. */
  @ParameterizedTest
  @CsvSource({
    "000102030405060708090a0b0c, f0f1f2f3f4f5f6f7f8f9,"
        + "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    "'', '',"
        + "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  })
  void derive_vectorOfTheStandard_agrees(String salt, String info, String output) {
    byte[] derived = Hkdf.derive(Hex.bytes("0b".repeat(22)), Hex.bytes(salt), Hex.bytes(info), 42);
    assertThat(Hex.of(derived)).isEqualTo(output);
  }

  /** RFC 5869 appendix A.2. */
  @Test
  void derive_longVectorOfTheStandard_agrees() {
    byte[] derived =
        Hkdf.derive(
            Hex.bytes(range(0, 0x4f)),
            Hex.bytes(range(0x60, 0xaf)),
            Hex.bytes(range(0xb0, 0xff)),
            82);
    assertThat(Hex.of(derived))
        .isEqualTo(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                + "cc30c58179ec3e87c14c01d5c1f3434f1d87");
  }

  @Test
  void derive_anyLength_isAPrefixOfALongerOne() {
    byte[] key = {1};
    byte[] longest = Hkdf.derive(key, new byte[0], new byte[0], Hkdf.MAX_LENGTH);
    for (int length : new int[] {1, 31, 32, 33, 64, 100, 8159}) {
      assertThat(Hkdf.derive(key, new byte[0], new byte[0], length))
          .isEqualTo(Arrays.copyOf(longest, length));
    }
    assertThat(Hkdf.derive(new byte[0], new byte[0], new byte[0], 8)).hasSize(8);
  }

  @Test
  void derive_anyArgumentChanged_isDifferent() {
    byte[] base = Hkdf.derive(new byte[] {1}, new byte[] {2}, new byte[] {3}, 32);
    assertThat(Hkdf.derive(new byte[] {2}, new byte[] {2}, new byte[] {3}, 32)).isNotEqualTo(base);
    assertThat(Hkdf.derive(new byte[] {1}, new byte[] {3}, new byte[] {3}, 32)).isNotEqualTo(base);
    assertThat(Hkdf.derive(new byte[] {1}, new byte[] {2}, new byte[] {4}, 32)).isNotEqualTo(base);
  }

  @Test
  void derive_lengthOutOfRange_isRefused() {
    for (int length : new int[] {Integer.MIN_VALUE, -1, 0, 8161, Integer.MAX_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Hkdf.derive(new byte[1], new byte[0], new byte[0], length));
    }
  }
}
