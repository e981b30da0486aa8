package io.verillm.core.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * {@link RowDifference} of 16-bit rows, four elements of a {@code long} at a time. Equal and finite
 * groups are recognised and counted together, the others are counted lane by lane.
 */
final class RowDifference16 {
  /** Longs per copied block: both blocks stay in the first-level cache. */
  private static final int BLOCK = 512;

  /** Longs that are recognised as equal together. */
  private static final int GROUP = 16;

  private static final int LANES = 4;

  /** The top bit of each lane. */
  private static final long TOPS = 0x8000_8000_8000_8000L;

  /** What the bucket's formula gives for distance 0. */
  private static final int ZERO_SLOT = 33;

  private static final int SKIPPED_SLOT = 34;

  private final long exponents4;
  private final long exponentUnit4;

  /** Buckets from 1 on, then the bucket of equal elements, then pairs that enter none. */
  private final long[] slots = new long[SKIPPED_SLOT + 1];

  private long unequal;
  private long signs;
  private long exponents;
  private long nonFinite;

  private RowDifference16(DType dtype) {
    int exponentMask = dtype == DType.BF16 ? 0x7F80 : 0x7C00;
    this.exponents4 = exponentMask * 0x0001_0001_0001_0001L;
    this.exponentUnit4 = Integer.lowestOneBit(exponentMask) * 0x0001_0001_0001_0001L;
  }

  static RowDifference compare(DType dtype, ByteBuffer claimed, ByteBuffer rerun) {
    int elements = claimed.remaining() / 2;
    ByteBuffer left = claimed.slice().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer right = rerun.slice().order(ByteOrder.LITTLE_ENDIAN);
    RowDifference16 counts = new RowDifference16(dtype);
    LongBuffer leftLongs = left.asLongBuffer();
    LongBuffer rightLongs = right.asLongBuffer();
    int longs = elements / LANES;
    long[] x = new long[Math.min(BLOCK, longs)];
    long[] y = new long[x.length];
    for (int done = 0; done < longs; ) {
      int count = Math.min(BLOCK, longs - done);
      leftLongs.get(x, 0, count);
      rightLongs.get(y, 0, count);
      counts.block(x, y, count);
      done += count;
    }
    RowDifference most = counts.toDifference(longs * (long) LANES);
    int rest = longs * LANES * 2;
    return rest == left.limit()
        ? most
        : most.plus(
            RowDifferenceDefinition.compare(dtype, left.position(rest), right.position(rest)));
  }

  private RowDifference toDifference(long elements) {
    long[] histogram = new long[RowDifference.BUCKETS];
    System.arraycopy(slots, 1, histogram, 1, RowDifference.BUCKETS - 1);
    histogram[0] = slots[ZERO_SLOT];
    return new RowDifference(elements, unequal, signs, exponents, nonFinite, histogram);
  }

  private void block(long[] x, long[] y, int count) {
    int at = 0;
    long quiet = 0;
    for (; at + GROUP <= count; at += GROUP) {
      if (isQuiet(x, y, at)) {
        quiet += GROUP;
      } else {
        for (int i = at; i < at + GROUP; i++) {
          four(x[i], y[i]);
        }
      }
    }
    slots[ZERO_SLOT] += quiet * LANES;
    for (; at < count; at++) {
      four(x[at], y[at]);
    }
  }

  /** Whether a whole group is equal and finite. */
  private boolean isQuiet(long[] x, long[] y, int at) {
    long mask = exponents4;
    long unit = exponentUnit4;
    long difference = 0;
    long overflow = 0;
    for (int i = at; i < at + GROUP; i++) {
      difference |= x[i] ^ y[i];
      // An exponent of all ones, and no other, carries into the cleared sign bit of its lane.
      overflow |= (x[i] & mask) + unit;
    }
    return (difference | (overflow & TOPS)) == 0;
  }

  /** Counts four pairs without a branch on their values. */
  private void four(long x, long y) {
    long difference = x ^ y;
    long exponentDifference = difference & exponents4;
    long outside = (((x & exponents4) + exponentUnit4) | ((y & exponents4) + exponentUnit4)) & TOPS;
    if (difference == 0 && outside == 0) {
      slots[ZERO_SLOT] += LANES;
      return;
    }
    unequal += Long.bitCount((((difference & ~TOPS) + ~TOPS) | difference) & TOPS);
    signs += Long.bitCount(difference & TOPS);
    exponents += Long.bitCount((exponentDifference + ~TOPS) & TOPS);
    nonFinite += Long.bitCount(outside);
    long skipped = (outside | difference) & TOPS;
    for (int shift = 0; shift < 64; shift += 16) {
      int distance = Math.abs(((int) (x >>> shift) & 0x7FFF) - ((int) (y >>> shift) & 0x7FFF));
      int skip = (int) (skipped >>> (shift + 15)) & 1;
      int slot = 33 - Integer.numberOfLeadingZeros(distance - 1);
      slots[(slot & (skip - 1)) | (SKIPPED_SLOT & -skip)]++;
    }
  }
}
