package io.verillm.incentives.slashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Ledger;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.PostingResult;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.slashing.CommitteeReading.Member;
import io.verillm.incentives.slashing.EvidenceBook.Recorded;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ladder of E.5, e-BH of D.7 where it takes stakes, silence, escrow. */
class SlashingLadderTest {
  private static final FaultProofChecker YES = proof -> new FaultProofChecker.Result.Proven();
  private static final FaultProofChecker NO = proof -> new FaultProofChecker.Result.NotProven("no");
  private static final double CAP = Math.log(20);

  private static Digest32 digest(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static CommitteeReading reading(String node, int receipt, boolean... exceeded) {
    List<Member> members = new ArrayList<>();
    for (int seat = 0; seat < exceeded.length; seat++) {
      members.add(new Member("judge" + seat, exceeded[seat]));
    }
    return new CommitteeReading(node, "owner-" + node, digest(receipt), 5, 7, members);
  }

  private static EvidenceBook book() {
    return new EvidenceBook(new GridWealth(.02), CAP);
  }

  private static SlashingLadder ladder() {
    return new SlashingLadder(LadderTerms.withDefaults(), GridWealth.eBh(.05));
  }

  private static void flag(EvidenceBook book, String node, int from, int count) {
    for (int receipt = from; receipt < from + count; receipt++) {
      assertThat(book.record(reading(node, receipt, true, true, true))).isEqualTo(Recorded.COUNTED);
    }
  }

  @Test
  void slashOrder_publicApi_hasNoWayFromAFlagOrVerdict() {
    for (Constructor<?> constructor : SlashOrder.class.getDeclaredConstructors()) {
      assertThat(Modifier.isPrivate(constructor.getModifiers())).isTrue();
    }
    for (Constructor<?> constructor : ProvenFault.class.getDeclaredConstructors()) {
      assertThat(Modifier.isPrivate(constructor.getModifiers())).isTrue();
    }
    List<Class<?>> arguments = new ArrayList<>();
    for (Method method : SlashOrder.class.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers())
          && Modifier.isStatic(method.getModifiers())
          && method.getReturnType().equals(SlashOrder.class)) {
        arguments.addAll(Arrays.asList(method.getParameterTypes()));
      }
    }
    assertThat(arguments).containsExactly(ProvenFault.class);
  }

  @Test
  void lowerMedian_atMostHalfExceed_isNoExceedance() {
    assertThat(reading("n", 1, true, false, false).exceeded()).isFalse();
    assertThat(reading("n", 1, true, true, false, false).exceeded()).isFalse();
    assertThat(reading("n", 1, true, true, false).exceeded()).isTrue();
    assertThat(reading("n", 1, true, true, true, false).exceeded()).isTrue();
  }

  @Test
  void committeeReading_badCommittee_cannotBeBuilt() {
    Member a = new Member("a", true);
    Member b = new Member("b", true);
    Member c = new Member("c", true);
    assertThatThrownBy(() -> new CommitteeReading("n", "o", digest(1), 5, 7, List.of(a, b)))
        .hasMessageContaining("at least 3");
    assertThatThrownBy(() -> new CommitteeReading("n", "o", digest(1), 5, 7, List.of(a, b, a)))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> new CommitteeReading("n", "c", digest(1), 5, 7, List.of(a, b, c)))
        .hasMessageContaining("cannot judge");
    assertThatThrownBy(() -> new CommitteeReading("n", "o", digest(1), 5, 6, List.of(a, b, c)))
        .hasMessageContaining("two rounds");
    assertThatThrownBy(() -> new CommitteeReading("n", "o", digest(1), -5, 7, List.of(a, b, c)))
        .hasMessageContaining("two rounds");
    EvidenceBook book = registered(book());
    assertThatThrownBy(() -> book.register("n", "somebody-else"))
        .hasMessageContaining("belongs to");
  }

  @Test
  void steps_oneFlag_neverGoesBeyondAWarning() {
    EvidenceBook book = new EvidenceBook(new GridWealth(1e-6), CAP);
    flag(book, "n", 0, 1);
    assertThat(book.evidence("n", "owner-n").eValue()).isLessThanOrEqualTo(20 + 1e-9);
    assertThat(ladder().steps(book).get("n")).isInstanceOf(LadderStep.Warn.class);
  }

  @Test
  void steps_flagsAccumulate_climbTheLadderInOrder() {
    EvidenceBook book = book();
    List<Class<?>> seen = new ArrayList<>();
    for (int receipt = 0; receipt < 6; receipt++) {
      Class<?> step = ladder().steps(registered(book)).get("n").getClass();
      if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(step)) {
        seen.add(step);
      }
      flag(book, "n", receipt, 1);
    }
    assertThat(seen)
        .containsExactly(
            LadderStep.NoAction.class,
            LadderStep.Warn.class,
            LadderStep.Demote.class,
            LadderStep.AwaitsReexecution.class);
  }

  private static EvidenceBook registered(EvidenceBook book) {
    book.register("n", "owner-n");
    return book;
  }

  @Test
  void record_sameReceiptTwice_countsOnce() {
    EvidenceBook book = book();
    flag(book, "n", 1, 1);
    double before = book.evidence("n", "owner-n").logWealth();
    assertThat(book.record(reading("n", 1, true, true, true))).isEqualTo(Recorded.ALREADY_COUNTED);
    assertThat(book.evidence("n", "owner-n").logWealth()).isEqualTo(before);
    assertThat(book.evidence("n", "owner-n").audits()).isEqualTo(1);
  }

  @Test
  void all_anyNumberOfNodes_leavesNobodyOut() {
    EvidenceBook book = new EvidenceBook((flags, audits) -> 0, 1);
    for (int nodes = 1; nodes <= 200; nodes++) {
      book.register("node-" + nodes, "owner-" + nodes);
      assertThat(book.all()).hasSize(nodes);
      assertThat(book.copy().all()).hasSize(nodes);
    }
  }

  @Test
  void record_noFlagsEver_wealthNeverAboveOne() {
    EvidenceBook book = book();
    for (int receipt = 0; receipt < 2000; receipt++) {
      assertThat(book.record(reading("n", receipt, false, false, true))).isNotNull();
      assertThat(book.evidence("n", "owner-n").logWealth()).isLessThanOrEqualTo(1e-12);
    }
  }

  @Test
  void steps_familyRuleDoesNotSelect_noSlashStep() {
    EvidenceBook book = book();
    flag(book, "n", 0, 8);
    SlashingLadder strict =
        new SlashingLadder(LadderTerms.withDefaults(), e -> new boolean[e.length]);
    assertThat(strict.steps(book).get("n")).isInstanceOf(LadderStep.Demote.class);
    // e-BH itself: with enough other nodes the same evidence no longer stands out.
    double e = book.evidence("n", "owner-n").eValue();
    for (int other = 0; other < (int) Math.min(e * .05 + 10, 60_000); other++) {
      book.register("m" + other, "owner-m" + other);
    }
    assertThat(
            new SlashingLadder(LadderTerms.withDefaults(), GridWealth.eBh(1e-6))
                .steps(book)
                .get("n"))
        .isInstanceOf(LadderStep.Demote.class);
  }

  @Test
  void withDefaults_eBhVector_selectsTheThreeLargest() {
    // e = (250, 90, 40, 12, 8, 3, 1, .5, .2, .1) at q = .1: thresholds 100, 50, 33.33, 25, so three
    // stand out.
    double[] e = {250, 90, 40, 12, 8, 3, 1, .5, .2, .1};
    boolean[] expected = {true, true, true, false, false, false, false, false, false, false};
    assertThat(SlashingLadder.withDefaults(.1).rule().selected(e)).isEqualTo(expected);
    assertThat(GridWealth.eBh(.1).selected(e)).isEqualTo(expected);
  }

  @Test
  void confirm_freshReexecutionExceeds_ordersTheFractionOfTheLadder() {
    EvidenceBook book = book();
    flag(book, "n", 0, 4);
    double logWealth = book.evidence("n", "owner-n").logWealth();
    LadderStep.AwaitsReexecution step =
        (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    SlashingLadder.Confirmation result =
        ladder().confirm(step, new FreshReexecution("n", digest(3), "stranger", true), book);
    SlashOrder order = ((SlashingLadder.Confirmation.Confirmed) result).order();
    double expected = Math.min(1, logWealth / Math.log(10) / 6);
    assertThat(order.fraction().doubleValue()).isCloseTo(expected, within(1e-6));
    Settlement settlement = order.settle(Micros.ofUnits(10), Rational.of(9, 10)).orElseThrow();
    long taken = (long) Math.floor(Math.floor(expected * 1e6) * 10);
    assertThat(settlement.netOf(Account.stake("n"))).isEqualTo(Micros.of(-taken));
    assertThat(settlement.netOf(Account.BURN).plus(settlement.netOf(Account.TREASURY)))
        .isEqualTo(Micros.of(taken));
    assertThat(order.settle(Micros.ZERO, Rational.ONE)).isEmpty();
  }

  @Test
  void confirm_freshReexecutionClears_ordersNothing() {
    EvidenceBook book = book();
    flag(book, "n", 0, 8);
    LadderStep.AwaitsReexecution step =
        (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    assertThat(
            ladder().confirm(step, new FreshReexecution("n", digest(7), "stranger", false), book))
        .isInstanceOf(SlashingLadder.Confirmation.Cleared.class);
    // Nobody may ask on until somebody confirms: the receipt is cleared, and an audit was counted.
    assertThat(book.evidence("n", "owner-n").audits()).isEqualTo(9);
    assertThat(book.evidence("n", "owner-n").exceedances()).isEqualTo(8);
    assertThat(book.evidence("n", "owner-n").lastExceedance()).isEmpty();
    assertThat(book.evidence("n", "owner-n").judges()).isEmpty();
    assertRefused(
        step, new FreshReexecution("n", digest(7), "accomplice", true), book, "was cleared");
    flag(book, "n", 8, 1);
    LadderStep.AwaitsReexecution next =
        (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    assertThat(ladder().confirm(next, new FreshReexecution("n", digest(8), "stranger", true), book))
        .isInstanceOf(SlashingLadder.Confirmation.Confirmed.class);
  }

  @Test
  void confirm_confirmedOnce_usesTheEvidenceUp() {
    EvidenceBook book = book();
    flag(book, "n", 0, 8);
    LadderStep.AwaitsReexecution step =
        (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    FreshReexecution fresh = new FreshReexecution("n", digest(7), "stranger", true);
    assertThat(ladder().confirm(step, fresh, book))
        .isInstanceOf(SlashingLadder.Confirmation.Confirmed.class);
    assertThat(book.evidence("n", "owner-n").logWealth()).isZero();
    assertRefused(step, fresh, book, "exceeded last");
    // The receipts of the old life cannot be counted again in the new one.
    assertThat(book.record(reading("n", 7, true, true, true))).isEqualTo(Recorded.ALREADY_COUNTED);
    assertThat(ladder().steps(book).get("n")).isInstanceOf(LadderStep.NoAction.class);
  }

  @Test
  void confirm_oldStepAfterANewerReading_looksAtTheBook() {
    EvidenceBook book = book();
    flag(book, "n", 0, 8);
    LadderStep.AwaitsReexecution old = (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    List<Member> others =
        List.of(new Member("x", true), new Member("y", true), new Member("z", true));
    assertThat(book.record(new CommitteeReading("n", "owner-n", digest(8), 5, 7, others)))
        .isEqualTo(Recorded.COUNTED);
    assertRefused(old, new FreshReexecution("n", digest(7), "judge1", true), book, "exceeded last");
    assertRefused(old, new FreshReexecution("n", digest(8), "y", true), book, "among those");
  }

  @Test
  void onProof_samePairInEitherOrder_slashesOnceThoughTheNodeStakesAgain() {
    Ledger ledger = new Ledger();
    stake(ledger, 1);
    for (List<Digest32> pair :
        List.of(List.of(digest(1), digest(2)), List.of(digest(2), digest(1)))) {
      FaultProof proof = new FaultProof("n", FaultKind.EQUIVOCATION, pair);
      SlashOrder order = SlashOrder.onProof(ProvenFault.verify(proof, YES).orElseThrow());
      Settlement slash =
          order.settle(ledger.balance(Account.stake("n")), Rational.ONE).orElseThrow();
      boolean first = pair.get(0).equals(digest(1));
      assertThat(ledger.apply(slash) instanceof PostingResult.Applied).isEqualTo(first);
      stake(ledger, 2);
    }
    assertThat(ledger.balance(Account.BURN)).isEqualTo(Micros.ofUnits(1));
  }

  /** All pairs of three, so that two of them share the message that sorts first. */
  @Test
  void onProof_pairsWithOneMessageInCommon_areFaultsOfTheirOwn() {
    List<SettlementId> ids = new ArrayList<>();
    for (List<Digest32> pair :
        List.of(
            List.of(digest(1), digest(2)),
            List.of(digest(1), digest(3)),
            List.of(digest(2), digest(3)))) {
      FaultProof proof = new FaultProof("n", FaultKind.EQUIVOCATION, pair);
      SlashOrder order = SlashOrder.onProof(ProvenFault.verify(proof, YES).orElseThrow());
      ids.add(order.settle(Micros.of(5), Rational.ONE).orElseThrow().id());
    }
    assertThat(ids).doesNotHaveDuplicates();
  }

  @Test
  void onProof_moreMessagesCited_isTheSameFault() {
    for (List<Digest32> cited :
        List.of(List.of(digest(1), digest(2)), List.of(digest(1), digest(3)))) {
      FaultProof proof = new FaultProof("n", FaultKind.BAD_OPENING, cited);
      SlashOrder order = SlashOrder.onProof(ProvenFault.verify(proof, YES).orElseThrow());
      assertThat(order.settle(Micros.of(5), Rational.ONE).orElseThrow().id())
          .isEqualTo(SettlementId.of("slash/BAD_OPENING/n", digest(1)));
    }
  }

  private static void stake(Ledger ledger, int number) {
    assertThat(
            ledger.apply(
                Settlement.transfer(
                    SettlementId.of("stake", digest(number)),
                    Account.OUTSIDE,
                    Account.stake("n"),
                    Micros.ofUnits(number))))
        .matches(PostingResult::isInLedger);
  }

  @Test
  void confirm_executorOrReceiptNotFresh_isRefused() {
    EvidenceBook book = book();
    flag(book, "n", 0, 8);
    LadderStep.AwaitsReexecution step =
        (LadderStep.AwaitsReexecution) ladder().steps(book).get("n");
    assertRefused(
        step, new FreshReexecution("m", digest(99), "stranger", true), book, "another node");
    assertRefused(
        step, new FreshReexecution("n", digest(7), "owner-n", true), book, "cannot judge");
    assertRefused(step, new FreshReexecution("n", digest(7), "judge1", true), book, "among those");
    assertRefused(
        step, new FreshReexecution("n", digest(3), "stranger", true), book, "exceeded last");
  }

  private static void assertRefused(
      LadderStep.AwaitsReexecution step, FreshReexecution fresh, EvidenceBook book, String why) {
    assertThatThrownBy(() -> ladder().confirm(step, fresh, book)).hasMessageContaining(why);
  }

  @Test
  void confirm_stepMadeUpByTheCaller_isRefused() {
    EvidenceBook book = registered(book());
    NodeEvidence invented =
        new NodeEvidence("n", "owner-n", 50, 50, 100, Optional.of(digest(99)), java.util.Set.of());
    assertRefused(
        new LadderStep.AwaitsReexecution(invented, 1),
        new FreshReexecution("n", digest(99), "stranger", true),
        book,
        "exceeded last");
    // One real flag: the receipt is right, the evidence is not there.
    flag(book, "n", 1, 1);
    assertRefused(
        new LadderStep.AwaitsReexecution(invented, 1),
        new FreshReexecution("n", digest(1), "stranger", true),
        book,
        "does not hold evidence");
  }

  @Test
  void onProof_checkerSaysNo_noFaultAndNoOrder() {
    FaultProof proof = new FaultProof("n", FaultKind.EQUIVOCATION, List.of(digest(1), digest(2)));
    assertThat(ProvenFault.verify(proof, NO)).isEmpty();
    SlashOrder order = SlashOrder.onProof(ProvenFault.verify(proof, YES).orElseThrow());
    assertThat(order.fraction()).isEqualTo(Rational.ONE);
    assertThatThrownBy(
            () -> new FaultProof("n", FaultKind.EQUIVOCATION, List.of(digest(1), digest(1))))
        .hasMessageContaining("two different");
    assertThatThrownBy(() -> new FaultProof("n", FaultKind.BAD_OPENING, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    ProvenFault silence =
        ProvenFault.verify(new FaultProof("n", FaultKind.SILENCE, List.of(digest(1))), YES)
            .orElseThrow();
    assertThatThrownBy(() -> SlashOrder.onProof(silence)).hasMessageContaining("priced");
  }

  @Test
  void silence_countsAsExceedanceForfeitsThePayAndCostsTheExpectedSlash() {
    ProvenFault silence =
        ProvenFault.verify(new FaultProof("n", FaultKind.SILENCE, List.of(digest(1))), YES)
            .orElseThrow();
    EvidenceBook book = book();
    assertThat(book.recordSilence(silence, "owner-n")).isEqualTo(Recorded.COUNTED);
    assertThat(book.recordSilence(silence, "owner-n")).isEqualTo(Recorded.ALREADY_COUNTED);
    assertThat(book.evidence("n", "owner-n").exceedances()).isEqualTo(1);
    PriceOfSilence price = new PriceOfSilence(Rational.parse("0.9"), Rational.of(2, 3));
    JobEscrow unpaid = new JobEscrow(digest(7), "client", "n", Micros.of(500));
    Settlement settlement =
        price.settle(silence, Optional.of(unpaid), Micros.of(1001)).orElseThrow();
    assertThat(settlement.netOf(Account.wallet("client"))).isEqualTo(Micros.of(500));
    assertThat(settlement.netOf(Account.stake("n"))).isEqualTo(Micros.of(-601));
    assertThat(settlement.netOf(Account.TREASURY)).isEqualTo(Micros.of(601));
    assertThat(settlement.netOf(JobEscrow.account(digest(7)))).isEqualTo(Micros.of(-500));
    assertThat(price.settle(silence, Optional.empty(), Micros.ZERO)).isEmpty();
    Settlement feeOnly = price.settle(silence, Optional.empty(), Micros.of(1001)).orElseThrow();
    assertThat(feeOnly.netOf(Account.stake("n"))).isEqualTo(Micros.of(-601));
    assertThat(feeOnly.id()).as("one silence is settled once").isEqualTo(settlement.id());
    JobEscrow neighbours = new JobEscrow(digest(7), "client", "m", Micros.of(500));
    assertThatThrownBy(() -> price.settle(silence, Optional.of(neighbours), Micros.of(1001)))
        .hasMessageContaining("not for the node");
    assertThatThrownBy(() -> new PriceOfSilence(Rational.of(2), Rational.ONE))
        .isInstanceOf(IllegalArgumentException.class);
    ProvenFault other =
        ProvenFault.verify(new FaultProof("n", FaultKind.BAD_OPENING, List.of(digest(1))), YES)
            .orElseThrow();
    assertThatThrownBy(() -> price.settle(other, Optional.empty(), Micros.of(1)))
        .hasMessageContaining("not silence");
    assertThatThrownBy(() -> book.recordSilence(other, "owner-n"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void expectedWrongfulSlash_defaults_matchesTheIntegralAndIsBelowVille() {
    LadderTerms terms = LadderTerms.withDefaults();
    // (4/6) P(E >= 1e4) plus the integral of dx / (x ln 10 * 6 * x) from 1e4 to 1e6, by the
    // midpoint rule on ln x.
    double integral = 0;
    int steps = 200_000;
    double from = Math.log(1e4);
    double width = (Math.log(1e6) - from) / steps;
    for (int k = 0; k < steps; k++) {
      integral += width * Math.exp(-(from + (k + .5) * width)) / (6 * Math.log(10));
    }
    assertThat(terms.expectedWrongfulSlash()).isCloseTo(4.0 / 6 * 1e-4 + integral, within(1e-12));
    assertThat(terms.expectedWrongfulSlash()).isLessThan(1e-4);
    assertThat(terms.slashFraction(Math.log(1e4))).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(terms.slashFraction(Math.log(1e4) - 1e-9)).isZero();
    assertThat(terms.slashFraction(Math.log(1e9))).isEqualTo(1);
    assertThat(terms.slashFraction(Double.NaN)).isZero();
    assertThatThrownBy(() -> new LadderTerms(100, 20, 1e4, 6))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LadderTerms(20, 100, 1e4, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void honestNodes_atTheBoundRate_reachTheSlashLevelNoMoreOftenThanVille() {
    Random random = new Random(17);
    int lives = 4000;
    int reached = 0;
    for (int life = 0; life < lives; life++) {
      EvidenceBook book = book();
      boolean hit = false;
      for (int receipt = 0; receipt < 60 && !hit; receipt++) {
        boolean exceeded = random.nextDouble() < .02;
        assertThat(book.record(reading("n", receipt, exceeded, exceeded, exceeded))).isNotNull();
        hit = book.evidence("n", "owner-n").logWealth() >= Math.log(100);
      }
      reached += hit ? 1 : 0;
    }
    // At the level 100 Ville allows 1 %; three standard errors on top.
    assertThat(reached / (double) lives).isLessThan(.01 + 3 * Math.sqrt(.01 / lives));
  }

  @Test
  void jobEscrow_verdicts_payOnlyOnAcceptedAndOnlyOnce() {
    JobEscrow escrow = new JobEscrow(digest(1), "client", "prover", Micros.of(10));
    JobEscrow.JudgedReceipt accepted = judged(true, true, JobEscrow.Outcome.ACCEPTED);
    Settlement pay = ((JobEscrow.Decision.Settle) escrow.decide(accepted)).settlement();
    assertThat(pay.netOf(Account.wallet("prover"))).isEqualTo(Micros.of(10));
    Settlement refund =
        ((JobEscrow.Decision.Settle) escrow.decide(judged(true, true, JobEscrow.Outcome.REJECTED)))
            .settlement();
    assertThat(refund.netOf(Account.wallet("client"))).isEqualTo(Micros.of(10));
    assertThat(refund.id()).isEqualTo(pay.id());
    assertThat(escrow.expire().id()).isEqualTo(pay.id());
    assertHold(escrow, judged(true, true, JobEscrow.Outcome.UNDECIDED), JobEscrow.Reason.UNDECIDED);
    assertHold(
        new JobEscrow(digest(9), "client", "prover", Micros.of(10)),
        judged(true, true, JobEscrow.Outcome.ACCEPTED),
        JobEscrow.Reason.OTHER_ORDER);
    assertHold(
        escrow,
        judged(false, true, JobEscrow.Outcome.ACCEPTED),
        JobEscrow.Reason.NO_ACKNOWLEDGEMENT);
    assertHold(
        escrow, judged(true, false, JobEscrow.Outcome.ACCEPTED), JobEscrow.Reason.PRIVATE_VERDICT);
    assertHold(
        escrow, judged(true, false, JobEscrow.Outcome.REJECTED), JobEscrow.Reason.PRIVATE_VERDICT);
  }

  private static JobEscrow.JudgedReceipt judged(
      boolean acknowledged, boolean open, JobEscrow.Outcome outcome) {
    return new JobEscrow.JudgedReceipt(
        digest(1),
        digest(2),
        acknowledged ? Optional.of(digest(3)) : Optional.empty(),
        open,
        outcome);
  }

  private static void assertHold(
      JobEscrow escrow, JobEscrow.JudgedReceipt judged, JobEscrow.Reason reason) {
    assertThat(escrow.decide(judged)).isEqualTo(new JobEscrow.Decision.Hold(reason));
  }
}
