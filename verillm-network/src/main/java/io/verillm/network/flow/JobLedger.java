package io.verillm.network.flow;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.JobMoney;
import io.verillm.network.message.Vote;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The money of one job: one escrow, funded by the client when the prover accepts, and divided once
 * when the job is over.
 *
 * <ul>
 *   <li>The client deposits the pay and the fees of every seat that may be filled.
 *   <li>Accepted: the prover gets the pay. Every other outcome: the client gets it back.
 *   <li>A committee member whose vote counted is paid its fee, unless the final outcome is decided
 *       and the vote was not for it. Its rows show that it computed, so it is paid also where the
 *       prover makes a decision impossible, by a class that nobody can judge or by silence. Nobody
 *       loses a stake here.
 *   <li>A dispute that changes nothing pays the second committee from its bond, and the rest of the
 *       bond goes to the treasury. Otherwise the bond goes back.
 *   <li>An upheld objection gets its bond and one fee; a failed one loses its bond. One that a
 *       committee had to decide pays that committee if it failed, as a dispute does.
 *   <li>What is left is the client's.
 * </ul>
 *
 * @param seats seats whose fees the client deposits
 */
record JobLedger(JobContext context, int seats) implements Escrow {
  private JobMoney money() {
    return context.terms().money();
  }

  private Digest32 job() {
    return context.job();
  }

  private Micros deposit() {
    return money().pay().plus(money().fee().times(seats));
  }

  @Override
  public List<Settlement> fund() {
    return List.of(
        Settlement.transfer(
            SettlementId.of("job-fund", job()),
            Escrow.wallet(context.client()),
            Escrow.account(job()),
            deposit()));
  }

  /** Puts a bond into escrow; nothing if bonds are zero. */
  List<Settlement> bond(VerifyingKey party) {
    return money().bond().isPositive()
        ? List.of(
            Settlement.transfer(
                SettlementId.of("job-bond/" + party, job()),
                Escrow.wallet(party),
                Escrow.account(job()),
                money().bond()))
        : List.of();
  }

  /** Takes the bond of a failed objection; nothing if bonds are zero. */
  List<Settlement> loseBond(VerifyingKey party) {
    return money().bond().isPositive()
        ? List.of(
            Settlement.transfer(
                SettlementId.of("job-bond-lost/" + party, job()),
                Escrow.account(job()),
                Account.TREASURY,
                money().bond()))
        : List.of();
  }

  @Override
  public List<Settlement> divide(JobData data, Outcome outcome) {
    Map<Account, Rational> shares = new TreeMap<>();
    Micros held = deposit();
    VerifyingKey payee = outcome == Outcome.ACCEPTED ? context.prover() : context.client();
    give(shares, Escrow.wallet(payee), money().pay());
    Micros secondFees = Micros.ZERO; // of the committee that was asked last
    for (CommitteeRound round : data.rounds) {
      Micros fees = payMembers(round, outcome, shares);
      secondFees = fees;
    }
    if (data.disputer != null) {
      held = held.plus(money().bond());
      if (isLost(data, outcome)) {
        Micros left = money().bond().minus(secondFees.min(money().bond()));
        give(shares, Account.TREASURY, left);
      } else {
        give(shares, Escrow.wallet(data.disputer), money().bond());
        if (objected(data) && outcome == Outcome.REJECTED) {
          give(shares, Escrow.wallet(data.disputer), money().fee());
        }
      }
    }
    if (data.winner != null) {
      held = held.plus(money().bond());
      give(shares, Escrow.wallet(data.winner), money().bond().plus(money().fee()));
    }
    return List.of(
        Settlement.divide(
            SettlementId.of("job-divide", job()),
            List.of(new Posting(Escrow.account(job()), held)),
            shares,
            Escrow.wallet(context.client())));
  }

  /** Flow A: the only committee is the one that an objection led to. */
  private static boolean objected(JobData data) {
    return data.disputer != null && data.rounds.size() == 1;
  }

  /** Whether the committee that was asked last said the same as was said before. */
  private static boolean isLost(JobData data, Outcome outcome) {
    if (objected(data)) {
      return outcome == Outcome.ACCEPTED;
    }
    return data.rounds.size() == 2
        && outcome == data.rounds.get(0).outcome
        && (outcome == Outcome.ACCEPTED || outcome == Outcome.REJECTED);
  }

  private Micros payMembers(CommitteeRound round, Outcome outcome, Map<Account, Rational> shares) {
    Micros paid = Micros.ZERO;
    for (Seat seat : round.seats) {
      CommitteeRound.Checked checked = round.reveals.get(seat.key());
      SeatResult result = round.results.getOrDefault(seat.key(), SeatResult.NO_COMMITMENT);
      if (checked == null || !result.counts()) {
        continue;
      }
      Vote vote = result.vote(checked.reveal().finding().vote());
      boolean lost =
          (outcome == Outcome.ACCEPTED && vote != Vote.ACCEPT)
              || (outcome == Outcome.REJECTED && vote != Vote.REJECT);
      if (!lost) {
        give(shares, Escrow.wallet(seat.key()), money().fee());
        paid = paid.plus(money().fee());
      }
    }
    return paid;
  }

  private static void give(Map<Account, Rational> shares, Account to, Micros amount) {
    shares.merge(to, amount.toRational(), Rational::plus);
  }
}
