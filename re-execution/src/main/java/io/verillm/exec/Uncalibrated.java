package io.verillm.exec;

import io.verillm.core.receipt.ExecutionClass;

/** The sentence about a pair of classes that no calibration covers. */
final class Uncalibrated {
  private Uncalibrated() {}

  static String pair(ExecutionClass claimed, ExecutionClass verifier) {
    return "; no calibration covers class "
        + claimed.arithmetic()
        + " judged by "
        + verifier.arithmetic();
  }
}
