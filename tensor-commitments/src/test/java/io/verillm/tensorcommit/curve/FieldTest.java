package io.verillm.tensorcommit.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both fields against BigInteger, with the edge values that carries stumble over. */
class FieldTest {
  private static final BigInteger P = Fp.MODULUS;
  private static final BigInteger R = FrLimbs.MODULUS;

  private static BigInteger[] edges(BigInteger modulus, Random random) {
    BigInteger[] values = new BigInteger[40];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (i) {
            case 0 -> BigInteger.ZERO;
            case 1 -> BigInteger.ONE;
            case 2 -> modulus.subtract(BigInteger.ONE);
            case 3 -> modulus.shiftRight(1);
            case 4 -> BigInteger.ONE.shiftLeft(52).subtract(BigInteger.ONE);
            case 5 -> BigInteger.ONE.shiftLeft(56);
            case 6 -> BigInteger.ONE.shiftLeft(modulus.bitLength() - 1);
            case 7 -> modulus.subtract(BigInteger.TWO);
            default -> new BigInteger(modulus.bitLength() + 60, random).mod(modulus);
          };
    }
    return values;
  }

  @Test
  void fp_productsSumsAndDifferences_equalBigInteger() {
    BigInteger[] values = edges(P, new Random(11));
    long[] out = new long[Fp.LIMBS];
    for (BigInteger a : values) {
      for (BigInteger b : values) {
        long[] x = Fp.fromBigInteger(a);
        long[] y = Fp.fromBigInteger(b);
        Fp.mul(x, 0, y, 0, out, 0);
        assertThat(Fp.toBigInteger(out, 0)).isEqualTo(a.multiply(b).mod(P));
        Fp.add(x, 0, y, 0, out, 0);
        assertThat(Fp.toBigInteger(out, 0)).isEqualTo(a.add(b).mod(P));
        Fp.sub(x, 0, y, 0, 2, out, 0);
        assertThat(Fp.toBigInteger(out, 0)).isEqualTo(a.subtract(b).mod(P));
      }
    }
  }

  /** The stated bound: factors just below 16 p give a product below 2 p. */
  @Test
  void fpMul_factorsAtTheBound_staysBelowTwoModuli() {
    BigInteger largest = P.shiftLeft(4).subtract(BigInteger.ONE);
    long[] x = new long[Fp.LIMBS];
    for (int i = 0; i < Fp.LIMBS; i++) {
      x[i] = largest.shiftRight(56 * i).longValue() & Fp.MASK;
    }
    long[] out = new long[Fp.LIMBS];
    Fp.mul(x, 0, x, 0, out, 0);
    BigInteger raw = BigInteger.ZERO;
    for (int i = Fp.LIMBS - 1; i >= 0; i--) {
      raw = raw.shiftLeft(56).add(BigInteger.valueOf(out[i]));
    }
    assertThat(raw).isLessThan(P.shiftLeft(1));
    BigInteger expected =
        largest.multiply(largest).multiply(BigInteger.ONE.shiftLeft(392).modInverse(P)).mod(P);
    assertThat(raw.mod(P)).isEqualTo(expected);
  }

  @Test
  void fp_rootsAndInverses_undoTheirOperation() {
    Random random = new Random(12);
    int roots = 0;
    for (int i = 0; i < 40; i++) {
      BigInteger a = new BigInteger(400, random).mod(P);
      long[] x = Fp.fromBigInteger(a);
      long[] root = Fp.squareRoot(x);
      BigInteger legendre = a.modPow(P.shiftRight(1), P);
      assertThat(root != null).isEqualTo(legendre.equals(BigInteger.ONE));
      if (root != null) {
        roots++;
        Fp.square(root, 0, root, 0);
        assertThat(Fp.toBigInteger(root, 0)).isEqualTo(a);
      }
      Fp.invert(x, 0, x, 0);
      assertThat(Fp.toBigInteger(x, 0)).isEqualTo(a.modInverse(P));
    }
    assertThat(roots).isBetween(8, 32);
  }

  @Test
  void fpBytes_everyEdgeValue_surviveAndTheModulusIsRefused() {
    byte[] bytes = new byte[48];
    long[] x = new long[Fp.LIMBS];
    for (BigInteger a : edges(P, new Random(13))) {
      Fp.write(Fp.fromBigInteger(a), 0, bytes, 0);
      assertThat(new BigInteger(1, bytes)).isEqualTo(a);
      assertThat(Fp.read(bytes, 0, x, 0)).isTrue();
      assertThat(Fp.toBigInteger(x, 0)).isEqualTo(a);
    }
    byte[] modulus = P.toByteArray();
    System.arraycopy(modulus, modulus.length - 48, bytes, 0, 48);
    assertThat(Fp.read(bytes, 0, x, 0)).isFalse();
  }

  @Test
  void fr_productsSumsAndDifferences_equalBigInteger() {
    BigInteger[] values = edges(R, new Random(14));
    for (BigInteger a : values) {
      for (BigInteger b : values) {
        Fr x = Fr.reduce(a);
        Fr y = Fr.reduce(b);
        assertThat(x.multiply(y).toBigInteger()).isEqualTo(a.multiply(b).mod(R));
        assertThat(x.add(y).toBigInteger()).isEqualTo(a.add(b).mod(R));
        assertThat(x.subtract(y).toBigInteger()).isEqualTo(a.subtract(b).mod(R));
      }
    }
  }

  @Test
  void frBytes_everyEdgeValue_survive() throws MalformedMessageException {
    for (BigInteger a : edges(R, new Random(15))) {
      Fr x = Fr.reduce(a);
      assertThat(new BigInteger(1, x.encode())).isEqualTo(a);
      assertThat(Fr.decode(x.encode(), "x")).isEqualTo(x);
    }
  }

  @Test
  void frDecode_modulusAndAbove_isRefusedAndNeverReduced() {
    for (BigInteger a : new BigInteger[] {R, R.add(BigInteger.ONE), R.add(BigInteger.valueOf(5))}) {
      byte[] raw = a.toByteArray();
      byte[] bytes = new byte[32];
      System.arraycopy(raw, raw.length - 32, bytes, 0, 32);
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> Fr.decode(bytes, "value"))
          .withMessageContaining("not below the modulus");
    }
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Fr.decode(new byte[31], "value"));
  }

  @Test
  void frOf_signedLongs_areIntegersModuloR() {
    for (long v : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 52, -65536}) {
      assertThat(Fr.of(v).toBigInteger()).isEqualTo(BigInteger.valueOf(v).mod(R));
    }
  }

  @Test
  void invertAll_manyElements_equalsSingleInversesAndRefusesZero() {
    FrVector vector = new FrVector(9);
    for (int i = 0; i < 9; i++) {
      vector.set(i, Fr.of(1L << (7 * i)));
    }
    vector.invertAll();
    for (int i = 0; i < 9; i++) {
      assertThat(vector.get(i)).isEqualTo(Fr.of(1L << (7 * i)).invert());
    }
    FrVector withZero = new FrVector(3);
    withZero.set(0, Fr.ONE);
    assertThatExceptionOfType(ArithmeticException.class).isThrownBy(withZero::invertAll);
    assertThat(withZero.get(0)).isEqualTo(Fr.ONE);
  }

  @Test
  void scalars_bitsBeyondTheWidth_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Scalars(new byte[] {8}, 1, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> new Scalars(new byte[3], 1, 16));
    assertThatIllegalArgumentException().isThrownBy(() -> new Scalars(new byte[32], 1, 256));
    assertThatIllegalArgumentException().isThrownBy(() -> Scalars.ofLongs(new long[] {-1}));
  }
}
