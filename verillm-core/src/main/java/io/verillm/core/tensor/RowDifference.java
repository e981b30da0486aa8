package io.verillm.core.tensor;

import java.util.Arrays;

/**
 * How two runs of the same row differ, element by element, in integers only. Immutable; equality by
 * content; merging is exact, associative and commutative.
 *
 * <p>An element of a BF16, F16 or F32 row is its bit pattern: a sign bit and a magnitude (exponent,
 * then mantissa). For each pair of elements
 *
 * <ul>
 *   <li><b>unequal</b>: the patterns differ, so +0 and −0 are unequal and a NaN equals the same
 *       NaN;
 *   <li><b>sign</b>: the sign bits differ;
 *   <li><b>exponent</b>: the exponent fields differ;
 *   <li><b>distance</b>: pairs of equal sign whose elements are both finite enter the histogram
 *       with d = |magnitude − magnitude|, the number of representable steps between them. Bucket 0
 *       is d = 0, bucket 1 is d = 1, bucket i ≥ 2 is 2^(i−2) &lt; d ≤ 2^(i−1): 2, 3–4, 5–8, …
 *   <li><b>non-finite</b>: pairs with a NaN or an infinity on either side; they enter no bucket.
 * </ul>
 *
 * <p>Pairs of finite elements that differ in sign enter no bucket either, so the histogram holds
 * elements − non-finite − (finite pairs that differ in sign) pairs. It describes a difference; what
 * difference is usual is a calibration's to say.
 */
public final class RowDifference {
  /** Number of buckets of a 32-bit type; 16-bit types use the first 17. */
  public static final int BUCKETS = 33;

  private static final RowDifference NONE = new RowDifference(0, 0, 0, 0, 0, new long[BUCKETS]);

  private final long elements;
  private final long unequal;
  private final long signs;
  private final long exponents;
  private final long nonFinite;
  private final long[] histogram;

  RowDifference(
      long elements, long unequal, long signs, long exponents, long nonFinite, long[] owned) {
    this.elements = elements;
    this.unequal = unequal;
    this.signs = signs;
    this.exponents = exponents;
    this.nonFinite = nonFinite;
    this.histogram = owned;
  }

  /** The difference of two rows without elements. */
  public static RowDifference none() {
    return NONE;
  }

  /**
   * Restores counts, for instance from an accelerator.
   *
   * @param histogram at most {@link #BUCKETS} counts; missing ones are 0
   * @throws IllegalArgumentException if a count is negative or counts contradict each other
   */
  public static RowDifference ofCounts(
      long elements, long unequal, long signs, long exponents, long nonFinite, long[] histogram) {
    if (histogram.length > BUCKETS) {
      throw new IllegalArgumentException("more than " + BUCKETS + " buckets");
    }
    long inBuckets = 0;
    for (long count : histogram) {
      if (count < 0) {
        throw new IllegalArgumentException("negative count");
      }
      inBuckets = Math.addExact(inBuckets, count);
    }
    long outside = elements - nonFinite - inBuckets; // finite pairs that differ in sign
    long equalFinite = histogram.length > 0 ? histogram[0] : 0;
    if (unequal < 0
        || signs < 0
        || exponents < 0
        || nonFinite < 0
        || unequal > elements
        || signs > unequal
        || exponents > unequal
        || outside < 0
        || outside > signs
        || equalFinite > elements - unequal
        || elements - unequal - equalFinite > nonFinite) {
      throw new IllegalArgumentException("counts contradict each other");
    }
    return new RowDifference(
        elements, unequal, signs, exponents, nonFinite, Arrays.copyOf(histogram, BUCKETS));
  }

  /**
   * Compares two tensors of one type and shape.
   *
   * @throws IllegalArgumentException if type or shape differ, or the type is none of BF16, F16, F32
   */
  public static RowDifference compare(TensorView claimed, TensorView rerun) {
    requireComparable(claimed, rerun);
    return claimed.dtype() == DType.F32
        ? RowDifferenceDefinition.compare(DType.F32, claimed.bytes(), rerun.bytes())
        : RowDifference16.compare(claimed.dtype(), claimed.bytes(), rerun.bytes());
  }

  /** As {@link #compare}, by the plain loop that defines the result. */
  public static RowDifference defineCompare(TensorView claimed, TensorView rerun) {
    requireComparable(claimed, rerun);
    return RowDifferenceDefinition.compare(claimed.dtype(), claimed.bytes(), rerun.bytes());
  }

  private static void requireComparable(TensorView claimed, TensorView rerun) {
    if (claimed.dtype() != rerun.dtype() || !claimed.shape().equals(rerun.shape())) {
      throw new IllegalArgumentException(
          "cannot compare "
              + claimed.dtype()
              + claimed.shape()
              + " with "
              + rerun.dtype()
              + rerun.shape());
    }
    if (!isComparable(claimed.dtype())) {
      throw new IllegalArgumentException("no row difference is defined for " + claimed.dtype());
    }
  }

  /** Whether rows of the type can be compared. */
  public static boolean isComparable(DType dtype) {
    return dtype == DType.BF16 || dtype == DType.F16 || dtype == DType.F32;
  }

  /** Bucket of a distance of at least 0. */
  static int bucket(int distance) {
    return distance == 0 ? 0 : 33 - Integer.numberOfLeadingZeros(distance - 1);
  }

  /** Adds the counts of another pair of rows. */
  public RowDifference plus(RowDifference other) {
    long[] sum = histogram.clone();
    for (int i = 0; i < BUCKETS; i++) {
      sum[i] += other.histogram[i];
    }
    return new RowDifference(
        elements + other.elements,
        unequal + other.unequal,
        signs + other.signs,
        exponents + other.exponents,
        nonFinite + other.nonFinite,
        sum);
  }

  /** Pairs compared. */
  public long elements() {
    return elements;
  }

  /** Pairs whose bit patterns differ. */
  public long unequal() {
    return unequal;
  }

  /** Pairs whose sign bits differ. */
  public long signs() {
    return signs;
  }

  /** Pairs whose exponent fields differ. */
  public long exponents() {
    return exponents;
  }

  /** Pairs with a NaN or an infinity. */
  public long nonFinite() {
    return nonFinite;
  }

  /** Pairs in a bucket of the distance histogram. */
  public long histogram(int bucket) {
    return histogram[bucket];
  }

  /** Finite pairs of equal sign that are more than {@code 2^(bucket−1)} steps apart. */
  public long beyondBucket(int bucket) {
    long sum = 0;
    for (int i = bucket + 1; i < BUCKETS; i++) {
      sum += histogram[i];
    }
    return sum;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowDifference that
        && elements == that.elements
        && unequal == that.unequal
        && signs == that.signs
        && exponents == that.exponents
        && nonFinite == that.nonFinite
        && Arrays.equals(histogram, that.histogram);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(elements * 31 + unequal) * 31 + Arrays.hashCode(histogram);
  }

  @Override
  public String toString() {
    return "RowDifference[elements="
        + elements
        + ", unequal="
        + unequal
        + ", signs="
        + signs
        + ", exponents="
        + exponents
        + ", nonFinite="
        + nonFinite
        + ", histogram="
        + Arrays.toString(histogram)
        + "]";
  }
}
