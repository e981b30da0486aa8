package io.verillm.tensorcommit.curve;

import java.util.ArrayList;
import java.util.List;

/** Sums of points along one axis of a row-major grid. Thread-safe. */
public final class Marginal {
  private Marginal() {}

  /**
   * Removes an axis: out[o][i] = Σ_k points[o][k][i].
   *
   * @param points outer · length · inner of them
   */
  public static List<G1Point> along(List<G1Point> points, int outer, int length, int inner) {
    if ((long) outer * length * inner != points.size()) {
      throw new IllegalArgumentException(points.size() + " points are not that grid");
    }
    List<G1Point> out = new ArrayList<>(outer * inner);
    G1Sum sum = new G1Sum();
    long[] sums = new long[inner * G1Sum.XYZZ];
    long[] affine = new long[inner * G1Sum.AFFINE];
    long[] one = new long[G1Sum.AFFINE];
    for (int o = 0; o < outer; o++) {
      java.util.Arrays.fill(sums, 0);
      for (int k = 0; k < length; k++) {
        for (int i = 0; i < inner; i++) {
          java.util.Arrays.fill(one, 0);
          JavaPointTable.read(points.get((o * length + k) * inner + i), one, 0);
          sum.addAffine(sums, i * G1Sum.XYZZ, one, 0, false);
        }
      }
      G1Sum.toAffine(sums, inner, affine, 0);
      for (int i = 0; i < inner; i++) {
        out.add(JavaPointTable.write(affine, i * G1Sum.AFFINE));
      }
    }
    return out;
  }
}
