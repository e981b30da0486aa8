package io.verillm.incentives.slashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.money.Settlement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The edges of the ladder and of a slash: what happens at a level, and just below it. */
class LadderBoundaryTest {
  private static final Digest32 RECEIPT =
      Digest32.sha256("receipt".getBytes(StandardCharsets.US_ASCII));
  private static final SlashingLadder ALL =
      new SlashingLadder(
          LadderTerms.withDefaults(),
          eValues -> {
            boolean[] all = new boolean[eValues.length];
            java.util.Arrays.fill(all, true);
            return all;
          });

  /** A book in which one node holds exactly this wealth. */
  private static EvidenceBook holding(double logWealth) {
    return EvidenceBook.restore(
        (exceedances, audits) -> 100,
        50,
        List.of(
            new EvidenceBook.Line(
                "n",
                "owner-n",
                9,
                9,
                logWealth,
                Optional.of(RECEIPT),
                Set.of("judge"),
                Set.of(),
                Set.of())));
  }

  @ParameterizedTest
  @CsvSource({
    "20, WARN, NO_ACTION",
    "100, DEMOTE, WARN",
    "10000, AWAITS, DEMOTE",
  })
  void steps_wealthAtALevel_isOnItAndJustBelowIsNot(double level, String at, String below) {
    double log = StrictMath.log(level);
    assertThat(name(ALL.steps(holding(log)).get("n"))).isEqualTo(at);
    assertThat(name(ALL.steps(holding(Math.nextDown(log))).get("n"))).isEqualTo(below);
  }

  private static String name(LadderStep step) {
    if (step instanceof LadderStep.AwaitsReexecution) {
      return "AWAITS";
    }
    if (step instanceof LadderStep.Demote) {
      return "DEMOTE";
    }
    return step instanceof LadderStep.Warn ? "WARN" : "NO_ACTION";
  }

