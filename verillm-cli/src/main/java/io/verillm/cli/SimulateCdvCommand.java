package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.stats.cdv.CdvSimulation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Simulates the comparison of nodes with each other. */
@Command(
    name = "cdv",
    mixinStandardHelpOptions = true,
    description = {
      "Simulates statistical comparison of nodes, some of which collude, epoch by epoch.",
      "It shows how the comparison behaves on normal noise, not how real models differ."
    })
final class SimulateCdvCommand implements Callable<Integer> {
  private static final long LARGEST = 2_000_000;

  @Spec private CommandSpec spec;

  @Option(names = "--nodes", defaultValue = "100", description = "nodes; default 100")
  private int nodes;

  @Option(names = "--attackers", defaultValue = "10", description = "colluders; default 10")
  private int attackers;

  @Option(names = "--epochs", defaultValue = "20", description = "epochs; default 20")
  private int epochs;

  @Option(names = "--seed", defaultValue = "1", description = "seed; default 1")
  private long seed;

  @Option(
      names = "--shift",
      defaultValue = "2",
      description = "shift of the colluders per dimension, in noise deviations; default 2")
  private double shift;

  @Option(names = "--trusted", description = "compare with a trusted local run, not with peers")
  private boolean trusted;

  @Option(
      names = "--breaking-share",
      description = "also search the share of colluders at which honest nodes are selected")
  private boolean breaking;

  @Option(names = "--report", paramLabel = "FILE.html", description = "also write a page")
  private @Nullable Path report;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws IOException {
    if ((long) nodes * epochs > LARGEST) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "nodes times epochs exceeds " + LARGEST,
          "choose smaller --nodes or --epochs");
    }
    CdvSimulation simulation = new CdvSimulation(seed, nodes, attackers, epochs, shift, trusted);
    CdvSimulation.Report result;
    List<CdvSimulation.BreakingPoint> curve = new ArrayList<>();
    int steps = breaking ? CdvSimulation.CURVE_STEPS : 0;
    try (Progress progress = output.progress(spec, "simulating", 1 + steps)) {
      result = simulation.run();
      progress.step();
      for (int step = 1; step <= steps; step++) {
        progress.note(5 * step + " % colluders");
        curve.add(CdvSimulation.breakingPoint(step, seed, nodes, epochs, shift));
        progress.step();
      }
    }
    double share = CdvSimulation.breakingShare(curve);
    List<CdvEpoch> rows = CdvEpoch.of(simulation, result);
    if (output.json()) {
      output.print(spec, json(result, rows, share));
    } else {
      print(result, rows, share);
    }
    Path page = report;
    if (page != null) {
      CdvPage.of(simulation, result, rows, curve).write(page);
      output.say(spec, "Report: " + page.toAbsolutePath());
    }
    return ExitCode.ACCEPTED;
  }

  private void print(CdvSimulation.Report result, List<CdvEpoch> rows, double share) {
    output.say(
        spec, "median distance and decimal logarithm of the e-value; power and false share so far");
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "%5s %9s | %8s %8s | %9s %9s | %6s %6s",
            "epoch",
            "threshold",
            "honest",
            "attacker",
            "lg(e) hon",
            "lg(e) att",
            "power",
            "FDP"));
    for (CdvEpoch row : rows) {
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              "%5d %9.3f | %8.3f %8.3f | %9.2f %9.2f | %6.3f %6.3f%s",
              row.epoch(),
              row.threshold(),
              row.honest().distance(),
              row.attackers().distance(),
              row.honest().log10E(),
              row.attackers().log10E(),
              row.attackers().selected(),
              row.falseShare(),
              row.reliable() ? "" : "  peers' centre deviates"));
    }
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "power %.3f, false among selected %.3f, honest flagged %.4f, honest selected %.4f",
            result.power(),
            result.falseDiscoveryRate(),
            result.honestFlagRate(),
            result.honestSelected()));
    if (breaking) {
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              "comparison with peers turns on honest nodes from %.0f %% colluders",
              100 * share));
    }
  }

  private ObjectNode json(CdvSimulation.Report result, List<CdvEpoch> rows, double share) {
    ObjectNode root = Json.object();
    root.put("nodes", nodes).put("attackers", attackers).put("epochs", epochs).put("seed", seed);
    root.put("shift", shift).put("trusted", trusted);
    number(root, "power", result.power());
    number(root, "falseDiscoveryRate", result.falseDiscoveryRate());
    number(root, "honestFlagRate", result.honestFlagRate());
    number(root, "honestSelected", result.honestSelected());
    if (breaking) {
      number(root, "breakingShare", share);
    }
    ArrayNode list = root.putArray("byEpoch");
    for (CdvEpoch row : rows) {
      ObjectNode one = list.addObject().put("epoch", row.epoch());
      number(one, "threshold", row.threshold());
      one.put("consensusReliable", row.reliable());
      number(one, "falseShare", row.falseShare());
      group(one.putObject("honest"), row.honest());
      group(one.putObject("attackers"), row.attackers());
    }
    return root;
  }

  private static void group(ObjectNode node, CdvEpoch.Group group) {
    number(node, "medianDistance", group.distance());
    number(node, "medianLog10E", group.log10E());
    number(node, "selected", group.selected());
  }

  /** JSON knows no NaN: a share of nobody is null. */
  private static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
