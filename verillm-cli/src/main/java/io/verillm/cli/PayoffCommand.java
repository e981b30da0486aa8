package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.incentives.design.DesignRequest;
import io.verillm.incentives.design.LandscapeTerms;
import io.verillm.incentives.design.PayoffDesign;
import io.verillm.incentives.design.PayoffLandscape;
import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.game.Condition;
import io.verillm.incentives.simulation.IncentiveStudy;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Designs what verifiers are paid. */
@Command(
    name = "payoff",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Finds the cheapest payments per pair of reports under which verifying pays.",
      "Exit code 0 if there are such payments, 2 if not, with what cannot be met."
    })
final class PayoffCommand implements Callable<Integer> {
  private static final int POINTS = 41;

  @Spec private CommandSpec spec;

  @Option(
      names = "--fraud-rate",
      defaultValue = "0.05",
      description = "probability that a task is bad, in (0, 1)")
  private double fraudRate;

  @Option(
      names = "--accuracy",
      defaultValue = "0.99",
      description = "probability that a diligent verifier's signal is right")
  private double accuracy;

  @Option(names = "--cost", defaultValue = "0.1", description = "what verifying costs")
  private double cost;

  @Option(
      names = "--margin",
      defaultValue = "0.05",
      description = "by how much honesty has to beat every single deviation")
  private double margin;

  @Option(
      names = "--requests",
      defaultValue = "100",
      description = "landscape: requests per epoch of a prover")
  private int requests;

  @Option(names = "--pay", defaultValue = "1", description = "landscape: pay per request")
  private double pay;

  @Option(
      names = "--saving",
      defaultValue = "0.6",
      description = "landscape: saved per cheated request")
  private double saving;

  @Option(
      names = "--stake",
      defaultValue = "20",
      description = "landscape: lost once per epoch if caught")
  private double stake;

  @Option(
      names = "--power",
      defaultValue = "0.9",
      description = "landscape: probability that an audit of a cheated request detects it")
  private double power;

  @Mixin private OutputOption output;
  @Mixin private PageOption page;

  @Override
  public Integer call() throws IOException {
    IncentiveStudy.PayoffAnswer answer =
        IncentiveStudy.payoff(
            DesignRequest.of(fraudRate, accuracy, cost, margin),
            new LandscapeTerms(requests, pay, saving, stake, power),
            POINTS);
    ObjectNode json = json(answer);
    page.write(spec, json, provenance -> PayoffPage.of(answer, provenance));
    if (output.json()) {
      output.print(spec, json);
    } else {
      print(answer);
      if (json.has("report")) {
        output.say(spec, "Report: " + json.get("report").asText());
      }
    }
    return answer.design() instanceof PayoffDesign.Feasible
        ? ExitCode.ACCEPTED
        : ExitCode.UNDECIDED;
  }

  private void print(IncentiveStudy.PayoffAnswer answer) {
    if (answer.design() instanceof PayoffDesign.Feasible found) {
      PayoffTable table = found.table();
      output.say(spec, "pay to me      peer: ok   peer: flag");
      output.say(spec, "  I say ok  " + cell(table.okOk()) + " " + cell(table.okFlag()));
      output.say(spec, "  I flag    " + cell(table.flagOk()) + " " + cell(table.flagFlag()));
      output.say(spec, "budget per honest verifier and task: " + figure(found.budget()));
      output.say(spec, "requirements, each side:");
      for (Condition condition : found.margins()) {
        output.say(
            spec,
            "  "
                + condition.words()
                + ": "
                + figure(condition.left())
                + ", needed "
                + figure(condition.right()));
      }
      output.say(spec, "left open by any such table, for audits against known truth:");
      if (found.otherEquilibria().isEmpty()) {
        output.say(spec, "  nothing among the profiles that were tried");
      }
      found.otherEquilibria().forEach(profile -> output.say(spec, "  " + profile));
    } else if (answer.design() instanceof PayoffDesign.Infeasible none) {
      output.say(spec, "no payments meet these requirements:");
      none.violated().forEach(words -> output.say(spec, "  " + words));
    }
    output.say(spec, contour(answer.landscape()));
  }

  /** What the landscape says at full cheating, in one sentence. */
  static String contour(PayoffLandscape landscape) {
    double rate = landscape.terms().breakEvenAuditRate(1);
    return rate <= 1
        ? "a prover that cheats on every request gains nothing from an audit rate of "
            + figure(rate)
            + " on"
        : "no audit rate deters a prover that cheats on every request";
  }

  static String figure(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String cell(double value) {
    return String.format(Locale.ROOT, "%11.4f", value);
  }

  private static ObjectNode json(IncentiveStudy.PayoffAnswer answer) {
    ObjectNode root = Json.object();
    PayoffDesign design = answer.design();
    DesignRequest asked = design.request();
    root.put("feasible", design instanceof PayoffDesign.Feasible);
    root.putObject("request")
        .put("fraudRate", asked.fraudRate())
        .put("accuracy", asked.accuracy())
        .put("cost", asked.cost())
        .put("margin", asked.margin());
    if (design instanceof PayoffDesign.Feasible found) {
      root.putObject("table")
          .put("okOk", found.table().okOk())
          .put("okFlag", found.table().okFlag())
          .put("flagOk", found.table().flagOk())
          .put("flagFlag", found.table().flagFlag());
      root.put("budget", found.budget());
      ArrayNode margins = root.putArray("requirements");
      for (Condition condition : found.margins()) {
        margins
            .addObject()
            .put("words", condition.words())
            .put("value", condition.left())
            .put("needed", condition.right());
      }
      ArrayNode open = root.putArray("otherEquilibria");
      found.otherEquilibria().forEach(open::add);
    } else if (design instanceof PayoffDesign.Infeasible none) {
      ArrayNode violated = root.putArray("violated");
      none.violated().forEach(violated::add);
    }
    LandscapeTerms terms = answer.landscape().terms();
    ObjectNode landscape = root.putObject("landscape");
    landscape
        .put("requests", terms.requests())
        .put("pay", terms.pay())
        .put("saving", terms.saving())
        .put("stake", terms.stake())
        .put("power", terms.power());
    ArrayNode contour = landscape.putArray("zeroContour");
    for (PayoffLandscape.ContourPoint point : answer.landscape().zeroContour()) {
      contour
          .addObject()
          .put("cheatProbability", point.cheatShare())
          .put("auditRate", point.auditRate());
    }
    return root;
  }
}
