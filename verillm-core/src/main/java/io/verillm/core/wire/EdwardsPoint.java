package io.verillm.core.wire;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A mutable point of edwards25519 in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.
 *
 * <p>Formulas: Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited", sections 3.1
 * (addition, complete because d is no square) and 3.3 (doubling), for a = −1. Names ending in
 * {@code Var} take a time that depends on their operands and are for public values only.
 */
final class EdwardsPoint {
  private static final long[] D = constant(dOfCurve());
  private static final long[] D2 = twice(D);
  private static final long[] SQRT_MINUS_ONE = constant(sqrtMinusOne());

  /** Odd multiples of the base point for windows of 8 bits. */
  private static final Summand[] BASE_MULTIPLES = basePoint().oddMultiples(64);

  private final long[] x;
  private final long[] y;
  private final long[] z;
  private final long[] t;

  private EdwardsPoint(long[] x, long[] y, long[] z, long[] t) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.t = t;
  }

  /** A point prepared for being added: Y + X, Y − X, 2Z and 2dT. */
  private static final class Summand {
    final long[] sum = new long[5];
    final long[] difference = new long[5];
    final long[] z2 = new long[5];
    final long[] t2d = new long[5];
  }

  /** One term of a sum of multiples. */
  static final class Term {
    private final byte[] digits;
    private final Summand[] multiples;

    private Term(byte[] digits, Summand[] multiples) {
      this.digits = digits;
      this.multiples = multiples;
    }

    /** A multiple of any point; the scalar is below 2^253. */
    static Term ofVar(byte[] scalar, EdwardsPoint point) {
      return new Term(slidingWindows(scalar, 5), point.oddMultiples(8));
    }

    /** A multiple of the base point; the scalar is below 2^253. */
    static Term ofBaseVar(byte[] scalar) {
      return new Term(slidingWindows(scalar, 8), BASE_MULTIPLES);
    }
  }

  static EdwardsPoint identity() {
    return new EdwardsPoint(
        Field25519.zero(), Field25519.one(), Field25519.one(), Field25519.zero());
  }

  /** The point with y = 4/5 and even x, RFC 8032 section 5.1. */
  static EdwardsPoint basePoint() {
    long[] five = {5, 0, 0, 0, 0};
    long[] four = {4, 0, 0, 0, 0};
    Field25519.invert(five, five);
    Field25519.mul(four, five, four);
    EdwardsPoint base = decodeVar(Field25519.encode(four));
    if (base == null) {
      throw new AssertionError("the base point is on the curve");
    }
    return base;
  }

  EdwardsPoint copy() {
    return new EdwardsPoint(x.clone(), y.clone(), z.clone(), t.clone());
  }

  /**
   * Decodes 32 bytes as RFC 8032 section 5.1.3 does.
   *
   * @return null if y is not below p, if no x belongs to it, or if x is 0 and its sign is set
   */
  static @Nullable EdwardsPoint decodeVar(byte[] encoded) {
    boolean negative = (encoded[31] & 0x80) != 0;
    byte[] plain = encoded.clone();
    plain[31] &= 0x7F;
    long[] y = Field25519.decode(plain);
    if (!java.util.Arrays.equals(Field25519.encode(y), plain)) {
      return null; // y ≥ p
    }
    long[] y2 = Field25519.zero();
    long[] u = Field25519.zero();
    long[] v = Field25519.zero();
    Field25519.sqr(y, y2);
    Field25519.sub(y2, Field25519.one(), u); // y² − 1
    Field25519.mul(y2, D, v);
    Field25519.add(v, Field25519.one(), v); // dy² + 1, never 0
    long[] v3 = Field25519.zero();
    Field25519.sqr(v, v3);
    Field25519.mul(v3, v, v3);
    long[] x = Field25519.zero();
    Field25519.sqr(v3, x);
    Field25519.mul(x, v, x);
    Field25519.mul(x, u, x); // u v^7
    Field25519.power58(x, x);
    Field25519.mul(x, v3, x);
    Field25519.mul(x, u, x); // u v³ (u v^7)^((p−5)/8)
    long[] check = Field25519.zero();
    Field25519.sqr(x, check);
    Field25519.mul(check, v, check);
    if (!Field25519.equalsVar(check, u)) {
      Field25519.negate(check, check);
      if (!Field25519.equalsVar(check, u)) {
        return null;
      }
      Field25519.mul(x, SQRT_MINUS_ONE, x);
    }
    if (negative && Field25519.isZeroVar(x)) {
      return null;
    }
    if (Field25519.isNegative(x) != negative) {
      Field25519.negate(x, x);
    }
    long[] t = Field25519.zero();
    Field25519.mul(x, y, t);
    return new EdwardsPoint(x, y, Field25519.one(), t);
  }

  /** Encodes the point as RFC 8032 section 5.1.2 does. */
  byte[] encode() {
    long[] inverse = Field25519.zero();
    long[] affineX = Field25519.zero();
    long[] affineY = Field25519.zero();
    Field25519.invert(z, inverse);
    Field25519.mul(x, inverse, affineX);
    Field25519.mul(y, inverse, affineY);
    byte[] out = Field25519.encode(affineY);
    out[31] |= (byte) ((Field25519.encode(affineX)[0] & 1) << 7);
    return out;
  }

  boolean isIdentityVar() {
    return Field25519.isZeroVar(x) && Field25519.equalsVar(y, z);
  }

  /** Whether eight times the point is the identity. */
  boolean isSmallOrderVar() {
    return timesCofactor().isIdentityVar();
  }

  /** Returns eight times the point. */
  EdwardsPoint timesCofactor() {
    EdwardsPoint point = copy();
    Scratch scratch = new Scratch();
    for (int i = 0; i < 3; i++) {
      point.twice(scratch);
    }
    return point;
  }

  EdwardsPoint negated() {
    EdwardsPoint negative = copy();
    Field25519.negate(negative.x, negative.x);
    Field25519.negate(negative.t, negative.t);
    return negative;
  }

  /** Returns the sum of the terms, by interleaved sliding windows (Straus). */
  static EdwardsPoint sumVar(Term... terms) {
    EdwardsPoint sum = identity();
    Scratch scratch = new Scratch();
    int top = 0;
    for (Term term : terms) {
      for (int bit = term.digits.length - 1; bit > top; bit--) {
        if (term.digits[bit] != 0) {
          top = bit;
        }
      }
    }
    for (int bit = top; bit >= 0; bit--) {
      sum.twice(scratch);
      for (Term term : terms) {
        int digit = term.digits[bit];
        if (digit > 0) {
          sum.add(term.multiples[digit / 2], scratch);
        } else if (digit < 0) {
          sum.subtract(term.multiples[-digit / 2], scratch);
        }
      }
    }
    return sum;
  }

  /**
   * Returns a multiple of the point by the same sequence of operations and addresses for every
   * scalar below 2^256: it doubles, always adds, and selects by a mask.
   */
  EdwardsPoint timesSecret(byte[] scalar) {
    EdwardsPoint sum = identity();
    Summand one = summand();
    Scratch scratch = new Scratch();
    for (int bit = 255; bit >= 0; bit--) {
      sum.twice(scratch);
      EdwardsPoint more = sum.copy();
      more.add(one, scratch);
      long mask = -(long) ((scalar[bit / 8] >> (bit % 8)) & 1);
      Field25519.select(mask, sum.x, more.x);
      Field25519.select(mask, sum.y, more.y);
      Field25519.select(mask, sum.z, more.z);
      Field25519.select(mask, sum.t, more.t);
    }
    return sum;
  }

  /** Room for one formula's intermediate values. */
  private static final class Scratch {
    final long[] a = new long[5];
    final long[] b = new long[5];
    final long[] c = new long[5];
    final long[] d = new long[5];
    final long[] e = new long[5];
  }

  private void twice(Scratch s) {
    Field25519.sqr(x, s.a);
    Field25519.sqr(y, s.b);
    Field25519.sqr(z, s.c);
    Field25519.add(s.c, s.c, s.c);
    Field25519.add(x, y, s.e);
    Field25519.sqr(s.e, s.e);
    Field25519.add(s.a, s.b, s.d); // H
    Field25519.sub(s.d, s.e, s.e); // E = H − (X + Y)²
    Field25519.sub(s.a, s.b, s.a); // G
    Field25519.add(s.c, s.a, s.c); // F = 2Z² + G
    finish(s.e, s.c, s.a, s.d);
  }

  private void add(Summand q, Scratch s) {
    Field25519.sub(y, x, s.a);
    Field25519.mul(s.a, q.difference, s.a);
    Field25519.add(y, x, s.b);
    Field25519.mul(s.b, q.sum, s.b);
    Field25519.mul(t, q.t2d, s.c);
    Field25519.mul(z, q.z2, s.d);
    Field25519.sub(s.b, s.a, s.e); // E
    Field25519.add(s.b, s.a, s.b); // H
    Field25519.sub(s.d, s.c, s.a); // F
    Field25519.add(s.d, s.c, s.d); // G
    finish(s.e, s.a, s.d, s.b);
  }

  /** The negative of a summand has sum and difference exchanged and T of the other sign. */
  private void subtract(Summand q, Scratch s) {
    Field25519.sub(y, x, s.a);
    Field25519.mul(s.a, q.sum, s.a);
    Field25519.add(y, x, s.b);
    Field25519.mul(s.b, q.difference, s.b);
    Field25519.mul(t, q.t2d, s.c);
    Field25519.mul(z, q.z2, s.d);
    Field25519.sub(s.b, s.a, s.e); // E
    Field25519.add(s.b, s.a, s.b); // H
    Field25519.add(s.d, s.c, s.a); // F
    Field25519.sub(s.d, s.c, s.d); // G
    finish(s.e, s.a, s.d, s.b);
  }

  private void finish(long[] e, long[] f, long[] g, long[] h) {
    Field25519.mul(e, f, x);
    Field25519.mul(g, h, y);
    Field25519.mul(e, h, t);
    Field25519.mul(f, g, z);
  }

  private Summand summand() {
    Summand q = new Summand();
    Field25519.add(y, x, q.sum);
    Field25519.sub(y, x, q.difference);
    Field25519.add(z, z, q.z2);
    Field25519.mul(t, D2, q.t2d);
    return q;
  }

  /** The first {@code count} odd multiples: 1, 3, 5, … */
  private Summand[] oddMultiples(int count) {
    Scratch scratch = new Scratch();
    EdwardsPoint twice = copy();
    twice.twice(scratch);
    Summand step = twice.summand();
    EdwardsPoint multiple = copy();
    Summand[] multiples = new Summand[count];
    multiples[0] = summand();
    for (int i = 1; i < count; i++) {
      multiple.add(step, scratch);
      multiples[i] = multiple.summand();
    }
    return multiples;
  }

  /**
   * Signed odd digits below 2^(width − 1) in magnitude, at least {@code width} bits apart, whose
   * weighted sum is the scalar.
   */
  private static byte[] slidingWindows(byte[] scalar, int width) {
    byte[] digits = new byte[257];
    int carry = 0;
    int bit = 0;
    while (bit < 257) {
      if (bit(scalar, bit) == carry) { // the bit that is left, carry included, is 0
        bit++;
        continue;
      }
      int window = carry;
      for (int i = 0; i < width; i++) {
        window += bit(scalar, bit + i) << i;
      }
      carry = window >> (width - 1);
      digits[bit] = (byte) (window - (carry << width));
      bit += width;
    }
    return digits;
  }

  private static int bit(byte[] scalar, int bit) {
    return bit < 8 * scalar.length ? (scalar[bit / 8] >> (bit % 8)) & 1 : 0;
  }

  private static BigInteger prime() {
    return BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  }

  /** −121665/121666, RFC 8032 section 5.1. */
  private static BigInteger dOfCurve() {
    BigInteger p = prime();
    return BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(p)).mod(p);
  }

  /** 2^((p−1)/4), RFC 8032 section 5.1.3. */
  private static BigInteger sqrtMinusOne() {
    BigInteger p = prime();
    return BigInteger.TWO.modPow(p.subtract(BigInteger.ONE).shiftRight(2), p);
  }

  private static long[] twice(long[] a) {
    long[] twice = Field25519.zero();
    Field25519.add(a, a, twice);
    return twice;
  }

  private static long[] constant(BigInteger value) {
    byte[] bigEndian = value.toByteArray();
    byte[] littleEndian = new byte[32];
    for (int i = 0; i < bigEndian.length && i < 32; i++) {
      littleEndian[i] = bigEndian[bigEndian.length - 1 - i];
    }
    return Field25519.decode(littleEndian);
  }
}
