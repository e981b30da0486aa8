package io.verillm.tensorcommit.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.bouncycastle.crypto.bls.BLS12_381G2HashToCurve;
import org.bouncycastle.crypto.bls.Fp2Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors of RFC 9380, and BouncyCastle on other inputs. */
class HashToFieldTest {
  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Appendix K.1, 32 bytes; the two long messages are a prefix and one letter repeated. */
  @ParameterizedTest
  @CsvSource({
    "'',0,68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235",
    "abc,0,d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615",
    "abcdef0123456789,0,eff31487c770a893cfb36f912fbfcbff40d5661771ca4b2cb4eafe524333f5c1",
    "q128_,128,b23a1d2b4d97b2ef7785562a7e8bac7eed54ed6e97e29aa51bfe3f12ddad1ff9",
    "a512_,512,4623227bcc01293b8c130bf771da8c298dede7383243dc0993d2d94823958c4c"
  })
  void expand_rfcVectors_agree(String start, int repeat, String expected) {
    String message = repeat == 0 ? start : start + start.substring(0, 1).repeat(repeat);
    byte[] out = HashToField.expand(ascii(message), "QUUX-V01-CS02-with-expander-SHA256-128", 32);
    assertThat(HexFormat.of().formatHex(out)).isEqualTo(expected);
  }

  /** Appendix J.9.1: two elements of the base field. */
  @ParameterizedTest
  @CsvSource({
    "'',0ba14bd907ad64a016293ee7c2d276b8eae71f25a4b941eece7b0d89f17f75cb3ae5438a614fb61d6835ad59f29c564f,"
        + "019b9bd7979f12657976de2884c7cce192b82c177c80e0ec604436a7f538d231552f0d96d9f7babe5fa3b19b3ff25ac9",
    "abc,0d921c33f2bad966478a03ca35d05719bdf92d347557ea166e5bba579eea9b83e9afa5c088573c2281410369fbd32951,"
        + "003574a00b109ada2f26a37a91f9d1e740dffd8d69ec0c35e1e9f4652c7dba61123e9dd2e76c655d956e2b3462611139"
  })
  void element_rfcVectors_agree(String message, String first, String second) {
    BigInteger[] u =
        HashToField.element(
            Fp.MODULUS,
            64,
            "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_",
            ascii(message),
            2);
    assertThat(u[0]).isEqualTo(new BigInteger(first, 16));
    assertThat(u[1]).isEqualTo(new BigInteger(second, 16));
  }

  @Test
  void element_otherInputs_agreeWithBouncyCastle() {
    String tag = "VERILLM-TEST-TAG";
    for (int length : new int[] {0, 1, 63, 64, 65, 200}) {
      byte[] message = new byte[length];
      Fp2Element[] theirs = new BLS12_381G2HashToCurve(ascii(tag)).hashToField(message);
      BigInteger[] ours = HashToField.element(Fp.MODULUS, 64, tag, message, 4);
      assertThat(ours[0]).isEqualTo(theirs[0].c0());
      assertThat(ours[1]).isEqualTo(theirs[0].c1());
      assertThat(ours[2]).isEqualTo(theirs[1].c0());
      assertThat(ours[3]).isEqualTo(theirs[1].c1());
    }
  }

  @Test
  void scalar_anotherTag_givesAnotherElement() {
    assertThat(HashToField.scalar("A", new byte[3]))
        .isNotEqualTo(HashToField.scalar("B", new byte[3]));
  }

  @Test
  void expand_lengthOrTagOutOfRange_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> HashToField.expand(new byte[1], "", 32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HashToField.expand(new byte[1], "x".repeat(256), 32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HashToField.expand(new byte[1], "x", 255 * 32 + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> HashToField.expand(new byte[1], "x", 0));
  }
}
