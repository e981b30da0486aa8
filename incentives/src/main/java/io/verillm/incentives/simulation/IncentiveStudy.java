package io.verillm.incentives.simulation;

import io.verillm.incentives.design.DesignRequest;
import io.verillm.incentives.design.LandscapeTerms;
import io.verillm.incentives.design.PayoffDesign;
import io.verillm.incentives.design.PayoffDesigner;
import io.verillm.incentives.design.PayoffLandscape;
import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.List;

/** The questions that a command line or a report asks about rules, each as one call. Stateless. */
public final class IncentiveStudy {
  /**
   * A payoff table and what cheating gains under it.
   *
   * @param design the table with budget and margins, or what cannot be met
   * @param landscape gain of cheating over cheat probability and audit rate
   */
  public record PayoffAnswer(PayoffDesign design, PayoffLandscape landscape) {}

  /**
   * The outcome of a simulation study.
   *
   * @param config the rules
   * @param validation whether they pay honesty
   * @param reports one per type of agent other than honest
   */
  public record SimulationAnswer(
      MechanismConfig config, Validation validation, List<SimulationReport> reports) {
    /** Copies the list. */
    public SimulationAnswer {
      reports = List.copyOf(reports);
    }
  }

  /**
   * Profit of an attacker at one detection power.
   *
   * @param power probability that looking shows the deviation
   * @param valid whether the validator accepts the rules at this power
   * @param gain what the attacker gains, see {@link SimulationReport#deviationLoses} for against
   *     what
   */
  public record PowerPoint(double power, boolean valid, Estimate gain) {}

  private IncentiveStudy() {}

  /**
   * Answers {@code verillm payoff}.
   *
   * @param points columns and rows of the landscape
   */
  public static PayoffAnswer payoff(DesignRequest request, LandscapeTerms terms, int points) {
    return new PayoffAnswer(
        PayoffDesigner.cheapest(request), PayoffLandscape.of(terms, points, points));
  }

  /**
   * Answers {@code verillm simulate incentives}: every type of deviant, single agents as a twelfth
   * of the market and coalitions at {@code coalitionShare}.
   *
   * @param size agents in all, at least 24
   * @param coalitionShare share of the nodes that allied agents hold, in (0, 1)
   */
  public static SimulationAnswer simulate(
      MechanismConfig config, int size, double coalitionShare, SimulationSettings settings) {
    List<SimulationReport> reports = new ArrayList<>();
    for (AgentType type : AgentType.values()) {
      if (type != AgentType.HONEST) {
        reports.add(simulate(config, type, size, coalitionShare, settings));
      }
    }
    return new SimulationAnswer(config, MechanismValidator.validate(config), reports);
  }

  /**
   * Plays one type of deviant in the numbers of {@link #simulate(MechanismConfig, int, double,
   * SimulationSettings)}, by the model of the message flow.
   */
  public static SimulationReport simulate(
      MechanismConfig config,
      AgentType type,
      int size,
      double coalitionShare,
      SimulationSettings settings) {
    return simulate(config, type, size, coalitionShare, settings, new MessageLevelProtocol());
  }

  /** The same with tasks that run through {@code driver}. */
  public static SimulationReport simulate(
      MechanismConfig config,
      AgentType type,
      int size,
      double coalitionShare,
      SimulationSettings settings,
      ProtocolDriver driver) {
    return IncentiveSimulator.simulate(
        config, type, deviants(type, size, coalitionShare), size, settings, driver);
  }

  /**
   * Returns how many agents deviate: a twelfth of the market, or the coalition's share of it.
   *
   * @param size agents in all, at least 24
   * @param coalitionShare share of the nodes that allied agents hold, in (0, 1)
   */
  public static int deviants(AgentType type, int size, double coalitionShare) {
    Require.atLeast(size, 24, "size");
    Require.that(coalitionShare > 0 && coalitionShare < 1, "coalitionShare must lie in (0, 1)");
    return type.isAllied() ? Math.max(2, (int) (coalitionShare * size)) : size / 12;
  }

  /** Returns the profit of one attacker over detection powers. */
  public static List<PowerPoint> profitOverPower(
      MechanismConfig config,
      AgentType type,
      int deviants,
      int size,
      List<Double> powers,
      SimulationSettings settings) {
    List<PowerPoint> points = new ArrayList<>();
    for (double power : powers) {
      MechanismConfig at = config.withPower(power);
      SimulationReport report = IncentiveSimulator.simulate(at, type, deviants, size, settings);
      points.add(
          new PowerPoint(
              power,
              MechanismValidator.validate(at) instanceof Validation.Valid,
              report.gainOverAllHonest()));
    }
    return points;
  }
}
