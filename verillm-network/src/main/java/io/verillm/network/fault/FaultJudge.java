package io.verillm.network.fault;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.ReceiptConflict;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.FaultProofChecker.Result;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.JobTerms;
import io.verillm.network.message.LogHead;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.StageReport;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides offline whether messages prove a fault. It believes nothing but signatures: every message
 * that shows the fault is signed by the accused for this network.
 *
 * <p>The messages of each kind, in order:
 *
 * <ul>
 *   <li>{@code EQUIVOCATION}: two messages of the accused that exclude each other.
 *   <li>{@code REVEAL_DIFFERS}: commitment, reveal.
 *   <li>{@code BAD_OPENING}: order, terms, and reveal (a committee member), or order, terms,
 *       receipt and fragments (a prover).
 *   <li>{@code ORDER_MISMATCH}: order, receipt.
 *   <li>{@code CANONICAL_MISMATCH}: what the given judge of canonical values wants.
 * </ul>
 *
 * <p>Bytes that this version cannot read prove nothing: they may be of a newer one. Immutable.
 */
public final class FaultJudge {
  private final String networkId;
  private final Function<JobOrder, Optional<TraceLayout>> layouts;
  private final Function<FaultEvidence, Result> canonical;

  /**
   * Makes a judge.
   *
   * @param layouts the layout of an order's profile and model, empty for those unknown here
   */
  public FaultJudge(String networkId, Function<JobOrder, Optional<TraceLayout>> layouts) {
    this(
        networkId,
        layouts,
        evidence -> new Result.NotProven("nobody here re-executes canonical arithmetic"));
  }

  /**
   * Makes a judge that can also decide canonical mismatches.
   *
   * @param canonical computes again what evidence of kind {@code CANONICAL_MISMATCH} points to
   */
  public FaultJudge(
      String networkId,
      Function<JobOrder, Optional<TraceLayout>> layouts,
      Function<FaultEvidence, Result> canonical) {
    this.networkId = Objects.requireNonNull(networkId, "networkId");
    this.layouts = Objects.requireNonNull(layouts, "layouts");
    this.canonical = Objects.requireNonNull(canonical, "canonical");
  }

  /** The fault, if the evidence proves it. */
  @CheckReturnValue
  public Optional<ProvenFault> prove(FaultEvidence evidence) {
    Result result = judge(evidence);
    FaultProofChecker known = claim -> result;
    return result instanceof Result.Proven
        ? ProvenFault.verify(evidence.claim(), known)
        : Optional.empty();
  }

  /** Decides, with the reason where nothing is proven. */
  @CheckReturnValue
  public Result judge(FaultEvidence evidence) {
    for (SignedMessage message : evidence.messages()) {
      if (!message.verify(networkId)) {
        return new Result.NotProven("a signature does not hold");
      }
    }
    List<SignedMessage> messages = evidence.messages();
    boolean numberFits =
        switch (evidence.kind()) {
          case EQUIVOCATION, REVEAL_DIFFERS, ORDER_MISMATCH -> messages.size() == 2;
          case BAD_OPENING -> messages.size() == 3 || messages.size() == 4;
          case CANONICAL_MISMATCH -> true;
          case SILENCE -> false;
        };
    SignedMessage last = messages.get(messages.size() - 1);
    if (!numberFits || !last.signer().equals(evidence.accused())) {
      return new Result.NotProven("these are not the accused's messages for this kind");
    }
    try {
      return switch (evidence.kind()) {
        case EQUIVOCATION -> equivocation(messages.get(0), last);
        case REVEAL_DIFFERS -> revealDiffers(messages.get(0), last);
        case ORDER_MISMATCH -> orderMismatch(messages.get(0), last);
        case BAD_OPENING -> badOpening(messages);
        case CANONICAL_MISMATCH -> canonical.apply(evidence);
        case SILENCE -> new Result.NotProven("silence is shown by logs");
      };
    } catch (MalformedMessageException e) {
      return new Result.NotProven("unreadable: " + e.getMessage());
    }
  }

  private static Result result(boolean proven, String otherwise) {
    return proven ? new Result.Proven() : new Result.NotProven(otherwise);
  }

  private Result equivocation(SignedMessage one, SignedMessage other)
      throws MalformedMessageException {
    boolean comparable = one.signer().equals(other.signer()) && !one.id().equals(other.id());
    return result(comparable && excludeEachOther(one, other), "the two can both be true");
  }

  private boolean excludeEachOther(SignedMessage one, SignedMessage other)
      throws MalformedMessageException {
    if (one.type() == MessageType.RECEIPT || one.type() == MessageType.VOID) {
      return ReceiptConflict.between(one, other, networkId).isPresent();
    }
    if (one.type() != other.type()) {
      return false;
    }
    byte[] left = one.payload();
    byte[] right = other.payload();
    return switch (one.type()) {
      case COMMITMENT -> {
        Commitment a = Commitment.decode(left);
        Commitment b = Commitment.decode(right);
        yield a.job().equals(b.job()) && a.round() == b.round();
      }
      case REVEAL -> {
        Reveal a = Reveal.decode(left);
        Reveal b = Reveal.decode(right);
        yield a.job().equals(b.job()) && a.round() == b.round();
      }
      case FRAGMENTS -> {
        Fragments a = Fragments.decode(left);
        Fragments b = Fragments.decode(right);
        yield a.job().equals(b.job()) && a.round() == b.round();
      }
      case STAGE_REPORT -> {
        StageReport a = StageReport.decode(left);
        StageReport b = StageReport.decode(right);
        yield a.job().equals(b.job()) && a.stage() == b.stage();
      }
      case ACK -> {
        ReceiptAck a = ReceiptAck.decode(left);
        ReceiptAck b = ReceiptAck.decode(right);
        yield a.receipt().equals(b.receipt()) && a.source().equals(b.source());
      }
      case LOG_HEAD -> headsExclude(LogHead.decode(left), LogHead.decode(right));
      default -> false;
    };
  }

