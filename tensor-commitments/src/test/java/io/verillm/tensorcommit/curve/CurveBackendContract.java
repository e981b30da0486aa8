package io.verillm.tensorcommit.curve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend does: the same points, and the same refusals for the same reasons. */
abstract class CurveBackendContract {
  /** Doubling and adding with BigInteger affine formulas, independent of everything else here. */
  static final class Naive {
    static final BigInteger P = Fp.MODULUS;

    static BigInteger[] add(BigInteger[] a, BigInteger[] b) {
      if (a == null) {
        return b;
      }
      if (b == null) {
        return a;
      }
      BigInteger slope;
      if (a[0].equals(b[0])) {
        if (a[1].add(b[1]).mod(P).signum() == 0) {
          return null;
        }
        slope =
            a[0].pow(2).multiply(BigInteger.valueOf(3)).multiply(a[1].shiftLeft(1).modInverse(P));
      } else {
        slope = b[1].subtract(a[1]).multiply(b[0].subtract(a[0]).modInverse(P));
      }
      BigInteger x = slope.pow(2).subtract(a[0]).subtract(b[0]).mod(P);
      return new BigInteger[] {x, slope.multiply(a[0].subtract(x)).subtract(a[1]).mod(P)};
    }

    static BigInteger[] of(G1Point point) {
      if (point.isInfinity()) {
        return null;
      }
      byte[] bytes = point.affine();
      return new BigInteger[] {new BigInteger(1, bytes, 0, 48), new BigInteger(1, bytes, 48, 48)};
    }

