package io.verillm.incentives.money;

/**
 * An amount of money in whole micro-units (a millionth of the unit of account), positive or
 * negative.
 *
 * <p>Every operation is exact: one that does not fit 64 bits throws {@link ArithmeticException},
 * none wraps around.
 *
 * @param value micro-units
 */
public record Micros(long value) implements Comparable<Micros> {
  /** Nothing. */
  public static final Micros ZERO = new Micros(0);

  /** Micro-units in one unit. */
  public static final long PER_UNIT = 1_000_000;

  /** Returns {@code value} micro-units. */
  public static Micros of(long value) {
    return value == 0 ? ZERO : new Micros(value);
  }

  /** Returns {@code units} whole units. */
  public static Micros ofUnits(long units) {
    return of(Math.multiplyExact(units, PER_UNIT));
  }

  /** Returns the sum. */
  public Micros plus(Micros other) {
    return of(Math.addExact(value, other.value));
  }

  /** Returns the difference. */
  public Micros minus(Micros other) {
    return of(Math.subtractExact(value, other.value));
  }

  /** Returns {@code factor} times this amount. */
  public Micros times(long factor) {
    return of(Math.multiplyExact(value, factor));
  }

  /** Returns the amount with the other sign. */
  public Micros negate() {
    return of(Math.negateExact(value));
  }

  /** Returns the smaller of the two amounts. */
  public Micros min(Micros other) {
    return value <= other.value ? this : other;
  }

  /** Says whether the amount is below zero. */
  public boolean isNegative() {
    return value < 0;
  }

  /** Says whether the amount is above zero. */
  public boolean isPositive() {
    return value > 0;
  }

  /** Returns the amount as an exact fraction of micro-units. */
  public Rational toRational() {
    return Rational.of(value);
  }

  @Override
  public int compareTo(Micros other) {
    return Long.compare(value, other.value);
  }

  /** Returns the amount in units with six decimals, for people. */
  @Override
  public String toString() {
    return java.math.BigDecimal.valueOf(value, 6).toPlainString();
  }
}
