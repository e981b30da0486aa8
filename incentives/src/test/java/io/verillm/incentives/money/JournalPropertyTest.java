package io.verillm.incentives.money;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random games over a journal: nothing appears, vanishes, or happens twice. */
class JournalPropertyTest {
  private static Account player(int number) {
    return Account.wallet("p" + number);
  }

  private static SettlementId id(int number) {
    return SettlementId.of(
        "random", Digest32.sha256(new byte[] {(byte) number, (byte) (number >> 8)}));
  }

  /** Some of these are refused for lack of funds and some repeat an id; both are wanted. */
  private static List<Settlement> randomGame(long seed, int steps) {
    Random random = new Random(seed);
    List<Settlement> offers = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      SettlementId id = id(random.nextInt(steps));
      Account from = random.nextInt(3) == 0 ? Account.OUTSIDE : player(random.nextInt(5));
      Micros amount = Micros.of(1 + random.nextInt(1000));
      Rational half = Rational.of(amount.value(), 1 + random.nextInt(7)).times(Rational.of(1, 2));
      offers.add(
          Settlement.divide(
              id,
              List.of(new Posting(from, amount)),
              java.util.Map.of(
                  player(5 + random.nextInt(3)), half, player(random.nextInt(5)), half),
              Account.TREASURY));
    }
    return offers;
  }

  private static Micros sum(Journal journal) {
    return journal.balances().values().stream().reduce(Micros.ZERO, Micros::plus);
  }

  @Property(tries = 200)
  void post_randomGame_conservesAndNeverGoesNegative(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int steps) {
    Journal journal = new Journal();
    for (Settlement offer : randomGame(seed, steps)) {
      PostingResult ignored = journal.post(offer);
      assertThat(ignored).isNotNull();
      assertThat(sum(journal)).isEqualTo(Micros.ZERO);
      journal
          .balances()
          .forEach(
              (account, amount) ->
                  assertThat(amount.isNegative() && !account.equals(Account.OUTSIDE)).isFalse());
    }
  }

  @Property(tries = 200)
  void replay_anyGame_givesTheSameBalancesAndIsIdempotent(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int steps) {
    Journal journal = new Journal();
    randomGame(seed, steps).forEach(offer -> assertThat(journal.post(offer)).isNotNull());
    Journal again = Journal.replay(journal.entries());
    assertThat(again.balancesDigest()).isEqualTo(journal.balancesDigest());
    for (Settlement entry : journal.entries()) {
      assertThat(again.post(entry)).isEqualTo(new PostingResult.AlreadyApplied(entry.id()));
    }
    assertThat(again.balances()).isEqualTo(journal.balances());
    assertThat(again.entries()).isEqualTo(journal.entries());
  }

  @Property(tries = 200)
  void apply_appliedSettlementsInAnotherOrder_giveTheSameBalances(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int steps) {
    Journal journal = new Journal();
    for (int player = 0; player < 5; player++) {
      assertThat(
              journal.post(
                  Settlement.transfer(
                      id(30_000 + player), Account.OUTSIDE, player(player), Micros.of(1_000_000))))
          .isNotNull();
    }
    randomGame(seed, steps).forEach(offer -> assertThat(journal.post(offer)).isNotNull());
    List<Settlement> shuffled =
        new ArrayList<>(journal.entries().subList(5, journal.entries().size()));
    Collections.shuffle(shuffled, new Random(seed ^ 7));
    List<Settlement> reordered = new ArrayList<>(journal.entries().subList(0, 5));
    reordered.addAll(shuffled);
    assertThat(Journal.replay(reordered).balances()).isEqualTo(journal.balances());
  }
}
