package io.verillm.stats.permutation;

import io.verillm.stats.internal.Require;
import java.util.Arrays;

/**
 * How pooled items are laid out: stratum after stratum, in each first the items of sample one, then
 * those of sample two.
 *
 * <p>Item indices run from 0 to {@link #size()} − 1. A stratum is a prompt or question: labels are
 * exchanged only inside it, because across strata the prompt mix would be mistaken for the model.
 * Immutable.
 */
public final class StratifiedDesign {
  private final int[] first;
  private final int[] second;
  private final int[] offset;

  private StratifiedDesign(int[] first, int[] second) {
    this.first = first;
    this.second = second;
    this.offset = new int[first.length + 1];
    for (int s = 0; s < first.length; s++) {
      offset[s + 1] = Math.addExact(offset[s], Math.addExact(first[s], second[s]));
    }
  }

  /** Returns the design without strata: {@code first} items, then {@code second} items. */
  public static StratifiedDesign single(int first, int second) {
    return of(new int[] {first}, new int[] {second});
  }

  /**
   * Returns the design with {@code first[s]} and {@code second[s]} items in stratum s.
   *
   * @throws IllegalArgumentException if lengths differ, a count is negative, a stratum has no item,
   *     or one of the samples is empty altogether
   */
  public static StratifiedDesign of(int[] first, int[] second) {
    Require.that(first.length == second.length, "first and second need one count per stratum");
    Require.atLeast(first.length, 1, "strata");
    long sumFirst = 0;
    long sumSecond = 0;
    for (int s = 0; s < first.length; s++) {
      Require.atLeast(first[s], 0, "first[" + s + "]");
      Require.atLeast(second[s], 0, "second[" + s + "]");
      Require.that(first[s] + (long) second[s] > 0, "stratum " + s + " is empty");
      sumFirst += first[s];
      sumSecond += second[s];
    }
    Require.that(sumFirst > 0, "first sample is empty");
    Require.that(sumSecond > 0, "second sample is empty");
    return new StratifiedDesign(first.clone(), second.clone());
  }

  /** Returns the number of strata. */
  public int strata() {
    return first.length;
  }

  /** Returns how many items of stratum {@code s} belong to sample one. */
  public int first(int s) {
    return first[s];
  }

  /** Returns how many items of stratum {@code s} belong to sample two. */
  public int second(int s) {
    return second[s];
  }

  /** Returns the index of the first item of stratum {@code s}. */
  public int offset(int s) {
    return offset[s];
  }

  /** Returns the stratum of item {@code i}. */
  public int stratumOf(int i) {
    int at = Arrays.binarySearch(offset, i);
    return at >= 0 ? at : -at - 2; // no stratum is empty, so offsets are distinct
  }

  /** Returns the number of items. */
  public int size() {
    return offset[first.length];
  }

  /** Returns the number of distinct splits, or infinity beyond the range of double. */
  public double splits() {
    double total = 1;
    for (int s = 0; s < first.length; s++) {
      total *= choose(first[s] + second[s], first[s]);
    }
    return total;
  }

  static double choose(int n, int k) {
    double result = 1;
    for (int i = 1; i <= Math.min(k, n - k); i++) {
      result = result * (n - i + 1) / i;
      if (result < 0x1p52) {
        result = Math.rint(result);
      }
    }
    return result;
  }

  /** Returns the order 0, 1, …: the labels as observed. */
  public int[] observedOrder() {
    int[] order = new int[size()];
    Arrays.setAll(order, i -> i);
    return order;
  }
}
