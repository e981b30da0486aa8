package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Evidence per node over many receipts. Each receipt counts once and moves ln wealth up by at most
 * a cap; capping a factor of a supermartingale from above leaves it one. Because of the cap the
 * wealth depends on the order of the readings. For one thread at a time.
 */
public final class EvidenceBook {
  /** What became of a reading. */
  public enum Recorded {
    /** It counts. */
    COUNTED,
    /** The receipt or challenge was counted before; nothing changed. */
    ALREADY_COUNTED
  }

  private static final class Entry {
    final String owner;
    final Set<Digest32> subjects = new HashSet<>();
    final Set<String> judges = new HashSet<>();
    @Nullable Digest32 lastExceedance;
    long exceedances;
    long audits;
    double logMixture;
    double logWealth;

    Entry(String owner) {
      this.owner = owner;
    }
  }

  private final ExceedanceWealth wealth;
  private final double logCap;
  private final Map<String, Entry> entries = new HashMap<>();

  /**
   * Creates an empty book.
   *
   * @param wealth how counts become evidence
   * @param logCap most that one receipt adds to ln wealth, above zero
   */
  public EvidenceBook(ExceedanceWealth wealth, double logCap) {
    this.wealth = wealth;
    this.logCap = Require.positive(logCap, "logCap");
  }

  /** Registers a node so that it belongs to the family even before its first audit. */
  public void register(String node, String owner) {
    entry(node, owner);
  }

  /** Counts a committee's reading of one receipt. */
  @CheckReturnValue
  public Recorded record(CommitteeReading reading) {
    Entry entry = entry(reading.node(), reading.nodeOwner());
    Recorded recorded = count(entry, reading.receipt(), reading.exceeded());
    if (recorded == Recorded.COUNTED && reading.exceeded()) {
      entry.lastExceedance = reading.receipt();
      entry.judges.clear();
      reading.members().forEach(member -> entry.judges.add(member.owner()));
    }
    return recorded;
  }

  /**
   * Counts a proven silence as an exceedance, so that not answering is never better than answering
   * badly.
   *
   * @throws IllegalArgumentException if the fault is not silence
   */
  @CheckReturnValue
  public Recorded recordSilence(ProvenFault silence, String owner) {
    FaultProof proof = silence.proof();
    Require.that(proof.kind() == FaultKind.SILENCE, "only silence counts as an audit");
    return count(entry(proof.node(), owner), proof.messages().get(0), true);
  }

  /** Returns what accumulated against a node, nothing for an unknown one. */
  public NodeEvidence evidence(String node, String owner) {
    Entry entry = entry(node, owner);
    return new NodeEvidence(
        node,
        entry.owner,
        entry.exceedances,
        entry.audits,
        entry.logWealth,
        Optional.ofNullable(entry.lastExceedance),
        entry.judges);
  }

  /** Returns the evidence of every registered node, by name; a copy. */
  public SortedMap<String, NodeEvidence> all() {
    SortedMap<String, NodeEvidence> all = new TreeMap<>();
    entries.forEach((node, entry) -> all.put(node, evidence(node, entry.owner)));
    return all;
  }

  /**
   * Forgets a node's counts after a slash; its next life starts with wealth one, its receipts stay
   * counted.
   */
  public void startNewLife(String node) {
    Entry entry = entries.get(node);
    if (entry != null) {
      entry.exceedances = 0;
      entry.audits = 0;
      entry.logMixture = 0;
      entry.logWealth = 0;
      entry.lastExceedance = null;
      entry.judges.clear();
    }
  }

  /** Counts a re-execution that cleared the last exceedance; that one cannot be confirmed later. */
  void recordCleared(String node) {
    Entry entry = entries.get(node);
    if (entry != null) {
      entry.lastExceedance = null;
      entry.judges.clear();
      count(entry, false);
    }
  }

  private Entry entry(String node, String owner) {
    Entry entry = entries.computeIfAbsent(node, unused -> new Entry(owner));
    Require.that(entry.owner.equals(owner), node + " belongs to " + entry.owner);
    return entry;
  }

  private Recorded count(Entry entry, Digest32 subject, boolean exceeded) {
    if (!entry.subjects.add(subject)) {
      return Recorded.ALREADY_COUNTED;
    }
    count(entry, exceeded);
    return Recorded.COUNTED;
  }

  private void count(Entry entry, boolean exceeded) {
    entry.audits++;
    entry.exceedances += exceeded ? 1 : 0;
    double logMixture = wealth.logE(entry.exceedances, entry.audits);
    entry.logWealth += Math.min(logMixture - entry.logMixture, logCap);
    entry.logMixture = logMixture;
  }
}
