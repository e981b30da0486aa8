package io.verillm.network.evidence;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborType;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.committee.Staker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The bytes of an evidence state: deterministic CBOR, names and digests ascending, wealth as the 64
 * bits of its double. Not signed, so the rule against floats in signed data is kept in spirit only:
 * a state is a cache of what its inputs give.
 */
final class EvidenceCodec {
  private static final int VERSION = 1;
  private static final int MAX_ITEMS = 1 << 24;
  private static final int MAX_MEMBERS = 9_999;
  private static final int MAX_TEXT = 4 * Staker.MAX_OWNER;
  private static final Comparator<Digest32> BY_BYTES =
      (a, b) -> Arrays.compareUnsigned(a.toByteArray(), b.toByteArray());

  private EvidenceCodec() {}

  static byte[] encode(EvidenceState state) {
    CborWriter out = new CborWriter().array(9).unsigned(VERSION).unsigned(state.epoch);
    List<EvidenceBook.Line> lines = state.book.lines();
    out.array(lines.size());
    lines.forEach(line -> write(out, line));
    List<CommitteeReading> held = state.held.values().stream().flatMap(List::stream).toList();
    out.array(held.size());
    held.forEach(reading -> write(out, reading));
    out.array(state.silences.size());
    for (EvidenceInput.Silence silence : state.silences) {
      out.array(4);
      write(out, silence.fault().proof());
      out.text(silence.owner()).digest(silence.job()).unsigned(silence.acknowledgedRound());
    }
    out.array(state.faults.size());
    state.faults.forEach(fault -> write(out, fault.fault().proof()));
    write(out, state.faultsTaken);
    out.array(state.assignments.size());
    state.assignments.forEach((node, assigned) -> write(out, node, assigned));
    out.array(state.cleared.size());
    state.cleared.forEach((node, receipt) -> out.array(2).text(node).digest(receipt));
    return out.toByteArray();
  }

  private static void write(CborWriter out, EvidenceBook.Line line) {
    out.array(9).text(line.node()).text(line.owner());
    out.unsigned(line.exceedances()).unsigned(line.audits());
    out.integer(Double.doubleToRawLongBits(line.logWealth()));
    if (line.lastExceedance().isPresent()) {
      out.digest(line.lastExceedance().get());
    } else {
      out.nul();
    }
    List<String> judges = line.judges().stream().sorted().toList();
    out.array(judges.size());
    judges.forEach(out::text);
    write(out, line.subjects());
    write(out, line.earlierSubjects());
  }

  private static void write(CborWriter out, Collection<Digest32> digests) {
    List<Digest32> sorted = digests.stream().sorted(BY_BYTES).toList();
    out.array(sorted.size());
    sorted.forEach(out::digest);
  }

  private static void write(CborWriter out, CommitteeReading reading) {
    out.array(6).text(reading.node()).text(reading.nodeOwner()).digest(reading.receipt());
    out.unsigned(reading.acknowledgedRound()).unsigned(reading.drawnRound());
    out.array(reading.members().size());
    reading.members().forEach(m -> out.array(2).text(m.owner()).bool(m.exceeded()));
  }

  private static void write(CborWriter out, FaultProof proof) {
    out.array(3).text(proof.node()).text(proof.kind().name()).array(proof.messages().size());
    proof.messages().forEach(out::digest);
  }

  private static void write(CborWriter out, String node, Assignment assigned) {
    out.array(5).text(node).digest(assigned.receipt()).text(assigned.executorOwner());
    out.array(assigned.tried().size());
    assigned.tried().forEach(out::text);
    if (assigned.answer().isPresent()) {
      out.bool(assigned.answer().get().exceeded());
    } else {
      out.nul();
    }
  }

