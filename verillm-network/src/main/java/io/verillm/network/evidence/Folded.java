package io.verillm.network.evidence;

import java.util.List;

/**
 * The state after some inputs.
 *
 * @param state the state
 * @param taken what became of each input, in their order
 */
public record Folded(EvidenceState state, List<Taken> taken) {
  /** Copies the list. */
  public Folded {
    taken = List.copyOf(taken);
  }

  /** What became of an input. */
  public enum Taken {
    /** It counts. */
    COUNTED,
    /** The node awaits a re-execution: it counts after that is decided. */
    HELD,
    /** This receipt, challenge or fault counted before; nothing changed. */
    ALREADY_COUNTED,
    /** Acknowledged in an epoch that is neither open nor the one before; nothing changed. */
    OTHER_EPOCH,
    /** The node belongs to another owner; nothing changed. */
    OTHER_OWNER,
    /** A re-execution that was not assigned to this executor, or of another receipt. */
    NOT_ASSIGNED
  }
}
