package io.verillm.incentives.simulation;

import java.util.List;

/**
 * What happened in one task.
 *
 * @param kind what the task was
 * @param prover number of the prover; −1 for decoys
 * @param cheated whether the prover cheated
 * @param answered whether the prover answered its challenge; true if there was none
 * @param seats the committee, empty for jobs that were not audited or not answered
 */
public record TaskOutcome(
    Kind kind, int prover, boolean cheated, boolean answered, List<Seat> seats) {
  /** What a task was. */
  public enum Kind {
    /** A real job that nobody checked. */
    UNCHECKED_JOB,
    /** A real job that a committee checked, or would have. */
    AUDITED_JOB,
    /** Known to be bad. */
    BAD_DECOY,
    /** Known to be good. */
    GOOD_DECOY
  }

  /**
   * One seat.
   *
   * @param agent number of the verifier
   * @param report what counted: ok, flag or unopened
   * @param looked whether it verified
   */
  public record Seat(int agent, Report report, boolean looked) {}

  /** Copies the seats. */
  public TaskOutcome {
    seats = List.copyOf(seats);
  }

  /** Says whether more than half of the seats flagged. */
  public boolean rejected() {
    long flags = seats.stream().filter(seat -> seat.report() == Report.FLAG).count();
    return 2 * flags > seats.size();
  }
}
