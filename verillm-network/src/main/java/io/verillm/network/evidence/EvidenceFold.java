package io.verillm.network.evidence;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.EvidenceBook.Recorded;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.evidence.Folded.Taken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Accumulates evidence per node across receipts: {@code fold(state, input) → state}, and {@code
 * close(state) → settlement and the next state}. Pure; immutable; thread-safe.
 *
 * <p>What makes it safe for honest nodes:
 *
 * <ol>
 *   <li>p-values that share a calibration are dependent, so none is multiplied. Only whether a
 *       fixed threshold was exceeded enters, against the 99.99 % upper confidence bound of the
 *       honest rate ({@link EvidenceTerms#ofHonestRuns}): a node without exceedances never has
 *       wealth above 1.
 *   <li>A receipt counts once, as the lower median of a committee drawn after its ack, and moves
 *       the wealth by at most a cap.
 *   <li>A slash needs the level, the rule over all nodes, and a fresh re-execution of the receipt
 *       that exceeded last, by an owner drawn after the epoch closed who has not judged the node.
 *       While that is awaited the node's further readings are held, so that they change neither the
 *       receipt nor the share at issue. A node that the re-execution clears is not tried again
 *       before another of its receipts exceeds.
 *   <li>Who cannot be reached or cannot decide confirms nothing: another owner is drawn when the
 *       next epoch closes.
 * </ol>
 *
 * <p>Proven faults and proven silences are settled when the epoch closes, from what the stakes then
 * hold. Pay and fees of jobs are settled by the machines of the jobs ({@code flow}), not here.
 *
 * <p>Toleranced: wealth is computed in double precision and may differ in its last bits between
 * machines; shares of a stake are cut to whole millionths.
 */
@CheckReturnValue
public final class EvidenceFold {
  private final EvidenceTerms terms;

  private EvidenceFold(EvidenceTerms terms) {
    this.terms = Objects.requireNonNull(terms, "terms");
  }

  /** Makes a fold under given rules. */
  public static EvidenceFold of(EvidenceTerms terms) {
    return new EvidenceFold(terms);
  }

  /** The rules. */
  public EvidenceTerms terms() {
    return terms;
  }

  /** The state without evidence, at the start of an epoch. */
  public EvidenceState start(long epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch " + epoch);
    }
    return new EvidenceState.Draft(epoch, new EvidenceBook(terms.wealth(), terms.logCap()))
        .freeze();
  }

  /** Takes one input. */
  public Folded fold(EvidenceState state, EvidenceInput input) {
    return foldAll(state, List.of(input));
  }

  /**
   * Takes inputs in order; the same as one after the other. Because of the cap the order of a
   * node's readings matters, that of different nodes' does not. Takes time in the number of inputs
   * and only in the logarithm of what the state holds, so that many small calls cost about what one
   * large call does.
   */
  public Folded foldAll(EvidenceState state, List<? extends EvidenceInput> inputs) {
    EvidenceState.Draft draft = new EvidenceState.Draft(state);
    List<Taken> taken = new ArrayList<>(inputs.size());
    for (EvidenceInput input : inputs) {
      taken.add(take(draft, input));
    }
    return new Folded(draft.freeze(), taken);
  }

  private Taken take(EvidenceState.Draft draft, EvidenceInput input) {
    if (input instanceof EvidenceInput.Audit audit) {
      return audit(draft, audit.reading());
    }
    if (input instanceof EvidenceInput.Silence silence) {
      return silence(draft, silence);
    }
    if (input instanceof EvidenceInput.Fault fault) {
      return fault(draft, fault);
    }
    if (input instanceof EvidenceInput.Fresh fresh) {
      return fresh(draft, fresh.reexecution());
    }
    EvidenceInput.Joined joined = (EvidenceInput.Joined) input;
    if (otherOwner(draft, joined.node(), joined.owner())) {
      return Taken.OTHER_OWNER;
    }
    boolean known = draft.book.owner(joined.node()).isPresent();
    draft.book.register(joined.node(), joined.owner());
    return known ? Taken.ALREADY_COUNTED : Taken.COUNTED;
  }

  private static boolean otherOwner(EvidenceState.Draft draft, String node, String owner) {
    return draft.book.owner(node).filter(known -> !known.equals(owner)).isPresent();
  }

  private boolean otherEpoch(EvidenceState.Draft draft, long acknowledgedRound) {
    long epoch = terms.epochOf(acknowledgedRound);
    return epoch != draft.epoch && epoch != draft.epoch - 1;
  }

  private Taken audit(EvidenceState.Draft draft, CommitteeReading reading) {
    if (otherOwner(draft, reading.node(), reading.nodeOwner())) {
      return Taken.OTHER_OWNER;
    }
    if (otherEpoch(draft, reading.acknowledgedRound())) {
      return Taken.OTHER_EPOCH;
    }
    if (!draft.assignments.containsKey(reading.node())) {
      return taken(draft.book.record(reading));
    }
    boolean known =
        draft.book.counted(reading.node(), reading.receipt())
            || draft.held(reading.node()).stream()
                .anyMatch(one -> one.receipt().equals(reading.receipt()));
    if (known) {
      return Taken.ALREADY_COUNTED;
    }
    draft.hold(reading);
    return Taken.HELD;
  }

  private static Taken taken(Recorded recorded) {
    return recorded == Recorded.COUNTED ? Taken.COUNTED : Taken.ALREADY_COUNTED;
  }

  private Taken silence(EvidenceState.Draft draft, EvidenceInput.Silence silence) {
    if (otherOwner(draft, silence.node(), silence.owner())) {
      return Taken.OTHER_OWNER;
    }
    if (otherEpoch(draft, silence.acknowledgedRound())) {
      return Taken.OTHER_EPOCH;
    }
    Taken taken = taken(draft.book.recordSilence(silence.fault(), silence.owner()));
    if (taken == Taken.COUNTED) {
      draft.silences = draft.silences.plus(silence);
    }
    return taken;
  }

  private static Taken fault(EvidenceState.Draft draft, EvidenceInput.Fault fault) {
    Digest32 subject = subject(fault.fault().proof());
    if (draft.faultsTaken.contains(subject)) {
      return Taken.ALREADY_COUNTED;
    }
    draft.faultsTaken = draft.faultsTaken.plus(subject);
    draft.faults = draft.faults.plus(fault);
    return Taken.COUNTED;
  }

  /** One ground is one fault, as it is one settlement. */
  private static Digest32 subject(FaultProof proof) {
    List<Digest32> ground = proof.ground();
    CborWriter out = new CborWriter().array(2 + ground.size());
    out.text(proof.node()).text(proof.kind().name());
    ground.forEach(message -> out.text(message.toString()));
    return Digest32.sha256(out.toByteArray());
  }

  private static Taken fresh(EvidenceState.Draft draft, FreshReexecution fresh) {
    Assignment assigned = draft.assignments.get(fresh.node());
    if (assigned == null || !assigned.isFor(fresh)) {
      return Taken.NOT_ASSIGNED;
    }
    if (assigned.answer().isPresent()) {
      return Taken.ALREADY_COUNTED;
    }
    draft.assignments = draft.assignments.plus(fresh.node(), assigned.answered(fresh));
    return Taken.COUNTED;
  }

  /**
   * Closes the open epoch.
   *
   * @param stakes the stakers of the epoch to come, from whom executors are drawn
   * @param randomness checked value of a round that lies after the last ack of the closed epoch
   * @param balances what accounts hold now, usually {@code journal::balance}; nothing is moved, the
   *     settlements are to be posted to the same books
   */
  public EpochClose close(
      EvidenceState state,
      StakeTable stakes,
      Digest32 randomness,
      Function<Account, Micros> balances) {
    return new EpochClosing(terms, state, stakes, randomness, balances).close();
  }

  /**
   * Reads what {@link EvidenceState#encode} wrote under the same rules.
   *
   * @param checker verifies the faults that wait to be settled once more: bytes prove nothing
   * @throws MalformedMessageException if the bytes are not the canonical bytes of a state, or a
   *     fault in them is not proven
   */
  public EvidenceState decode(byte[] bytes, FaultProofChecker checker)
      throws MalformedMessageException {
    return EvidenceCodec.decode(bytes, terms, checker);
  }

  static byte[] tag(String name) {
    return ("verillm/" + name + "/v1").getBytes(StandardCharsets.US_ASCII);
  }
}
