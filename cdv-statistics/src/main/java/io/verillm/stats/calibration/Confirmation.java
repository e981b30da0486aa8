package io.verillm.stats.calibration;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.stats.internal.Require;
import java.util.Objects;

/**
 * What a second executor of another class measured on the same runs.
 *
 * @param executor its class, another one than the verifier's and the prover's
 * @param sequences runs that it measured again
 * @param largestShiftMicros largest distance of medians over all statistics, in millionths of what
 *     executors that agree may differ by, see {@link CalibrationProfile#agreement}
 */
public record Confirmation(ExecutionClass executor, int sequences, long largestShiftMicros) {
  /** Refuses null and negative numbers. */
  public Confirmation {
    Objects.requireNonNull(executor, "executor");
    Require.atLeast(sequences, 1, "sequences");
    Require.that(largestShiftMicros >= 0, "negative shift");
  }
}
