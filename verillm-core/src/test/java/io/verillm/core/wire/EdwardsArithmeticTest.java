package io.verillm.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;

/** Field, scalars and points against BigInteger, and against another implementation. */
class EdwardsArithmeticTest {
  private static final BigInteger P = ReferenceCurve.P;
  private static final BigInteger L = ReferenceCurve.L;

  private static long[] limbs(BigInteger value) {
    return Field25519.decode(ReferenceCurve.littleEndian(value));
  }

  private static BigInteger value(long[] limbs) {
    return ReferenceCurve.number(Field25519.encode(limbs));
  }

  /** The value of limbs of any size and sign, without our own encoder. */
  private static BigInteger raw(long[] limbs) {
    BigInteger sum = BigInteger.ZERO;
    for (int i = 4; i >= 0; i--) {
      sum = sum.shiftLeft(51).add(BigInteger.valueOf(limbs[i]));
    }
    return sum.mod(P);
  }

  private static List<BigInteger> elements(Random random) {
    List<BigInteger> values = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      values.add(BigInteger.valueOf(i));
      values.add(P.subtract(BigInteger.valueOf(i + 1)));
    }
    for (int bit : new int[] {50, 51, 52, 101, 102, 103, 153, 204, 253, 254}) {
      values.add(BigInteger.ONE.shiftLeft(bit));
      values.add(BigInteger.ONE.shiftLeft(bit).subtract(BigInteger.ONE));
    }
    for (int i = 0; i < 40; i++) {
      values.add(new BigInteger(256, random).mod(P));
    }
    return values;
  }

  @Test
  void field_edgesAndRandomPairs_equalBigInteger() {
    List<BigInteger> values = elements(new Random(7));
    long[] out = new long[5];
    for (BigInteger a : values) {
      assertThat(value(limbs(a))).isEqualTo(a);
      Field25519.sqr(limbs(a), out);
      assertThat(value(out)).isEqualTo(a.multiply(a).mod(P));
      Field25519.negate(limbs(a), out);
      assertThat(value(out)).isEqualTo(a.negate().mod(P));
      Field25519.invert(limbs(a), out);
      assertThat(value(out)).isEqualTo(a.modPow(P.subtract(BigInteger.TWO), P));
      Field25519.power58(limbs(a), out);
      assertThat(value(out))
          .isEqualTo(a.modPow(P.subtract(BigInteger.valueOf(5)).shiftRight(3), P));
      for (BigInteger b : values) {
        Field25519.mul(limbs(a), limbs(b), out);
        assertThat(value(out)).isEqualTo(a.multiply(b).mod(P));
        Field25519.add(limbs(a), limbs(b), out);
        assertThat(value(out)).isEqualTo(a.add(b).mod(P));
        Field25519.sub(limbs(a), limbs(b), out);
        assertThat(value(out)).isEqualTo(a.subtract(b).mod(P));
      }
    }
  }

  @Test
  void field_limbsAtTheStatedBound_multiplyExactlyAndStayReduced() {
    Random random = new Random(11);
    long bound = (1L << 53) - 1;
    for (int round = 0; round < 20_000; round++) {
      long[] a = new long[5];
      long[] b = new long[5];
      for (int i = 0; i < 5; i++) {
        a[i] = extreme(random, bound);
        b[i] = extreme(random, bound);
      }
      assertThat(value(a)).isEqualTo(raw(a));
      long[] product = new long[5];
      Field25519.mul(a, b, product);
      assertThat(value(product)).isEqualTo(raw(a).multiply(raw(b)).mod(P));
      assertReduced(product);
      Field25519.sqr(a, product);
      assertThat(value(product)).isEqualTo(raw(a).modPow(BigInteger.TWO, P));
      assertReduced(product);
    }
  }

  private static long extreme(Random random, long bound) {
    return switch (random.nextInt(4)) {
      case 0 -> bound;
      case 1 -> -bound;
      case 2 -> random.nextInt(3) - 1;
      default -> (random.nextLong() >> 10) % bound;
    };
  }

  private static void assertReduced(long[] limbs) {
    for (long limb : limbs) {
      assertThat(Math.abs(limb)).isLessThan((1L << 51) + (1L << 18));
    }
  }

  @Test
  void scalar_edgesAndRandom_equalBigInteger() {
    Random random = new Random(13);
    List<BigInteger> values = new ArrayList<>();
    for (int multiple = 0; multiple < 16; multiple++) {
      for (int delta = -2; delta <= 2; delta++) {
        values.add(
            L.multiply(BigInteger.valueOf(multiple))
                .add(BigInteger.valueOf(delta))
                .max(BigInteger.ZERO));
      }
    }
    for (int i = 0; i < 40; i++) {
      values.add(new BigInteger(256, random));
    }
    values.removeIf(value -> value.bitLength() > 256);
    for (BigInteger a : values) {
      byte[] bytes = ReferenceCurve.littleEndian(a);
      assertThat(ReferenceCurve.number(Scalar25519.reduce(bytes))).isEqualTo(a.mod(L));
      assertThat(Scalar25519.isCanonical(bytes)).isEqualTo(a.compareTo(L) < 0);
      BigInteger b = new BigInteger(128, random);
      BigInteger c = new BigInteger(256, random);
      byte[] short16 = Arrays.copyOf(ReferenceCurve.littleEndian(b), 16);
      assertThat(
              ReferenceCurve.number(
                  Scalar25519.multiplyAdd(short16, bytes, ReferenceCurve.littleEndian(c))))
          .isEqualTo(a.multiply(b).add(c).mod(L));
    }
    byte[] wide = new byte[64];
    for (int i = 0; i < 200; i++) {
      random.nextBytes(wide);
      assertThat(ReferenceCurve.number(Scalar25519.reduce(wide)))
          .isEqualTo(ReferenceCurve.number(wide).mod(L));
    }
    Arrays.fill(wide, (byte) 0xFF);
    assertThat(ReferenceCurve.number(Scalar25519.reduce(wide)))
        .isEqualTo(ReferenceCurve.number(wide).mod(L));
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xFF);
    BigInteger most = ReferenceCurve.number(ones);
    assertThat(ReferenceCurve.number(Scalar25519.multiplyAdd(ones, ones, ones)))
        .isEqualTo(most.multiply(most).add(most).mod(L));
  }

  @Test
  void basePoint_isTheOneOfTheStandard() {
    assertThat(EdwardsPoint.basePoint().encode()).isEqualTo(ReferenceCurve.BASE.encode());
    assertThat(EdwardsPoint.identity().encode()).isEqualTo(ReferenceCurve.Point.IDENTITY.encode());
    assertThat(EdwardsPoint.basePoint().timesSecret(ReferenceCurve.littleEndian(L)).isIdentityVar())
        .isTrue();
  }

  @Test
  void multiples_edgesAndRandom_equalTheDefinition() {
    Random random = new Random(17);
    List<BigInteger> scalars = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      scalars.add(BigInteger.valueOf(i));
    }
    for (int bit : new int[] {4, 5, 7, 8, 9, 31, 64, 127, 128, 251, 252}) {
      scalars.add(BigInteger.ONE.shiftLeft(bit));
      scalars.add(BigInteger.ONE.shiftLeft(bit).subtract(BigInteger.ONE));
    }
    scalars.add(L.subtract(BigInteger.ONE));
    for (int i = 0; i < 10; i++) {
      scalars.add(new BigInteger(255, random).mod(L));
    }
    ReferenceCurve.Point other = ReferenceCurve.BASE.times(new BigInteger(250, random));
    EdwardsPoint ours = EdwardsPoint.decodeVar(other.encode());
    assertThat(ours).isNotNull();
    for (BigInteger s : scalars) {
      byte[] scalar = ReferenceCurve.littleEndian(s);
      assertThat(EdwardsPoint.basePoint().timesSecret(scalar).encode())
          .isEqualTo(ReferenceCurve.BASE.times(s).encode());
      assertThat(EdwardsPoint.sumVar(EdwardsPoint.Term.ofBaseVar(scalar)).encode())
          .isEqualTo(ReferenceCurve.BASE.times(s).encode());
      assertThat(EdwardsPoint.sumVar(EdwardsPoint.Term.ofVar(scalar, ours)).encode())
          .isEqualTo(other.times(s).encode());
      BigInteger t = new BigInteger(255, random).mod(L);
      byte[] sum =
          EdwardsPoint.sumVar(
                  EdwardsPoint.Term.ofBaseVar(scalar),
                  EdwardsPoint.Term.ofVar(ReferenceCurve.littleEndian(t), ours.negated()))
              .encode();
      ReferenceCurve.Point minus = new ReferenceCurve.Point(P.subtract(other.x()), other.y());
      assertThat(sum).isEqualTo(ReferenceCurve.BASE.times(s).plus(minus.times(t)).encode());
    }
  }

  @Test
  void publicKeys_randomSeeds_equalBouncyCastle() {
    Random random = new Random(19);
    for (int i = 0; i < 200; i++) {
      byte[] seed = new byte[32];
      random.nextBytes(seed);
      byte[] theirs = new byte[32];
      Ed25519.generatePublicKey(seed, 0, theirs, 0);
      byte[] secret = SigningKey.fromSeed(seed).secretScalar();
      assertThat(EdwardsPoint.basePoint().timesSecret(secret).encode()).isEqualTo(theirs);
      assertThat(
              EdwardsPoint.sumVar(EdwardsPoint.Term.ofBaseVar(Scalar25519.reduce(secret))).encode())
          .isEqualTo(theirs);
    }
  }

  @Test
  void decode_randomBytes_acceptsExactlyCurvePoints() {
    Random random = new Random(23);
    int accepted = 0;
    for (int i = 0; i < 400; i++) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      EdwardsPoint point = EdwardsPoint.decodeVar(bytes);
      byte[] plain = bytes.clone();
      plain[31] &= 0x7F;
      BigInteger y2 = ReferenceCurve.number(plain).pow(2).mod(P);
      BigInteger x2 =
          y2.subtract(BigInteger.ONE)
              .multiply(y2.multiply(ReferenceCurve.D).add(BigInteger.ONE).modInverse(P))
              .mod(P);
      boolean square = x2.modPow(P.shiftRight(1), P).equals(BigInteger.ONE);
      assertThat(point != null).isEqualTo(square);
      if (point != null) {
        assertThat(point.encode()).isEqualTo(bytes);
        accepted++;
      }
    }
    assertThat(accepted).isBetween(150, 250);
  }
}
