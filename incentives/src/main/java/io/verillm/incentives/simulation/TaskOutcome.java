package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;
import java.util.List;

/**
 * What happened in one task.
 *
 * @param kind what the task was
 * @param prover number of the prover; −1 for decoys
 * @param cheated whether the prover cheated
 * @param ruling what came of it
 * @param seats the committee, empty for jobs that were not audited
 */
public record TaskOutcome(Kind kind, int prover, boolean cheated, Ruling ruling, List<Seat> seats) {
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

  /** What came of a task. */
  public enum Ruling {
    /** Nobody looked, and the answer stands. */
    UNCHECKED,
    /** The answer stands. */
    ACCEPTED,
    /** It does not. */
    REJECTED,
    /** No majority of the seats said either; the client keeps its money. */
    UNDECIDED,
    /** The prover did not answer the challenge. */
    SILENT
  }

  /**
   * One seat.
   *
   * @param agent number of the verifier
   * @param report what counted: ok, flag, unopened or uncounted
   * @param looked whether it verified
   */
  public record Seat(int agent, Report report, boolean looked) {}

  /** Copies the seats. */
  public TaskOutcome {
    seats = List.copyOf(seats);
    Require.that(
        (kind == Kind.UNCHECKED_JOB) == (ruling == Ruling.UNCHECKED),
        "jobs that nobody checks have no other ruling, and only they have that one");
  }

  /** The outcome of a job that nobody checked. */
  public static TaskOutcome unchecked(DrawnTask task) {
    return new TaskOutcome(task.kind(), task.prover(), task.bad(), Ruling.UNCHECKED, List.of());
  }

  /** The outcome of a job whose prover did not answer. */
  public static TaskOutcome silent(DrawnTask task, List<Seat> seats) {
    return new TaskOutcome(task.kind(), task.prover(), task.bad(), Ruling.SILENT, seats);
  }

  /** Rejected if more than half of the seats flag, else accepted. */
  public static TaskOutcome byMajority(DrawnTask task, List<Seat> seats) {
    long flags = seats.stream().filter(seat -> seat.report() == Report.FLAG).count();
    Ruling ruling = 2 * flags > seats.size() ? Ruling.REJECTED : Ruling.ACCEPTED;
    return new TaskOutcome(task.kind(), task.prover(), task.bad(), ruling, seats);
  }
}
