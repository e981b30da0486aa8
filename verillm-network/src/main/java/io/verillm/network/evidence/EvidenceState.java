package io.verillm.network.evidence;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.NodeEvidence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What has accumulated against the nodes of a network, within one epoch. Immutable; compared by
 * content. Made by {@link EvidenceFold}.
 *
 * <p>It convicts nobody: it is counts, and what waits for the epoch to close.
 */
public final class EvidenceState {
  final long epoch;
  final EvidenceBook book; // never changed once the state exists
  final SortedMap<String, List<CommitteeReading>> held;
  final List<EvidenceInput.Silence> silences;
  final List<EvidenceInput.Fault> faults;
  final Set<Digest32> faultsTaken;
  final SortedMap<String, Assignment> assignments;
  final SortedMap<String, Digest32> cleared;

  private EvidenceState(Draft draft) {
    this.epoch = draft.epoch;
    this.book = draft.book;
    this.held = new TreeMap<>();
    draft.held.forEach((node, readings) -> held.put(node, List.copyOf(readings)));
    this.silences = List.copyOf(draft.silences);
    this.faults = List.copyOf(draft.faults);
    this.faultsTaken = Set.copyOf(draft.faultsTaken);
    this.assignments = Collections.unmodifiableSortedMap(draft.assignments);
    this.cleared = Collections.unmodifiableSortedMap(draft.cleared);
  }

  /** A state in the making; belongs to one call of the fold. */
  static final class Draft {
    long epoch;
    final EvidenceBook book;
    final SortedMap<String, List<CommitteeReading>> held = new TreeMap<>();
    final List<EvidenceInput.Silence> silences = new ArrayList<>();
    final List<EvidenceInput.Fault> faults = new ArrayList<>();
    final Set<Digest32> faultsTaken = new HashSet<>();
    final SortedMap<String, Assignment> assignments = new TreeMap<>();
    final SortedMap<String, Digest32> cleared = new TreeMap<>();

    Draft(long epoch, EvidenceBook book) {
      this.epoch = epoch;
      this.book = book;
    }

    Draft(EvidenceState state) {
      this(state.epoch, state.book.copy());
      state.held.forEach((node, readings) -> held.put(node, new ArrayList<>(readings)));
      silences.addAll(state.silences);
      faults.addAll(state.faults);
      faultsTaken.addAll(state.faultsTaken);
      assignments.putAll(state.assignments);
      cleared.putAll(state.cleared);
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
