package io.verillm.network.flow;

import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.pool.PoolPayout;
import io.verillm.incentives.pool.PoolRole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One stake pool of Proof of Cache: deposits go in when a part is taken, payments come out once.
 * Deposits round up, payments down, the difference is the treasury's.
 *
 * @param userDeposit what the client puts in
 * @param generatorDeposit what the prover puts in
 * @param verifierDeposit what each verifier puts in
 * @param ending the payments of a game that was played; empty if everything goes back
 */
record PoolEscrow(
    JobContext context,
    Micros userDeposit,
    Micros generatorDeposit,
    Micros verifierDeposit,
    Function<JobData, Optional<PoolPayout>> ending)
    implements Escrow {

  @Override
  public List<Settlement> fund() {
    return List.of(
        new Settlement(
            SettlementId.of("pool-fund", context.job()),
            List.of(
                new Posting(Escrow.wallet(context.client()), userDeposit),
                new Posting(Escrow.wallet(context.prover()), generatorDeposit)),
            List.of(
                new Posting(Escrow.account(context.job()), userDeposit.plus(generatorDeposit)))));
  }

  /** A verifier takes a seat. */
  Settlement join(VerifyingKey verifier) {
    return Settlement.transfer(
        SettlementId.of("pool-join/" + verifier, context.job()),
        Escrow.wallet(verifier),
        Escrow.account(context.job()),
        verifierDeposit);
  }

  @Override
  public List<Settlement> divide(JobData data, Outcome outcome) {
    Micros held =
        userDeposit.plus(generatorDeposit).plus(verifierDeposit.times(data.joined.size()));
    Map<Account, Rational> shares = new TreeMap<>();
    // A job that ended before anybody could ask for verification was accepted, or was never played.
    boolean played = !data.rounds.isEmpty() || outcome == Outcome.ACCEPTED;
    Optional<PoolPayout> payout =
        played && outcome != Outcome.EXPIRED ? ending.apply(data) : Optional.empty();
    if (payout.isPresent()) {
      payout.get().payments().forEach((role, amount) -> give(shares, wallet(data, role), amount));
      give(shares, Account.BURN, payout.get().burnt());
      give(shares, Account.TREASURY, payout.get().treasury());
    } else {
      give(shares, Escrow.wallet(context.client()), userDeposit.toRational());
      give(shares, Escrow.wallet(context.prover()), generatorDeposit.toRational());
      data.joined.forEach(
          verifier -> give(shares, Escrow.wallet(verifier), verifierDeposit.toRational()));
    }
    return List.of(
        Settlement.divide(
            SettlementId.of("pool-divide", context.job()),
            List.of(new Posting(Escrow.account(context.job()), held)),
            shares,
            Account.TREASURY));
  }

  private Account wallet(JobData data, PoolRole role) {
    return switch (role.kind()) {
      case USER -> Escrow.wallet(context.client());
      case GENERATOR -> Escrow.wallet(context.prover());
      case VERIFIER -> Escrow.wallet(data.joined.get(role.stage() - 1));
    };
  }

  private static void give(Map<Account, Rational> shares, Account to, Rational amount) {
    shares.merge(to, amount, Rational::plus);
  }
}
