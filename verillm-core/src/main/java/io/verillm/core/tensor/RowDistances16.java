package io.verillm.core.tensor;

import static io.verillm.core.tensor.RowDifference16.FIELD_LIMIT;
import static io.verillm.core.tensor.RowDifference16.MAGNITUDES;
import static io.verillm.core.tensor.RowDifference16.TOPS;

import java.util.Arrays;

/**
 * The distance histogram of 16-bit rows. A distance becomes the set of buckets that it exceeds, 16
 * bits of a lane; full adders add four sets at a time, and only their carries are counted.
 */
final class RowDistances16 {
  /** Blocks whose sets are added together, and positions of a bit within a field of four. */
  private static final int GROUP = 4;

  private static final long FIELD_ONES = 0x1111_1111_1111_1111L;

  private final long exponents;
  private final long exponentUnit;
  private final int width;

  private final long[] distances;
  private final long[] carry;

  /** Sets of the blocks of a group: bit 15 of a lane is d ≥ 1, bit j is d − 1 ≥ 2^j. */
  private final long[][] exceeded = new long[GROUP][];

  /** What the full adders keep: bits of weight one and two. */
  private final long[] ones;

  private final long[] twos;

  /** Carries of weight four: field f of a lane in array k counts bit 4f + k. */
  private final long[][] fours = new long[GROUP][];

  /** Per lane: pairs that enter no bucket. */
  private final long[] skipped;

  private final long[] exceededCounts = new long[16];
  private long skippedCount;
  private int blocks;
  private int fourCount;

  RowDistances16(long exponents, long exponentUnit, int width) {
    this.exponents = exponents;
    this.exponentUnit = exponentUnit;
    this.width = width;
    this.distances = new long[width];
    this.carry = new long[width];
    this.ones = new long[width];
    this.twos = new long[width];
    this.skipped = new long[width];
    for (int k = 0; k < GROUP; k++) {
      exceeded[k] = new long[width];
      fours[k] = new long[width];
    }
  }

  /** Adds the pairs of a block of at most {@code width} longs. */
  void add(long[] x, long[] y, int count) {
    measure(x, y, distances, skipped, exponents, exponentUnit, count);
    long[] sets = exceeded[blocks];
    exceed(distances, sets, count);
    Arrays.fill(sets, count, width, 0);
    close();
  }

  private void close() {
    if (++blocks < GROUP) {
      return;
    }
    blocks = 0;
    addTwo(ones, exceeded[0], exceeded[1], carry, width);
    addTwo(ones, exceeded[2], exceeded[3], distances, width);
    addTwo(twos, carry, distances, carry, width);
    addFour(carry, fours[0], fours[1], fours[2], fours[3], width);
    if (++fourCount == FIELD_LIMIT) {
      countFours(4);
    }
  }

  /** The histogram of everything added, without bucket 0; nothing can be added after. */
  long[] positiveBuckets() {
    while (blocks != 0) {
      Arrays.fill(exceeded[blocks], 0);
      close();
    }
    if (4 * fourCount + 3 > FIELD_LIMIT) {
      countFours(4);
    }
    for (int k = 0; k < GROUP; k++) {
      addRest(fours[k], ones, twos, k, width);
    }
    countFours(1);
    // Bit 15 counts d > 0 and bit j counts d > 2^j: neighbours differ by the bucket between them.
    long[] histogram = new long[RowDifference.BUCKETS];
    histogram[1] = exceededCounts[15] - exceededCounts[0];
    for (int j = 0; j < 14; j++) {
      histogram[j + 2] = exceededCounts[j] - exceededCounts[j + 1];
    }
    histogram[16] = exceededCounts[14];
    return histogram;
  }

  /** Pairs added that enter no bucket, once the buckets were asked for. */
  long skipped() {
    return skippedCount;
  }

  /** Writes the distances, 0 for a pair that enters no bucket, and adds those pairs. */
  private static void measure(
      long[] x, long[] y, long[] distances, long[] skipped, long exponents, long unit, int count) {
    for (int i = 0; i < count; i++) {
      long p = x[i];
      long q = y[i];
      long skip = (((p & exponents) + unit) | ((q & exponents) + unit) | (p ^ q)) & TOPS;
      long skipUnit = skip >>> 15;
      // Per lane 2^15 + p − q, which no lane borrows for; below 2^15 it is negated.
      long sum = (p | TOPS) - (q & MAGNITUDES);
      long less = ~sum & TOPS;
      long lessUnit = less >>> 15;
      long distance = ((sum & MAGNITUDES) ^ (less - lessUnit)) + lessUnit;
      distances[i] = distance & ~(skip - skipUnit);
      skipped[i] += skipUnit;
    }
  }

  /** Writes which buckets each distance exceeds. */
  private static void exceed(long[] distances, long[] exceeded, int count) {
    for (int i = 0; i < count; i++) {
      long distance = distances[i];
      long positive = (distance + MAGNITUDES) & TOPS;
      long bits = distance - (positive >>> 15); // d − 1, or 0 for d = 0
      bits |= (bits >>> 1) & 0x7FFF_7FFF_7FFF_7FFFL;
      bits |= (bits >>> 2) & 0x3FFF_3FFF_3FFF_3FFFL;
      bits |= (bits >>> 4) & 0x0FFF_0FFF_0FFF_0FFFL;
      bits |= (bits >>> 8) & 0x00FF_00FF_00FF_00FFL;
      exceeded[i] = bits | positive;
    }
  }

  /** Full adders: leaves the sum of three bits in the first array and writes the carry. */
  private static void addTwo(long[] sum, long[] a, long[] b, long[] carry, int count) {
    for (int i = 0; i < count; i++) {
      long s = sum[i];
      long p = a[i];
      long q = b[i];
      sum[i] = s ^ p ^ q;
      carry[i] = (s & p) | (q & (s ^ p));
    }
  }

  private static void addFour(
      long[] bits, long[] four0, long[] four1, long[] four2, long[] four3, int count) {
    for (int i = 0; i < count; i++) {
      long b = bits[i];
      four0[i] += b & FIELD_ONES;
      four1[i] += (b >>> 1) & FIELD_ONES;
      four2[i] += (b >>> 2) & FIELD_ONES;
      four3[i] += (b >>> 3) & FIELD_ONES;
    }
  }

  private static void addRest(long[] fours, long[] ones, long[] twos, int bit, int count) {
    for (int i = 0; i < count; i++) {
      fours[i] =
          (fours[i] << 2)
              + (((twos[i] >>> bit) & FIELD_ONES) << 1)
              + ((ones[i] >>> bit) & FIELD_ONES);
    }
  }

  private void countFours(int weight) {
    for (int k = 0; k < GROUP; k++) {
      RowDifference16.countFields(fours[k], exceededCounts, k, GROUP, weight);
    }
    skippedCount += RowDifference16.takeLanes(skipped);
    fourCount = 0;
  }
}
