package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePSet;
import org.pcollections.MapPSet;
import org.pcollections.TreePMap;

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

  private record Entry(
      String owner,
      MapPSet<Digest32> subjects,
      MapPSet<Digest32> earlierSubjects,
      Set<String> judges,
      @Nullable Digest32 lastExceedance,
      long exceedances,
      long audits,
      double logMixture,
      double logWealth) {

    /** Wealth one and nothing counted since; the subjects stay counted. */
    static Entry fresh(
        String owner, MapPSet<Digest32> subjects, MapPSet<Digest32> earlierSubjects) {
      return new Entry(owner, subjects, earlierSubjects, Set.of(), null, 0, 0, 0, 0);
    }

    boolean counted(Digest32 subject) {
      return earlierSubjects.contains(subject) || subjects.contains(subject);
    }

    Entry with(MapPSet<Digest32> newSubjects, MapPSet<Digest32> newEarlierSubjects) {
      return new Entry(
          owner,
          newSubjects,
          newEarlierSubjects,
          judges,
          lastExceedance,
          exceedances,
          audits,
          logMixture,
          logWealth);
    }

    Entry exceededLast(@Nullable Digest32 receipt, Set<String> newJudges) {
      return new Entry(
          owner,
          subjects,
          earlierSubjects,
          newJudges,
          receipt,
          exceedances,
          audits,
          logMixture,
          logWealth);
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
  // Shared with copies, which is why nothing in it ever changes.
  private TreePMap<String, Entry> entries = TreePMap.empty();

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
      Entry entry =
          new Entry(
              line.owner(),
              HashTreePSet.from(line.subjects()),
              HashTreePSet.from(line.earlierSubjects()),
              line.judges(),
              line.lastExceedance().orElse(null),
              line.exceedances(),
              line.audits(),
              line.audits() == 0 ? 0 : wealth.logE(line.exceedances(), line.audits()),
              line.logWealth());
      // Caps only take away, and each receipt adds at most one cap.
      Require.that(
          entry.logWealth <= entry.logMixture + ROUNDING
              && entry.logWealth <= line.exceedances() * logCap + ROUNDING,
          "more wealth than the counts give: " + entry.logWealth);
      Require.that(entry.logWealth > Double.NEGATIVE_INFINITY, "wealth must be finite");
      Require.that(
          !book.entries.containsKey(line.node()), line.node() + " stands twice in the book");
      book.put(line.node(), entry);
    }
    return book;
  }

  /**
   * Returns a book of equal content; neither sees what happens to the other. Takes the same short
   * time whatever the book holds: what does not change later is shared.
   */
  public EvidenceBook copy() {
    EvidenceBook copy = new EvidenceBook(wealth, logCap);
    copy.entries = entries;
    return copy;
  }

  /** Returns everything that the book holds, by node. */
  public List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    entries.forEach(
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
    return entry != null && entry.counted(subject);
  }

  /**
   * Forgets which subjects were counted before the current generation, and starts another: for
   * callers that refuse older subjects themselves, so that a book does not grow for ever.
   */
  public void startNewGeneration() {
    TreePMap<String, Entry> before = entries;
    before.forEach(
        (node, entry) -> {
          if (!(entry.subjects.isEmpty() && entry.earlierSubjects.isEmpty())) {
            put(node, entry.with(HashTreePSet.empty(), entry.subjects));
          }
        });
  }

  private void put(String node, Entry entry) {
    entries = entries.plus(node, entry);
  }

  /** Registers a node so that it belongs to the family even before its first audit. */
  public void register(String node, String owner) {
    put(node, entry(node, owner));
  }

  /** Counts a committee's reading of one receipt. */
  @CheckReturnValue
  public Recorded record(CommitteeReading reading) {
    Entry entry = entry(reading.node(), reading.nodeOwner());
    if (entry.counted(reading.receipt())) {
      return Recorded.ALREADY_COUNTED;
    }
    Entry counted = count(entry, reading.receipt(), reading.exceeded());
    if (reading.exceeded()) {
      Set<String> judges = new HashSet<>();
      reading.members().forEach(member -> judges.add(member.owner()));
      counted = counted.exceededLast(reading.receipt(), Set.copyOf(judges));
    }
    put(reading.node(), counted);
    return Recorded.COUNTED;
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
    Entry entry = entry(proof.node(), owner);
    Digest32 challenge = proof.messages().get(0);
    if (entry.counted(challenge)) {
      return Recorded.ALREADY_COUNTED;
    }
    put(proof.node(), count(entry, challenge, true));
    return Recorded.COUNTED;
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
    Entry known = entries.get(node);
    if (known != null) {
      put(node, Entry.fresh(known.owner, known.subjects, known.earlierSubjects));
    }
  }

  /** Counts a re-execution that cleared the last exceedance; that one cannot be confirmed later. */
  public void recordCleared(String node) {
    Entry entry = entries.get(node);
    if (entry != null) {
      put(node, count(entry.exceededLast(null, Set.of()), entry.subjects, false));
    }
  }

  /** What is known about a node, or what holds of one that nobody knows yet. */
  private Entry entry(String node, String owner) {
    Entry known = entries.get(node);
    Entry entry =
        known == null ? Entry.fresh(owner, HashTreePSet.empty(), HashTreePSet.empty()) : known;
    Require.that(entry.owner.equals(owner), node + " belongs to " + entry.owner);
    return entry;
  }

  private Entry count(Entry entry, Digest32 subject, boolean exceeded) {
    return count(entry, entry.subjects.plus(subject), exceeded);
  }

  private Entry count(Entry entry, MapPSet<Digest32> subjects, boolean exceeded) {
    long audits = entry.audits + 1;
    long exceedances = entry.exceedances + (exceeded ? 1 : 0);
    double logMixture = wealth.logE(exceedances, audits);
    return new Entry(
        entry.owner,
        subjects,
        entry.earlierSubjects,
        entry.judges,
        entry.lastExceedance,
        exceedances,
        audits,
        logMixture,
        entry.logWealth + Math.min(logMixture - entry.logMixture, logCap));
  }
}
