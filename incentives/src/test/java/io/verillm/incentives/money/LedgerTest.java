package io.verillm.incentives.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.wire.Digest32;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Check E9 by example; {@link JournalPropertyTest} has random games. */
class LedgerTest {
  private static final Account ANN = Account.wallet("ann");
  private static final Account BOB = Account.wallet("bob");

  private static SettlementId id(String name) {
    return SettlementId.of("test", Digest32.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  private static Ledger withAnn(long micros) {
    Ledger ledger = new Ledger();
    assertThat(ledger.apply(deposit("seed", ANN, micros)))
        .isInstanceOf(PostingResult.Applied.class);
    return ledger;
  }

  private static Settlement deposit(String name, Account to, long micros) {
    return Settlement.transfer(id(name), Account.OUTSIDE, to, Micros.of(micros));
  }

  @Test
  void settlement_inUnequalToOut_cannotBeBuilt() {
    assertThatThrownBy(
            () ->
                new Settlement(
                    id("x"),
                    List.of(new Posting(ANN, Micros.of(5))),
                    List.of(new Posting(BOB, Micros.of(4)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 0.000005 and pays 0.000004");
  }

  @Test
  void settlement_emptyOrDuplicateOrNotPositive_cannotBeBuilt() {
    assertThatThrownBy(() -> new Settlement(id("x"), List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    Posting one = new Posting(ANN, Micros.of(1));
    assertThatThrownBy(
            () ->
                new Settlement(id("x"), List.of(one, one), List.of(new Posting(BOB, Micros.of(2)))))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> new Posting(ANN, Micros.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Posting(ANN, Micros.of(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void settlement_sumOverflows_throws() {
    List<Posting> two =
        List.of(
            new Posting(ANN, Micros.of(Long.MAX_VALUE)),
            new Posting(BOB, Micros.of(Long.MAX_VALUE)));
    assertThatThrownBy(() -> new Settlement(id("x"), two, two))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void divide_thirds_leavesTheResidueToTheTreasury() {
    Rational third = Rational.of(10, 3);
    Settlement settlement =
        Settlement.divide(
            id("x"),
            List.of(new Posting(ANN, Micros.of(10))),
            Map.of(
                Account.wallet("a"), third, Account.wallet("b"), third, Account.wallet("c"), third),
            Account.TREASURY);
    assertThat(settlement.netOf(Account.TREASURY)).isEqualTo(Micros.of(1));
    assertThat(settlement.netOf(Account.wallet("b"))).isEqualTo(Micros.of(3));
    assertThat(settlement.total()).isEqualTo(Micros.of(10));
  }

  @Test
  void divide_moreThanComesInOrNegative_isRefused() {
    List<Posting> ten = List.of(new Posting(ANN, Micros.of(10)));
    assertThatThrownBy(
            () -> Settlement.divide(id("x"), ten, Map.of(BOB, Rational.of(11)), Account.TREASURY))
        .hasMessageContaining("exceed");
    assertThatThrownBy(
            () ->
                Settlement.divide(id("x"), ten, Map.of(BOB, Rational.of(-1, 2)), Account.TREASURY))
        .hasMessageContaining("negative");
  }

  @Test
  void apply_sameSettlementTwice_movesMoneyOnce() {
    Ledger ledger = withAnn(10);
    Settlement pay = Settlement.transfer(id("pay"), ANN, BOB, Micros.of(4));
    assertThat(ledger.apply(pay)).isEqualTo(new PostingResult.Applied(pay.id()));
    assertThat(ledger.apply(pay)).isEqualTo(new PostingResult.AlreadyApplied(pay.id()));
    assertThat(ledger.balance(BOB)).isEqualTo(Micros.of(4));
    assertThat(ledger.settlementCount()).isEqualTo(2);
  }

  @Test
  void apply_otherSettlementUnderTheSameId_isRefused() {
    Ledger ledger = withAnn(10);
    assertThat(ledger.apply(Settlement.transfer(id("pay"), ANN, BOB, Micros.of(4))).isInLedger())
        .isTrue();
    PostingResult second = ledger.apply(Settlement.transfer(id("pay"), ANN, BOB, Micros.of(5)));
    assertThat(second)
        .isInstanceOfSatisfying(
            PostingResult.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(PostingResult.Reason.ID_CONFLICT));
    assertThat(ledger.balance(BOB)).isEqualTo(Micros.of(4));
  }

  @Test
  void apply_oneTakeTooLarge_changesNothingAtAll() {
    Ledger ledger = withAnn(10);
    Digest32 before = ledger.balancesDigest();
    Settlement both =
        new Settlement(
            id("both"),
            List.of(new Posting(ANN, Micros.of(10)), new Posting(BOB, Micros.of(1))),
            List.of(new Posting(Account.TREASURY, Micros.of(11))));
    assertThat(ledger.apply(both))
        .isInstanceOfSatisfying(
            PostingResult.Refused.class,
            refused ->
                assertThat(refused.reason()).isEqualTo(PostingResult.Reason.INSUFFICIENT_FUNDS));
    assertThat(ledger.balancesDigest()).isEqualTo(before);
    assertThat(ledger.settlementCount()).isEqualTo(1);
  }

  @Test
  void apply_accountThatAlsoGetsMoneyBack_mustCoverItsTakeFirst() {
    Ledger ledger = withAnn(10);
    Settlement lend =
        new Settlement(
            id("lend"),
            List.of(new Posting(ANN, Micros.of(10)), new Posting(BOB, Micros.of(3))),
            List.of(new Posting(BOB, Micros.of(13))));
    assertThat(ledger.apply(lend).isInLedger()).isFalse();
  }

  @Test
  void apply_sumBeyond64Bits_throwsAndChangesNothing() {
    Ledger ledger = new Ledger();
    Account escrow = Account.escrow("x");
    assertThat(
            ledger.apply(
                Settlement.transfer(
                    id("most"), Account.OUTSIDE, escrow, Micros.of(Long.MAX_VALUE - 1))))
        .isInstanceOf(PostingResult.Applied.class);
    Digest32 before = ledger.balancesDigest();
    Settlement tooMuch =
        new Settlement(
            id("more"),
            List.of(new Posting(escrow, Micros.of(5)), new Posting(Account.OUTSIDE, Micros.of(10))),
            List.of(new Posting(Account.wallet("w"), Micros.of(15))));
    assertThatThrownBy(() -> assertThat(ledger.apply(tooMuch)).isNotNull())
        .isInstanceOf(ArithmeticException.class);
    assertThat(ledger.balancesDigest()).isEqualTo(before);
    assertThat(ledger.settlementCount()).isEqualTo(1);
  }

  @Test
  void apply_takeFromBurn_isRefused() {
    Ledger ledger = withAnn(10);
    assertThat(
            ledger
                .apply(Settlement.transfer(id("b"), ANN, Account.BURN, Micros.of(10)))
                .isInLedger())
        .isTrue();
    assertThat(ledger.apply(Settlement.transfer(id("c"), Account.BURN, ANN, Micros.of(1))))
        .isInstanceOfSatisfying(
            PostingResult.Refused.class,
            refused ->
                assertThat(refused.reason()).isEqualTo(PostingResult.Reason.TAKES_FROM_BURN));
  }

  @Test
  void settlementId_bytesShiftedBetweenPurposeAndSubjects_differs() {
    Digest32 one = Digest32.sha256(new byte[] {1});
    Digest32 two = Digest32.sha256(new byte[] {2});
    assertThat(SettlementId.of("pay", one, two)).isEqualTo(SettlementId.of("pay", one, two));
    assertThat(SettlementId.of("pay", one, two)).isNotEqualTo(SettlementId.of("pay", two, one));
    assertThat(SettlementId.of("pay", one)).isNotEqualTo(SettlementId.of("pay", one, two));
    assertThat(SettlementId.of("pay", one)).isNotEqualTo(SettlementId.of("pa", one));
  }

  @Test
  void replay_listThatIsNoJournal_fails() {
    assertThatThrownBy(
            () -> Journal.replay(List.of(Settlement.transfer(id("x"), ANN, BOB, Micros.of(1)))))
        .isInstanceOf(IllegalStateException.class);
  }

  /** The bytes are a format: computed by Python's hashlib from the layout in the Javadoc. */
  @Test
  void settlementId_knownInput_hasThePublishedBytes() {
    assertThat(id("x").digest().toString())
        .isEqualTo("0ec6a7699d3b3d1860fb3561c706d8a7b65f2d626beb79d2e475d46d297df13f");
    assertThat(id("x").toString()).isEqualTo(id("x").digest().shortHex());
  }

  /** As above; accounts that came back to zero are not in it. */
  @Test
  void balancesDigest_knownBalances_hasThePublishedBytes() {
    Ledger ledger = withAnn(7);
    assertThat(ledger.apply(Settlement.transfer(id("b"), ANN, BOB, Micros.of(3))))
        .isInstanceOf(PostingResult.Applied.class);
    Account through = Account.wallet("carol");
    assertThat(ledger.apply(Settlement.transfer(id("c"), ANN, through, Micros.of(2))))
        .isInstanceOf(PostingResult.Applied.class);
    assertThat(ledger.apply(Settlement.transfer(id("d"), through, ANN, Micros.of(2))))
        .isInstanceOf(PostingResult.Applied.class);
    assertThat(ledger.balances())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(Account.OUTSIDE, Micros.of(-7), ANN, Micros.of(4), BOB, Micros.of(3)));
    assertThat(ledger.balancesDigest().toString())
        .isEqualTo("69afac0a37415f1d27766cd56356157acb06c29585137f17059ae61c005d7928");
  }

  @Test
  void settlement_linesInAnyOrder_areOneSettlement() {
    Posting ann = new Posting(ANN, Micros.of(5));
    Posting bob = new Posting(BOB, Micros.of(4));
    List<Posting> pays = List.of(new Posting(Account.TREASURY, Micros.of(9)));
    assertThat(new Settlement(id("x"), List.of(bob, ann), pays))
        .isEqualTo(new Settlement(id("x"), List.of(ann, bob), pays));
    assertThat(new Settlement(id("x"), List.of(bob, ann), pays).takes()).containsExactly(ann, bob);
    assertThat(ann.compareTo(bob)).isNegative();
    assertThat(ann.compareTo(new Posting(ANN, Micros.of(6)))).isNegative();
    assertThat(ann.compareTo(new Posting(ANN, Micros.of(5)))).isZero();
  }

  @Test
  void account_nameAtItsLimits() {
    assertThat(new Account("a".repeat(200)).toString()).hasSize(200);
    assertThatThrownBy(() -> new Account("a".repeat(201)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Account("")).isInstanceOf(IllegalArgumentException.class);
  }
}
