package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The right to take part of a node's stake.
 *
 * <p>There are two ways to obtain one: {@link #onProof} from a verified objective fault, and {@link
 * SlashingLadder#confirm} from accumulated evidence confirmed by a fresh re-execution. There is
 * none from a verdict or a flag. Immutable.
 */
public final class SlashOrder {
  private final String node;
  private final Rational fraction;
  private final SettlementId id;
  private final String basis;

  private SlashOrder(String node, Rational fraction, SettlementId id, String basis) {
    this.node = node;
    this.fraction = fraction;
    this.id = id;
    this.basis = basis;
  }

  /**
   * Returns the order to take the whole stake.
   *
   * @throws IllegalArgumentException for silence, which has a price of its own, see {@link
   *     PriceOfSilence}
   */
  public static SlashOrder onProof(ProvenFault fault) {
    FaultProof proof = fault.proof();
    Require.that(proof.kind() != FaultKind.SILENCE, "silence is priced, not slashed");
    return new SlashOrder(
        proof.node(),
        Rational.ONE,
        SettlementId.of(
            "slash/" + proof.kind() + "/" + proof.node(), proof.ground().toArray(Digest32[]::new)),
        "proof of " + proof.kind());
  }

  /**
   * Package-private on purpose: only the ladder may call it. The fraction is cut to whole
   * millionths, downwards.
   */
  static SlashOrder statistical(NodeEvidence evidence, double fraction, Digest32 freshReceipt) {
    Require.that(fraction > 0 && fraction <= 1, "no evidence for a slash");
    return new SlashOrder(
        evidence.node(),
        Rational.of((long) Math.floor(fraction * 1e6), 1_000_000),
        SettlementId.of("slash/evidence/" + evidence.node(), freshReceipt),
        "ln E = " + evidence.logWealth() + " over " + evidence.audits() + " audits, confirmed");
  }

  /** Returns the node. */
  public String node() {
    return node;
  }

  /** Returns the share of the stake to take. */
  public Rational fraction() {
    return fraction;
  }

  /** Returns what the order rests on, for people. */
  public String basis() {
    return basis;
  }

  /**
   * Returns the settlement that takes the fraction of what is left of the stake, rounded down,
   * burns {@code burnShare} of it and gives the rest to the treasury; empty if nothing is left.
   * Never to an accuser: accusing must not pay. One fault, or one confirmed receipt, has one
   * settlement id: a second order on the same ground is refused by the ledger.
   */
  public Optional<Settlement> settle(Micros stakeLeft, Rational burnShare) {
    Require.that(!stakeLeft.isNegative(), "a stake is not negative");
    Require.that(
        burnShare.signum() >= 0 && burnShare.compareTo(Rational.ONE) <= 0,
        "burnShare must lie in [0, 1]");
    Micros taken = fraction.times(stakeLeft).floorMicros();
    if (!taken.isPositive()) {
      return Optional.empty();
    }
    return Optional.of(
        Settlement.divide(
            id,
            List.of(new Posting(Account.stake(node), taken)),
            Map.of(Account.BURN, burnShare.times(taken)),
            Account.TREASURY));
  }
}