  @Test
  void steps_ruleThatJudgesOtherNodes_isRefused() {
    for (int count : new int[] {0, 2}) {
      SlashingLadder ladder =
          new SlashingLadder(LadderTerms.withDefaults(), eValues -> new boolean[count]);
      assertThatThrownBy(() -> ladder.steps(holding(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("every node");
    }
  }

  private static SlashOrder confirmed(double logWealth) {
    EvidenceBook book = holding(logWealth);
    LadderStep step = ALL.steps(book).get("n");
    return ((SlashingLadder.Confirmation.Confirmed)
            ALL.confirm(
                (LadderStep.AwaitsReexecution) step,
                new FreshReexecution("n", RECEIPT, "stranger", true),
                book))
        .order();
  }

  @Test
  void order_onEvidence_saysWhoseItIsAndWhatItRestsOn() {
    SlashOrder order = confirmed(StrictMath.log(1e7));
    assertThat(order.node()).isEqualTo("n");
    assertThat(order.basis()).contains("ln E = 16.1", "9 audits", "confirmed");
    assertThat(order.fraction()).isEqualTo(Rational.ONE);
    // log₁₀ of 10⁵ over the exponent 6, cut downwards to whole millionths.
    assertThat(confirmed(StrictMath.log(1e5)).fraction())
        .isEqualTo(Rational.of(833_333, 1_000_000));
  }

  @Test
  void order_onProof_saysWhoseItIsAndWhatItRestsOn() {
    SlashOrder order =
        SlashOrder.onProof(
            ProvenFault.verify(
                    new FaultProof("m", FaultKind.BAD_OPENING, List.of(RECEIPT)),
                    proof -> new FaultProofChecker.Result.Proven())
                .orElseThrow());
    assertThat(order.node()).isEqualTo("m");
    assertThat(order.basis()).isEqualTo("proof of BAD_OPENING");
  }

  @Test
  void statistical_fractionOutsideItsRange_isRefused() {
    NodeEvidence evidence = holding(StrictMath.log(1e4)).evidence("n", "owner-n");
    for (double fraction : new double[] {0, -.1, 1.000001, Double.NaN}) {
      assertThatThrownBy(() -> SlashOrder.statistical(evidence, fraction, RECEIPT))
          .as("fraction " + fraction)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no evidence");
    }
    assertThat(SlashOrder.statistical(evidence, 1, RECEIPT).fraction()).isEqualTo(Rational.ONE);
  }

  @Test
  void settle_stakeAndBurnShareAtTheirEdges() {
    SlashOrder order = confirmed(StrictMath.log(1e4)); // four sixths of the stake
    assertThat(order.settle(Micros.ZERO, Rational.ONE)).isEmpty();
    assertThat(order.settle(Micros.of(1), Rational.ONE)).as("rounds down to nothing").isEmpty();
    assertThatThrownBy(() -> order.settle(Micros.of(-1), Rational.ONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not negative");
    for (Rational share : List.of(Rational.of(-1, 1000), Rational.of(1001, 1000))) {
      assertThatThrownBy(() -> order.settle(Micros.of(9), share))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("burnShare");
    }
    Settlement all = order.settle(Micros.of(9), Rational.ONE).orElseThrow();
    assertThat(all.netOf(Account.stake("n"))).isEqualTo(Micros.of(-5)); // .666666 · 9 = 5.99
    assertThat(all.netOf(Account.BURN)).isEqualTo(Micros.of(5));
    Settlement none = order.settle(Micros.of(9), Rational.of(0)).orElseThrow();
    assertThat(none.netOf(Account.BURN)).isEqualTo(Micros.ZERO);
    assertThat(none.netOf(Account.TREASURY)).isEqualTo(Micros.of(5));
  }

  @Test
  void terms_levelsAndExponentAtTheirLimits() {
    assertThat(new LadderTerms(20, 100, 1e4, 4).slashFraction(StrictMath.log(1e4)))
        .as("the whole stake from the slash level on")
        .isEqualTo(1);
    assertThat(new LadderTerms(20, 100, 1e4, 12).fullSlashExponent()).isEqualTo(12);
    double[][] bad = {
      {1, 100, 1e4, 6},
      {20, 20, 1e4, 6},
      {20, 100, 100, 6},
      {20, 100, 1e12, 12},
      {20, 100, 1e4, Math.nextDown(4.)},
      {20, 100, 1e4, Math.nextUp(12.)},
      {Double.NaN, 100, 1e4, 6},
      {20, 100, 1e4, Double.NaN}
    };
    for (double[] levels : bad) {
      assertThatThrownBy(() -> new LadderTerms(levels[0], levels[1], levels[2], levels[3]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void silencePrice_sharesAtTheirLimits() {
    Rational below = Rational.of(-1, 1000);
    Rational above = Rational.of(1001, 1000);
    assertThat(new PriceOfSilence(Rational.ONE, Rational.ONE).fee(Micros.of(7)))
        .isEqualTo(Micros.of(7));
    assertThat(new PriceOfSilence(Rational.ZERO, Rational.ONE).fee(Micros.of(7)))
        .isEqualTo(Micros.ZERO);
    for (Rational bad : List.of(below, above)) {
      assertThatThrownBy(() -> new PriceOfSilence(bad, Rational.ONE))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new PriceOfSilence(Rational.ONE, bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void escrow_withoutPay_cannotBeBuilt() {
    for (long pay : new long[] {0, -1}) {
      assertThatThrownBy(() -> new JobEscrow(RECEIPT, "client", "n", Micros.of(pay)))
          .hasMessageContaining("positive");
    }
  }

  @Test
  void committeeReading_drawnTwoRoundsAfterTheAck_isTheEarliest() {
    List<CommitteeReading.Member> members =
        List.of(
            new CommitteeReading.Member("a", true),
            new CommitteeReading.Member("b", true),
            new CommitteeReading.Member("c", true));
    assertThat(new CommitteeReading("n", "o", RECEIPT, 0, 2, members).drawnRound()).isEqualTo(2);
    assertThatThrownBy(() -> new CommitteeReading("n", "o", RECEIPT, 0, 1, members))
        .hasMessageContaining("two rounds");
    assertThatThrownBy(() -> new CommitteeReading("n", "o", RECEIPT, -1, 7, members))
        .hasMessageContaining("two rounds");
  }
}
