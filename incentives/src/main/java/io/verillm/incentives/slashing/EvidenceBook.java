package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
    final Object holder; // the book that may change it
    final String owner;
    final Set<Digest32> subjects;
    Set<Digest32> earlierSubjects = Set.of();
    final Set<String> judges;
    @Nullable Digest32 lastExceedance;
    long exceedances;
    long audits;
    double logMixture;
    double logWealth;

    Entry(Object holder, String owner) {
      this(holder, owner, Set.of(), Set.of());
    }

    private Entry(Object holder, String owner, Set<Digest32> subjects, Set<String> judges) {
      this.holder = holder;
      this.owner = owner;
      this.subjects = new HashSet<>(subjects);
      this.judges = new HashSet<>(judges);
    }

    Entry copy(Object newHolder) {
      Entry copy = new Entry(newHolder, owner, subjects, judges);
      copy.earlierSubjects = earlierSubjects;
      copy.lastExceedance = lastExceedance;
      copy.exceedances = exceedances;
      copy.audits = audits;
      copy.logMixture = logMixture;
      copy.logWealth = logWealth;
      return copy;
    }
  }

  /**
   * Everything that a book holds about one node.
   *
   * @param subjects receipts and challenges that counted since the last {@link #startNewGeneration}
   * @param earlierSubjects those of the generation before
   */
  public record Line(
      String node,
      String owner,
      long exceedances,
      long audits,
      double logWealth,
      Optional<Digest32> lastExceedance,
      Set<String> judges,
      Set<Digest32> subjects,
      Set<Digest32> earlierSubjects) {
    /** Copies the sets. */
    public Line {
      judges = Set.copyOf(judges);
      subjects = Set.copyOf(subjects);
      earlierSubjects = Set.copyOf(earlierSubjects);
    }
  }

  private static final double ROUNDING = 1e-6; // of sums of many steps

  private final ExceedanceWealth wealth;
  private final double logCap;
  private final Map<String, Entry> entries = new HashMap<>();
  private Object holder = new Object();

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

  /**
   * Makes the book that {@link #lines} described, under the rules under which it was kept.
   *
   * @throws IllegalArgumentException if a node stands twice, or its counts and wealth cannot have
   *     come from any readings
   */
  public static EvidenceBook restore(ExceedanceWealth wealth, double logCap, List<Line> lines) {
    EvidenceBook book = new EvidenceBook(wealth, logCap);
    for (Line line : lines) {
      Require.that(
          line.exceedances() >= 0 && line.exceedances() <= line.audits(),
          line.exceedances() + " exceedances in " + line.audits() + " audits");
      Entry entry = new Entry(book.holder, line.owner(), line.subjects(), line.judges());
      entry.earlierSubjects = line.earlierSubjects();
      entry.lastExceedance = line.lastExceedance().orElse(null);
      entry.exceedances = line.exceedances();
      entry.audits = line.audits();
      entry.logMixture = line.audits() == 0 ? 0 : wealth.logE(line.exceedances(), line.audits());
      entry.logWealth = line.logWealth();
      // Caps only take away, and each receipt adds at most one cap.
      Require.that(
          entry.logWealth <= entry.logMixture + ROUNDING
              && entry.logWealth <= line.exceedances() * logCap + ROUNDING,
          "more wealth than the counts give: " + entry.logWealth);
      Require.that(entry.logWealth > Double.NEGATIVE_INFINITY, "wealth must be finite");
      Require.that(
          book.entries.put(line.node(), entry) == null, line.node() + " stands twice in the book");
    }
    return book;
  }

  /**
   * Returns a book of equal content; neither sees what happens to the other. Nodes are copied only
   * when they change.
   */
  public EvidenceBook copy() {
    EvidenceBook copy = new EvidenceBook(wealth, logCap);
    copy.entries.putAll(entries);
    holder = new Object(); // what both hold belongs to neither from now on
    return copy;
  }

  /** Returns everything that the book holds, by node. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    new TreeMap<>(entries)
        .forEach(
            (node, entry) ->
                lines.add(
                    new Line(
                        node,
                        entry.owner,
                        entry.exceedances,
                        entry.audits,
                        entry.logWealth,
                        Optional.ofNullable(entry.lastExceedance),
                        entry.judges,
                        entry.subjects,
                        entry.earlierSubjects)));
    return lines;
  }

  /** Returns who owns a node, empty for one that the book does not know. */
  public Optional<String> owner(String node) {
    return Optional.ofNullable(entries.get(node)).map(entry -> entry.owner);
  }

  /** Says whether a receipt or challenge of a node was counted in this generation or the last. */
  public boolean counted(String node, Digest32 subject) {
    Entry entry = entries.get(node);
    return entry != null
        && (entry.subjects.contains(subject) || entry.earlierSubjects.contains(subject));
  }

  /**
   * Forgets which subjects were counted before the current generation, and starts another: for
   * callers that refuse older subjects themselves, so that a book does not grow for ever.
   */
  public void startNewGeneration() {
    for (String node : List.copyOf(entries.keySet())) {
      Entry entry = entries.get(node);
      if (entry != null && !(entry.subjects.isEmpty() && entry.earlierSubjects.isEmpty())) {
        Entry mine = changeable(node, entry);
        mine.earlierSubjects = Set.copyOf(mine.subjects);
        mine.subjects.clear();
      }
    }
  }

  private Entry changeable(String node, Entry entry) {
    if (entry.holder == holder) {
      return entry;
    }
    Entry mine = entry.copy(holder);
    entries.put(node, mine);
    return mine;
  }

  /** Registers a node so that it belongs to the family even before its first audit. */
  public void register(String node, String owner) {
    entry(node, owner);
  }

  /** Counts a committee's reading of one receipt. */
  @CheckReturnValue
  public Recorded record(CommitteeReading reading) {
    Entry entry = changeable(reading.node(), entry(reading.node(), reading.nodeOwner()));
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
    Entry entry = changeable(proof.node(), entry(proof.node(), owner));
    return count(entry, proof.messages().get(0), true);
  }

  /** Returns what accumulated against a node, nothing for an unknown one. */
  public NodeEvidence evidence(String node, String owner) {
    Entry known = entries.get(node);
    Entry entry = known == null ? new Entry(holder, owner) : known;
    Require.that(entry.owner.equals(owner), node + " belongs to " + entry.owner);
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
    Entry known = entries.get(node);
    if (known != null) {
      Entry entry = changeable(node, known);
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
    Entry entry = entries.get(node);
    if (entry == null) {
      entry = new Entry(holder, owner);
      entries.put(node, entry);
    }
    Require.that(entry.owner.equals(owner), node + " belongs to " + entry.owner);
    return entry;
  }

  private Recorded count(Entry entry, Digest32 subject, boolean exceeded) {
    if (entry.earlierSubjects.contains(subject) || !entry.subjects.add(subject)) {
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
