package io.verillm.tensorcommit.vector;

import io.verillm.tensorcommit.curve.Fr;
import java.math.BigInteger;

/**
 * The quotient (f(X) − f(c)) / (X − c) on the integer nodes 0 to n − 1, as a linear map of f's
 * values there, for a node c.
 *
 * <p>q(x) = (f(x) − f(c)) / (x − c) for x ≠ c, and q(c) = f'(c) = Σ u_j q(j) with u_j = −w_j / w_c
 * for the barycentric weights w. On short axes a common denominator makes everything small
 * integers, which keeps the multi-scalar multiplication short. Immutable.
 */
final class DividedDifference {
  private static final int LONGEST_INTEGER_AXIS = 16;

  private final int n;
  private final int c;
  private final Fr[] inverses; // 1 / (j − c)
  private final Fr[] own; // u_j
  private final long[] scaledInverses; // M / (j − c), or empty
  private final long[] scaledOwn; // M·u_j / (j − c)
  private final long scale;

  DividedDifference(int n, int c) {
    this.n = n;
    this.c = c;
    this.inverses = new Fr[n];
    this.own = new Fr[n];
    BigInteger[] numerators = new BigInteger[n];
    BigInteger[] denominators = new BigInteger[n];
    BigInteger factorials = factorial(c).multiply(factorial(n - 1 - c));
    BigInteger common = BigInteger.ONE;
    for (int j = 0; j < n; j++) {
      inverses[j] = j == c ? Fr.ZERO : Fr.of(j - c).invert();
      BigInteger below = factorial(j).multiply(factorial(n - 1 - j));
      BigInteger above = ((j - c) & 1) == 0 ? factorials.negate() : factorials;
      own[j] = j == c ? Fr.ZERO : Fr.reduce(above).multiply(Fr.reduce(below).invert());
      if (j != c && n <= LONGEST_INTEGER_AXIS) {
        below = below.multiply(BigInteger.valueOf(j - c));
        BigInteger divisor = above.gcd(below);
        numerators[j] = above.divide(divisor);
        denominators[j] = below.divide(divisor);
        common = lcm(common, denominators[j].abs());
        common = lcm(common, BigInteger.valueOf(Math.abs(j - c)));
      }
    }
    boolean fits = n <= LONGEST_INTEGER_AXIS && common.bitLength() < 40;
    this.scale = fits ? common.longValueExact() : 0;
    this.scaledInverses = new long[fits ? n : 0];
    this.scaledOwn = new long[fits ? n : 0];
    for (int j = 0; fits && j < n; j++) {
      if (j != c) {
        scaledInverses[j] = scale / (j - c);
        scaledOwn[j] = common.divide(denominators[j]).multiply(numerators[j]).longValueExact();
      }
    }
  }

  private static BigInteger lcm(BigInteger a, BigInteger b) {
    return a.divide(a.gcd(b)).multiply(b);
  }

  private static BigInteger factorial(int n) {
    BigInteger product = BigInteger.ONE;
    for (int i = 2; i <= n; i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return product;
  }

  /** The common denominator M, or 0 if there is none that is small enough. */
  long scale() {
    return scale;
  }

  /** M times the quotient of integers; a line of {@code n} values with a stride. */
  void integers(long[] f, int from, int stride, long[] q, int to) {
    long base = f[from + c * stride];
    long sum = 0;
    for (int j = 0; j < n; j++) {
      if (j != c) {
        long difference = f[from + j * stride] - base;
        q[to + j * stride] = Math.multiplyExact(difference, scaledInverses[j]);
        sum = Math.addExact(sum, Math.multiplyExact(difference, scaledOwn[j]));
      }
    }
    q[to + c * stride] = sum;
  }

  Fr inverse(int j) {
    return inverses[j];
  }

  Fr own(int j) {
    return own[j];
  }
}