  static EvidenceState decode(byte[] bytes, EvidenceTerms terms, FaultProofChecker checker)
      throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.arrayOf("evidence", 9);
    if (in.unsigned("evidence.version", 255) != VERSION) {
      throw in.malformed("evidence.version", "unknown version");
    }
    EvidenceState state;
    try {
      state = read(in, terms, checker);
    } catch (IllegalArgumentException e) {
      // The values' own constructors check what they hold.
      throw in.malformed("evidence", String.valueOf(e.getMessage()));
    }
    in.end();
    // One content, one encoding: orders and repetitions are checked by writing it again.
    if (!Arrays.equals(state.encode(), bytes)) {
      throw in.malformed("evidence", "not in canonical order");
    }
    return state;
  }

  private static EvidenceState read(CborReader in, EvidenceTerms terms, FaultProofChecker checker)
      throws MalformedMessageException {
    long epoch = in.unsigned("evidence.epoch", Long.MAX_VALUE - 1);
    List<EvidenceBook.Line> lines = new ArrayList<>();
    for (int n = in.array("evidence.nodes", MAX_ITEMS); n > 0; n--) {
      lines.add(readLine(in));
    }
    EvidenceState.Draft draft =
        new EvidenceState.Draft(epoch, EvidenceBook.restore(terms.wealth(), terms.logCap(), lines));
    for (int n = in.array("evidence.held", MAX_ITEMS); n > 0; n--) {
      draft.hold(readReading(in));
    }
    for (int n = in.array("evidence.silences", MAX_ITEMS); n > 0; n--) {
      in.arrayOf("silence", 4);
      draft.silences =
          draft.silences.plus(
              new EvidenceInput.Silence(
                  readFault(in, checker),
                  in.text("silence.owner", MAX_TEXT),
                  in.digest("silence.job"),
                  in.unsigned("silence.round")));
    }
    for (int n = in.array("evidence.faults", MAX_ITEMS); n > 0; n--) {
      draft.faults = draft.faults.plus(new EvidenceInput.Fault(readFault(in, checker)));
    }
    draft.faultsTaken = draft.faultsTaken.plusAll(readDigests(in, "evidence.faults-taken"));
    for (int n = in.array("evidence.assignments", MAX_ITEMS); n > 0; n--) {
      readAssignment(in, draft);
    }
    for (int n = in.array("evidence.cleared", MAX_ITEMS); n > 0; n--) {
      in.arrayOf("cleared", 2);
      String node = in.text("cleared.node", MAX_TEXT);
      draft.cleared = draft.cleared.plus(node, in.digest("cleared.receipt"));
    }
    requireConsistent(in, draft);
    return draft.freeze();
  }

  /** What no run of the fold could have led to would fail later, when an epoch is closed. */
  private static void requireConsistent(CborReader in, EvidenceState.Draft draft)
      throws MalformedMessageException {
    for (Map.Entry<String, Assignment> entry : draft.assignments.entrySet()) {
      String owner = draft.book.owner(entry.getKey()).orElse("");
      boolean sound =
          !owner.isEmpty()
              && !owner.equals(entry.getValue().executorOwner())
              && draft
                  .book
                  .evidence(entry.getKey(), owner)
                  .lastExceedance()
                  .equals(Optional.of(entry.getValue().receipt()))
              && !draft
                  .book
                  .evidence(entry.getKey(), owner)
                  .judges()
                  .contains(entry.getValue().executorOwner());
      if (!sound) {
        throw in.malformed("evidence.assignments", "not what the evidence asks for");
      }
    }
    for (List<CommitteeReading> waiting : draft.held.values()) {
      Set<Digest32> receipts = new HashSet<>();
      for (CommitteeReading reading : waiting) {
        boolean sound =
            draft.assignments.containsKey(reading.node())
                && draft.book.owner(reading.node()).equals(Optional.of(reading.nodeOwner()))
                && !draft.book.counted(reading.node(), reading.receipt())
                && receipts.add(reading.receipt());
        if (!sound) {
          throw in.malformed("evidence.held", "a reading that does not wait");
        }
      }
    }
  }

  private static EvidenceBook.Line readLine(CborReader in) throws MalformedMessageException {
    in.arrayOf("node", 9);
    String node = in.text("node.name", MAX_TEXT);
    String owner = in.text("node.owner", MAX_TEXT);
    long exceedances = in.unsigned("node.exceedances");
    long audits = in.unsigned("node.audits");
    double logWealth = Double.longBitsToDouble(in.integer("node.wealth"));
    Optional<Digest32> last = Optional.empty();
    if (in.nextIsNull()) {
      in.nul("node.last");
    } else {
      last = Optional.of(in.digest("node.last"));
    }
    Set<String> judges = new HashSet<>();
    for (int n = in.array("node.judges", MAX_MEMBERS); n > 0; n--) {
      judges.add(in.text("node.judge", MAX_TEXT));
    }
    return new EvidenceBook.Line(
        node,
        owner,
        exceedances,
        audits,
        logWealth,
        last,
        judges,
        readDigests(in, "node.subjects"),
        readDigests(in, "node.earlier-subjects"));
  }

  private static Set<Digest32> readDigests(CborReader in, String field)
      throws MalformedMessageException {
    Set<Digest32> digests = new HashSet<>();
    for (int n = in.array(field, MAX_ITEMS); n > 0; n--) {
      digests.add(in.digest(field));
    }
    return digests;
  }

  private static CommitteeReading readReading(CborReader in) throws MalformedMessageException {
    in.arrayOf("reading", 6);
    String node = in.text("reading.node", MAX_TEXT);
    String owner = in.text("reading.owner", MAX_TEXT);
    Digest32 receipt = in.digest("reading.receipt");
    long acknowledged = in.unsigned("reading.acknowledged");
    long drawn = in.unsigned("reading.drawn");
    List<CommitteeReading.Member> members = new ArrayList<>();
    for (int n = in.array("reading.members", MAX_MEMBERS); n > 0; n--) {
      in.arrayOf("member", 2);
      members.add(
          new CommitteeReading.Member(
              in.text("member.owner", MAX_TEXT), in.bool("member.exceeded")));
    }
    return new CommitteeReading(node, owner, receipt, acknowledged, drawn, members);
  }

  private static ProvenFault readFault(CborReader in, FaultProofChecker checker)
      throws MalformedMessageException {
    in.arrayOf("fault", 3);
    String node = in.text("fault.node", MAX_TEXT);
    String kind = in.text("fault.kind", 64);
    List<Digest32> messages = new ArrayList<>();
    for (int n = in.array("fault.messages", 8); n > 0; n--) {
      messages.add(in.digest("fault.message"));
    }
    FaultProof proof = new FaultProof(node, FaultKind.valueOf(kind), messages);
    Optional<ProvenFault> proven = ProvenFault.verify(proof, checker);
    if (proven.isEmpty()) {
      throw in.malformed("fault", kind + " of " + node + " is not proven");
    }
    return proven.get();
  }

  private static void readAssignment(CborReader in, EvidenceState.Draft draft)
      throws MalformedMessageException {
    in.arrayOf("assignment", 5);
    String node = in.text("assignment.node", MAX_TEXT);
    Digest32 receipt = in.digest("assignment.receipt");
    String executor = in.text("assignment.executor", MAX_TEXT);
    TreeSet<String> tried = new TreeSet<>();
    for (int n = in.array("assignment.tried", MAX_ITEMS); n > 0; n--) {
      tried.add(in.text("assignment.tried", MAX_TEXT));
    }
    Optional<FreshReexecution> answer = Optional.empty();
    if (in.nextType("assignment.answer") == CborType.NULL) {
      in.nul("assignment.answer");
    } else {
      answer =
          Optional.of(new FreshReexecution(node, receipt, executor, in.bool("assignment.answer")));
    }
    draft.assignments =
        draft.assignments.plus(node, new Assignment(receipt, executor, tried, answer));
  }
}
