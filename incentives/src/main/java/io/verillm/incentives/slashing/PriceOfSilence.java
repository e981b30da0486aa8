package io.verillm.incentives.slashing;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an unanswered acknowledged challenge costs: the job's pay goes back to the client, and the
 * stake gives a fee of at least the expected slash of the worst deviation that silence could hide.
 * It also counts as an exceedance, see {@link EvidenceBook#recordSilence}. With less, a cheater
 * would answer lucky draws only.
 *
 * @param detection probability that an answer would have shown the deviation, in [0, 1]
 * @param slashedShare share of the stake that showing it would have cost, in [0, 1]
 */
public record PriceOfSilence(Rational detection, Rational slashedShare) {
  /** Checks the shares. */
  public PriceOfSilence {
    for (Rational share : List.of(detection, slashedShare)) {
      Require.that(
          share.signum() >= 0 && share.compareTo(Rational.ONE) <= 0, "shares lie in [0, 1]");
    }
  }

  /** Returns the fee for a stake, rounded up. */
  public Micros fee(Micros stake) {
    return detection.times(slashedShare).times(stake).ceilingMicros();
  }

  /**
   * Returns the settlement of a silence, empty if neither pay nor fee is left. One silence has one
   * settlement, whatever is passed beside it.
   *
   * @param silence the proven silence
   * @param unpaid the escrow of the job, whose whole pay goes back to its client; empty if the job
   *     gave it back when it ended
   * @param stakeLeft what the node's stake holds; a fee beyond it is cut to it
   * @throws IllegalArgumentException if the fault is not silence, or the escrow is another prover's
   */
  public Optional<Settlement> settle(
      ProvenFault silence, Optional<JobEscrow> unpaid, Micros stakeLeft) {
    FaultProof proof = silence.proof();
    Require.that(proof.kind() == FaultKind.SILENCE, "the fault is not silence");
    Micros fee = fee(stakeLeft).min(stakeLeft);
    List<Posting> takes = new ArrayList<>();
    Map<Account, Rational> back = new LinkedHashMap<>();
    if (unpaid.isPresent()) {
      JobEscrow job = unpaid.get();
      Require.that(
          job.prover().equals(proof.node()), "the escrow is not for the node that kept silent");
      takes.add(new Posting(JobEscrow.account(job.order()), job.pay()));
      back.put(Account.wallet(job.client()), job.pay().toRational());
    }
    if (fee.isPositive()) {
      takes.add(new Posting(Account.stake(proof.node()), fee));
    }
    if (takes.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Settlement.divide(
            SettlementId.of("silence/" + proof.node(), proof.ground().get(0)),
            takes,
            back,
            Account.TREASURY));
  }
}
