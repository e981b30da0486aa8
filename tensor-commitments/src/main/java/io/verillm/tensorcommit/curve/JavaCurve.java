package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.List;
import org.bouncycastle.crypto.bls.BLS12_381G1;
import org.bouncycastle.crypto.bls.BLS12_381G2Point;
import org.bouncycastle.crypto.bls.BLS12_381Pairing;
import org.bouncycastle.crypto.bls.BLS12_381Serialization;
import org.bouncycastle.crypto.bls.BLS12_381SubgroupCheck;
import org.bouncycastle.crypto.bls.Fp12Element;
import org.bouncycastle.crypto.bls.Fp2Element;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;

/**
 * The definition, in plain Java: the first group by this package's own fields, the second group and
 * the pairing by BouncyCastle.
 */
public final class JavaCurve implements CurveBackend {
  /** |z| of the curve's parameter z = −0xd201000000010000. */
  private static final long PARAMETER = 0xd201000000010000L;

  /**
   * The cube root of unity β for which (x, y) ↦ (βx, y) is multiplication by −z² on the subgroup.
   */
  private static final long[] BETA = beta();

  private static final ECCurve CURVE = BLS12_381G1.createCurve();

  /** Makes the backend. */
  public JavaCurve() {}

  @Override
  public String name() {
    return "java";
  }

  @Override
  public G1Point decodeG1(byte[] compressed, String field) throws MalformedMessageException {
    if (PointBytes.requireCompressed(compressed, G1Point.BYTES, field)) {
      return G1Point.INFINITY;
    }
    byte[] affine = new byte[G1Point.AFFINE_BYTES];
    System.arraycopy(compressed, 0, affine, 0, G1Point.BYTES);
    affine[0] &= 0x1F;
    long[] point = new long[G1Sum.AFFINE];
    Fp.read(affine, 0, point, 0);
    long[] right = new long[Fp.LIMBS];
    Fp.square(point, 0, right, 0);
    Fp.mul(right, 0, point, 0, right, 0);
    Fp.add(right, 0, Fp.FOUR, 0, right, 0);
    long[] y = Fp.squareRoot(right);
    if (y == null) {
      throw PointBytes.notOnCurve(field);
    }
    Fp.write(y, 0, affine, G1Point.BYTES);
    if (PointBytes.isUpperHalf(affine, G1Point.BYTES) != ((compressed[0] & 0x20) != 0)) {
      Fp.sub(new long[Fp.LIMBS], 0, y, 0, 2, y, 0);
      Fp.write(y, 0, affine, G1Point.BYTES);
    }
    Fp.read(affine, G1Point.BYTES, point, Fp.LIMBS);
    if (!isInSubgroup(point)) {
      throw PointBytes.notInSubgroup(field);
    }
    return G1Point.ofTrusted(affine);
  }

  /**
   * Whether (βx, y) = −z²·(x, y), which holds exactly in the subgroup (Scott, A note on group
   * membership tests for G1, G2 and GT on BLS pairing-friendly curves, 2021, section 6).
   */
  private static boolean isInSubgroup(long[] affine) {
    G1Sum sum = new G1Sum();
    long[] total = timesParameterSquared(sum, affine);
    long[] image = affine.clone();
    Fp.mul(affine, 0, BETA, 0, image, 0);
    sum.addAffine(total, 0, image, 0, false);
    return G1Sum.isInfinity(total, 0);
  }

  private static long[] timesParameterSquared(G1Sum sum, long[] affine) {
    long[] point = new long[G1Sum.XYZZ];
    sum.addAffine(point, 0, affine, 0, false);
    for (int time = 0; time < 2; time++) {
      long[] total = new long[G1Sum.XYZZ];
      for (int bit = 63; bit >= 0; bit--) {
        sum.twice(total, 0);
        if ((PARAMETER >>> bit & 1) != 0) {
          sum.add(total, 0, point, 0);
        }
      }
      point = total;
    }
    return point;
  }

  private static long[] beta() {
    BigInteger exponent = Fp.MODULUS.subtract(BigInteger.ONE).divide(BigInteger.valueOf(3));
    BigInteger root = BigInteger.TWO.modPow(exponent, Fp.MODULUS);
    long[] generator = new long[G1Sum.AFFINE];
    JavaPointTable.read(G1Point.GENERATOR, generator, 0);
    G1Sum sum = new G1Sum();
    long[] multiple = new long[G1Sum.AFFINE];
    G1Sum.toAffine(timesParameterSquared(sum, generator), 1, multiple, 0);
    for (BigInteger candidate : List.of(root, root.multiply(root).mod(Fp.MODULUS))) {
      long[] beta = Fp.fromBigInteger(candidate);
      long[] x = new long[Fp.LIMBS];
      Fp.mul(generator, 0, beta, 0, x, 0);
      if (Fp.equal(x, 0, multiple, 0)) {
        return beta;
      }
    }
    throw new IllegalStateException("no cube root of unity fits the generator");
  }

  @Override
  public G2Point decodeG2(byte[] compressed, String field) throws MalformedMessageException {
    if (PointBytes.requireCompressed(compressed, G2Point.BYTES, field)) {
      byte[] infinity = new byte[G2Point.AFFINE_BYTES];
      infinity[0] = 0x40;
      return G2Point.ofTrusted(infinity);
    }
    BLS12_381G2Point point;
    try {
      point = BLS12_381Serialization.decompressG2(compressed);
    } catch (IllegalArgumentException e) {
      throw PointBytes.notOnCurve(field);
    }
    if (!BLS12_381SubgroupCheck.isInG2Subgroup(point)) {
      throw PointBytes.notInSubgroup(field);
    }
    return fromBouncyCastle(point);
  }

