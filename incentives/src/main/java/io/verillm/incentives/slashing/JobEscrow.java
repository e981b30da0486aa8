package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.Optional;

/**
 * The pay of one job, held from order to verdict. Credit is never granted before the check: the
 * prover is paid on an accepted verdict, and on nothing else.
 *
 * @param order digest of the order
 * @param client who pays
 * @param prover who is paid
 * @param pay the amount, more than zero
 */
public record JobEscrow(Digest32 order, String client, String prover, Micros pay) {
  /** A verdict as far as money is concerned. */
  public enum Outcome {
    /** Checked and holds. */
    ACCEPTED,
    /** The prover is at fault. */
    REJECTED,
    /** Not enough to decide, or not ours to judge. */
    UNDECIDED
  }

  /**
   * What a settlement needs to know of a verdict.
   *
   * @param order digest of the order that the receipt names
   * @param receipt digest of the receipt that was judged
   * @param acknowledgement id of the acknowledgement; empty if the receipt was never acknowledged
   * @param publicRandomness false for verdicts from a verifier's own nonce (marked private)
   * @param outcome the verdict
   */
  public record JudgedReceipt(
      Digest32 order,
      Digest32 receipt,
      Optional<Digest32> acknowledgement,
      boolean publicRandomness,
      Outcome outcome) {}

  /** What came of a verdict. */
  public sealed interface Decision {
    /** This moves. */
    record Settle(Settlement settlement) implements Decision {}

    /** Nothing moves, the money stays in escrow. */
    record Hold(Reason reason) implements Decision {}
  }

  /** Why money stays. */
  public enum Reason {
    /** The verdict is about another order; it moves nobody else's money. */
    OTHER_ORDER,
    /** The receipt was never acknowledged: its time is not proven. */
    NO_ACKNOWLEDGEMENT,
    /** The challenge came from a verifier's own nonce, which nobody else can check. */
    PRIVATE_VERDICT,
    /** The verdict decides nothing. */
    UNDECIDED
  }

  /** Checks the amount. */
  public JobEscrow {
    Require.that(pay.isPositive(), "pay must be positive");
  }

  /** Returns the escrow account of an order. */
  public static Account account(Digest32 order) {
    return Account.escrow(order.toString());
  }

  /** Returns the settlement that puts the client's money into escrow. */
  public Settlement fund() {
    return Settlement.transfer(
        SettlementId.of("fund", order), Account.wallet(client), account(order), pay);
  }

  /**
   * Returns what a verdict does to the money. Pay and refund share one id, so only one of them can
   * ever happen.
   */
  @CheckReturnValue
  public Decision decide(JudgedReceipt judged) {
    if (!judged.order().equals(order)) {
      return new Decision.Hold(Reason.OTHER_ORDER);
    }
    if (judged.acknowledgement().isEmpty()) {
      return new Decision.Hold(Reason.NO_ACKNOWLEDGEMENT);
    }
    if (!judged.publicRandomness()) {
      return new Decision.Hold(Reason.PRIVATE_VERDICT);
    }
    return switch (judged.outcome()) {
      case ACCEPTED -> new Decision.Settle(release(prover));
      case REJECTED -> new Decision.Settle(release(client));
      case UNDECIDED -> new Decision.Hold(Reason.UNDECIDED);
    };
  }

  /**
   * Returns the settlement that gives the money back when the job's deadline passed without a
   * verdict.
   */
  public Settlement expire() {
    return release(client);
  }

  private Settlement release(String to) {
    return Settlement.transfer(
        SettlementId.of("release", order), account(order), Account.wallet(to), pay);
  }
}
