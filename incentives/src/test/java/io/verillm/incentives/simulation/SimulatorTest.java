package io.verillm.incentives.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.incentives.design.DesignRequest;
import io.verillm.incentives.design.LandscapeTerms;
import io.verillm.incentives.design.PayoffDesign;
import io.verillm.incentives.slashing.GridWealth;
import io.verillm.incentives.slashing.LadderTerms;
import io.verillm.incentives.slashing.SlashingLadder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The required ordering: in valid rules every listed deviation loses by more than two standard
 * errors.
 */
class SimulatorTest {
  static SimulationSettings settings(int tasks, int replications) {
    return new SimulationSettings(
        tasks,
        replications,
        20260101,
        new SlashingLadder(LadderTerms.withDefaults(), GridWealth.eBh(.05)),
        GridWealth::new);
  }

  private static SimulationReport play(MechanismConfig config, AgentType type) {
    int size = 30;
    return IncentiveSimulator.simulate(
        config, type, type.isAllied() ? 9 : 3, size, settings(10_000, 12));
  }

  @ParameterizedTest
  @EnumSource(value = AgentType.class, names = "HONEST", mode = EnumSource.Mode.EXCLUDE)
  void simulate_validRules_deviationLosesAndHonestStakeStays(AgentType type) {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    assertThat(MechanismValidator.validate(config)).isInstanceOf(Validation.Valid.class);
    SimulationReport report = play(config, type);
    assertThat(report.deviationLoses()).as(report.toString()).isTrue();
    assertThat(report.honest().low()).isPositive();
    assertThat(report.honestStakeLost()).isLessThanOrEqualTo(1e-4);
  }

