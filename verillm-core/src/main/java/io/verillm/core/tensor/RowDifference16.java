package io.verillm.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * {@link RowDifference} of 16-bit rows, four elements (lanes) of a {@code long} at a time and a
 * block of longs after the other. The only step that depends on the values is that an equal block
 * needs no distances.
 *
 * <p>Every loop reads and writes whole arrays at one index, without a branch and with few
 * operations: that is the form, and the size, of which the JIT of Java 17 makes vector code.
 */
final class RowDifference16 {
  /**
   * Longs of a block. With an array's header of 16 bytes they fill 65 cache lines, so that arrays
   * allocated one after the other are aligned alike and vectors do not straddle lines.
   */
  private static final int LONG_BLOCK = 518;

  /** The same for rows that would not fill many blocks: 17 lines. */
  private static final int SHORT_BLOCK = 134;

  static final int LANES = 4;

  /** Additions of one bit that a field of four bits holds. */
  static final int FIELD_LIMIT = 15;

  /** The top bit of each lane: the sign. */
  static final long TOPS = 0x8000_8000_8000_8000L;

  static final long MAGNITUDES = ~TOPS;

  private static final long ONES = 0x0001_0001_0001_0001L;
  private static final long FIELDS = FIELD_LIMIT * ONES;

  private final long exponents;
  private final long exponentUnit;
  private final long[] x;
  private final long[] y;

  /** Per lane fields of four bits: pairs unequal, of other sign, of other exponent. */
  private final long[] flags;

  /** Per lane: non-finite pairs of other blocks. */
  private final long[] nonFinite;

  /** The same of equal blocks. */
  private final long[] equalNonFinite;

  private final long[] flagCounts = new long[4];
  private long nonFiniteCount;
  private long equalNonFiniteCount;
  private int flagged;

  private RowDifference16(DType dtype, int width) {
    long exponentMask = dtype == DType.BF16 ? 0x7F80 : 0x7C00;
    this.exponents = exponentMask * ONES;
    this.exponentUnit = Long.lowestOneBit(exponentMask) * ONES;
    this.x = new long[width];
    this.y = new long[width];
    this.flags = new long[width];
    this.nonFinite = new long[width];
    this.equalNonFinite = new long[width];
  }

  static RowDifference compare(DType dtype, ByteBuffer claimed, ByteBuffer rerun) {
    ByteBuffer left = claimed.slice().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer right = rerun.slice().order(ByteOrder.LITTLE_ENDIAN);
    int longs = left.limit() / Long.BYTES;
    if (longs < SHORT_BLOCK && left.mismatch(right) >= 0) {
      return RowDifferenceDefinition.compare(dtype, left, right);
    }
    int width = longs < 16 * LONG_BLOCK ? SHORT_BLOCK : LONG_BLOCK;
    RowDifference most =
        new RowDifference16(dtype, width)
            .compareLongs(left.asLongBuffer(), right.asLongBuffer(), longs);
    int rest = longs * Long.BYTES;
    return rest == left.limit()
        ? most
        : most.plus(
            RowDifferenceDefinition.compare(dtype, left.position(rest), right.position(rest)));
  }

  private RowDifference compareLongs(LongBuffer left, LongBuffer right, int longs) {
    RowDistances16 distances = null;
    for (int done = 0; done < longs; ) {
      int count = Math.min(x.length, longs - done);
      left.get(x, 0, count);
      right.get(y, 0, count);
      done += count;
      if (Arrays.equals(x, 0, count, y, 0, count)) {
        flagNonFinite(x, y, equalNonFinite, exponents, exponentUnit, count);
      } else {
        flagUnequal(x, y, flags, count);
        flagExponent(x, y, flags, exponents, count);
        flagNonFinite(x, y, nonFinite, exponents, exponentUnit, count);
        if (distances == null) {
          distances = new RowDistances16(exponents, exponentUnit, x.length);
        }
        distances.add(x, y, count);
      }
      if (++flagged == FIELD_LIMIT) {
        countFlags();
      }
    }
    countFlags();
    long[] histogram =
        distances == null ? new long[RowDifference.BUCKETS] : distances.positiveBuckets();
    long skipped = equalNonFiniteCount + (distances == null ? 0 : distances.skipped());
    long elements = longs * (long) LANES;
    histogram[0] = elements - skipped - Arrays.stream(histogram).sum();
    return new RowDifference(
        elements,
        flagCounts[0],
        flagCounts[1],
        flagCounts[2],
        nonFiniteCount + equalNonFiniteCount,
        histogram);
  }

  /** Adds what is unequal and of other sign; with the exponents as well it would be too long. */
  private static void flagUnequal(long[] x, long[] y, long[] flags, int count) {
    for (int i = 0; i < count; i++) {
      long difference = x[i] ^ y[i];
      long unequal = (((difference & MAGNITUDES) + MAGNITUDES) | difference) & TOPS;
      flags[i] += (unequal >>> 15) | ((difference & TOPS) >>> 11);
    }
  }

  /** Adds what is of other exponent. */
  private static void flagExponent(long[] x, long[] y, long[] flags, long exponents, int count) {
    for (int i = 0; i < count; i++) {
      flags[i] += ((((x[i] ^ y[i]) & exponents) + MAGNITUDES) & TOPS) >>> 7;
    }
  }

  /** Adds what is non-finite on either side. */
  private static void flagNonFinite(
      long[] x, long[] y, long[] nonFinite, long exponents, long unit, int count) {
    for (int i = 0; i < count; i++) {
      // An exponent of all ones, and no other, carries into the cleared sign bit of its lane.
      nonFinite[i] += ((((x[i] & exponents) + unit) | ((y[i] & exponents) + unit)) & TOPS) >>> 15;
    }
  }

  private void countFlags() {
    countFields(flags, flagCounts, 0, 1, 1);
    nonFiniteCount += takeLanes(nonFinite);
    equalNonFiniteCount += takeLanes(equalNonFinite);
    flagged = 0;
  }

  /**
   * Adds the fields of four bits of all lanes to four counts, and clears them.
   *
   * @param fields at most 4369 longs, so that a lane of 16 bits holds the sum of a field
   */
  static void countFields(long[] fields, long[] counts, int first, int step, int weight) {
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    for (long f : fields) {
      a += f & FIELDS;
      b += (f >>> 4) & FIELDS;
      c += (f >>> 8) & FIELDS;
      d += (f >>> 12) & FIELDS;
    }
    counts[first] += weight * sumLanes(a);
    counts[first + step] += weight * sumLanes(b);
    counts[first + 2 * step] += weight * sumLanes(c);
    counts[first + 3 * step] += weight * sumLanes(d);
    Arrays.fill(fields, 0);
  }

  /** Adds all lanes, none above 60, and clears them. */
  static long takeLanes(long[] lanes) {
    long sum = 0;
    for (long four : lanes) {
      sum += four;
    }
    Arrays.fill(lanes, 0);
    return sumLanes(sum);
  }

  private static long sumLanes(long sums) {
    return (sums & 0xFFFF) + ((sums >>> 16) & 0xFFFF) + ((sums >>> 32) & 0xFFFF) + (sums >>> 48);
  }
}