  @Override
  public G1Point add(G1Point left, G1Point right) {
    return sum(List.of(left, right));
  }

  /** The sum of any number of points. */
  static G1Point sum(List<G1Point> points) {
    JavaPointTable table = JavaPointTable.of(points);
    G1Sum sum = new G1Sum();
    long[] total = new long[G1Sum.XYZZ];
    for (int i = 0; i < points.size(); i++) {
      sum.addAffine(total, 0, table.affine, i * G1Sum.AFFINE, false);
    }
    return write(total);
  }

  private static G1Point write(long[] total) {
    long[] out = new long[G1Sum.AFFINE];
    G1Sum.toAffine(total, 1, out, 0);
    return JavaPointTable.write(out, 0);
  }

  @Override
  public G1Point negate(G1Point point) {
    return negateAffine(point);
  }

  static G1Point negateAffine(G1Point point) {
    if (point.isInfinity()) {
      return point;
    }
    long[] y = new long[Fp.LIMBS];
    byte[] affine = point.affine().clone();
    Fp.read(affine, G1Point.BYTES, y, 0);
    Fp.sub(new long[Fp.LIMBS], 0, y, 0, 2, y, 0);
    Fp.write(y, 0, affine, G1Point.BYTES);
    return G1Point.ofTrusted(affine);
  }

  @Override
  public G1Point multiply(G1Point point, Fr scalar) {
    BigInteger value = scalar.toBigInteger();
    long[] base = new long[G1Sum.AFFINE];
    JavaPointTable.read(point, base, 0);
    G1Sum sum = new G1Sum();
    int width = value.bitLength() > 32 ? 4 : 2;
    long[] multiples = new long[((1 << width) - 1) * G1Sum.XYZZ];
    for (int k = 0; k < (1 << width) - 1; k++) {
      if (k > 0) {
        System.arraycopy(multiples, (k - 1) * G1Sum.XYZZ, multiples, k * G1Sum.XYZZ, G1Sum.XYZZ);
      }
      sum.addAffine(multiples, k * G1Sum.XYZZ, base, 0, false);
    }
    long[] total = new long[G1Sum.XYZZ];
    for (int digit = (value.bitLength() + width - 1) / width - 1; digit >= 0; digit--) {
      for (int i = 0; i < width; i++) {
        sum.twice(total, 0);
      }
      int bits = value.shiftRight(digit * width).intValue() & ((1 << width) - 1);
      if (bits != 0) {
        sum.add(total, 0, multiples, (bits - 1) * G1Sum.XYZZ);
      }
    }
    return write(total);
  }

  @Override
  public G2Point multiply(G2Point point, Fr scalar) {
    return fromBouncyCastle(toBouncyCastle(point).multiply(scalar.toBigInteger()));
  }

  @Override
  public boolean pairingProductIsOne(List<G1Point> left, List<G2Point> right) {
    requirePairs(left, right);
    ECPoint[] first = new ECPoint[left.size()];
    BLS12_381G2Point[] second = new BLS12_381G2Point[left.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = toBouncyCastle(left.get(i));
      second[i] = toBouncyCastle(right.get(i));
    }
    return BLS12_381Pairing.multiPair(first, second).equals(Fp12Element.ONE);
  }

  static void requirePairs(List<G1Point> left, List<G2Point> right) {
    if (left.isEmpty() || left.size() != right.size()) {
      throw new IllegalArgumentException(left.size() + " points against " + right.size());
    }
  }

  private static ECPoint toBouncyCastle(G1Point point) {
    if (point.isInfinity()) {
      return CURVE.getInfinity();
    }
    byte[] affine = point.affine();
    return CURVE.createPoint(new BigInteger(1, affine, 0, 48), new BigInteger(1, affine, 48, 48));
  }

  private static BLS12_381G2Point toBouncyCastle(G2Point point) {
    if (point.isInfinity()) {
      return BLS12_381G2Point.INFINITY;
    }
    byte[] affine = point.affine();
    return BLS12_381G2Point.of(
        Fp2Element.of(new BigInteger(1, affine, 48, 48), new BigInteger(1, affine, 0, 48)),
        Fp2Element.of(new BigInteger(1, affine, 144, 48), new BigInteger(1, affine, 96, 48)));
  }

  private static G2Point fromBouncyCastle(BLS12_381G2Point point) {
    byte[] affine = new byte[G2Point.AFFINE_BYTES];
    if (point.isInfinity()) {
      affine[0] = 0x40;
      return G2Point.ofTrusted(affine);
    }
    write(point.x().c1(), affine, 0);
    write(point.x().c0(), affine, 48);
    write(point.y().c1(), affine, 96);
    write(point.y().c0(), affine, 144);
    return G2Point.ofTrusted(affine);
  }

  private static void write(BigInteger value, byte[] target, int offset) {
    byte[] raw = value.toByteArray();
    int skip = Math.max(0, raw.length - 48);
    System.arraycopy(raw, skip, target, offset + 48 - (raw.length - skip), raw.length - skip);
  }

  @Override
  public PointTable table(List<G1Point> points) {
    return JavaPointTable.of(points);
  }

  @Override
  public G1Point msm(PointTable table, int from, Scalars scalars) {
    if (!(table instanceof JavaPointTable own)) {
      throw new IllegalArgumentException("a table of another backend");
    }
    requireStretch(table, from, scalars);
    return Pippenger.msm(own.affine, from, scalars);
  }

  static void requireStretch(PointTable table, int from, Scalars scalars) {
    if (from < 0 || scalars.count() > table.size() - from) {
      throw new IllegalArgumentException(
          scalars.count() + " scalars from " + from + " on leave " + table.size() + " points");
    }
  }
}
