package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingSeedTest {
  private static byte[] counting(int length) {
    byte[] bytes = new byte[length];
    IntStream.range(0, length).forEach(i -> bytes[i] = (byte) i);
    return bytes;
  }

  @Test
  void derive_countingBytes_equalsHkdfOfAnotherImplementation() {
    // RFC 5869 with HMAC-SHA-256 in Python's hmac module.
    SamplingSeed of64 = SamplingSeed.derive(counting(64));
    assertThat(of64.key0()).isEqualTo(0x83794a43);
    assertThat(of64.key1()).isEqualTo(0xdb2125b8);
    SamplingSeed of32 = SamplingSeed.derive(counting(32));
    assertThat(of32.key0()).isEqualTo(0x549414e3);
    assertThat(of32.key1()).isEqualTo(0x0873403d);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 63, 65, 80})
  void derive_otherLength_isRefused(int length) {
    assertThatIllegalArgumentException().isThrownBy(() -> SamplingSeed.derive(counting(length)));
  }
}
