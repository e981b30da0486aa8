package io.verillm.incentives.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks A2 to A5 and A13 (published half): the payoff table of the paper and what it rewards. */
class PublishedPoolTest {
  private static final PoolTerms TERMS = terms("1.2", "10", 1_000_000, 100_000);
  private static final PublishedPool POOL = new PublishedPool(TERMS);

  private static PoolTerms terms(String a, String b, long generation, long verification) {
    return new PoolTerms(
        Rational.parse(a), Rational.parse(b), Micros.of(generation), Micros.of(verification));
  }

  private static Rational units(String decimal) {
    return Rational.parse(decimal).times(Micros.PER_UNIT);
  }

  @Test
  void settle_noChallenge_matchesTheTable() {
    PoolPayout payout = POOL.settle(new PoolOutcome.NoChallenge());
    assertThat(payout.pool()).isEqualTo(units("11.32"));
    assertThat(payout.gross(PoolRole.GENERATOR)).isEqualTo(units("11.2"));
    assertThat(payout.gross(PoolRole.USER)).isEqualTo(units("0.12"));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 12.32, 11.2, 1.12, 0.12",
    "2, 13.32, 11.2, 2.12, 1.12",
    "3, 14.32, 11.2, 3.12, 2.12",
    "4, 15.32, 11.2, 4.12, 3.12"
  })
  void settle_confirmsGenerator_matchesTheTable(
      int k, String pool, String generator, String gross, String net) {
    PoolPayout payout = POOL.settle(new PoolOutcome.ConfirmsGenerator(k));
    assertThat(payout.pool()).isEqualTo(units(pool));
    assertThat(payout.gross(PoolRole.GENERATOR)).isEqualTo(units(generator));
    assertThat(payout.gross(PoolRole.verifier(k))).isEqualTo(units(gross));
    assertThat(payout.net(PoolRole.verifier(k))).isEqualTo(units(net));
    for (int slashed = 1; slashed < k; slashed++) {
      assertThat(payout.gross(PoolRole.verifier(slashed))).isEqualTo(Rational.ZERO);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, 10.88, 9.88",
    "3, 1, 11.88, 10.88",
    "3, 2, 11.88, 10.88",
    "4, 2, 12.88, 11.88"
  })
  void settle_confirmsVerifier_matchesTheTable(int k, int j, String gross, String net) {
    PoolPayout payout = POOL.settle(new PoolOutcome.ConfirmsVerifier(k, j));
    assertThat(payout.gross(PoolRole.USER)).isEqualTo(units("1.32"));
    assertThat(payout.gross(PoolRole.GENERATOR)).isEqualTo(Rational.ZERO);
    assertThat(payout.gross(PoolRole.verifier(j))).isEqualTo(units("1.12"));
    assertThat(payout.gross(PoolRole.verifier(k))).isEqualTo(units(gross));
    assertThat(payout.net(PoolRole.verifier(k))).isEqualTo(units(net));
  }

  @Test
  void userLoss_everyTerminatingBranch_isAtMostTheVerificationFee() {
    for (int k = 1; k <= 20; k++) {
      assertThat(POOL.settle(new PoolOutcome.ConfirmsGenerator(k)).net(PoolRole.USER))
          .isEqualTo(units("-1.32"));
      // The generation fee buys the answer; beyond it the user loses at most a C_v.
      assertThat(
              POOL.settle(new PoolOutcome.ConfirmsGenerator(k))
                  .net(PoolRole.USER)
                  .plus(TERMS.generationFee())
                  .negate())
          .isEqualTo(TERMS.verificationFee());
      if (k > 1) {
        assertThat(POOL.settle(new PoolOutcome.ConfirmsVerifier(k, 1)).net(PoolRole.USER))
            .isEqualTo(Rational.ZERO);
      }
      assertThat(POOL.settle(new PoolOutcome.Arbitrated(k)).net(PoolRole.USER))
          .isEqualTo(Rational.ZERO);
    }
  }

  @Test
  void gainFromConfirmingVerifier_anyStage_flipsExactlyAtTheCondition() {
    for (long verification = 1; verification <= 2_000_000; verification += 9_973) {
      PoolTerms terms = terms("1.2", "10", 1_000_000, verification);
      Rational expected =
          Rational.parse("10")
              .times(1_000_000 - verification)
              .minus(Rational.parse("2.4").times(verification));
      for (int k = 2; k <= 6; k++) {
        assertThat(new PublishedIncentives(terms).gainFromConfirmingVerifier(k))
            .isEqualTo(expected);
      }
    }
    // b(C_g - C_v) = 2 a C_v at C_v = 10/12.4 C_g.
    assertThat(
            new PublishedIncentives(terms("1.2", "10", 1_240_000, 1_000_000))
                .gainFromConfirmingVerifier(2))
        .isEqualTo(Rational.ZERO);
    assertThat(
            new PublishedIncentives(terms("1.2", "10", 1_240_000, 1_000_001))
                .gainFromConfirmingVerifier(2)
                .signum())
        .isNegative();
    assertThat(
            new PublishedIncentives(terms("1.2", "10", 1_240_000, 999_999))
                .gainFromConfirmingVerifier(2)
                .signum())
        .isPositive();
  }

  @Test
  void lazyFirstVerifier_withoutDecoys_earnsTheFullFee() {
    assertThat(new PublishedIncentives(TERMS).lazyFirstVerifier()).isEqualTo(units("0.12"));
  }

  @ParameterizedTest
  @CsvSource({"1.2, 10, 1, 1, .0893", "1.2, 10, 0.5, 0.95, .0470", "1.2, 2, 1, 1, .3125"})
  void leastDecoyRate_costsAndPower_matchVectorsAndZeroTheDifference(
      String a, String b, String cost, String power, double rate) {
    PublishedIncentives incentives = new PublishedIncentives(terms(a, b, 1_000_000, 100_000));
    Rational least = incentives.leastDecoyRate(Rational.parse(cost), Rational.parse(power));
    assertThat(least.doubleValue()).isCloseTo(rate, within(5e-5));
    Rational honest =
        incentives.lazyFirstVerifier().minus(Rational.parse(cost).times(Micros.of(100_000)));
    assertThat(incentives.lazyWithDecoys(least, Rational.parse(power))).isEqualTo(honest);
  }

  @ParameterizedTest
  @CsvSource({"10000, .0099", "100000, .0909", "500000, .333", "1000000, .5"})
  void challengeThreshold_costRatio_matchesVectors(long verification, double threshold) {
    assertThat(
            new PublishedIncentives(terms("1.2", "10", 1_000_000, verification))
                .challengeThreshold()
                .doubleValue())
        .isCloseTo(threshold, within(5e-4));
  }

  @ParameterizedTest
  @CsvSource({"1.2, 10, 0.8, .0714", "1.2, 2, 0.8, .25", "1.2, 20, 0.9, .0425"})
  void leastAuditTimesPower_saving_matchesVectors(String a, String b, String s, double expected) {
    assertThat(
            new PublishedIncentives(terms(a, b, 1_000_000, 100_000))
                .leastAuditTimesPower(Rational.parse(s))
                .doubleValue())
        .isCloseTo(expected, within(5e-5));
  }

  @ParameterizedTest
  @CsvSource({"100000, .101818", "10000, .0110891", "1000000, .56"})
  void framingThreshold_costRatio_matchesVectorsAndIsWhereProfitChangesSign(
      long verification, double threshold) {
    PublishedIncentives incentives =
        new PublishedIncentives(terms("1.2", "10", 1_000_000, verification));
    Rational share = incentives.framingThreshold();
    assertThat(share.doubleValue()).isCloseTo(threshold, within(5e-7));
    assertThat(incentives.framingGain(share)).isEqualTo(Rational.ZERO);
    assertThat(incentives.framingGain(share.plus(Rational.of(1, 1_000_000))).signum()).isPositive();
    assertThat(incentives.framingGain(share.minus(Rational.of(1, 1_000_000))).signum())
        .isNegative();
  }

  @Test
  void outcomes_impossibleStages_areRefused() {
    assertThatThrownBy(() -> new PoolOutcome.ConfirmsGenerator(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PoolOutcome.ConfirmsVerifier(2, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PoolOutcome.ConfirmsVerifier(1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> terms("0", "10", 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> terms("1", "-10", 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> terms("1", "10", 0, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
