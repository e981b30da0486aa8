package io.verillm.incentives.simulation;

import static io.verillm.incentives.simulation.SimulatorTest.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.incentives.design.PayoffTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each rule set that pays a deviation is refused, and the simulator shows that the refusal is
 * right.
 */
class MechanismValidatorTest {
  private static final MechanismConfig GOOD = MechanismConfig.reference(.1, .95);

  private static void assertRefused(MechanismConfig config, String words) {
    assertThat(MechanismValidator.validate(config))
        .isInstanceOfSatisfying(
            Validation.Refused.class,
            refused ->
                assertThat(refused.violated())
                    .anyMatch(condition -> condition.words().contains(words)));
  }

  private static SimulationReport play(MechanismConfig config, AgentType type) {
    return IncentiveSimulator.simulate(
        config, type, type.isAllied() ? 9 : 3, 30, settings(10_000, 10));
  }

  private static AuditTerms audits(double bad, double good, int seats, boolean commitReveal) {
    AuditTerms a = GOOD.audits();
    return new AuditTerms(
        a.auditRate(),
        seats,
        bad,
        good,
        a.power(),
        a.falsePositive(),
        a.fraudRate(),
        a.exceedanceBound(),
        commitReveal);
  }

  private static ProverTerms provers(long saving, long forfeit, long clientFee, long silenceFee) {
    ProverTerms p = GOOD.provers();
    return new ProverTerms(p.pay(), p.cost(), saving, forfeit, clientFee, p.stake(), silenceFee);
  }

  @ParameterizedTest
  @CsvSource({".01, .9", ".01, .95", ".01, .999", ".1, .9", ".1, .95", ".1, .999"})
  void validate_referenceRules_areValid(double fraud, double accuracy) {
    Validation validation = MechanismValidator.validate(MechanismConfig.reference(fraud, accuracy));
    assertThat(validation).as(validation.toString()).isInstanceOf(Validation.Valid.class);
    assertThat(validation.conditions()).hasSizeGreaterThan(10);
  }

  @Test
  void validate_noBadDecoys_isRefusedAndLazinessPays() {
    MechanismConfig config = GOOD.withAudits(audits(.001, .1, 7, true));
    assertRefused(config, "saying ok unseen");
    assertThat(play(config, AgentType.LAZY_OK).gainOverAllHonest().low()).isPositive();
  }

  @Test
  void validate_noGoodDecoys_isRefusedAndFramingPays() {
    MechanismConfig config = GOOD.withAudits(audits(.1, .001, 7, true));
    assertRefused(config, "flagging unseen");
    assertThat(play(config, AgentType.FRAMING_COALITION).gainOverAllHonest().low()).isPositive();
  }

  @Test
  void validate_noCommitReveal_isRefusedAndCopyingPays() {
    MechanismConfig config = GOOD.withAudits(audits(.1, .1, 7, false));
    assertRefused(config, "copying");
    assertThat(play(config, AgentType.COPYING).gainOverAllHonest().low()).isPositive();
  }

  @Test
  void validate_forfeitBelowTheSaving_isRefusedAndCheatingPaysWithoutStake() {
    ProverTerms p = provers(800_000, 2_500_000, 200_000, 25_000_000);
    MechanismConfig config =
        GOOD.withProvers(
            new ProverTerms(p.pay(), p.cost(), p.saving(), p.forfeit(), p.clientFee(), 1, 1));
    assertRefused(config, "cheating forfeits 1.1 times");
    assertThat(play(config, AgentType.LATE_TURNCOAT).gainOverAllHonest().low()).isPositive();
  }

  @Test
  void validate_threeSeats_coverByAThirdIsRefusedWhereSevenWouldDo() {
    // The narrowest saving that seven seats still deter against a coalition: three seats leave it a
    // profit.
    ProverTerms tight = provers(1_000_000, 15_500_000, 200_000, 25_000_000);
    assertThat(MechanismValidator.validate(GOOD.withProvers(tight)))
        .isInstanceOf(Validation.Valid.class);
    assertRefused(
        GOOD.withProvers(tight).withAudits(audits(.1, .1, 3, true)), "covered by a third");
  }

