package io.verillm.core.verdict;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import java.util.List;
import java.util.function.Supplier;

/**
 * A check that reads rows and logits of a prefill that somebody else runs, so that one prefill
 * serves activations, cache rows and tokens. Thread-safe; a {@link Run} is used once, by one
 * thread.
 *
 * <p>A check that compares with the prefill exactly may give {@link CheckResult.Failed} only if
 * both classes are canonical; for any other pair it gives {@link CheckResult.Measured}, or {@link
 * Shortfall#UNCALIBRATED} if no calibration covers the pair. One that finds the prover's own bytes
 * to contradict each other needs no class.
 */
@CheckReturnValue
public interface PrefillCheck {
  /** Which check this is. */
  CheckName check();

  /**
   * Starts on one request.
   *
   * @param verifier class of the executor that will run the prefill
   */
  Run begin(ReplaySubject subject, ExecutionClass verifier);

  /** One request's check. */
  interface Run {
    /** Receives the rows of the prefill. */
    CaptureSink rows();

    /** Receives the logits of the prefill. */
    LogitsSink logits();

    /** Concludes, after the prefill has ended. */
    CheckResult result();

    /**
     * A run that reads rows only.
     *
     * @param conclusion what {@link #result} gives, asked once
     */
    static Run ofRows(CaptureSink rows, Supplier<CheckResult> conclusion) {
      return new Run() {
        @Override
        public CaptureSink rows() {
          return rows;
        }

        @Override
        public LogitsSink logits() {
          return LogitsSink.none();
        }

        @Override
        public CheckResult result() {
          return conclusion.get();
        }
      };
    }

    /** How every compared row came out; for the findings. */
    default List<CellDifference> cells() {
      return List.of();
    }

    /** Output tokens whose choice was replayed. */
    default int tokensReplayed() {
      return 0;
    }
  }
}
