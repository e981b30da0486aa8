package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.incentives.game.Condition;
import io.verillm.incentives.simulation.AgentType;
import io.verillm.incentives.simulation.Estimate;
import io.verillm.incentives.simulation.IncentiveStudy;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.MechanismValidator;
import io.verillm.incentives.simulation.MessageLevelProtocol;
import io.verillm.incentives.simulation.ProtocolDriver;
import io.verillm.incentives.simulation.SimulationReport;
import io.verillm.incentives.simulation.SimulationSettings;
import io.verillm.incentives.simulation.Validation;
import io.verillm.network.simulation.FlowBProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Plays deviants among honest agents and says who earned what. */
@Command(
    name = "incentives",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Plays deviants among honest agents under the reference rules and says who earned what.",
      "Amounts are micro-units per agent and thousand tasks; intervals are two standard errors.",
      "Exit code 0 when played, whatever came out."
    })
final class SimulateIncentivesCommand implements Callable<Integer> {
  private static final List<Double> POWERS = List.of(0.05, 0.25, 0.5, 0.75, 0.95);

  /** Attackers whose profit depends on the power of the test: those that cheat as provers. */
  private static final List<AgentType> CHEATERS =
      List.of(
          AgentType.COLLUDING_GROUP,
          AgentType.STEALTH_CHEATER,
          AgentType.LATE_TURNCOAT,
          AgentType.WITHHOLDER,
          AgentType.OWN_CLIENT);

  /** What tasks run through. */
  enum Protocol {
    /** The model of the message flow. */
    MODEL("a model of the message flow"),
    /** The machine of flow B, every message signed. */
    MACHINE("the machine of flow B, every message signed");

    private final String words;

    Protocol(String words) {
      this.words = words;
    }

    ProtocolDriver driver() {
      return this == MODEL ? new MessageLevelProtocol() : new FlowBProtocol();
    }

    String words() {
      return words;
    }
  }

  /** One attacker's profit over the power of the test. */
  record Sweep(AgentType type, List<IncentiveStudy.PowerPoint> points) {
    Sweep {
      points = List.copyOf(points);
    }
  }

