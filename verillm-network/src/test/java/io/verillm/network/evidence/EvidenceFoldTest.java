package io.verillm.network.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Journal;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.FaultProofChecker.Result;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.LadderStep;
import io.verillm.incentives.slashing.PriceOfSilence;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import io.verillm.network.evidence.Folded.Taken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceFoldTest {
  private static final PriceOfSilence SILENCE =
      new PriceOfSilence(Rational.of(1, 10), Rational.of(2, 3));
  private static final EvidenceTerms TERMS = EvidenceTerms.ofHonestRuns(0, 100_000, SILENCE);
  private static final EvidenceFold FOLD = EvidenceFold.of(TERMS);
  private static final long EPOCH = 5;
  private static final long ROUND = EPOCH * TERMS.roundsPerEpoch() + 7;
  private static final FaultProofChecker BELIEVES = proof -> new Result.Proven();
  private static final int WORKERS = 8;

  private final List<Staker> stakers = new ArrayList<>();
  private final StakeTable stakes;
  private final Journal money = new Journal();
  private final String node;

  EvidenceFoldTest() {
    for (int i = 0; i < WORKERS; i++) {
      SigningKey key = SigningKey.fromSeed(digest("worker " + i).toByteArray());
      stakers.add(new Staker(key.verifyingKey(), "owner-" + i, Micros.ofUnits(100)));
      post(
          Settlement.transfer(
              SettlementId.of("stake/" + i),
              Account.OUTSIDE,
              Account.stake(key.verifyingKey().toString()),
              Micros.ofUnits(100)));
    }
    stakes = StakeTable.of(stakers);
    node = stakers.get(0).key().toString();
  }

  private void post(Settlement settlement) {
    assertThat(money.post(settlement).isInLedger()).isTrue();
  }

  private static Digest32 digest(String text) {
    return Digest32.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EvidenceInput.Audit audit(String node, String receipt, long round, int... says) {
    List<CommitteeReading.Member> members = new ArrayList<>();
    for (int i = 0; i < says.length; i++) {
      members.add(new CommitteeReading.Member("owner-" + (i + 1), says[i] == 1));
    }
    return new EvidenceInput.Audit(
        new CommitteeReading(node, "owner-0", digest(receipt), round, round + 2, members));
  }

  private EvidenceInput.Audit audit(String receipt, int... says) {
    return audit(node, receipt, ROUND, says);
  }

  private EvidenceState exceeding(int times) {
    EvidenceState state = FOLD.start(EPOCH);
    for (int i = 0; i < times; i++) {
      state = FOLD.fold(state, audit("bad " + i, 1, 1, 0)).state();
    }
    return state;
  }

  private static Taken take(EvidenceState state, EvidenceInput input) {
    return FOLD.fold(state, input).taken().get(0);
  }

  private EpochClose close(EvidenceState state) {
    EpochClose close = FOLD.close(state, stakes, digest("beacon " + state.epoch()), money::balance);
    long before = -money.balance(Account.OUTSIDE).value();
    close.settlements().forEach(this::post);
    long sum = money.balances().values().stream().mapToLong(Micros::value).sum();
    assertThat(sum).isZero();
    assertThat(-money.balance(Account.OUTSIDE).value()).isEqualTo(before);
    return close;
  }

  private Micros stake() {
    return money.balance(Account.stake(node));
  }

  private static ProvenFault proven(String node, FaultKind kind, String... messages) {
    List<Digest32> ids = new ArrayList<>();
    for (String message : messages) {
      ids.add(digest(message));
    }
    return ProvenFault.verify(new FaultProof(node, kind, ids), BELIEVES).orElseThrow();
  }

  private EvidenceInput.Silence silence(String job) {
    return new EvidenceInput.Silence(
        proven(node, FaultKind.SILENCE, job), "owner-0", digest(job), ROUND);
  }

  // ---- what must never hurt an honest node

  @Test
  void fold_noExceedanceInManyAudits_wealthIsNeverAboveOne() {
    EvidenceState state = FOLD.start(EPOCH);
    for (int batch = 0; batch < 20; batch++) {
      List<EvidenceInput> inputs = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        inputs.add(audit(batch + "/" + i, 0, 0, 0));
      }
      state = FOLD.foldAll(state, inputs).state();
      assertThat(state.evidence().get(node).logWealth()).isLessThanOrEqualTo(0);
    }
    assertThat(state.evidence().get(node).audits()).isEqualTo(10_000);
    assertThat(close(state).lines()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1;0;0", "1;1;0;0", "1;1;0;0;0", "1;1;1;0;0;0"})
  void fold_atMostHalfOfTheCommitteeExceeds_isNoExceedance(String votes) {
    int[] says = java.util.Arrays.stream(votes.split(";")).mapToInt(Integer::parseInt).toArray();
    EvidenceState state = FOLD.fold(FOLD.start(EPOCH), audit("r", says)).state();
    assertThat(state.evidence().get(node).exceedances()).isZero();
    assertThat(state.evidence().get(node).audits()).isEqualTo(1);
  }

  @Test
  void fold_oneExceedance_movesByNoMoreThanTheCapAndReachesNoLevel() {
    EvidenceState state = exceeding(1);
    assertThat(state.evidence().get(node).logWealth()).isCloseTo(Math.log(10), within(1e-12));
    EpochClose close = close(state);
    assertThat(close.steps().get(node)).isInstanceOf(LadderStep.NoAction.class);
    assertThat(close.lines()).isEmpty();
    assertThat(close.assigned()).isEmpty();
  }

  @Test
  void fold_threeExceedances_neverReachTheSlashLevel() {
    EpochClose close = close(exceeding(3));
    assertThat(close.steps().get(node)).isInstanceOf(LadderStep.Demote.class);
    assertThat(close.assigned()).isEmpty();
    assertThat(stake()).isEqualTo(Micros.ofUnits(100));
  }

  @Test
  void fold_receiptAgain_countsOnceAlsoInTheNextEpoch() {
    EvidenceState state = exceeding(1);
    assertThat(take(state, audit("bad 0", 1, 1, 1))).isEqualTo(Taken.ALREADY_COUNTED);
    EvidenceState later = close(state).next();
    assertThat(take(later, audit("bad 0", 1, 1, 1))).isEqualTo(Taken.ALREADY_COUNTED);
    EvidenceState tooLate = close(later).next();
    assertThat(take(tooLate, audit("bad 0", 1, 1, 1))).isEqualTo(Taken.OTHER_EPOCH);
  }

  @Test
  void fold_readingOfTheFutureOrOfLongAgo_changesNothing() {
    EvidenceState state = exceeding(1);
    for (long round : new long[] {ROUND + TERMS.roundsPerEpoch(), 0, ROUND - 2 * 28_800}) {
      Folded folded = FOLD.fold(state, audit(node, "other " + round, round, 1, 1, 1));
      assertThat(folded.taken()).containsExactly(Taken.OTHER_EPOCH);
      assertThat(folded.state()).isEqualTo(state);
    }
  }

  @Test
  void fold_nodeOfAnotherOwner_changesNothing() {
    EvidenceState state = exceeding(1);
    CommitteeReading foreign =
        new CommitteeReading(
            node,
            "owner-7",
            digest("x"),
            ROUND,
            ROUND + 2,
            List.of(
                new CommitteeReading.Member("owner-1", true),
                new CommitteeReading.Member("owner-2", true),
                new CommitteeReading.Member("owner-3", true)));
    assertThat(take(state, new EvidenceInput.Audit(foreign))).isEqualTo(Taken.OTHER_OWNER);
    assertThat(take(state, new EvidenceInput.Joined(node, "owner-7"))).isEqualTo(Taken.OTHER_OWNER);
    EvidenceInput.Silence silence =
        new EvidenceInput.Silence(
            proven(node, FaultKind.SILENCE, "j"), "owner-7", digest("j"), ROUND);
    assertThat(take(state, silence)).isEqualTo(Taken.OTHER_OWNER);
  }

  @Test
  void fold_leavesTheStateItWasGivenAsItWas() {
    EvidenceState state = exceeding(2);
    byte[] before = state.encode();
    assertThat(take(state, audit("more", 1, 1, 1))).isEqualTo(Taken.COUNTED);
    assertThat(take(state, silence("job"))).isEqualTo(Taken.COUNTED);
    assertThat(close(state).next().epoch()).isEqualTo(EPOCH + 1);
    assertThat(state.encode()).isEqualTo(before);
  }

  // ---- slashing

  @Test
  void close_atTheSlashLevelWithoutAReexecution_slashesNobodyHoweverOften() {
    EpochClose close = close(exceeding(6));
    assertThat(close.steps().get(node)).isInstanceOf(LadderStep.AwaitsReexecution.class);
    assertThat(close.lines()).isEmpty();
    Set<String> drawn = new HashSet<>();
    EvidenceState state = close.next();
    for (int epoch = 0; epoch < 8; epoch++) {
      if (!state.assignments().isEmpty()) {
        drawn.add(state.assignments().get(node).executorOwner());
      }
      close = close(state);
      state = close.next();
      assertThat(close.lines()).isEmpty();
    }
    // Judges are owner-1 to owner-3 and the owner is owner-0: four are left, drawn once each.
    assertThat(drawn).containsExactlyInAnyOrder("owner-4", "owner-5", "owner-6", "owner-7");
    assertThat(close.unassigned()).containsExactly(node);
    assertThat(stake()).isEqualTo(Micros.ofUnits(100));
  }

  private FreshReexecution answer(EvidenceState state, boolean exceeded) {
    Assignment assigned = state.assignments().get(node);
    return new FreshReexecution(node, assigned.receipt(), assigned.executorOwner(), exceeded);
  }

  @Test
  void close_confirmedByAnotherOwner_takesTheShareOfTheLadderAndStartsANewLife() {
    EvidenceState waiting = close(exceeding(5)).next();
    Folded folded = FOLD.fold(waiting, new EvidenceInput.Fresh(answer(waiting, true)));
    assertThat(folded.taken()).containsExactly(Taken.COUNTED);
    EpochClose close = close(folded.state());
    assertThat(close.lines()).hasSize(1);
    assertThat(close.lines().get(0).ground()).isEqualTo(EpochClose.Ground.CONFIRMED_EVIDENCE);
    // Five receipts at the cap: E = 10^5, five sixths of the stake, half of that burnt.
    assertThat(stake().value()).isBetween(16_666_666L, 16_666_766L);
    long taken = 100_000_000 - stake().value();
    assertThat(money.balance(Account.BURN).value()).isEqualTo(taken / 2);
    assertThat(money.balance(Account.TREASURY).value()).isEqualTo(taken - taken / 2);
    assertThat(close.next().evidence().get(node).logWealth()).isZero();
    assertThat(close.next().assignments()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void close_answeredReexecution_leavesTheStateItWasGivenAsItWas(boolean exceeded) {
    EvidenceState waiting = close(exceeding(5)).next();
    EvidenceState answered =
        FOLD.fold(waiting, new EvidenceInput.Fresh(answer(waiting, exceeded))).state();
    byte[] before = answered.encode();
    EpochClose close = close(FOLD, answered);
    assertThat(answered.encode()).isEqualTo(before);
    EpochClose again = close(FOLD, answered);
    assertThat(again.lines()).isEqualTo(close.lines());
    assertThat(again.next()).isEqualTo(close.next());
    // The re-execution counts: as the end of a life, or as one more audit that did not exceed.
    assertThat(close.next().evidence().get(node).audits()).isEqualTo(exceeded ? 0 : 6);
    assertThat(close.next().evidence().get(node).exceedances()).isEqualTo(exceeded ? 0 : 5);
    assertThat(close.next().evidence().get(node).lastExceedance()).isEmpty();
  }

  @Test
  void close_cleared_slashesNobodyAndAsksAgainOnlyAfterAnotherExceedance() {
    EvidenceState waiting = close(exceeding(5)).next();
    EvidenceState answered =
        FOLD.fold(waiting, new EvidenceInput.Fresh(answer(waiting, false))).state();
    EpochClose close = close(answered);
    assertThat(close.lines()).isEmpty();
    assertThat(close.assigned()).isEmpty();
    assertThat(stake()).isEqualTo(Micros.ofUnits(100));
    long next = ROUND + 2 * TERMS.roundsPerEpoch();
    EvidenceState after = FOLD.fold(close.next(), audit(node, "new", next, 1, 1, 1)).state();
    assertThat(close(after).assigned()).containsOnlyKeys(node);
  }

  @Test
  void fresh_ofAnybodyNotAssignedOrOfAnotherReceipt_isNotTaken() {
    EvidenceState waiting = close(exceeding(5)).next();
    Assignment assigned = waiting.assignments().get(node);
    for (int i = 0; i < WORKERS; i++) {
      String owner = "owner-" + i;
      FreshReexecution other = new FreshReexecution(node, assigned.receipt(), owner, true);
      Taken expected = owner.equals(assigned.executorOwner()) ? Taken.COUNTED : Taken.NOT_ASSIGNED;
      assertThat(take(waiting, new EvidenceInput.Fresh(other))).isEqualTo(expected);
    }
    FreshReexecution receipt =
        new FreshReexecution(node, digest("bad 0"), assigned.executorOwner(), true);
    assertThat(take(waiting, new EvidenceInput.Fresh(receipt))).isEqualTo(Taken.NOT_ASSIGNED);
    EvidenceInput.Fresh unasked =
        new EvidenceInput.Fresh(
            new FreshReexecution(
                stakers.get(3).key().toString(), assigned.receipt(), "owner-6", true));
    assertThat(take(waiting, unasked)).isEqualTo(Taken.NOT_ASSIGNED);
  }

  @Test
  void fresh_answeredTwice_keepsTheFirst() {
    EvidenceState waiting = close(exceeding(5)).next();
    EvidenceState answered =
        FOLD.fold(waiting, new EvidenceInput.Fresh(answer(waiting, false))).state();
    assertThat(take(answered, new EvidenceInput.Fresh(answer(waiting, true))))
        .isEqualTo(Taken.ALREADY_COUNTED);
    assertThat(close(answered).lines()).isEmpty();
  }

  @Test
  void close_ruleOverAllNodesDoesNotSelect_slashesNobodyInSpiteOfAConfirmation() {
    EvidenceState waiting = close(exceeding(5)).next();
    EvidenceState answered =
        FOLD.fold(waiting, new EvidenceInput.Fresh(answer(waiting, true))).state();
    List<EvidenceInput> crowd = new ArrayList<>();
    for (int i = 0; i < 1100; i++) { // e-BH at 1 % then wants E above 1.1e5
      crowd.add(new EvidenceInput.Joined("crowd-" + i, "crowd-" + i));
    }
    EpochClose close = close(FOLD.foldAll(answered, crowd).state());
    assertThat(close.lines()).isEmpty();
    assertThat(stake()).isEqualTo(Micros.ofUnits(100));
  }

  @Test
  void fold_whileAReexecutionIsAwaited_readingsAreHeldAndCountAfterwards() {
    EvidenceState waiting = close(exceeding(5)).next();
    Digest32 asked = waiting.assignments().get(node).receipt();
    Folded folded =
        FOLD.foldAll(
            waiting,
            List.of(audit("held", 1, 1, 1), audit("held", 1, 1, 1), audit("bad 3", 1, 1, 1)));
    assertThat(folded.taken())
        .containsExactly(Taken.HELD, Taken.ALREADY_COUNTED, Taken.ALREADY_COUNTED);
    assertThat(folded.state().heldReadings()).isEqualTo(1);
    assertThat(folded.state().evidence().get(node).exceedances()).isEqualTo(5);
    assertThat(folded.state().assignments().get(node).receipt()).isEqualTo(asked);
    EvidenceState answered =
        FOLD.fold(folded.state(), new EvidenceInput.Fresh(answer(waiting, true))).state();
    EvidenceState next = close(answered).next();
    assertThat(next.heldReadings()).isZero();
    assertThat(next.evidence().get(node).exceedances()).isEqualTo(1);
    assertThat(next.evidence().get(node).lastExceedance()).contains(digest("held"));
  }

  // ---- proven faults and silence

  @Test
  void close_provenFault_takesTheStakeOnceWhateverTheOrderOfItsMessages() {
    EvidenceState state = FOLD.start(EPOCH);
    EvidenceInput.Fault fault =
        new EvidenceInput.Fault(proven(node, FaultKind.EQUIVOCATION, "a", "b"));
    EvidenceInput.Fault turned =
        new EvidenceInput.Fault(proven(node, FaultKind.EQUIVOCATION, "b", "a"));
    Folded folded = FOLD.foldAll(state, List.of(fault, turned));
    assertThat(folded.taken()).containsExactly(Taken.COUNTED, Taken.ALREADY_COUNTED);
    EpochClose close = close(folded.state());
    assertThat(close.lines()).hasSize(1);
    assertThat(stake()).isEqualTo(Micros.ZERO);
    assertThat(take(close.next(), turned)).isEqualTo(Taken.ALREADY_COUNTED);
    assertThat(close(close.next()).lines()).isEmpty();
  }

  @Test
  void fold_sameFaultWithMoreMessagesCited_countsOnce() {
    EvidenceInput.Fault fault =
        new EvidenceInput.Fault(proven(node, FaultKind.BAD_OPENING, "x", "a"));
    EvidenceInput.Fault dressed =
        new EvidenceInput.Fault(proven(node, FaultKind.BAD_OPENING, "x", "b"));
    EvidenceInput.Fault other =
        new EvidenceInput.Fault(proven(node, FaultKind.BAD_OPENING, "y", "a"));
    Folded folded = FOLD.foldAll(FOLD.start(EPOCH), List.of(fault, dressed, other));
    assertThat(folded.taken()).containsExactly(Taken.COUNTED, Taken.ALREADY_COUNTED, Taken.COUNTED);
  }

  @Test
  void close_twoFaultsAndASilence_neverTakeMoreThanTheStake() {
    EvidenceState state =
        FOLD.foldAll(
                FOLD.start(EPOCH),
                List.of(
                    silence("job"),
                    new EvidenceInput.Fault(proven(node, FaultKind.BAD_OPENING, "x")),
                    new EvidenceInput.Fault(proven(node, FaultKind.REVEAL_DIFFERS, "y"))))
            .state();
    EpochClose close = close(state);
    assertThat(close.lines()).hasSize(1);
    assertThat(stake()).isEqualTo(Micros.ZERO);
  }

  @Test
  void close_silence_costsTheExpectedSlashAndCountsAsAnExceedance() {
    EvidenceState state = FOLD.fold(FOLD.start(EPOCH), silence("job")).state();
    assertThat(take(state, silence("job"))).isEqualTo(Taken.ALREADY_COUNTED);
    assertThat(state.evidence().get(node).exceedances()).isEqualTo(1);
    EpochClose close = close(state);
    assertThat(close.lines()).hasSize(1);
    assertThat(close.lines().get(0).ground()).isEqualTo(EpochClose.Ground.SILENCE);
    // A tenth of two thirds of 100 units, rounded up.
    assertThat(stake()).isEqualTo(Micros.of(100_000_000 - 6_666_667));
    assertThat(close(close.next()).lines()).isEmpty();
  }

  @Test
  void close_onlySilences_neverSlashByTheLadder() {
    List<EvidenceInput> silences = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      silences.add(silence("job " + i));
    }
    EpochClose close = close(FOLD.foldAll(FOLD.start(EPOCH), silences).state());
    assertThat(close.steps().get(node)).isInstanceOf(LadderStep.AwaitsReexecution.class);
    assertThat(close.assigned()).as("there is no receipt to compute again").isEmpty();
    assertThat(close.lines()).allMatch(line -> line.ground() == EpochClose.Ground.SILENCE);
  }

  @Test
  void input_faultInThePlaceOfAnother_cannotBeBuilt() {
    ProvenFault silent = proven(node, FaultKind.SILENCE, "j");
    assertThatThrownBy(() -> new EvidenceInput.Fault(silent))
        .isInstanceOf(IllegalArgumentException.class);
    ProvenFault other = proven(node, FaultKind.BAD_OPENING, "j");
    assertThatThrownBy(() -> new EvidenceInput.Silence(other, "o", digest("j"), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void terms_outOfRange_areRefused() {
    for (double bad : new double[] {0, 1, -1, Double.NaN}) {
      assertThatThrownBy(
              () -> new EvidenceTerms(bad, 1, TERMS.ladder(), SILENCE, Rational.ZERO, 10))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> new EvidenceTerms(0.1, Double.NaN, TERMS.ladder(), SILENCE, Rational.ZERO, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new EvidenceTerms(0.1, 1, TERMS.ladder(), SILENCE, Rational.of(3, 2), 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EvidenceTerms.ofHonestRuns(5, 5, SILENCE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FOLD.start(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  // ---- bytes

  private EvidenceState busy() {
    EvidenceState waiting = close(exceeding(5)).next();
    return FOLD.foldAll(
            waiting,
            List.of(
                audit("held", 1, 1, 0),
                silence("job"),
                new EvidenceInput.Joined("somebody", "else"),
                new EvidenceInput.Fault(proven(node, FaultKind.EQUIVOCATION, "a", "b")),
                new EvidenceInput.Fresh(answer(waiting, true))))
        .state();
  }

  @Test
  void decode_encodedState_goesOnAsTheOriginal() throws Exception {
    EvidenceState state = busy();
    EvidenceState again = FOLD.decode(state.encode(), BELIEVES);
    assertThat(again).isEqualTo(state).hasSameHashCodeAs(state);
    EpochClose one = FOLD.close(state, stakes, digest("b"), money::balance);
    EpochClose other = FOLD.close(again, stakes, digest("b"), money::balance);
    assertThat(other.lines()).isEqualTo(one.lines()).isNotEmpty();
    assertThat(other.next()).isEqualTo(one.next());
  }

  @Test
  void decode_faultThatNobodyProves_isRefused() {
    byte[] bytes = busy().encode();
    assertThatThrownBy(() -> FOLD.decode(bytes, proof -> new Result.NotProven("no messages")))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("not proven");
  }

  @Test
  void decode_anyBitFlippedOrCut_isRefusedOrTheBytesOfAnotherState() {
    byte[] bytes = busy().encode();
    Random random = new Random(20260104);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      if (i % 10 == 0) {
        damaged = java.util.Arrays.copyOf(damaged, random.nextInt(bytes.length));
      }
      try {
        EvidenceState state = FOLD.decode(damaged, BELIEVES);
        assertThat(state.encode()).isEqualTo(damaged);
        assertThat(close(FOLD, state)).isNotNull();
      } catch (MalformedMessageException expected) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  private EpochClose close(EvidenceFold fold, EvidenceState state) {
    return fold.close(state, stakes, digest("b"), money::balance);
  }

  @Test
  void foldAll_anyCutsIntoBatches_givesOneState() throws Exception {
    Random random = new Random(7);
    List<EvidenceInput> inputs = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String who = stakers.get(random.nextInt(3)).key().toString();
      boolean bad = random.nextInt(8) == 0;
      inputs.add(audit(who, "receipt " + i, ROUND, bad ? 1 : 0, bad ? 1 : 0, random.nextInt(2)));
      if (random.nextInt(10) == 0) {
        inputs.add(silence("job " + i));
      }
    }
    EvidenceState whole = FOLD.foldAll(FOLD.start(EPOCH), inputs).state();
    EvidenceState single = FOLD.start(EPOCH);
    for (EvidenceInput input : inputs) {
      single = FOLD.fold(single, input).state();
    }
    assertThat(single).isEqualTo(whole);
    EvidenceState parts = FOLD.start(EPOCH);
    for (int from = 0; from < inputs.size(); ) {
      int to = Math.min(inputs.size(), from + 1 + random.nextInt(40));
      parts = FOLD.foldAll(parts, inputs.subList(from, to)).state();
      parts = FOLD.decode(parts.encode(), BELIEVES);
      from = to;
    }
    assertThat(parts).isEqualTo(whole);
  }

  /** Every input there is, some twice, over closed epochs and with re-executions awaited. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 1000})
  void foldAll_severalEpochsCutIntoCalls_equalsOneCallPerEpoch(int batch) throws Exception {
    Random random = new Random(31);
    EvidenceState whole = FOLD.start(EPOCH);
    EvidenceState parts = FOLD.start(EPOCH);
    int held = 0;
    for (int epoch = 0; epoch < 4; epoch++) {
      List<EvidenceInput> inputs = inputs(random, whole, epoch);
      List<Taken> taken = new ArrayList<>();
      for (int from = 0; from < inputs.size(); from += batch) {
        byte[] before = parts.encode();
        Folded folded =
            FOLD.foldAll(parts, inputs.subList(from, Math.min(inputs.size(), from + batch)));
        assertThat(parts.encode()).isEqualTo(before);
        taken.addAll(folded.taken());
        parts = folded.state();
      }
      Folded folded = FOLD.foldAll(whole, inputs);
      held += folded.state().heldReadings();
      assertThat(taken).isEqualTo(folded.taken());
      assertThat(parts).isEqualTo(folded.state());
      assertThat(FOLD.decode(parts.encode(), BELIEVES)).isEqualTo(parts);
      EpochClose close = close(FOLD, parts);
      assertThat(close.lines()).isEqualTo(close(FOLD, folded.state()).lines());
      parts = close.next();
      whole = close(FOLD, folded.state()).next();
      assertThat(parts).isEqualTo(whole);
    }
    assertThat(held).as("readings that waited").isPositive();
  }

  private List<EvidenceInput> inputs(Random random, EvidenceState state, int epoch) {
    List<EvidenceInput> inputs = new ArrayList<>();
    state
        .assignments()
        .forEach(
            (who, assigned) -> {
              if (random.nextBoolean()) {
                inputs.add(
                    new EvidenceInput.Fresh(
                        new FreshReexecution(
                            who, assigned.receipt(), assigned.executorOwner(), false)));
              }
            });
    long round = ROUND + epoch * TERMS.roundsPerEpoch();
    for (int i = 0; i < 300; i++) {
      String who = stakers.get(random.nextInt(4)).key().toString();
      int bad = random.nextInt(3) == 0 ? 1 : 0;
      String name = epoch + "/" + (random.nextInt(10) == 0 ? i / 2 : i);
      inputs.add(audit(who, "receipt " + name, round, bad, bad, 0));
      if (random.nextInt(20) == 0) {
        inputs.add(silence("job " + name));
      }
      if (random.nextInt(50) == 0) {
        inputs.add(new EvidenceInput.Fault(proven(who, FaultKind.BAD_OPENING, "m" + i % 60)));
        inputs.add(new EvidenceInput.Joined("node " + i, "owner " + i));
      }
    }
    return inputs;
  }

  @Test
  void foldAll_orderOfDifferentNodes_doesNotMatter() {
    List<EvidenceInput> inputs = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      inputs.add(audit(stakers.get(i).key().toString(), "r " + i, ROUND, 1, 1, i % 2));
    }
    List<EvidenceInput> turned = new ArrayList<>(inputs);
    Collections.reverse(turned);
    assertThat(FOLD.foldAll(FOLD.start(EPOCH), turned).state())
        .isEqualTo(FOLD.foldAll(FOLD.start(EPOCH), inputs).state());
  }
}
