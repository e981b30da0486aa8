package io.verillm.incentives.money;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * An exact fraction in lowest terms with a positive denominator. Equal numbers are equal objects.
 * Immutable.
 *
 * <p>Amounts are multiplied and divided as fractions and become {@link Micros} once, at the end, by
 * {@link #floorMicros} or {@link #ceilingMicros}.
 */
public final class Rational implements Comparable<Rational> {
  /** Zero. */
  public static final Rational ZERO = new Rational(BigInteger.ZERO, BigInteger.ONE);

  /** One. */
  public static final Rational ONE = new Rational(BigInteger.ONE, BigInteger.ONE);

  private final BigInteger numerator;
  private final BigInteger denominator;

  private Rational(BigInteger numerator, BigInteger denominator) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /** Returns a whole number. */
  public static Rational of(long whole) {
    return new Rational(BigInteger.valueOf(whole), BigInteger.ONE);
  }

  /**
   * Returns {@code numerator / denominator}.
   *
   * @throws ArithmeticException if the denominator is zero
   */
  public static Rational of(long numerator, long denominator) {
    return of(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
  }

  /**
   * Returns {@code numerator / denominator}.
   *
   * @throws ArithmeticException if the denominator is zero
   */
  public static Rational of(BigInteger numerator, BigInteger denominator) {
    if (denominator.signum() == 0) {
      throw new ArithmeticException("a fraction needs a denominator other than zero");
    }
    BigInteger divisor = numerator.gcd(denominator);
    if (denominator.signum() < 0) {
      divisor = divisor.negate();
    }
    return new Rational(numerator.divide(divisor), denominator.divide(divisor));
  }

  /**
   * Parses a decimal such as {@code 1.2} exactly; {@code 1.2} is six fifths, not the nearest
   * double. At most forty characters, so that an exponent cannot ask for a gigabyte of digits.
   *
   * @throws NumberFormatException if the text is no decimal, is longer than forty characters or has
   *     an exponent
   */
  public static Rational parse(String decimal) {
    if (decimal.length() > 40 || decimal.indexOf('e') >= 0 || decimal.indexOf('E') >= 0) {
      throw new NumberFormatException(
          "want a plain decimal of at most 40 characters, got " + decimal.length());
    }
    BigDecimal value = new BigDecimal(decimal);
    return of(value.unscaledValue(), BigInteger.TEN.pow(value.scale()));
  }

  /** Returns the sum. */
  public Rational plus(Rational other) {
    return of(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  /** Returns the difference. */
  public Rational minus(Rational other) {
    return plus(other.negate());
  }

  /** Returns the product. */
  public Rational times(Rational other) {
    return of(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  /** Returns {@code factor} times this number. */
  public Rational times(long factor) {
    return of(numerator.multiply(BigInteger.valueOf(factor)), denominator);
  }

  /** Returns this number of the amount, in micro-units. */
  public Rational times(Micros amount) {
    return times(amount.value());
  }

  /**
   * Returns the quotient.
   *
   * @throws ArithmeticException if {@code other} is zero
   */
  public Rational dividedBy(Rational other) {
    return of(numerator.multiply(other.denominator), denominator.multiply(other.numerator));
  }

  /** Returns the number with the other sign. */
  public Rational negate() {
    return new Rational(numerator.negate(), denominator);
  }

  /** Returns −1, 0 or 1. */
  public int signum() {
    return numerator.signum();
  }

  /**
   * Returns the largest whole number of micro-units that is not above this number of micro-units.
   *
   * @throws ArithmeticException if it does not fit 64 bits
   */
  public Micros floorMicros() {
    BigInteger[] parts = numerator.divideAndRemainder(denominator);
    BigInteger whole = parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
    return Micros.of(whole.longValueExact());
  }

  /**
   * Returns the smallest whole number of micro-units that is not below this number of micro-units.
   *
   * @throws ArithmeticException if it does not fit 64 bits
   */
  public Micros ceilingMicros() {
    return negate().floorMicros().negate();
  }

  /** Returns the nearest double, for display and for analysis that is not money. */
  public double doubleValue() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), java.math.MathContext.DECIMAL64)
        .doubleValue();
  }

  @Override
  public int compareTo(Rational other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rational that
        && numerator.equals(that.numerator)
        && denominator.equals(that.denominator);
  }

  @Override
  public int hashCode() {
    return 31 * numerator.hashCode() + denominator.hashCode();
  }

  @Override
  public String toString() {
    return denominator.equals(BigInteger.ONE)
        ? numerator.toString()
        : numerator + "/" + denominator;
  }
}
