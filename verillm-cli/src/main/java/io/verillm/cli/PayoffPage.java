package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.incentives.design.LandscapeTerms;
import io.verillm.incentives.design.PayoffDesign;
import io.verillm.incentives.design.PayoffLandscape;
import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.simulation.IncentiveStudy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The page of {@code verillm payoff}. */
final class PayoffPage {
  /** How much cheating gains, in steps; {@link #COLOURS} has one colour for each. */
  private static final List<String> STEPS =
      List.of("gains nothing", "up to 10 %", "up to 50 %", "up to 100 % of the largest gain");

  private static final List<String> COLOURS =
      List.of("var(--equal)", "var(--h1)", "var(--h3)", "var(--h4)");

  private PayoffPage() {}

  static HtmlReport of(IncentiveStudy.PayoffAnswer answer, Provenance provenance) {
    HtmlReport.Builder page = HtmlReport.builder("What verifying has to pay", provenance);
    page.limit(
        "These are expectations under the stated rates for agents that follow their own pay. A"
            + " table says nothing about agents that are paid by somebody else.");
    if (answer.design() instanceof PayoffDesign.Feasible found) {
      page.lead(
          "The cheapest table under which verifying pays costs "
              + PayoffCommand.figure(found.budget())
              + " per honest verifier and task.");
      table(page, found);
    } else if (answer.design() instanceof PayoffDesign.Infeasible none) {
      page.lead("No table meets these requirements.");
      page.heading("What cannot be met").add(new ReportSection.Bullets(none.violated()));
    }
    page.heading("What cheating gains a prover").add(chart(answer.landscape()));
    return page.text(terms(answer.landscape().terms())).build();
  }

  private static void table(HtmlReport.Builder page, PayoffDesign.Feasible found) {
    PayoffTable table = found.table();
    page.heading("Payments")
        .add(
            new ReportSection.Table(
                "Pay to a verifier by its report and its peer's",
                List.of(
                    Column.text("my report"),
                    Column.number("peer says ok"),
                    Column.number("peer flags")),
                List.of(
                    List.of(
                        "ok",
                        PayoffCommand.figure(table.okOk()),
                        PayoffCommand.figure(table.okFlag())),
                    List.of(
                        "flag",
                        PayoffCommand.figure(table.flagOk()),
                        PayoffCommand.figure(table.flagFlag())))));
    List<List<String>> rows = new ArrayList<>();
    found
        .margins()
        .forEach(
            condition ->
                rows.add(
                    List.of(
                        condition.words(),
                        PayoffCommand.figure(condition.left()),
                        PayoffCommand.figure(condition.right()))));
    page.add(
        new ReportSection.Table(
            "Requirements",
            List.of(Column.text("requirement"), Column.number("value"), Column.number("needed")),
            rows));
    page.text("What the table leaves open, and audits against known truth have to remove:");
    page.add(
        new ReportSection.Bullets(
            found.otherEquilibria().isEmpty()
                ? List.of("nothing among the profiles that were tried")
                : found.otherEquilibria()));
  }

  private static String terms(LandscapeTerms terms) {
    return terms.requests()
        + " requests per epoch, pay "
        + terms.pay()
        + " and saving "
        + terms.saving()
        + " per request, stake "
        + terms.stake()
        + ", power of an audit "
        + terms.power()
        + ".";
  }

  private static ReportSection.Chart chart(PayoffLandscape landscape) {
    ObjectNode spec = Json.object().put("width", "container").put("height", 320);
    ArrayNode layers = spec.putArray("layer");
    ObjectNode cells = layers.addObject();
    cells(cells.putObject("data").putArray("values"), landscape);
    cells.putObject("mark").put("type", "rect");
    ObjectNode encoding = cells.putObject("encoding");
    share(encoding.putObject("x"), "x", "cheat probability");
    encoding.putObject("x2").put("field", "x2");
    share(encoding.putObject("y"), "y", "audit rate");
    encoding.putObject("y2").put("field", "y2");
    ObjectNode fill = encoding.putObject("fill").put("field", "step").put("type", "nominal");
    fill.put("title", "cheating");
    ObjectNode scale = fill.putObject("scale");
    ArrayNode domain = scale.putArray("domain");
    STEPS.forEach(domain::add);
    ArrayNode range = scale.putArray("range");
    COLOURS.forEach(range::add);
    ArrayNode tooltip = encoding.putArray("tooltip");
    for (String field : List.of("cheat probability", "audit rate", "gain")) {
      tooltip.addObject().put("field", field);
    }
    ObjectNode line = layers.addObject();
    ArrayNode points = line.putObject("data").putArray("values");
    for (PayoffLandscape.ContourPoint point : landscape.zeroContour()) {
      points.addObject().put("x", point.cheatShare()).put("y", point.auditRate());
    }
    line.putObject("mark").put("type", "line").put("color", "var(--ink)").put("strokeWidth", 2);
    ObjectNode lineEncoding = line.putObject("encoding");
    share(lineEncoding.putObject("x"), "x", "cheat probability");
    share(lineEncoding.putObject("y"), "y", "audit rate");
    return new ReportSection.Chart(
        "Gain of cheating per epoch",
        spec.toString(),
        "Above the dark line cheating gains nothing.",
        "Gain of cheating over cheat probability and audit rate: "
            + PayoffCommand.contour(landscape)
            + ".");
  }

  private static void cells(ArrayNode values, PayoffLandscape landscape) {
    double most =
        landscape.gains().stream()
            .flatMap(List::stream)
            .mapToDouble(Double::doubleValue)
            .max()
            .orElse(0);
    List<Double> shares = landscape.cheatShares();
    List<Double> rates = landscape.auditRates();
    double halfColumn = 0.5 / (shares.size() - 1);
    double halfRow = 0.5 / (rates.size() - 1);
    for (int row = 0; row < rates.size(); row++) {
      for (int column = 0; column < shares.size(); column++) {
        double share = shares.get(column);
        double rate = rates.get(row);
        double gain = landscape.gains().get(row).get(column);
        values
            .addObject()
            .put("x", Math.max(0, share - halfColumn))
            .put("x2", Math.min(1, share + halfColumn))
            .put("y", Math.max(0, rate - halfRow))
            .put("y2", Math.min(1, rate + halfRow))
            .put("cheat probability", String.format(Locale.ROOT, "%.3f", share))
            .put("audit rate", String.format(Locale.ROOT, "%.3f", rate))
            .put("gain", String.format(Locale.ROOT, "%.3f", gain))
            .put("step", step(gain, most));
      }
    }
  }

  private static String step(double gain, double most) {
    if (!(gain > 0)) {
      return STEPS.get(0);
    }
    return STEPS.get(gain <= 0.1 * most ? 1 : gain <= 0.5 * most ? 2 : 3);
  }

  private static void share(ObjectNode channel, String field, String title) {
    channel.put("field", field).put("type", "quantitative").put("title", title);
    channel.putObject("scale").putArray("domain").add(0).add(1);
  }
}
