package io.verillm.cli;

import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.cli.report.StepMap;
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
  static final List<String> STEPS =
      List.of("gains nothing", "up to 10 %", "up to 50 %", "up to the largest gain");

  static final List<String> COLOURS =
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
    StepMap map = new StepMap(STEPS, COLOURS, "cheat probability", "audit rate", "cheating");
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
        map.cell(
            Math.max(0, share - halfColumn),
            Math.min(1, share + halfColumn),
            Math.max(0, rate - halfRow),
            Math.min(1, rate + halfRow),
            gain,
            step(gain, most),
            String.format(Locale.ROOT, "cheats %.3f, audited %.3f", share, rate));
      }
    }
    landscape.zeroContour().forEach(point -> map.linePoint(point.cheatShare(), point.auditRate()));
    return map.chart(
        "Gain of cheating per epoch",
        "Above the line cheating gains nothing.",
        "Gain of cheating over cheat probability and audit rate: "
            + PayoffCommand.contour(landscape)
            + ".");
  }

  /** Returns the index of {@link #STEPS}. */
  static int step(double gain, double most) {
    if (!(gain > 0)) {
      return 0;
    }
    return gain <= 0.1 * most ? 1 : gain <= 0.5 * most ? 2 : 3;
  }
}