  /** One size with two roots, or entries that were there and are gone later. */
  private static boolean headsExclude(LogHead a, LogHead b) {
    if (!a.job().equals(b.job())) {
      return false;
    }
    if (a.size() == b.size()) {
      return !a.root().equals(b.root());
    }
    LogHead smaller = a.size() < b.size() ? a : b;
    LogHead larger = a.size() < b.size() ? b : a;
    return smaller.timeMillis() > larger.timeMillis();
  }

  private static Result revealDiffers(SignedMessage committed, SignedMessage revealed)
      throws MalformedMessageException {
    if (committed.type() != MessageType.COMMITMENT
        || revealed.type() != MessageType.REVEAL
        || !committed.signer().equals(revealed.signer())) {
      return new Result.NotProven("not a commitment and a reveal of one member");
    }
    Commitment commitment = Commitment.decode(committed.payload());
    Reveal reveal = Reveal.decode(revealed.payload());
    boolean sameSlot =
        commitment.job().equals(reveal.job()) && commitment.round() == reveal.round();
    boolean opens =
        reveal
            .finding()
            .commitment(reveal.job(), reveal.round(), revealed.signer())
            .equals(commitment.commitment());
    return result(sameSlot && !opens, sameSlot ? "it opens" : "of different rounds");
  }

  private static Result orderMismatch(SignedMessage ordered, SignedMessage received)
      throws MalformedMessageException {
    if (ordered.type() != MessageType.ORDER || received.type() != MessageType.RECEIPT) {
      return new Result.NotProven("not an order and a receipt");
    }
    JobOrder order = JobOrder.decode(ordered.payload());
    Receipt receipt = Receipt.decode(received.payload());
    if (!receipt.order().equals(ordered.id()) || !order.node().equals(received.signer())) {
      return new Result.NotProven("the receipt does not answer this order");
    }
    return result(contradicts(order, receipt), "the receipt agrees with its order");
  }

  /**
   * Whether a receipt that names an order states something else than was ordered, or a trace of
   * another length than its own counts of tokens give.
   */
  public static boolean contradicts(JobOrder order, Receipt receipt) {
    return receipt.head().leafCount() != leaves(receipt)
        || !receipt.requestBody().equals(order.requestBody())
        || !receipt.model().equals(order.model())
        || !receipt.profile().equals(order.profile())
        || receipt.promptTokens() != order.prompt().size();
  }

  /** Leaves of the trace of a receipt's answer: one for the trace's id, one per position. */
  public static long leaves(Receipt receipt) {
    return 1L + receipt.promptTokens() + receipt.outputTokens();
  }

  private Result badOpening(List<SignedMessage> messages) throws MalformedMessageException {
    SignedMessage ordered = messages.get(0);
    SignedMessage agreed = messages.get(1);
    SignedMessage last = messages.get(messages.size() - 1);
    if (ordered.type() != MessageType.ORDER || agreed.type() != MessageType.JOB_TERMS) {
      return new Result.NotProven("not an order and its terms");
    }
    JobOrder order = JobOrder.decode(ordered.payload());
    if (!JobTerms.decode(agreed.payload()).order().equals(ordered.id())) {
      return new Result.NotProven("the terms are for another order");
    }
    Optional<TraceLayout> layout = layouts.apply(order);
    if (layout.isEmpty()) {
      return new Result.NotProven("the order's model or profile is unknown here");
    }
    TraceHead head;
    TraceOpening opening;
    TraceRole role;
    if (messages.size() == 3 && last.type() == MessageType.REVEAL) {
      Reveal reveal = Reveal.decode(last.payload());
      if (!reveal.job().equals(agreed.id()) || reveal.fragments().isEmpty()) {
        return new Result.NotProven("the reveal is for another job or opens no rows");
      }
      head = reveal.finding().head();
      opening = reveal.fragments().get();
      role = TraceRole.VERIFIER;
    } else if (messages.size() == 4 && last.type() == MessageType.FRAGMENTS) {
      SignedMessage received = messages.get(2);
      Receipt receipt = Receipt.decode(received.payload());
      Fragments fragments = Fragments.decode(last.payload());
      if (received.type() != MessageType.RECEIPT
          || !received.signer().equals(last.signer())
          || !order.node().equals(last.signer())
          || !receipt.order().equals(ordered.id())
          || !fragments.job().equals(agreed.id())) {
        return new Result.NotProven("the rows are not those of this receipt");
      }
      head = receipt.head();
      opening = fragments.rows();
      role = TraceRole.PROVER;
    } else {
      return new Result.NotProven("neither a reveal nor a prover's rows");
    }
    TraceId id = TraceId.compute(ordered.id(), last.signer().toByteArray(), role, order.profile());
    OpeningOutcome outcome = opening.verify(head, id, layout.get());
    return result(
        outcome instanceof OpeningOutcome.Mismatch, "the rows lead to the committed head");
  }

  /** Whether this judge can look at a kind at all. */
  public static boolean judges(FaultKind kind) {
    return kind != FaultKind.SILENCE;
  }
}
