package io.verillm.tensorcommit.curve;

/**
 * Addition and doubling in coordinates (X, Y, ZZ, ZZZ) with x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ².
 *
 * <p>Source: the formulas madd-2008-s, add-2008-s and dbl-2008-s-1 of the Explicit-Formulas
 * Database for short Weierstrass curves with a = 0. A point takes {@value #XYZZ} longs, an affine
 * one {@value #AFFINE}; the neutral element has ZZ = 0, in affine form x = y = 0, which is not on
 * the curve. Between calls X stays below 8 p, Y below 4 p, ZZ and ZZZ below 2 p; affine coordinates
 * are below 2 p. A session with scratch space, for one thread.
 */
final class G1Sum {
  static final int N = Fp.LIMBS;
  static final int AFFINE = 2 * N;
  static final int XYZZ = 4 * N;

  private final long[] u = new long[N];
  private final long[] s = new long[N];
  private final long[] p = new long[N];
  private final long[] r = new long[N];
  private final long[] pp = new long[N];
  private final long[] ppp = new long[N];
  private final long[] q = new long[N];
  private final long[] t = new long[N];

  static boolean isInfinity(long[] a, int ao) {
    long bits = 0;
    for (int i = 2 * N; i < 3 * N; i++) {
      bits |= a[ao + i];
    }
    return bits == 0;
  }

  static boolean isAffineInfinity(long[] b, int bo) {
    long bits = 0;
    for (int i = 0; i < AFFINE; i++) {
      bits |= b[bo + i];
    }
    return bits == 0;
  }

  static void setInfinity(long[] a, int ao) {
    java.util.Arrays.fill(a, ao, ao + XYZZ, 0);
  }

  private static void setAffine(long[] a, int ao, long[] b, int bo, boolean negate) {
    Fp.copy(b, bo, a, ao);
    if (negate) {
      Fp.sub(ZERO, 0, b, bo + N, 2, a, ao + N);
    } else {
      Fp.copy(b, bo + N, a, ao + N);
    }
    Fp.copy(Fp.ONE, 0, a, ao + 2 * N);
    Fp.copy(Fp.ONE, 0, a, ao + 3 * N);
  }

  private static final long[] ZERO = new long[N];

  /** a += ±b for an affine b. */
  void addAffine(long[] a, int ao, long[] b, int bo, boolean negate) {
    if (isAffineInfinity(b, bo)) {
      return;
    }
    if (isInfinity(a, ao)) {
      setAffine(a, ao, b, bo, negate);
      return;
    }
    Fp.mul(b, bo, a, ao + 2 * N, u, 0); // U2
    Fp.mul(b, bo + N, a, ao + 3 * N, s, 0); // S2
    if (negate) {
      Fp.sub(ZERO, 0, s, 0, 2, s, 0);
    }
    Fp.sub(u, 0, a, ao, 8, p, 0); // P < 10 p
    Fp.sub(s, 0, a, ao + N, 4, r, 0); // R < 6 p
    Fp.square(p, 0, pp, 0);
    if (Fp.isZero(pp, 0)) {
      Fp.square(r, 0, t, 0);
      if (Fp.isZero(t, 0)) {
        setAffine(a, ao, b, bo, negate);
        twice(a, ao);
      } else {
        setInfinity(a, ao);
      }
      return;
    }
    Fp.mul(p, 0, pp, 0, ppp, 0);
    Fp.mul(a, ao, pp, 0, q, 0);
    Fp.mul(a, ao + N, ppp, 0, s, 0); // Y1·PPP
    finish(a, ao);
    Fp.mul(a, ao + 2 * N, pp, 0, a, ao + 2 * N);
    Fp.mul(a, ao + 3 * N, ppp, 0, a, ao + 3 * N);
  }

  /** X3 = R² − PPP − 2Q, Y3 = R·(Q − X3) − s, from the scratch values. */
  private void finish(long[] a, int ao) {
    Fp.square(r, 0, t, 0);
    Fp.add(ppp, 0, q, 0, u, 0);
    Fp.add(u, 0, q, 0, u, 0); // < 6 p
    Fp.sub(t, 0, u, 0, 6, a, ao); // < 8 p
    Fp.sub(q, 0, a, ao, 8, t, 0); // < 10 p
    Fp.mul(r, 0, t, 0, t, 0);
    Fp.sub(t, 0, s, 0, 2, a, ao + N); // < 4 p
  }

