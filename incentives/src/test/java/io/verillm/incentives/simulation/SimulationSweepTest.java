package io.verillm.incentives.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.incentives.slashing.GridWealth;
import io.verillm.incentives.slashing.LadderTerms;
import io.verillm.incentives.slashing.SlashingLadder;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The full sweep over fraud rates and accuracies; prints the table of RESULTS.md. */
@Tag("long")
class SimulationSweepTest {
  @Test
  void simulate_allReferenceRulesAndAttackers_honestyEarnsMost() {
    SimulationSettings settings =
        new SimulationSettings(
            10_000,
            100,
            20260101,
            new SlashingLadder(LadderTerms.withDefaults(), GridWealth.eBh(.05)),
            GridWealth::new);
    StringBuilder table = new StringBuilder();
    boolean allLose = true;
    double worstHonestLoss = 0;
    for (double fraud : new double[] {.01, .1}) {
      for (double accuracy : new double[] {.9, .95, .999}) {
        MechanismConfig config = MechanismConfig.reference(fraud, accuracy);
        assertThat(MechanismValidator.validate(config)).isInstanceOf(Validation.Valid.class);
        for (SimulationReport report :
            IncentiveStudy.simulate(config, 30, .33, settings).reports()) {
          allLose &= report.deviationLoses();
          worstHonestLoss = Math.max(worstHonestLoss, report.honestStakeLost());
          table.append(
              String.format(
                  Locale.ROOT,
                  "| %.2f | %.3f | %s | %d | %.0f | %.0f ± %.0f | %.0f ± %.0f | %.4f | %.6f |%n",
                  fraud,
                  accuracy,
                  report.type().name().toLowerCase(Locale.ROOT),
                  report.deviants(),
                  report.honest().mean(),
                  report.gainOverAllHonest().mean(),
                  2 * report.gainOverAllHonest().standardError(),
                  report.gainOverHonest().mean(),
                  2 * report.gainOverHonest().standardError(),
                  report.deviantStakeLost(),
                  report.honestStakeLost()));
        }
      }
    }
    System.out.println(table);
    assertThat(allLose).as(table.toString()).isTrue();
    assertThat(worstHonestLoss).isLessThanOrEqualTo(1e-4);
  }
}
