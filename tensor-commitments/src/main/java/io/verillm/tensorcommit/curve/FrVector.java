package io.verillm.tensorcommit.curve;

import java.util.Objects;

/**
 * Many elements of the scalar field in one flat array. Mutable; belongs to one thread.
 *
 * <p>About 40 bytes an element and no object each: quotient polynomials are as long as rows.
 */
public final class FrVector {
  final long[] limbs;
  private final int size;

  /** Makes a vector of zeros. */
  public FrVector(int size) {
    this.size = size;
    this.limbs = new long[Math.multiplyExact(size, FrLimbs.LIMBS)];
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** The element at an index. */
  public Fr get(int index) {
    Objects.checkIndex(index, size);
    return Fr.copyOf(limbs, index * FrLimbs.LIMBS);
  }

  /** Sets an element. */
  public void set(int index, Fr value) {
    Objects.checkIndex(index, size);
    System.arraycopy(value.limbs, 0, limbs, index * FrLimbs.LIMBS, FrLimbs.LIMBS);
  }

  /** this[index] = other[otherIndex]. */
  public void set(int index, FrVector other, int otherIndex) {
    Objects.checkIndex(index, size);
    Objects.checkIndex(otherIndex, other.size);
    System.arraycopy(
        other.limbs, otherIndex * FrLimbs.LIMBS, limbs, index * FrLimbs.LIMBS, FrLimbs.LIMBS);
  }

  /** Sets an element to a small integer, at least 0. */
  public void set(int index, long value) {
    Objects.checkIndex(index, size);
    if (value < 0) {
      throw new IllegalArgumentException("negative " + value);
    }
    FrLimbs.fromLong(value, limbs, index * FrLimbs.LIMBS);
  }

  /** this[index] += other[otherIndex]. */
  public void add(int index, FrVector other, int otherIndex) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.add(limbs, at, other.limbs, otherIndex * FrLimbs.LIMBS, limbs, at);
  }

  /** this[index] += value. */
  public void add(int index, Fr value) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.add(limbs, at, value.limbs, 0, limbs, at);
  }

  /** this[index] −= value. */
  public void subtract(int index, Fr value) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.sub(limbs, at, value.limbs, 0, limbs, at);
  }

  /** this[index] −= other[otherIndex]. */
  public void subtract(int index, FrVector other, int otherIndex) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.sub(limbs, at, other.limbs, otherIndex * FrLimbs.LIMBS, limbs, at);
  }

  /** this[index] *= value. */
  public void multiply(int index, Fr value) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.mul(limbs, at, value.limbs, 0, limbs, at);
  }

  /** this[index] *= other[otherIndex]. */
  public void multiply(int index, FrVector other, int otherIndex) {
    int at = index * FrLimbs.LIMBS;
    FrLimbs.mul(limbs, at, other.limbs, otherIndex * FrLimbs.LIMBS, limbs, at);
  }

  /** this += factor · other, element by element; {@code other} is not longer. */
  public void addMultiple(Fr factor, FrVector other) {
    requireRoom(other.size);
    long[] product = new long[FrLimbs.LIMBS];
    for (int at = 0; at < other.limbs.length; at += FrLimbs.LIMBS) {
      FrLimbs.mul(other.limbs, at, factor.limbs, 0, product, 0);
      FrLimbs.add(limbs, at, product, 0, limbs, at);
    }
  }

  /** As {@link #addMultiple(Fr, FrVector)} for small integers, all at least 0, at the same cost. */
  public void addMultiple(Fr factor, long[] integers) {
    requireRoom(integers.length);
    // A Montgomery product takes one R away: with a second R in the factor it takes plain integers.
    long[] scaled = new long[FrLimbs.LIMBS];
    FrLimbs.toMontgomery(factor.limbs, 0, scaled, 0);
    long[] product = new long[FrLimbs.LIMBS];
    for (int i = 0; i < integers.length; i++) {
      if (integers[i] < 0) {
        throw new IllegalArgumentException("negative " + integers[i]);
      }
      FrLimbs.plain(integers[i], product, 0);
      FrLimbs.mul(product, 0, scaled, 0, product, 0);
      FrLimbs.add(limbs, i * FrLimbs.LIMBS, product, 0, limbs, i * FrLimbs.LIMBS);
    }
  }

  private void requireRoom(int elements) {
    if (elements > size) {
      throw new IndexOutOfBoundsException(elements + " elements into " + size);
    }
  }

  /** Whether an element is zero. */
  public boolean isZero(int index) {
    return FrLimbs.isZero(limbs, index * FrLimbs.LIMBS);
  }

  /**
   * Replaces every element by its inverse, with one inversion and three products each.
   *
   * @throws ArithmeticException if one of them is zero; nothing is changed then
   */
  public void invertAll() {
    if (size == 0) {
      return;
    }
    FrVector prefix = new FrVector(size);
    Fr product = Fr.ONE;
    for (int i = 0; i < size; i++) {
      prefix.set(i, product);
      prefix.multiply(i, this, i);
      product = prefix.get(i);
    }
    Fr inverse = product.invert();
    long[] rest = inverse.limbs.clone();
    long[] next = new long[FrLimbs.LIMBS];
    for (int i = size - 1; i > 0; i--) {
      int at = i * FrLimbs.LIMBS;
      FrLimbs.mul(rest, 0, limbs, at, next, 0);
      FrLimbs.mul(rest, 0, prefix.limbs, at - FrLimbs.LIMBS, limbs, at);
      System.arraycopy(next, 0, rest, 0, FrLimbs.LIMBS);
    }
    System.arraycopy(rest, 0, limbs, 0, FrLimbs.LIMBS);
  }

  /** The elements as scalars of 255 bits. */
  public Scalars toScalars() {
    byte[] bytes = new byte[Math.multiplyExact(size, Fr.BYTES)];
    long[] plain = new long[FrLimbs.LIMBS];
    for (int i = 0; i < size; i++) {
      FrLimbs.writeLittleEndian(limbs, i * FrLimbs.LIMBS, bytes, i * Fr.BYTES, plain);
    }
    return new Scalars(bytes, size, 255);
  }
}
