package io.verillm.tensorcommit.curve;

/**
 * Multi-scalar multiplication by buckets with signed windows, in plain Java.
 *
 * <p>Source: Pippenger's method as Bernstein, Doumen, Lange and Oosterwijk describe it (Faster
 * batch forgery identification, 2012, section 4). A window of c bits has 2^(c−1) buckets because a
 * digit above half borrows from the next window.
 */
final class Pippenger {
  private Pippenger() {}

  /** The sum over {@code scalars.count()} affine points from index {@code from} on. */
  static G1Point msm(long[] affine, int from, Scalars scalars) {
    int count = scalars.count();
    if (count == 0) {
      return G1Point.INFINITY;
    }
    int bits = scalars.bits();
    int width = window(count, bits);
    int windows = (bits + width) / width; // one more bit for the last borrow
    G1Sum sum = new G1Sum();
    byte[] borrow = new byte[count];
    long[] buckets = new long[(1 << (width - 1)) * G1Sum.XYZZ];
    long[] sums = new long[windows * G1Sum.XYZZ];
    for (int w = 0; w < windows; w++) {
      java.util.Arrays.fill(buckets, 0);
      for (int i = 0; i < count; i++) {
        int low = w * width;
        int digit = borrow[i] + (low < bits ? scalars.digit(i, low, width) : 0);
        borrow[i] = 0;
        boolean negative = digit > 1 << (width - 1);
        if (negative) {
          digit = (1 << width) - digit;
          borrow[i] = 1;
        }
        if (digit != 0) {
          sum.addAffine(
              buckets, (digit - 1) * G1Sum.XYZZ, affine, (from + i) * G1Sum.AFFINE, negative);
        }
      }
      fold(sum, buckets, sums, w * G1Sum.XYZZ);
    }
    long[] total = new long[G1Sum.XYZZ];
    for (int w = windows - 1; w >= 0; w--) {
      for (int i = 0; i < width && w < windows - 1; i++) {
        sum.twice(total, 0);
      }
      sum.add(total, 0, sums, w * G1Sum.XYZZ);
    }
    long[] out = new long[G1Sum.AFFINE];
    G1Sum.toAffine(total, 1, out, 0);
    return JavaPointTable.write(out, 0);
  }

  /** Σ (k + 1) · bucket k by running sums. */
  private static void fold(G1Sum sum, long[] buckets, long[] target, int offset) {
    long[] running = new long[G1Sum.XYZZ];
    for (int k = buckets.length - G1Sum.XYZZ; k >= 0; k -= G1Sum.XYZZ) {
      sum.add(running, 0, buckets, k);
      sum.add(target, offset, running, 0);
    }
  }

  /** The window with the least additions: one per point, and about three's worth per bucket. */
  private static int window(int count, int bits) {
    int best = 2;
    double least = Double.MAX_VALUE;
    for (int width = 2; width <= 16; width++) {
      int windows = (bits + width) / width;
      double cost = windows * (count + 3.0 * (1 << (width - 1)));
      if (cost < least) {
        least = cost;
        best = width;
      }
    }
    return best;
  }
}
