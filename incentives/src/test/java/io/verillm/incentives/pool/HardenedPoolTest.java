package io.verillm.incentives.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.CommitteeBallot.Vote;
import io.verillm.incentives.pool.HardenedPool.Ending;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.ProvenFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Checks A12 and A13 (hardened half). */
class HardenedPoolTest {
  private static final PoolTerms TERMS =
      new PoolTerms(
          Rational.parse("1.2"), Rational.of(10), Micros.of(1_000_000), Micros.of(100_000));
  private static final HardenedPool POOL = new HardenedPool(HardenedTerms.withDefaults(TERMS, 9));

  private static CommitteeBallot ballot(int accept, int reject) {
    List<Vote> votes = new ArrayList<>();
    for (int seat = 0; seat < 9; seat++) {
      votes.add(seat < accept ? Vote.ACCEPT : seat < accept + reject ? Vote.REJECT : Vote.SILENT);
    }
    return new CommitteeBallot(votes);
  }

  private static Optional<ProvenFault> proof(String node, FaultKind kind) {
    FaultProof claim = new FaultProof(node, kind, List.of(Digest32.sha256(new byte[] {1})));
    return ProvenFault.verify(claim, asked -> new FaultProofChecker.Result.Proven());
  }

  @Test
  void settle_proofOfSomebodyElseOrOfSilence_isRefused() {
    assertThatThrownBy(
            () -> POOL.settle(List.of(ballot(0, 9)), "g", proof("h", FaultKind.BAD_OPENING)))
        .hasMessageContaining("against h");
    assertThatThrownBy(() -> POOL.settle(List.of(ballot(0, 9)), "g", proof("g", FaultKind.SILENCE)))
        .hasMessageContaining("priced");
    // A proof without a quorum takes nothing.
    assertThat(POOL.settle(List.of(ballot(6, 3)), "g", proof("g", FaultKind.BAD_OPENING)).ending())
        .isEqualTo(Ending.ACCEPTED);
  }

  @Test
  void settle_quorumAccepts_paysGeneratorAndThoseWhoAccepted() {
    HardenedPool.Result result = POOL.settle(List.of(ballot(6, 3)));
    assertThat(result.ending()).isEqualTo(Ending.ACCEPTED);
    assertThat(result.payout().net(PoolRole.GENERATOR)).isEqualTo(Rational.of(1_200_000));
    assertThat(result.payout().net(PoolRole.verifier(6))).isEqualTo(Rational.of(120_000));
    assertThat(result.payout().net(PoolRole.verifier(7))).isEqualTo(Rational.ZERO);
    assertThat(result.payout().net(PoolRole.USER)).isEqualTo(Rational.of(-1_200_000 - 6 * 120_000));
  }

  @Test
  void settle_quorumRejectsWithoutProof_slashesNobody() {
    HardenedPool.Result result = POOL.settle(List.of(ballot(0, 9)));
    assertThat(result.ending()).isEqualTo(Ending.REJECTED_ON_VOTES);
    assertThat(result.payout().net(PoolRole.GENERATOR)).isEqualTo(Rational.ZERO);
    assertThat(result.payout().burnt()).isEqualTo(Rational.ZERO);
    assertThat(result.payout().net(PoolRole.USER)).isEqualTo(Rational.of(-9 * 120_000));
  }

  @Test
  void settle_quorumRejectsWithProof_burnsMostAndCapsTheBonus() {
    HardenedTerms terms = new HardenedTerms(TERMS, 9, 6, 3, Micros.of(100_000), Rational.of(9, 10));
    HardenedPool.Result result =
        new HardenedPool(terms)
            .settle(List.of(ballot(2, 7)), "g", proof("g", FaultKind.BAD_OPENING));
    assertThat(result.ending()).isEqualTo(Ending.REJECTED_ON_PROOF);
    assertThat(result.payout().net(PoolRole.GENERATOR)).isEqualTo(Rational.of(-10_000_000));
    assertThat(result.payout().net(PoolRole.verifier(9))).isEqualTo(Rational.of(220_000));
    assertThat(result.payout().burnt()).isEqualTo(Rational.of(9_300_000L * 9, 10));
    assertThat(result.payout().treasury()).isEqualTo(Rational.of(930_000));
  }

