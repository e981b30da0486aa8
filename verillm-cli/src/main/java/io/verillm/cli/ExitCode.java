package io.verillm.cli;

import io.verillm.core.verdict.Verdict;

/** Exit codes of the command, stable for scripts. */
final class ExitCode {
  /** Accepted, or done. */
  static final int ACCEPTED = 0;

  /** Rejected. */
  static final int REJECTED = 1;

  /** Inconclusive or abstained. */
  static final int UNDECIDED = 2;

  /** The command line is wrong. */
  static final int USAGE = 3;

  /** A file, a model or the machine is not as needed. */
  static final int ENVIRONMENT = 4;

  private ExitCode() {}

  static int of(Verdict verdict) {
    return verdict.match(
        accepted -> ACCEPTED,
        rejected -> REJECTED,
        inconclusive -> UNDECIDED,
        abstained -> UNDECIDED);
  }
}
