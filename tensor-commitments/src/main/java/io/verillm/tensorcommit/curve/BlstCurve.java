package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.MalformedMessageException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import supranational.blst.P1;
import supranational.blst.P1_Affine;
import supranational.blst.P2;
import supranational.blst.P2_Affine;
import supranational.blst.PT;
import supranational.blst.Scalar;

/**
 * The curve by jblst: points and pairings through its Java API, multi-scalar multiplication through
 * {@link NativeMsm} where that loads, else in plain Java.
 *
 * <p>jblst decodes points outside the subgroup without complaint, reduces scalars silently and
 * changes receivers in place; none of that gets out of this class.
 */
public final class BlstCurve implements CurveBackend {
  private final @Nullable NativeMsm msm;

  BlstCurve(@Nullable NativeMsm msm) {
    this.msm = msm;
  }

  @Override
  public String name() {
    return msm == null ? "blst-jni" : "blst";
  }

  @Override
  public G1Point decodeG1(byte[] compressed, String field) throws MalformedMessageException {
    if (PointBytes.requireCompressed(compressed, G1Point.BYTES, field)) {
      return G1Point.INFINITY;
    }
    P1_Affine point;
    try {
      point = new P1_Affine(compressed);
    } catch (RuntimeException e) {
      throw PointBytes.notOnCurve(field);
    }
    if (!point.in_group()) {
      throw PointBytes.notInSubgroup(field);
    }
    return G1Point.ofTrusted(point.serialize());
  }

  @Override
  public G2Point decodeG2(byte[] compressed, String field) throws MalformedMessageException {
    boolean infinity = PointBytes.requireCompressed(compressed, G2Point.BYTES, field);
    P2_Affine point;
    try {
      point = new P2_Affine(compressed);
    } catch (RuntimeException e) {
      throw PointBytes.notOnCurve(field);
    }
    if (!infinity && !point.in_group()) {
      throw PointBytes.notInSubgroup(field);
    }
    return G2Point.ofTrusted(point.serialize());
  }

  @Override
  public G1Point add(G1Point left, G1Point right) {
    return G1Point.ofTrusted(new P1(left.affine()).add(new P1_Affine(right.affine())).serialize());
  }

  @Override
  public G1Point negate(G1Point point) {
    return JavaCurve.negateAffine(point);
  }

  @Override
  public G1Point multiply(G1Point point, Fr scalar) {
    return scalar.isZero()
        ? G1Point.INFINITY
        : G1Point.ofTrusted(product(point, scalar).serialize());
  }

  /** Without the way to affine coordinates and back that an addition of its own would take. */
  @Override
  public G1Point addMultiple(G1Point sum, G1Point point, Fr factor) {
    return factor.isZero()
        ? sum
        : G1Point.ofTrusted(product(point, factor).add(new P1_Affine(sum.affine())).serialize());
  }

  private static P1 product(G1Point point, Fr scalar) {
    BigInteger value = scalar.toBigInteger();
    P1 base = new P1(point.affine());
    // A short integer is shorter work; a long one goes through the constant-width form.
    return value.bitLength() <= 64 ? base.mult(value) : base.mult(scalar(scalar));
  }

  private static Scalar scalar(Fr value) {
    return new Scalar().from_bendian(value.encode());
  }

  @Override
  public G2Point multiply(G2Point point, Fr scalar) {
    return G2Point.ofTrusted(new P2(point.affine()).mult(scalar(scalar)).serialize());
  }

  @Override
  public boolean pairingProductIsOne(List<G1Point> left, List<G2Point> right) {
    JavaCurve.requirePairs(left, right);
    PT product = PT.one();
    for (int i = 0; i < left.size(); i++) {
      product.mul(
          new PT(new P1_Affine(left.get(i).affine()), new P2_Affine(right.get(i).affine())));
    }
    return product.final_exp().is_one();
  }

  @Override
  public PointTable table(List<G1Point> points) {
    return msm == null ? JavaPointTable.of(points) : msm.table(points);
  }

  @Override
  public G1Point msm(PointTable table, int from, Scalars scalars) {
    JavaCurve.requireStretch(table, from, scalars);
    if (msm != null && table instanceof NativeMsm.Table own) {
      return msm.msm(own, from, scalars);
    }
    if (msm == null && table instanceof JavaPointTable own) {
      return Pippenger.msm(own.affine, from, scalars);
    }
    throw new IllegalArgumentException("a table of another backend");
  }
}