  /** A study: the answer, and profits over the power of the test, which only the model plays. */
  record Study(
      IncentiveStudy.SimulationAnswer answer,
      List<Sweep> sweeps,
      SimulationSettings settings,
      Protocol protocol) {
    Study {
      sweeps = List.copyOf(sweeps);
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--attacker",
      paramLabel = "TYPE",
      description = "one kind of deviant, such as late-turncoat; default all")
  private @Nullable String attacker;

  @Option(names = "--tasks", defaultValue = "2000", description = "tasks per replication")
  private int tasks;

  @Option(names = "--replications", defaultValue = "8", description = "at least 2")
  private int replications;

  @Option(names = "--seed", defaultValue = "1", description = "equal seeds give equal results")
  private long seed;

  @Option(names = "--agents", defaultValue = "30", description = "agents in all, at least 24")
  private int agents;

  @Option(
      names = "--coalition",
      defaultValue = "0.3",
      description = "share of the agents that allied deviants hold")
  private double coalition;

  @Option(
      names = "--fraud-rate",
      defaultValue = "0.1",
      description = "highest share of bad jobs that the rules are sized for")
  private double fraudRate;

  @Option(
      names = "--accuracy",
      defaultValue = "0.95",
      description = "accuracy of looking that the rules are sized for, above 0.8")
  private double accuracy;

  @Option(
      names = "--protocol",
      defaultValue = "MODEL",
      description =
          "${COMPLETION-CANDIDATES}: a model of the message flow, or flow B's machine with every"
              + " message signed, a thousand times slower and without the sweep over powers")
  private Protocol protocol;

  @Mixin private OutputOption output;
  @Mixin private PageOption page;

  @Override
  public Integer call() throws IOException {
    Study study = play();
    ObjectNode json = json(study);
    page.write(spec, json, provenance -> SimulationPage.of(study, provenance));
    if (output.json()) {
      output.print(spec, json);
    } else {
      print(study);
      if (json.has("report")) {
        output.say(spec, "Report: " + json.get("report").asText());
      }
    }
    return ExitCode.ACCEPTED;
  }

  private Study play() {
    List<AgentType> types = types();
    List<AgentType> swept =
        protocol != Protocol.MODEL ? List.of() : types.size() == 1 ? types : CHEATERS;
    ProtocolDriver driver = protocol.driver();
    MechanismConfig config = MechanismConfig.reference(fraudRate, accuracy);
    SimulationSettings settings = SimulationSettings.withDefaults(tasks, replications, seed);
    List<SimulationReport> reports = new ArrayList<>();
    List<Sweep> sweeps = new ArrayList<>();
    try (Progress progress =
        output.progress(spec, "simulating", types.size() + swept.size() * POWERS.size())) {
      for (AgentType type : types) {
        progress.note(name(type));
        reports.add(IncentiveStudy.simulate(config, type, agents, coalition, settings, driver));
        progress.step();
      }
      for (AgentType type : swept) {
        int deviants = IncentiveStudy.deviants(type, agents, coalition);
        List<IncentiveStudy.PowerPoint> points = new ArrayList<>();
        for (double power : POWERS) {
          progress.note(name(type) + " at power " + power);
          points.addAll(
              IncentiveStudy.profitOverPower(
                  config, type, deviants, agents, List.of(power), settings));
          progress.step();
        }
        sweeps.add(new Sweep(type, points));
      }
    }
    return new Study(
        new IncentiveStudy.SimulationAnswer(config, MechanismValidator.validate(config), reports),
        sweeps,
        settings,
        protocol);
  }

  private List<AgentType> types() {
    List<AgentType> deviants =
        Arrays.stream(AgentType.values()).filter(type -> type != AgentType.HONEST).toList();
    String wanted = attacker;
    if (wanted == null) {
      return deviants;
    }
    List<AgentType> named =
        deviants.stream().filter(type -> name(type).equalsIgnoreCase(wanted)).toList();
    if (named.isEmpty()) {
      throw new IllegalArgumentException(
          "no attacker "
              + wanted
              + "; there are "
              + deviants.stream()
                  .map(SimulateIncentivesCommand::name)
                  .collect(Collectors.joining(", ")));
    }
    return named;
  }

  static String name(AgentType type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the interval of the gain says; zero inside it decides nothing. */
  static String finding(Estimate gain) {
    if (gain.high() < 0) {
      return "loses";
    }
    return gain.low() > 0 ? "GAINS" : "undecided";
  }

  static String amount(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  static String interval(Estimate estimate) {
    return amount(estimate.mean()) + " ± " + amount(2 * estimate.standardError());
  }

  static String rules(Validation validation) {
    if (validation instanceof Validation.Refused refused) {
      return "the validator refuses these rules: "
          + refused.violated().stream().map(Condition::toString).collect(Collectors.joining("; "));
    }
    return "the validator accepts these rules";
  }

  private void print(Study study) {
    output.say(spec, rules(study.answer().validation()));
    output.say(spec, "tasks run through " + study.protocol().words());
    output.say(spec, "micro-units per agent and thousand tasks, ± two standard errors");
    String format = "%-18s %3s  %22s %22s %24s  %s";
    output.say(
        spec,
        String.format(
            Locale.ROOT, format, "deviant", "of", "deviant", "honest", "gain over honesty", ""));
    for (SimulationReport report : study.answer().reports()) {
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              format,
              name(report.type()),
              report.deviants(),
              interval(report.deviant()),
              interval(report.honest()),
              interval(report.gainOverAllHonest()),
              finding(report.gainOverAllHonest())));
    }
    for (Sweep sweep : study.sweeps()) {
      output.say(spec, "gain of " + name(sweep.type()) + " over the power of the test:");
      for (IncentiveStudy.PowerPoint point : sweep.points()) {
        output.say(
            spec,
            String.format(
                Locale.ROOT,
                "  %.2f %24s  %-9s  rules %s",
                point.power(),
                interval(point.gain()),
                finding(point.gain()),
                point.valid() ? "accepted" : "refused"));
      }
    }
  }

  private static ObjectNode json(Study study) {
    ObjectNode root = Json.object();
    root.put("tasks", study.settings().tasks())
        .put("replications", study.settings().replications())
        .put("seed", study.settings().seed())
        .put("protocol", study.protocol().name().toLowerCase(Locale.ROOT));
    Validation validation = study.answer().validation();
    root.put("rulesAccepted", validation instanceof Validation.Valid);
    if (validation instanceof Validation.Refused refused) {
      ArrayNode violated = root.putArray("violated");
      refused.violated().forEach(condition -> violated.add(condition.toString()));
    }
    ArrayNode list = root.putArray("attackers");
    for (SimulationReport report : study.answer().reports()) {
      ObjectNode one = list.addObject().put("type", name(report.type()));
      one.put("deviants", report.deviants()).put("agents", report.size());
      estimate(one.putObject("deviant"), report.deviant());
      estimate(one.putObject("honest"), report.honest());
      estimate(one.putObject("gain"), report.gainOverAllHonest());
      one.put("finding", finding(report.gainOverAllHonest()).toLowerCase(Locale.ROOT));
      one.put("deviantStakeLost", report.deviantStakeLost());
      one.put("honestStakeLost", report.honestStakeLost());
    }
    ArrayNode powers = root.putArray("power");
    for (Sweep sweep : study.sweeps()) {
      ArrayNode points = powers.addObject().put("type", name(sweep.type())).putArray("points");
      for (IncentiveStudy.PowerPoint point : sweep.points()) {
        ObjectNode one = points.addObject().put("power", point.power());
        one.put("rulesAccepted", point.valid());
        estimate(one.putObject("gain"), point.gain());
      }
    }
    return root;
  }

  private static void estimate(ObjectNode node, Estimate estimate) {
    node.put("mean", estimate.mean()).put("low", estimate.low()).put("high", estimate.high());
  }
}
