package io.verillm.incentives.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Journal;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.PostingResult;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.pool.CommitteeBallot.Vote;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.ProvenFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Checks A1 and E9: every branch conserves the pool exactly, and the ledger up to k = 20. */
class PoolConservationPropertyTest {
  private static final Function<PoolRole, Account> ACCOUNTS =
      role -> Account.wallet(role.toString());

  private static final Optional<ProvenFault> PROOF =
      ProvenFault.verify(
          new FaultProof("g", FaultKind.BAD_OPENING, List.of(Digest32.sha256(new byte[1]))),
          asked -> new FaultProofChecker.Result.Proven());

  private static Rational sum(PoolPayout payout) {
    return payout.payments().values().stream()
        .reduce(Rational.ZERO, Rational::plus)
        .plus(payout.burnt())
        .plus(payout.treasury());
  }

  private static void assertSettles(PoolPayout payout) {
    assertThat(sum(payout)).isEqualTo(payout.pool());
    Journal journal = new Journal();
    payout
        .deposits()
        .forEach(
            (role, amount) ->
                assertThat(
                        journal.post(
                            Settlement.transfer(
                                SettlementId.of("fund" + role),
                                Account.OUTSIDE,
                                ACCOUNTS.apply(role),
                                amount.ceilingMicros())))
                    .isInstanceOf(PostingResult.Applied.class));
    Settlement settlement =
        payout.toSettlement(SettlementId.of("game", Digest32.sha256(new byte[1])), ACCOUNTS);
    assertThat(journal.post(settlement)).isInstanceOf(PostingResult.Applied.class);
    assertThat(journal.post(settlement)).isInstanceOf(PostingResult.AlreadyApplied.class);
    Micros total = Micros.ZERO;
    for (Micros balance : journal.balances().values()) {
      total = total.plus(balance);
    }
    assertThat(total).isEqualTo(Micros.ZERO);
    journal
        .balances()
        .forEach(
            (account, balance) ->
                assertThat(balance.isNegative() && !account.equals(Account.OUTSIDE)).isFalse());
    // Rounding leaves the treasury less than one micro-unit per line beyond its exact share.
    long residue =
        journal.balance(Account.TREASURY).value() - payout.treasury().floorMicros().value();
    assertThat(residue)
        .isBetween(0L, (long) settlement.takes().size() + payout.payments().size() + 1);
    List<Posting> lines = settlement.pays();
    assertThat(lines).allMatch(line -> line.amount().isPositive());
  }

  @Property(tries = 120)
  void settle_publishedAllBranches_conserve(
      @ForAll @LongRange(min = 2, max = 5000) long aNumerator,
      @ForAll @LongRange(min = 1, max = 997) long aDenominator,
      @ForAll @LongRange(min = 1, max = 5000) long bDenominator,
      @ForAll @LongRange(min = 2, max = 1_000_000_000L) long generation,
      @ForAll @LongRange(min = 1, max = 1_000_000L) long verification,
      @ForAll @IntRange(min = 1, max = 20) int k) {
    // V_k's table entry bC_g + ((k-1)b - a)C_v is negative for some multipliers; the table then is
    // no payout at all.
    Rational a = Rational.of(aNumerator, aDenominator);
    Rational b = a.plus(Rational.of(7, bDenominator)).times(1 + verification / generation + 1);
    PoolTerms terms = new PoolTerms(a, b, Micros.of(generation), Micros.of(verification));
    PublishedPool pool = new PublishedPool(terms);
    assertSettles(pool.settle(new PoolOutcome.NoChallenge()));
    assertSettles(pool.settle(new PoolOutcome.ConfirmsGenerator(k)));
    assertSettles(pool.settle(new PoolOutcome.Arbitrated(k)));
    for (int j = 1; j < k; j++) {
      assertSettles(pool.settle(new PoolOutcome.ConfirmsVerifier(k, j)));
    }
    assertThat(pool.settle(new PoolOutcome.Arbitrated(k)).pool()).isEqualTo(terms.poolWith(k));
  }

  @Property(tries = 150)
  void settle_hardenedRandomVotes_conserve(
      @ForAll long seed,
      @ForAll @IntRange(min = 3, max = 11) int seats,
      @ForAll @LongRange(min = 1, max = 999_983) long verification) {
    Random random = new Random(seed);
    PoolTerms pool =
        new PoolTerms(
            Rational.of(1 + random.nextInt(50), 1 + random.nextInt(13)),
            Rational.of(1 + random.nextInt(90), 1 + random.nextInt(17)),
            Micros.of(1_000_000_007),
            Micros.of(verification));
    HardenedPool game = new HardenedPool(HardenedTerms.withDefaults(pool, seats));
    List<CommitteeBallot> ballots = new ArrayList<>();
    for (int committee = 0; committee < 3; committee++) {
      List<Vote> votes = new ArrayList<>();
      for (int seat = 0; seat < seats; seat++) {
        votes.add(Vote.values()[random.nextInt(3)]);
      }
      ballots.add(new CommitteeBallot(votes));
      if (Math.max(
              ballots.get(committee).count(Vote.ACCEPT), ballots.get(committee).count(Vote.REJECT))
          >= game.terms().quorum()) {
        break;
      }
    }
    assertSettles(
        game.settle(ballots, "g", random.nextBoolean() ? PROOF : Optional.empty()).payout());
  }
}
