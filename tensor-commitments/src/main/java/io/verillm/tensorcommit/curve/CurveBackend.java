package io.verillm.tensorcommit.curve;

import io.verillm.core.wire.MalformedMessageException;
import java.util.List;

/**
 * Arithmetic on BLS12-381. Exact: every backend gives the same points and refuses the same inputs
 * as {@link JavaCurve}. Thread-safe.
 */
public interface CurveBackend {
  /**
   * Stable name for logs, benchmarks and findings: {@code java}, {@code blst}, {@code blst-jni}.
   */
  String name();

  /**
   * Decodes a compressed point and checks everything about it.
   *
   * @param field name for the exception
   * @throws MalformedMessageException if length, flags or coordinate are not canonical, or the
   *     point is off the curve or outside the subgroup. The neutral element is a point; callers
   *     that cannot use it refuse it.
   */
  G1Point decodeG1(byte[] compressed, String field) throws MalformedMessageException;

  /** As {@link #decodeG1}, for 96 bytes. */
  G2Point decodeG2(byte[] compressed, String field) throws MalformedMessageException;

  /** Sum of two points. */
  G1Point add(G1Point left, G1Point right);

  /** The inverse of a point. */
  G1Point negate(G1Point point);

  /** A multiple of a point; short integers cost less. */
  G1Point multiply(G1Point point, Fr scalar);

  /** {@code sum + factor · point}; short integers cost less. */
  default G1Point addMultiple(G1Point sum, G1Point point, Fr factor) {
    return add(sum, multiply(point, factor));
  }

  /** A multiple of a point of the second group. */
  G2Point multiply(G2Point point, Fr scalar);

  /**
   * Whether the product of the pairings is one.
   *
   * @throws IllegalArgumentException if the lists differ in length or are empty
   */
  boolean pairingProductIsOne(List<G1Point> left, List<G2Point> right);

  /** Keeps points in the form that {@link #msm} reads fastest. */
  PointTable table(List<G1Point> points);

  /**
   * The sum of scalar times point over a stretch of a table; no scalars give the neutral element.
   *
   * @param table made by this backend
   * @param from first point
   * @throws IllegalArgumentException if the stretch leaves the table, or another backend made it
   */
  G1Point msm(PointTable table, int from, Scalars scalars);

  /** As {@link #msm(PointTable, int, Scalars)} over points that are used once. */
  default G1Point msm(List<G1Point> points, Scalars scalars) {
    if (points.size() != scalars.count()) {
      throw new IllegalArgumentException(
          points.size() + " points, " + scalars.count() + " scalars");
    }
    return msm(table(points), 0, scalars);
  }
}