  /** a += b. */
  void add(long[] a, int ao, long[] b, int bo) {
    if (isInfinity(b, bo)) {
      return;
    }
    if (isInfinity(a, ao)) {
      System.arraycopy(b, bo, a, ao, XYZZ);
      return;
    }
    Fp.mul(a, ao, b, bo + 2 * N, q, 0); // U1
    Fp.mul(b, bo, a, ao + 2 * N, u, 0); // U2
    Fp.mul(a, ao + N, b, bo + 3 * N, s, 0); // S1
    Fp.mul(b, bo + N, a, ao + 3 * N, t, 0); // S2
    Fp.sub(u, 0, q, 0, 2, p, 0); // P < 4 p
    Fp.sub(t, 0, s, 0, 2, r, 0); // R < 4 p
    Fp.square(p, 0, pp, 0);
    if (Fp.isZero(pp, 0)) {
      Fp.square(r, 0, t, 0);
      if (Fp.isZero(t, 0)) {
        twice(a, ao);
      } else {
        setInfinity(a, ao);
      }
      return;
    }
    Fp.mul(p, 0, pp, 0, ppp, 0);
    Fp.mul(q, 0, pp, 0, q, 0); // Q = U1·PP
    Fp.mul(s, 0, ppp, 0, s, 0); // S1·PPP
    finish(a, ao);
    Fp.mul(a, ao + 2 * N, b, bo + 2 * N, t, 0);
    Fp.mul(t, 0, pp, 0, a, ao + 2 * N);
    Fp.mul(a, ao + 3 * N, b, bo + 3 * N, t, 0);
    Fp.mul(t, 0, ppp, 0, a, ao + 3 * N);
  }

  /** a += a. */
  void twice(long[] a, int ao) {
    if (isInfinity(a, ao)) {
      return;
    }
    Fp.add(a, ao + N, a, ao + N, u, 0); // U = 2 Y1 < 8 p
    Fp.square(u, 0, p, 0); // V
    Fp.mul(u, 0, p, 0, pp, 0); // W
    Fp.mul(a, ao, p, 0, s, 0); // S
    Fp.square(a, ao, t, 0);
    Fp.add(t, 0, t, 0, r, 0);
    Fp.add(r, 0, t, 0, r, 0); // M = 3 X1² < 6 p
    Fp.square(r, 0, t, 0);
    Fp.add(s, 0, s, 0, u, 0);
    Fp.mul(pp, 0, a, ao + N, q, 0); // W·Y1
    Fp.sub(t, 0, u, 0, 4, a, ao); // X3 < 6 p
    Fp.sub(s, 0, a, ao, 8, t, 0); // < 10 p
    Fp.mul(r, 0, t, 0, t, 0);
    Fp.sub(t, 0, q, 0, 2, a, ao + N);
    Fp.mul(p, 0, a, ao + 2 * N, a, ao + 2 * N);
    Fp.mul(pp, 0, a, ao + 3 * N, a, ao + 3 * N);
  }

  /** Writes {@code count} sums as affine points, with one inversion for all. */
  static void toAffine(long[] sums, int count, long[] affine, int affineOffset) {
    long[] prefix = new long[Math.multiplyExact(count + 1, N)];
    Fp.copy(Fp.ONE, 0, prefix, 0);
    for (int i = 0; i < count; i++) {
      if (isInfinity(sums, i * XYZZ)) {
        Fp.copy(prefix, i * N, prefix, (i + 1) * N);
      } else {
        Fp.mul(prefix, i * N, sums, i * XYZZ + 3 * N, prefix, (i + 1) * N);
      }
    }
    long[] inverse = new long[N];
    Fp.invert(prefix, count * N, inverse, 0);
    long[] own = new long[N];
    for (int i = count - 1; i >= 0; i--) {
      int at = i * XYZZ;
      int to = affineOffset + i * AFFINE;
      if (isInfinity(sums, at)) {
        java.util.Arrays.fill(affine, to, to + AFFINE, 0);
        continue;
      }
      Fp.mul(inverse, 0, prefix, i * N, own, 0); // 1/ZZZ
      Fp.mul(inverse, 0, sums, at + 3 * N, inverse, 0);
      Fp.mul(sums, at + N, own, 0, affine, to + N);
      Fp.mul(own, 0, sums, at + 2 * N, own, 0);
      Fp.square(own, 0, own, 0); // (ZZ/ZZZ)² = 1/ZZ
      Fp.mul(sums, at, own, 0, affine, to);
    }
  }
}
