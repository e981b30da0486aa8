package io.verillm.network.evidence;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.NodeEvidence;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * What has accumulated against the nodes of a network, within one epoch. Immutable; compared by
 * content. Made by {@link EvidenceFold}.
 *
 * <p>It convicts nobody: it is counts, and what waits for the epoch to close.
 */
public final class EvidenceState {
  final long epoch;
  final EvidenceBook book; // never changed once the state exists
  final TreePMap<String, TreePVector<CommitteeReading>> held;
  final TreePVector<EvidenceInput.Silence> silences;
  final TreePVector<EvidenceInput.Fault> faults;
  final TreePSet<Digest32> faultsTaken;
  final TreePMap<String, Assignment> assignments;
  final TreePMap<String, Digest32> cleared;

  private EvidenceState(Draft draft) {
    this.epoch = draft.epoch;
    this.book = draft.book;
    this.held = draft.held;
    this.silences = draft.silences;
    this.faults = draft.faults;
    this.faultsTaken = draft.faultsTaken;
    this.assignments = draft.assignments;
    this.cleared = draft.cleared;
  }

  /**
   * A state in the making; belongs to one call of the fold. Its collections never change and are
   * replaced instead, so that a call costs what it takes in, not what the state holds.
   */
  static final class Draft {
    long epoch;
    final EvidenceBook book;
    TreePMap<String, TreePVector<CommitteeReading>> held = TreePMap.empty();
    TreePVector<EvidenceInput.Silence> silences = TreePVector.empty();
    TreePVector<EvidenceInput.Fault> faults = TreePVector.empty();
    TreePSet<Digest32> faultsTaken = TreePSet.empty();
    TreePMap<String, Assignment> assignments = TreePMap.empty();
    TreePMap<String, Digest32> cleared = TreePMap.empty();

    Draft(long epoch, EvidenceBook book) {
      this.epoch = epoch;
      this.book = book;
    }

    Draft(EvidenceState state) {
      this(state.epoch, state.book.copy());
      held = state.held;
      silences = state.silences;
      faults = state.faults;
      faultsTaken = state.faultsTaken;
      assignments = state.assignments;
      cleared = state.cleared;
    }

    /** The readings of a node that wait. */
    TreePVector<CommitteeReading> held(String node) {
      TreePVector<CommitteeReading> readings = held.get(node);
      return readings == null ? TreePVector.empty() : readings;
    }

    void hold(CommitteeReading reading) {
      held = held.plus(reading.node(), held(reading.node()).plus(reading));
    }

    EvidenceState freeze() {
      return new EvidenceState(this);
    }
  }

  /** The open epoch. */
  public long epoch() {
    return epoch;
  }

  /** What accumulated against each node that joined or was audited, by name. */
  public SortedMap<String, NodeEvidence> evidence() {
    return book.all();
  }

  /** Nodes that await a fresh re-execution, with who has to run it. */
  public SortedMap<String, Assignment> assignments() {
    return assignments;
  }

  /** Number of readings that wait until a re-execution of their node is decided. */
  public int heldReadings() {
    return held.values().stream().mapToInt(List::size).sum();
  }

  /** Returns the canonical bytes; {@link EvidenceFold#decode} reads them. */
  public byte[] encode() {
    return EvidenceCodec.encode(this);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EvidenceState that && Arrays.equals(encode(), that.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encode());
  }

  @Override
  public String toString() {
    return "epoch "
        + epoch
        + ", "
        + book.all().size()
        + " nodes, "
        + assignments.size()
        + " awaited";
  }
}
