package io.verillm.incentives.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.incentives.design.PayoffTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rules that nobody chose: drawn at random around the reference, and whenever the validator accepts
 * them, every listed deviation has to lose by more than two standard errors. Rules of this sort
 * that break this belong into {@link MechanismValidatorTest}, with the condition that refuses them.
 */
class AcceptedRulesTest {
  private static final int SIZE = 30;

  private static double between(SeededRandom random, double low, double high) {
    return low * StrictMath.pow(high / low, random.nextDouble());
  }

  private static long money(SeededRandom random, double low, double high) {
    return Math.round(between(random, low, high));
  }

  /** Factors around the reference rules, wide enough that most draws are refused. */
  private static MechanismConfig draw(SeededRandom random) {
    double accuracy = .85 + .149 * random.nextDouble();
    double falsePositive = (1 - accuracy) * random.nextDouble();
    AuditTerms audits =
        new AuditTerms(
            between(random, .05, .5),
            3 + 2 * random.nextInt(6),
            between(random, .02, .3),
            between(random, .02, .3),
            accuracy,
            falsePositive,
            .1 * random.nextDouble(),
            .15 + .3 * random.nextDouble(),
            true);
    long look = 10_000;
    double peer = random.happens(.5) ? 0 : between(random, 1, 2e4);
    VerifierTerms verifiers =
        new VerifierTerms(
            money(random, look, 6e4),
            look,
            money(random, 2e4, 1e6),
            money(random, 2e4, 1e6),
            money(random, 1e4, 1e5),
            new PayoffTable(
                peer * random.nextDouble(),
                -peer * random.nextDouble(),
                -peer * random.nextDouble(),
                peer * random.nextDouble()));
    long cost = 1_000_000;
    long pay = money(random, 1.1e6, 5e6);
    ProverTerms provers =
        new ProverTerms(
            pay,
            cost,
            money(random, 1e5, 1e6),
            Math.round(pay / audits.auditRate() * random.nextDouble()),
            money(random, 1e3, 1e6),
            money(random, 1e7, 1e9),
            money(random, 1e6, 1e9));
    return new MechanismConfig(verifiers, provers, audits);
  }

  private static int deviants(AgentType type) {
    return type.isAllied() ? 9 : 2;
  }

  /** Empty if it loses; a longer run decides where a short one does not. */
  private static Optional<String> notLosing(MechanismConfig config, AgentType type) {
    SimulationReport report = null;
    for (int tasks : new int[] {4_000, 40_000, 400_000}) {
      report =
          IncentiveSimulator.simulate(
              config, type, deviants(type), SIZE, SimulationSettings.withDefaults(tasks, 12, 7));
      if (report.deviationLoses() && report.honestStakeLost() <= 1e-3) {
        return Optional.empty();
      }
    }
    return Optional.of(type + " " + report + " under " + config);
  }

  private static void playAccepted(long seed, int wanted) {
    SeededRandom random = new SeededRandom(seed);
    List<String> broken = new ArrayList<>();
    int accepted = 0;
    int drawn = 0;
    while (accepted < wanted) {
      MechanismConfig config = draw(random);
      drawn++;
      assertThat(drawn).as("draws for " + accepted + " accepted rules").isLessThan(1_000 * wanted);
      if (MechanismValidator.validate(config) instanceof Validation.Valid) {
        accepted++;
        for (AgentType type : AgentType.values()) {
          if (type != AgentType.HONEST) {
            notLosing(config, type).ifPresent(broken::add);
          }
        }
      }
    }
    assertThat(broken).as(accepted + " accepted of " + drawn + " drawn").isEmpty();
  }

  @Test
  void simulate_fewRulesThatTheValidatorAccepts_noDeviationPays() {
    playAccepted(11, 4);
  }

  @Test
  @Tag("long")
  void simulate_manyRulesThatTheValidatorAccepts_noDeviationPays() {
    playAccepted(12, 200);
  }
}