    static BigInteger[] multiply(BigInteger[] point, BigInteger scalar) {
      BigInteger[] sum = null;
      for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
        sum = add(sum, sum);
        if (scalar.testBit(bit)) {
          sum = add(sum, point);
        }
      }
      return sum;
    }
  }

  abstract CurveBackend subject();

  private static Fr random(Random random) {
    return Fr.reduce(new BigInteger(300, random));
  }

  private List<G1Point> points(int count, long seed) {
    Random random = new Random(seed);
    List<G1Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(subject().multiply(G1Point.GENERATOR, random(random)));
    }
    return points;
  }

  @Test
  void multiply_randomScalars_equalsAffineDoubleAndAdd() {
    Random random = new Random(1);
    for (int i = 0; i < 4; i++) {
      Fr scalar = random(random);
      assertThat(Naive.of(subject().multiply(G1Point.GENERATOR, scalar)))
          .isEqualTo(Naive.multiply(Naive.of(G1Point.GENERATOR), scalar.toBigInteger()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 15, 16, 17, 255, 65535, 65536, 1L << 40, Long.MAX_VALUE})
  void multiply_shortScalars_equalsAffineDoubleAndAdd(long scalar) {
    assertThat(Naive.of(subject().multiply(G1Point.GENERATOR, Fr.of(scalar))))
        .isEqualTo(Naive.multiply(Naive.of(G1Point.GENERATOR), BigInteger.valueOf(scalar)));
  }

  @Test
  void multiply_orderMinusOne_isTheNegative() {
    assertThat(subject().multiply(G1Point.GENERATOR, Fr.of(-1)))
        .isEqualTo(subject().negate(G1Point.GENERATOR));
  }

  @Test
  void multiply_infinity_isInfinity() {
    assertThat(subject().multiply(G1Point.INFINITY, Fr.of(77))).isEqualTo(G1Point.INFINITY);
  }

  @Test
  void add_specialCases_followTheGroupLaw() {
    G1Point g = G1Point.GENERATOR;
    assertThat(subject().add(g, subject().negate(g))).isEqualTo(G1Point.INFINITY);
    assertThat(subject().add(g, g)).isEqualTo(subject().multiply(g, Fr.of(2)));
    assertThat(subject().add(g, G1Point.INFINITY)).isEqualTo(g);
    assertThat(subject().add(G1Point.INFINITY, g)).isEqualTo(g);
    assertThat(subject().add(G1Point.INFINITY, G1Point.INFINITY)).isEqualTo(G1Point.INFINITY);
    assertThat(subject().negate(G1Point.INFINITY)).isEqualTo(G1Point.INFINITY);
  }

  @ParameterizedTest
  @CsvSource({
    "0,16", "1,16", "2,1", "3,8", "7,9", "8,16", "33,17", "100,64", "40,255", "257,17", "300,12"
  })
  void msm_anyLengthAndWidth_equalsTheNaiveSum(int count, int bits) {
    Random random = new Random(count * 1000L + bits);
    List<G1Point> points = points(count, 5);
    if (count > 6) {
      points.set(1, G1Point.INFINITY);
      points.set(3, points.get(2)); // equal points meet in a bucket
      points.set(5, subject().negate(points.get(4)));
    }
    int stride = (bits + 7) / 8;
    byte[] bytes = new byte[count * stride];
    BigInteger[] expected = null;
    for (int i = 0; i < count; i++) {
      BigInteger scalar = new BigInteger(bits, random).min(Fr.MODULUS.subtract(BigInteger.ONE));
      if (i == 0) {
        scalar = BigInteger.ZERO;
      }
      if (i == 2 || i == 3) {
        scalar = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).mod(Fr.MODULUS);
      }
      byte[] big = scalar.toByteArray();
      for (int k = 0; k < big.length && k < stride; k++) {
        bytes[i * stride + k] = big[big.length - 1 - k];
      }
      expected = Naive.add(expected, Naive.multiply(Naive.of(points.get(i)), scalar));
    }
    G1Point sum = subject().msm(points, new Scalars(bytes, count, bits));
    assertThat(Naive.of(sum)).isEqualTo(expected);
  }

  @Test
  void msm_partOfATable_takesThatPart() {
    List<G1Point> points = points(20, 6);
    PointTable table = subject().table(points);
    Scalars scalars = Scalars.ofLongs(new long[] {5, 0, 70000});
    G1Point expected =
        subject()
            .add(
                subject().multiply(points.get(11), Fr.of(5)),
                subject().multiply(points.get(13), Fr.of(70000)));
    assertThat(subject().msm(table, 11, scalars)).isEqualTo(expected);
    assertThat(table.get(11)).isEqualTo(points.get(11));
    assertThat(table.size()).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource({"-1,1", "0,21", "18,3", "21,0", "2147483647,2"})
  void msm_stretchOutsideTheTable_isRefused(int from, int count) {
    PointTable table = subject().table(points(20, 6));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().msm(table, from, Scalars.ofLongs(new long[count])));
  }

  @Test
  void decodeG1_whatWasEncoded_isTheSamePoint() throws MalformedMessageException {
    for (G1Point point : points(12, 9)) {
      assertThat(subject().decodeG1(point.encode(), "p")).isEqualTo(point);
    }
    assertThat(subject().decodeG1(G1Point.INFINITY.encode(), "p")).isEqualTo(G1Point.INFINITY);
  }

  /** Every line names a compressed point and the reason that all backends give. */
  @ParameterizedTest
  @CsvSource({
    "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb,not"
        + " a compressed point",
    "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6,a"
        + " point needs 48 bytes",
    "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb00,a"
        + " point needs 48 bytes",
    "c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001,infinity"
        + " with stray bits",
    "e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000,infinity"
        + " with stray bits",
    "d00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000,infinity"
        + " with stray bits",
    "9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab,coordinate"
        + " not below p",
    "9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaaf,coordinate"
        + " not below p",
    "9fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff,coordinate"
        + " not below p",
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001,not"
        + " on the curve",
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004,not"
        + " in the subgroup",
    "a00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000005,not"
        + " in the subgroup",
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000,not"
        + " in the subgroup",
  })
  void decodeG1_badPoint_isRefusedForItsReason(String hex, String reason) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> subject().decodeG1(HexFormat.of().parseHex(hex), "claim"))
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.field()).isEqualTo("claim"));
  }

  @Test
  void decodeG2_whatWasEncoded_isTheSamePoint() throws MalformedMessageException {
    for (int k : new int[] {1, 2, 5, 1000}) {
      G2Point point = subject().multiply(G2Point.GENERATOR, Fr.of(k));
      assertThat(subject().decodeG2(point.encode(), "p")).isEqualTo(point);
    }
    byte[] infinity = new byte[96];
    infinity[0] = (byte) 0xC0;
    assertThat(subject().decodeG2(infinity, "p").isInfinity()).isTrue();
    assertThat(subject().multiply(G2Point.GENERATOR, Fr.of(1))).isEqualTo(G2Point.GENERATOR);
  }

  @Test
  void decodeG2_badPoint_isRefusedForItsReason() {
    byte[] stray = new byte[96];
    stray[0] = (byte) 0xC0;
    stray[95] = 1;
    refuseG2(stray, "infinity with stray bits");
    byte[] good = G2Point.GENERATOR.encode();
    byte[] plain = good.clone();
    plain[0] &= 0x7F;
    refuseG2(plain, "not a compressed point");
    byte[] large = good.clone();
    java.util.Arrays.fill(large, 48, 96, (byte) 0xFF);
    refuseG2(large, "coordinate not below p");
    refuseG2(new byte[95], "a point needs 96 bytes");
    // x = c0 alone: the first that is on the twist is outside the subgroup, whose cofactor is 2^508
    boolean off = false;
    boolean outside = false;
    for (int x = 1; x < 40; x++) {
      byte[] small = new byte[96];
      small[0] = (byte) 0x80;
      small[95] = (byte) x;
      try {
        subject().decodeG2(small, "p");
      } catch (MalformedMessageException e) {
        off |= e.getMessage().contains("not on the curve");
        outside |= e.getMessage().contains("not in the subgroup");
      }
    }
    assertThat(off).isTrue();
    assertThat(outside).isTrue();
  }

  private void refuseG2(byte[] bytes, String reason) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> subject().decodeG2(bytes, "p"))
        .withMessageContaining(reason);
  }

  @Test
  void pairing_bilinear_holdsAndFailsOneOff() {
    G1Point left = subject().multiply(G1Point.GENERATOR, Fr.of(6));
    G2Point right = subject().multiply(G2Point.GENERATOR, Fr.of(7));
    G1Point minus42 = subject().multiply(G1Point.GENERATOR, Fr.of(-42));
    G1Point minus41 = subject().multiply(G1Point.GENERATOR, Fr.of(-41));
    assertThat(
            subject()
                .pairingProductIsOne(List.of(left, minus42), List.of(right, G2Point.GENERATOR)))
        .isTrue();
    assertThat(
            subject()
                .pairingProductIsOne(List.of(left, minus41), List.of(right, G2Point.GENERATOR)))
        .isFalse();
    assertThat(subject().pairingProductIsOne(List.of(G1Point.INFINITY), List.of(right))).isTrue();
    assertThat(subject().pairingProductIsOne(List.of(left), List.of(right))).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().pairingProductIsOne(List.of(), List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> subject().pairingProductIsOne(List.of(left, left), List.of(right)));
  }

  /** The fused form is the sum, at the neutral element, at equal and at opposite points too. */
  @Test
  void addMultiple_anyFactor_isTheSumOfTheProduct() {
    CurveBackend curve = subject();
    G1Point g = G1Point.GENERATOR;
    G1Point other = curve.multiply(g, Fr.of(12345));
    for (long factor : new long[] {0, 1, 2, 12345, 65535, -1, -12345, Long.MAX_VALUE}) {
      for (G1Point sum : new G1Point[] {G1Point.INFINITY, g, other, curve.negate(other)}) {
        assertThat(curve.addMultiple(sum, g, Fr.of(factor)))
            .isEqualTo(curve.add(sum, curve.multiply(g, Fr.of(factor))));
      }
      assertThat(curve.addMultiple(other, G1Point.INFINITY, Fr.of(factor))).isEqualTo(other);
    }
  }
}