  /**
   * The command's default length decides for the rarest cheater by design. A cheated job gains
   * saving − aρF = .8 − .1·.9998·25 = −1.70 million on average. Without control its standard
   * deviation is √(aρ(1−aρ))·F = 7.5 million, with it √(aρ(1−ρ))·F = .1 million, so that only the
   * number of cheated jobs is left. That number is about 52 (16 000 tasks, 2 of 30 agents, 5 %,
   * less decoys): mean over standard error is √52 = 7 with control and √52·1.7/7.7 = 1.6 without.
   */
  @Test
  void simulate_stealthCheaterAtTheDefaultLength_isDecidedForEverySeed() {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    for (long seed = 1; seed <= 20; seed++) {
      SimulationSettings shortRun = SimulationSettings.withDefaults(2000, 8, seed);
      SimulationReport report =
          IncentiveStudy.simulate(config, AgentType.STEALTH_CHEATER, 30, .3, shortRun);
      assertThat(report.deviationLoses()).as("seed " + seed + " " + report).isTrue();
      assertThat(report.honestEarnsMore()).as("seed " + seed + " " + report).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(value = AgentType.class, names = "HONEST", mode = EnumSource.Mode.EXCLUDE)
  void simulate_defaultLength_decidesForEveryType(AgentType type) {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    for (long seed = 1; seed <= 2; seed++) {
      SimulationSettings shortRun = SimulationSettings.withDefaults(2000, 8, seed);
      SimulationReport report = IncentiveStudy.simulate(config, type, 30, .3, shortRun);
      assertThat(report.deviationLoses()).as("seed " + seed + " " + report).isTrue();
    }
  }

  /** The control variates have mean zero: they must not move the estimate, only sharpen it. */
  @ParameterizedTest
  @EnumSource(
      value = AgentType.class,
      names = {"STEALTH_CHEATER", "LATE_TURNCOAT", "WITHHOLDER", "LAZY_OK"})
  void simulate_controlVariates_leaveTheMeanAndShrinkTheError(AgentType type) {
    SimulationReport report =
        IncentiveStudy.simulate(
            MechanismConfig.reference(.1, .95), type, 30, .3, settings(4000, 60));
    double raw = report.deviant().mean() - report.honest().mean();
    double rawError = Math.hypot(report.deviant().standardError(), report.honest().standardError());
    assertThat(report.gainOverHonest().mean())
        .isCloseTo(raw, org.assertj.core.api.Assertions.within(4 * rawError));
    assertThat(report.gainOverHonest().standardError()).isLessThan(rawError);
  }

  @Test
  void simulate_sameSeed_givesTheSameBitsAndAnotherSeedOthers() {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    SimulationSettings one = settings(2000, 3);
    SimulationReport first = IncentiveSimulator.simulate(config, AgentType.RANDOM, 3, 24, one);
    assertThat(IncentiveSimulator.simulate(config, AgentType.RANDOM, 3, 24, one)).isEqualTo(first);
    SimulationSettings other = new SimulationSettings(2000, 3, 5, one.ladder(), one.wealth());
    assertThat(IncentiveSimulator.simulate(config, AgentType.RANDOM, 3, 24, other))
        .isNotEqualTo(first);
  }

  @Test
  void simulate_defaultSettings_useTheStatisticsModule() {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    SimulationReport report =
        IncentiveSimulator.simulate(
            config,
            AgentType.COLLUDING_GROUP,
            3,
            30,
            SimulationSettings.withDefaults(20_000, 4, 20260101));
    assertThat(report.deviationLoses()).isTrue();
    assertThat(report.deviantStakeLost()).isGreaterThan(.3);
    assertThat(report.honestStakeLost()).isLessThan(1e-4);
  }

  @Test
  void seededRandom_knownSeed_isSplitMix64() {
    // First outputs of SplitMix64 for seed 1234567, as published with the reference implementation.
    SeededRandom random = new SeededRandom(1234567);
    assertThat(random.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(random.nextLong()).isEqualTo(3203168211198807973L);
  }

  @Test
  void simulate_constantCheater_losesItsStake() {
    SimulationReport report =
        IncentiveSimulator.simulate(
            MechanismConfig.reference(.1, .95),
            AgentType.LATE_TURNCOAT,
            3,
            30,
            settings(100_000, 2));
    assertThat(report.deviantStakeLost()).isGreaterThan(.5);
    List<StakePoint> stakes = report.stakeOverTime();
    assertThat(stakes.get(10).deviants()).isEqualTo(100_000_000);
    assertThat(stakes.get(stakes.size() - 1).deviants()).isLessThan(50_000_000);
    assertThat(stakes.get(stakes.size() - 1).honest()).isEqualTo(100_000_000);
  }

  @Test
  void simulate_majorityCollusion_isOutOfScopeAndProfits() {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    SimulationReport report =
        IncentiveSimulator.simulate(config, AgentType.COLLUDING_GROUP, 22, 30, settings(10_000, 8));
    assertThat(report.gainOverAllHonest().low()).as("nothing here covers a majority").isPositive();
  }

  @Test
  void profitOverPower_stealthCheater_fallsWithPowerAndIsNegativeWhereValid() {
    List<IncentiveStudy.PowerPoint> points =
        IncentiveStudy.profitOverPower(
            MechanismConfig.reference(.1, .95),
            AgentType.LATE_TURNCOAT,
            3,
            30,
            List.of(.05, .5, .95),
            settings(8_000, 8));
    assertThat(points.get(0).valid()).isFalse();
    assertThat(points.get(0).gain().low()).isPositive();
    assertThat(points.get(2).valid()).isTrue();
    assertThat(points.get(2).gain().high()).isNegative();
    assertThat(points.get(2).gain().mean()).isLessThan(points.get(0).gain().mean());
  }

  @Test
  void study_oneCall_answersTheCommandLine() {
    IncentiveStudy.SimulationAnswer answer =
        IncentiveStudy.simulate(MechanismConfig.reference(.01, .999), 24, .3, settings(200, 2));
    assertThat(answer.reports()).hasSize(AgentType.values().length - 1);
    assertThat(answer.validation()).isInstanceOf(Validation.Valid.class);
    IncentiveStudy.PayoffAnswer payoff =
        IncentiveStudy.payoff(
            DesignRequest.of(.05, .99, .1, .01), new LandscapeTerms(100, 1, .6, 20, .9), 11);
    assertThat(payoff.design()).isInstanceOf(PayoffDesign.Feasible.class);
    assertThat(payoff.landscape().gains()).hasSize(11);
  }

  @Test
  void arguments_outOfRange_areRefused() {
    MechanismConfig config = MechanismConfig.reference(.1, .95);
    SimulationSettings settings = settings(10, 2);
    assertThatThrownBy(() -> IncentiveSimulator.simulate(config, AgentType.RANDOM, 1, 9, settings))
        .hasMessageContaining("stranger");
    assertThatThrownBy(
            () -> IncentiveSimulator.simulate(config, AgentType.RANDOM, 30, 30, settings))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings(10, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MechanismConfig.reference(.1, .8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AuditTerms(.1, 4, .1, .1, .9, .1, .1, .3, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AuditTerms(.1, 5, .5, .5, .9, .1, .1, .3, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AuditTerms(.1, 5, .1, .1, Double.NaN, .1, .1, .3, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ProverTerms(1, 1, 2, 0, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Everybody flags every job of the first agent; what is made of it, the driver says. */
  private static SimulationReport flaggedBySeats(TaskOutcome.Ruling ruling) {
    ProtocolDriver driver =
        new ProtocolDriver() {
          @Override
          public TaskOutcome run(
              MechanismConfig config, AgentRoster agents, double progress, SeededRandom random) {
            List<TaskOutcome.Seat> seats =
                java.util.stream.IntStream.rangeClosed(1, 7)
                    .mapToObj(agent -> new TaskOutcome.Seat(agent, Report.FLAG, true))
                    .toList();
            return new TaskOutcome(TaskOutcome.Kind.AUDITED_JOB, 0, false, ruling, seats);
          }

          @Override
          public Report reexecute(
              MechanismConfig config,
              AgentRoster agents,
              int executor,
              TaskOutcome job,
              SeededRandom random) {
            return Report.FLAG;
          }
        };
    return IncentiveSimulator.simulate(
        MechanismConfig.reference(.1, .95), AgentType.LAZY_OK, 1, 24, settings(40, 2), driver);
  }

  @Test
  void simulate_committeesThatDecideNothing_leaveNoEvidenceAndNoPay() {
    SimulationReport rejected = flaggedBySeats(TaskOutcome.Ruling.REJECTED);
    assertThat(rejected.deviantStakeLost()).as("forty readings against it").isPositive();
    SimulationReport undecided = flaggedBySeats(TaskOutcome.Ruling.UNDECIDED);
    assertThat(undecided.deviantStakeLost()).isZero();
    // Every job costs a million to compute; thousand jobs of the unit pay nothing.
    assertThat(undecided.deviant().mean()).isEqualTo(-1000 * 1_000_000.0);
  }
}
