package io.verillm.network.dispute;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.network.dispute.BisectionState.Awaited;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The referee of a dispute about one receipt: a pure state machine over signed messages and the
 * time at which a log recorded them. It believes neither side; it checks openings and lets a {@link
 * StepJudge} compute one step.
 *
 * <pre>
 *   Open → (Show → Choose)* → Show → Claim → ruling
 *                                  → Withdraw
 * </pre>
 *
 * <p>With S steps in dispute that is at most 2·⌈log₂ S⌉ + 3 messages. Whoever lets a deadline pass
 * loses; a message at the deadline is in time. A message that does not fit changes nothing, so
 * nobody can lose by what others send.
 *
 * <p>It does not prove that the rest of an answer is right, and a step that is over its limit in a
 * class that is not canonical is a statistical fault: only for canonical receipts does {@link
 * BisectionOutcome#STEP_WRONG} prove what the prover did. Thread-safe if the judge is.
 */
@CheckReturnValue
public final class Bisection {
  private final String networkId;
  private final JobOrder order;
  private final Receipt receipt;
  private final VerifyingKey prover;
  private final TraceLayout layout;
  private final TraceId traceId;
  private final BisectionTerms terms;
  private final StepJudge judge;

  /**
   * Makes the referee.
   *
   * @param order the client's order, its signature checked
   * @param receiptMessage the prover's receipt for this order
   * @param layout the ordered profile applied to the ordered model
   * @throws IllegalArgumentException if the receipt is not signed for this network by the order's
   *     node, answers another order, or its profile lacks rows that a dispute may need: such
   *     answers are decided by a committee
   * @throws MalformedMessageException if the receipt cannot be read
   */
  public Bisection(
      String networkId,
      JobOrder order,
      SignedMessage receiptMessage,
      TraceLayout layout,
      BisectionTerms terms,
      StepJudge judge)
      throws MalformedMessageException {
    this.networkId = Objects.requireNonNull(networkId, "networkId");
    this.order = Objects.requireNonNull(order, "order");
    this.layout = Objects.requireNonNull(layout, "layout");
    this.terms = Objects.requireNonNull(terms, "terms");
    this.judge = Objects.requireNonNull(judge, "judge");
    this.prover = order.node();
    if (receiptMessage.type() != MessageType.RECEIPT || !receiptMessage.verify(prover, networkId)) {
      throw new IllegalArgumentException("not a receipt signed by the order's node");
    }
    this.receipt = Receipt.decode(receiptMessage.payload());
    boolean counts =
        receipt.promptTokens() == order.prompt().size()
            && receipt.head().leafCount() == 1L + receipt.promptTokens() + receipt.outputTokens();
    if (!receipt.order().equals(order.digest())
        || !receipt.profile().equals(order.profile())
        || !layout.profile().digest().equals(order.profile())
        || !counts) {
      throw new IllegalArgumentException("receipt, order and layout do not belong together");
    }
    if (!BisectionRows.canBeDisputed(layout)) {
      throw new IllegalArgumentException(
          "the trace lacks inputs, keys or values of some layer; a committee decides instead");
    }
    this.traceId =
        TraceId.compute(order.digest(), prover.toByteArray(), TraceRole.PROVER, order.profile());
  }

  /** Why a message was not taken. */
  public enum Refusal {
    /** Not a readable move. */
    MALFORMED,
    /** Its signature does not hold for this network. */
    BAD_SIGNATURE,
    /** Not the party whose turn it is. */
    WRONG_SIGNER,
    /** Of another dispute or receipt, another number, or not what is awaited. */
    NOT_EXPECTED,
    /** Asks for tokens or layers that the receipt does not have. */
    OUT_OF_RANGE,
    /** After the deadline. */
    TOO_LATE,
    /** The opening does not lead to the receipt's head or lacks rows that are due. */
    BAD_OPENING
  }

  /**
   * What a message led to.
   *
   * @param state the state afterwards; unchanged if it was refused
   * @param refused why the message was not taken
   */
  public record Step(Optional<BisectionState> state, Optional<Refusal> refused) {
    private static Step of(BisectionState state) {
      return new Step(Optional.of(state), Optional.empty());
    }

    private static Step refused(Optional<BisectionState> state, Refusal why) {
      return new Step(state, Optional.of(why));
    }
  }

  /** A message and the time at which the log recorded it. */
  public record Recorded(SignedMessage message, long atMillis) {}

  /** A move is made in a state and at a time. */
  private record Turn(BisectionState state, long nowMillis) {}

  /**
   * Begins a dispute.
   *
   * @param message an {@link BisectionMove.Open} by anyone but the prover
   */
  public Step open(SignedMessage message, long nowMillis) {
    Optional<Refusal> bad = envelope(message);
    if (bad.isPresent()) {
      return Step.refused(Optional.empty(), bad.get());
    }
    if (message.signer().equals(prover)) {
      return Step.refused(Optional.empty(), Refusal.WRONG_SIGNER);
    }
    BisectionMove move;
    try {
      move = BisectionMove.decode(message.payload());
    } catch (MalformedMessageException e) {
      return Step.refused(Optional.empty(), Refusal.MALFORMED);
    }
    if (!(move instanceof BisectionMove.Open open) || !open.receipt().equals(receipt.digest())) {
      return Step.refused(Optional.empty(), Refusal.NOT_EXPECTED);
    }
    int fed = receipt.promptTokens() + receipt.outputTokens() - 1;
    if (open.positions() > fed || open.upper() > BisectionRows.drawStep(layout) + 1) {
      return Step.refused(Optional.empty(), Refusal.OUT_OF_RANGE);
    }
    return Step.of(
        new BisectionState(
            message.id(),
            message.signer(),
            open.positions(),
            0,
            open.upper(),
            1,
            Awaited.SHOW,
            Math.addExact(nowMillis, terms.moveMillis()),
            Optional.empty(),
            Optional.empty(),
            ""));
  }

  /** Takes the next move. */
  public Step receive(BisectionState before, SignedMessage message, long nowMillis) {
    BisectionState state = tick(before, nowMillis);
    Optional<BisectionState> unchanged = Optional.of(state);
    Optional<Refusal> bad = envelope(message);
    if (bad.isPresent()) {
      return Step.refused(unchanged, bad.get());
    }
    if (state.awaited() == Awaited.NOTHING) {
      boolean justNow = before.awaited() != Awaited.NOTHING;
      return Step.refused(unchanged, justNow ? Refusal.TOO_LATE : Refusal.NOT_EXPECTED);
    }
    if (!message.signer().equals(due(state))) {
      return Step.refused(unchanged, Refusal.WRONG_SIGNER);
    }
    try {
      return take(new Turn(state, nowMillis), message);
    } catch (MalformedMessageException e) {
      return Step.refused(unchanged, Refusal.MALFORMED);
    }
  }

  private Step take(Turn turn, SignedMessage message) throws MalformedMessageException {
    BisectionState state = turn.state();
    BisectionMove move = BisectionMove.decode(message.payload());
    Step wrong = Step.refused(Optional.of(state), Refusal.NOT_EXPECTED);
    if (move instanceof BisectionMove.Show show) {
      return fits(state, show.dispute(), show.turn(), Awaited.SHOW) ? show(turn, show) : wrong;
    }
    if (move instanceof BisectionMove.Choose choose) {
      return fits(state, choose.dispute(), choose.turn(), Awaited.CHOICE)
          ? Step.of(
              state.narrowed(
                  choose.above() ? state.middle() : state.lower(),
                  choose.above() ? state.upper() : state.middle(),
                  deadline(turn)))
          : wrong;
    }
    if (move instanceof BisectionMove.Claim claim) {
      return fits(state, claim.dispute(), claim.turn(), Awaited.CLAIM)
          ? claim(state, claim)
          : wrong;
    }
    if (move instanceof BisectionMove.Withdraw withdraw) {
      boolean may = state.awaited() == Awaited.CLAIM || state.awaited() == Awaited.CHOICE;
      return may && fits(state, withdraw.dispute(), withdraw.turn(), state.awaited())
          ? Step.of(
              state.ended(
                  BisectionOutcome.NO_SINGLE_FAULT,
                  "the challenger found no single step over its limit",
                  1))
          : wrong;
    }
    return wrong;
  }

  private static boolean fits(BisectionState state, Digest32 dispute, int turn, Awaited awaited) {
    return state.awaited() == awaited && dispute.equals(state.dispute()) && turn == state.moves();
  }

  private Step show(Turn turn, BisectionMove.Show show) {
    BisectionState state = turn.state();
    OpeningOutcome outcome = show.opening().verify(receipt.head(), traceId, layout);
    if (!(outcome instanceof OpeningOutcome.Verified rows)) {
      return Step.refused(Optional.of(state), Refusal.BAD_OPENING);
    }
    var due = BisectionRows.due(layout, state.lower(), state.upper(), state.positions());
    // What was loaded was not computed for this order, and perhaps not kept: nobody can judge it.
    boolean loaded = rows.entries().stream().anyMatch(PositionEntry::loaded);
    due.replaceAll(
        (position, indices) ->
            rows.entry(position).map(PositionEntry::loaded).orElse(false) ? List.of() : indices);
    if (rows.missing(due).isPresent()) {
      return Step.refused(Optional.of(state), Refusal.BAD_OPENING);
    }
    return loaded
        ? Step.of(
            state.ended(
                BisectionOutcome.UNDECIDED,
                "some of the rows were loaded from a reused prefix and count as unchecked",
                1))
        : Step.of(state.shown(rows, deadline(turn)));
  }

  private Step claim(BisectionState state, BisectionMove.Claim claim) {
    if (claim.position() >= state.positions()) {
      return Step.refused(Optional.of(state), Refusal.OUT_OF_RANGE);
    }
    StepJudge.Ruling ruling =
        judge.judge(
            new StepJudge.Subject(
                order,
                receipt,
                prover,
                state.lower(),
                claim.position(),
                state.shown().orElseThrow()));
    return Step.of(state.ended(ruling.outcome(), ruling.statement(), 1));
  }

  /** Whose turn it is. */
  private VerifyingKey due(BisectionState state) {
    return state.awaited() == Awaited.SHOW ? prover : state.challenger();
  }

  /** Lets the time pass: whoever was due and did nothing has lost. */
  public BisectionState tick(BisectionState state, long nowMillis) {
    if (state.awaited() == Awaited.NOTHING || nowMillis <= state.deadlineMillis()) {
      return state;
    }
    boolean proverWasDue = state.awaited() == Awaited.SHOW;
    return state.ended(
        proverWasDue ? BisectionOutcome.PROVER_SILENT : BisectionOutcome.CHALLENGER_SILENT,
        (proverWasDue ? "the prover" : "the challenger")
            + " did not answer until "
            + state.deadlineMillis(),
        0);
  }

  /**
   * Makes a state again from what a log recorded, refused messages included.
   *
   * @return empty if none of them opened a dispute
   */
  public Optional<BisectionState> replay(List<Recorded> log) {
    Optional<BisectionState> state = Optional.empty();
    for (Recorded one : log) {
      Step step =
          state.isPresent()
              ? receive(state.get(), one.message(), one.atMillis())
              : open(one.message(), one.atMillis());
      state = step.state();
    }
    return state;
  }

  private Optional<Refusal> envelope(SignedMessage message) {
    if (message.type() != MessageType.BISECTION) {
      return Optional.of(Refusal.NOT_EXPECTED);
    }
    return message.verify(networkId) ? Optional.empty() : Optional.of(Refusal.BAD_SIGNATURE);
  }

  private long deadline(Turn turn) {
    return Math.addExact(turn.nowMillis(), terms.moveMillis());
  }
}