  @Test
  void validate_forfeitBeyondTheBatch_isRefused() {
    assertRefused(
        GOOD.withProvers(provers(800_000, 25_000_001, 200_000, 25_000_000)), "pay of a batch");
  }

  @Test
  void validate_cheapSilence_isRefused() {
    assertRefused(
        GOOD.withProvers(provers(800_000, 25_000_000, 200_000, 20_000_000)), "silence costs");
  }

  @Test
  void validate_freeSelfOrders_areRefused() {
    assertRefused(GOOD.withProvers(provers(800_000, 25_000_000, 0, 25_000_000)), "oneself");
  }

  @Test
  void validate_peerTableThatOutweighsTheDecoys_isRefusedAndAgreeingOnFlagsPays() {
    VerifierTerms v = GOOD.verifiers();
    VerifierTerms generous =
        new VerifierTerms(
            v.fee(),
            v.cost(),
            v.missedBadLoss(),
            v.falseFlagLoss(),
            v.unopenedLoss(),
            new PayoffTable(0, 0, 0, 200_000));
    MechanismConfig config = GOOD.withVerifiers(generous);
    assertRefused(config, "peer term");
    assertThat(play(config, AgentType.FRAMING_COALITION).gainOverAllHonest().low()).isPositive();
  }

  @Test
  void validate_smallPeerTable_isValid() {
    VerifierTerms v = GOOD.verifiers();
    VerifierTerms modest =
        new VerifierTerms(
            v.fee(),
            v.cost(),
            2 * v.missedBadLoss(),
            2 * v.falseFlagLoss(),
            v.unopenedLoss(),
            new PayoffTable(1_000, 0, 0, 5_000));
    MechanismConfig config =
        GOOD.withVerifiers(
            new VerifierTerms(
                v.fee() + 10_000,
                modest.cost(),
                modest.missedBadLoss(),
                modest.falseFlagLoss(),
                modest.unopenedLoss(),
                modest.peerTable()));
    assertThat(MechanismValidator.validate(config)).isInstanceOf(Validation.Valid.class);
    for (AgentType type :
        new AgentType[] {
          AgentType.LAZY_OK, AgentType.RANDOM, AgentType.SHARED_COIN, AgentType.LYING_VERIFIER
        }) {
      assertThat(play(config, type).deviationLoses()).as(type.toString()).isTrue();
    }
  }

  @Test
  void validate_unpaidWork_isRefused() {
    VerifierTerms v = GOOD.verifiers();
    assertRefused(
        GOOD.withVerifiers(
            new VerifierTerms(
                v.cost(),
                v.cost(),
                v.missedBadLoss(),
                v.falseFlagLoss(),
                v.unopenedLoss(),
                v.peerTable())),
        "fee exceeds its cost");
    ProverTerms p = GOOD.provers();
    assertRefused(
        GOOD.withProvers(
            new ProverTerms(
                900_000,
                p.cost(),
                p.saving(),
                p.forfeit(),
                p.clientFee(),
                p.stake(),
                p.silenceFee())),
        "pay exceeds the cost");
  }

  @Test
  void validate_exceedanceBoundBelowWhatFramersReach_isRefusedAndHonestStakesAreLost() {
    AuditTerms a = GOOD.audits();
    MechanismConfig config =
        GOOD.withAudits(
            new AuditTerms(
                a.auditRate(), 7, .1, .1, a.power(), a.falsePositive(), a.fraudRate(), .02, true));
    assertRefused(config, "a third of framers");
    assertThat(play(config, AgentType.FRAMING_COALITION).honestStakeLost()).isGreaterThan(.01);
    assertThat(play(GOOD, AgentType.FRAMING_COALITION).honestStakeLost()).isLessThan(1e-4);
  }

  @Test
  void validate_uselessTest_isRefused() {
    assertRefused(GOOD.withPower(.05), "cheating forfeits");
    assertRefused(GOOD.withPower(.05), "opposite");
  }
}
