package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;

/**
 * Says whether two parties' values of one row are close enough to be the same computation. Has to
 * be symmetric and a pure function of the bytes, or replays of a job would differ.
 */
@FunctionalInterface
@CheckReturnValue
public interface FragmentComparison {
  /** Compares two rows of one shape and type. */
  boolean close(RowKey key, TensorView left, TensorView right);

  /** Bit for bit: for committees that all run canonical arithmetic. */
  static FragmentComparison exact() {
    return (key, left, right) -> RowDifference.compare(left, right).unequal() == 0;
  }

  /**
   * At most a share of the elements may differ in their exponents: VeriLLM's P_e as a limit. The
   * limit has to come from a calibration of the classes that take part.
   *
   * @param thousandths largest share, in thousandths
   */
  static FragmentComparison exponents(int thousandths) {
    return (key, left, right) -> {
      RowDifference difference = RowDifference.compare(left, right);
      return difference.nonFinite() == 0
          && difference.exponents() * 1000 <= difference.elements() * thousandths;
    };
  }
}