  @Test
  void settle_noQuorumInTheLastCommittee_arbitratesAndConserves() {
    HardenedPool.Result result =
        POOL.settle(
            List.of(ballot(5, 4), ballot(4, 4), ballot(4, 5)),
            "g",
            proof("g", FaultKind.BAD_OPENING));
    assertThat(result.ending()).isEqualTo(Ending.ARBITRATED);
    assertThat(result.payout().payments()).isEqualTo(result.payout().deposits());
    assertThat(result.payout().pool())
        .isEqualTo(Rational.of(1_200_000 + 27 * 120_000 + 10_000_000 + 27 * 1_000_000L));
  }

  @Test
  void settle_gameNotOverOrAlreadyOver_isRefused() {
    assertThatThrownBy(() -> POOL.settle(List.of(ballot(5, 4))))
        .hasMessageContaining("no quorum yet");
    assertThatThrownBy(() -> POOL.settle(List.of(ballot(9, 0), ballot(9, 0))))
        .hasMessageContaining("after a quorum");
    assertThatThrownBy(() -> POOL.settle(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> POOL.settle(List.of(new CommitteeBallot(List.of(Vote.ACCEPT)))))
        .hasMessageContaining("9 seats");
  }

  @Test
  void terms_thatWouldBringTheExploitsBack_areRefused() {
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 5, 3, Micros.ZERO, Rational.ONE))
        .hasMessageContaining("two thirds");
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 2, 2, 3, Micros.ZERO, Rational.ONE))
        .hasMessageContaining("committeeSize");
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 6, 3, Micros.of(1_120_001), Rational.ONE))
        .hasMessageContaining("finderBonus");
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 6, 3, Micros.of(1_120_000), Rational.ONE))
        .hasMessageContaining("fit into");
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 6, 3, Micros.ZERO, Rational.of(2, 5)))
        .hasMessageContaining("burnShare");
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 6, 0, Micros.ZERO, Rational.ONE))
        .hasMessageContaining("maxCommittees");
  }

  @Test
  void framingGain_anyShareBelowAThird_isNegativeWhereThePublishedPoolPays() {
    // A bonus of a full honest pay, so that the case is not won by paying nothing.
    for (long verification : new long[] {10_000, 100_000}) {
      PoolTerms pool =
          new PoolTerms(
              Rational.parse("1.2"),
              Rational.of(10),
              Micros.of(1_000_000),
              Micros.of(verification));
      Micros bonus = Micros.of(12 * verification / 10);
      HardenedTerms terms = new HardenedTerms(pool, 9, 6, 3, bonus, Rational.of(1, 2));
      assertThat(new HardenedPool(terms).terms()).isEqualTo(terms);
      HardenedIncentives hardened = new HardenedIncentives(terms);
      for (int percent = 1; percent < 34; percent++) {
        double share = Math.min(percent / 100.0, .3333);
        assertThat(hardened.framingGain(share)).as("share " + share).isNegative();
        Rational exact = Rational.of(percent, 100);
        PublishedIncentives published = new PublishedIncentives(pool);
        if (exact.compareTo(published.framingThreshold()) > 0) {
          assertThat(published.framingGain(exact).signum()).isPositive();
        }
      }
      assertThat(hardened.framingGain(.9)).as("a majority frames at will").isPositive();
    }
  }

  @Test
  void pool_bonusThatWouldPayACoalitionOfAThird_isRefused() {
    // Found by scanning: nine seats, the largest bonus that (a + b)C_v admits, framing pays from a
    // share of about 0.33.
    HardenedTerms terms = new HardenedTerms(TERMS, 9, 6, 3, Micros.of(370_370), Rational.of(1, 2));
    assertThat(new HardenedPool(terms).terms()).isEqualTo(terms);
    PoolTerms cheap =
        new PoolTerms(
            Rational.parse("1.2"), Rational.of(10), Micros.of(1_000_000), Micros.of(10_000));
    HardenedTerms generous =
        new HardenedTerms(cheap, 9, 6, 3, Micros.of(112_000), Rational.of(1, 2));
    assertThat(new HardenedIncentives(generous).framingGain(.33)).isPositive();
    assertThatThrownBy(() -> new HardenedPool(generous))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lower finderBonus");
  }

  @Test
  void framingSuccess_oneCommittee_isTheBinomialTail() {
    HardenedTerms terms = new HardenedTerms(TERMS, 3, 2, 1, Micros.ZERO, Rational.ONE);
    assertThat(new HardenedIncentives(terms).framingSuccess(.2)).isCloseTo(.104, within(1e-12));
    assertThat(new HardenedIncentives(terms).framingSuccess(0)).isZero();
    assertThat(new HardenedIncentives(terms).framingSuccess(1)).isEqualTo(1);
  }

  @Test
  void lazyGain_decoyRateAroundTheThreshold_changesSign() {
    HardenedIncentives hardened = new HardenedIncentives(POOL.terms());
    double least = 100_000 / (1_120_000 * 1.0);
    assertThat(least).isCloseTo(.0893, within(5e-5));
    assertThat(hardened.lazyGain(least + 1e-6, 100_000, 1)).isNegative();
    assertThat(hardened.lazyGain(least - 1e-6, 100_000, 1)).isPositive();
  }

  /**
   * Every course of a game, one committee after the other, instead of the recursion from the last
   * one: what a coalition of a share gains over honest pay, and how often it gets its way.
   */
  private static double[] enumerated(HardenedTerms terms, double share, int committee, int seats) {
    double bonus = terms.finderBonus().value();
    double fee = terms.pool().verificationFee().doubleValue();
    if (committee == terms.maxCommittees()) {
      return new double[] {-seats * fee, 0};
    }
    int n = terms.committeeSize();
    double gain = 0;
    double success = 0;
    for (int drawn = 0; drawn <= n; drawn++) {
      double weight =
          new org.apache.commons.math3.distribution.BinomialDistribution(null, n, share)
              .probability(drawn);
      double[] then;
      if (drawn >= terms.quorum()) {
        then = new double[] {(seats + drawn) * bonus, 1};
      } else if (n - drawn >= terms.quorum()) {
        then = new double[] {-(seats + drawn) * fee, 0};
      } else {
        then = enumerated(terms, share, committee + 1, seats + drawn);
      }
      gain += weight * then[0];
      success += weight * then[1];
    }
    return new double[] {gain, success};
  }

  @Test
  void framing_severalCommittees_equalsTheSumOverAllCourses() {
    for (int seats : new int[] {3, 5, 9}) {
      for (int committees : new int[] {1, 2, 3}) {
        HardenedTerms terms =
            new HardenedTerms(
                TERMS,
                seats,
                (2 * seats + 2) / 3,
                committees,
                Micros.of(70_000),
                Rational.of(9, 10));
        HardenedIncentives incentives = new HardenedIncentives(terms);
        for (double share : new double[] {0, .05, .2, 1 / 3., .5, .8, 1}) {
          double[] expected = enumerated(terms, share, 0, 0);
          assertThat(incentives.framingGain(share)).isCloseTo(expected[0], within(1e-6));
          assertThat(incentives.framingSuccess(share)).isCloseTo(expected[1], within(1e-12));
        }
      }
    }
  }

  @Test
  void lazyGain_isTheCostSavedLessFeeAndBondOfMissedDecoys() {
    // 100000 − .05 · .9 · (1.2 + 10) · 100000
    assertThat(new HardenedIncentives(POOL.terms()).lazyGain(.05, 100_000, .9))
        .isCloseTo(100_000 - .045 * 1_120_000, within(1e-9));
  }

  @Test
  void settle_moreCommitteesThanAllowed_isRefused() {
    CommitteeBallot tie = ballot(5, 4);
    assertThatThrownBy(() -> POOL.settle(List.of(tie, tie, tie, ballot(9, 0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to 3");
  }

  @Test
  void terms_atTheirLimits_areTaken() {
    assertThat(new HardenedTerms(TERMS, 3, 2, 1, Micros.of(1_120_000), Rational.ONE).finderBonus())
        .isEqualTo(Micros.of(1_120_000));
    // Nine seats in three committees may get all of the generator's stake of 10 000 000.
    assertThat(new HardenedTerms(TERMS, 9, 6, 3, Micros.of(370_370), Rational.of(1, 2)).burnShare())
        .isEqualTo(Rational.of(1, 2));
    assertThatThrownBy(
            () -> new HardenedTerms(TERMS, 9, 6, 3, Micros.of(370_371), Rational.of(1, 2)))
        .hasMessageContaining("fit into");
    PoolTerms even = new PoolTerms(Rational.ONE, Rational.of(9), Micros.of(3), Micros.of(3));
    assertThat(new HardenedTerms(even, 3, 2, 1, Micros.of(9), Rational.ONE).finderBonus())
        .as("exactly the generator's stake of 27")
        .isEqualTo(Micros.of(9));
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 6, 3, Micros.of(-1), Rational.ONE))
        .hasMessageContaining("finderBonus");
    assertThatThrownBy(
            () -> new HardenedTerms(TERMS, 9, 6, 3, Micros.ZERO, Rational.of(1001, 1000)))
        .hasMessageContaining("burnShare");
    assertThat(new HardenedTerms(TERMS, 9, 9, 3, Micros.ZERO, Rational.ONE).quorum())
        .as("unanimity")
        .isEqualTo(9);
    assertThatThrownBy(() -> new HardenedTerms(TERMS, 9, 10, 3, Micros.ZERO, Rational.ONE))
        .hasMessageContaining("two thirds");
  }

  @Test
  void poolTerms_zeroOrBelow_isRefused() {
    Micros one = Micros.of(1);
    for (Rational bad : List.of(Rational.ZERO, Rational.of(-1))) {
      assertThatThrownBy(() -> new PoolTerms(bad, Rational.ONE, one, one))
          .hasMessageContaining("userMultiplier");
      assertThatThrownBy(() -> new PoolTerms(Rational.ONE, bad, one, one))
          .hasMessageContaining("stakeMultiplier");
    }
    for (Micros bad : List.of(Micros.ZERO, Micros.of(-1))) {
      assertThatThrownBy(() -> new PoolTerms(Rational.ONE, Rational.ONE, bad, one))
          .hasMessageContaining("generationCost");
      assertThatThrownBy(() -> new PoolTerms(Rational.ONE, Rational.ONE, one, bad))
          .hasMessageContaining("verificationCost");
    }
    assertThatThrownBy(() -> TERMS.poolWith(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void poolRole_stageThatItsKindDoesNotHave_isRefused() {
    assertThatThrownBy(() -> PoolRole.verifier(0)).hasMessageContaining("stage 0");
    assertThatThrownBy(() -> new PoolRole(PoolRole.Kind.USER, 1)).hasMessageContaining("stage 1");
    assertThatThrownBy(() -> new PoolRole(PoolRole.Kind.GENERATOR, -1))
        .hasMessageContaining("stage -1");
    assertThat(PoolRole.verifier(1).stage()).isEqualTo(1);
  }

  @Test
  void poolPayout_thatCreatesMoneyOrTakesTwice_cannotBeBuilt() {
    SortedMap<PoolRole, Rational> in = new TreeMap<>(Map.of(PoolRole.USER, Rational.of(5)));
    SortedMap<PoolRole, Rational> out = new TreeMap<>(Map.of(PoolRole.GENERATOR, Rational.of(6)));
    assertThatThrownBy(() -> new PoolPayout(in, out, Rational.ZERO, Rational.ZERO))
        .hasMessageContaining("takes in 5 and pays out 6");
    assertThatThrownBy(() -> new PoolPayout(in, out, Rational.of(-1), Rational.ZERO))
        .hasMessageContaining("burnt");
    assertThatThrownBy(() -> new PoolPayout(in, out, Rational.ZERO, Rational.of(-1)))
        .hasMessageContaining("treasury");
    SortedMap<PoolRole, Rational> negative =
        new TreeMap<>(
            Map.of(PoolRole.GENERATOR, Rational.of(6), PoolRole.verifier(1), Rational.of(-1)));
    assertThatThrownBy(() -> new PoolPayout(in, negative, Rational.ZERO, Rational.ZERO))
        .hasMessageContaining("negative payment");
  }
}
