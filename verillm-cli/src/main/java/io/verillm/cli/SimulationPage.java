package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.incentives.simulation.Estimate;
import io.verillm.incentives.simulation.IncentiveStudy;
import io.verillm.incentives.simulation.SimulationReport;
import java.util.ArrayList;
import java.util.List;

/** The page of {@code verillm simulate incentives}. */
final class SimulationPage {
  private static final String UNIT = "micro-units per agent and thousand tasks";

  private SimulationPage() {}

  static HtmlReport of(SimulateIncentivesCommand.Study study, Provenance provenance) {
    List<SimulationReport> reports = study.answer().reports();
    long losing = reports.stream().filter(SimulationReport::deviationLoses).count();
    List<Charts.Bar> gains = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (SimulationReport report : reports) {
      String name = SimulateIncentivesCommand.name(report.type());
      Estimate gain = report.gainOverAllHonest();
      gains.add(new Charts.Bar(name, gain.mean(), gain.low(), gain.high()));
      rows.add(
          List.of(
              name,
              report.deviants() + " of " + report.size(),
              SimulateIncentivesCommand.interval(report.deviant()),
              SimulateIncentivesCommand.interval(report.honest()),
              SimulateIncentivesCommand.interval(gain),
              SimulateIncentivesCommand.finding(gain)));
    }
    return HtmlReport.builder("Who earns what", provenance)
        .lead(
            losing
                + " of "
                + reports.size()
                + " deviations lose by more than two standard errors; "
                + SimulateIncentivesCommand.rules(study.answer().validation())
                + ".")
        .limit(
            "Only the listed deviations were played, against the reference rules, in a model of"
                + " the protocol; a deviation that is not listed may pay.")
        .heading("Deviations")
        .add(
            Charts.bars(
                "Gain over having been honest",
                gains,
                UNIT,
                "Bars left of zero lose. Lines are two standard errors; a line across zero decides"
                    + " nothing.",
                losing + " of " + reports.size() + " deviations lose; the table has the figures."))
        .add(
            new ReportSection.Table(
                "Utility in " + UNIT + ", ± two standard errors",
                List.of(
                    Column.text("deviant"),
                    Column.number("agents"),
                    Column.number("deviant"),
                    Column.number("honest"),
                    Column.number("gain over honesty"),
                    Column.text("finding")),
                rows))
        .heading("Power of the test")
        .add(power(study))
        .text(
            study.settings().tasks()
                + " tasks, "
                + study.settings().replications()
                + " replications, seed "
                + study.settings().seed()
                + ".")
        .build();
  }

  private static ReportSection power(SimulateIncentivesCommand.Study study) {
    String name = SimulateIncentivesCommand.name(study.swept());
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (IncentiveStudy.PowerPoint point : study.sweep()) {
      Estimate gain = point.gain();
      points.add(
          new Charts.IntervalPoint(name, point.power(), gain.mean(), gain.low(), gain.high()));
    }
    return Charts.lineWithInterval(
        "Gain of " + name,
        points,
        Charts.Axis.linear("probability that looking shows a deviation"),
        Charts.Axis.linear("gain, " + UNIT),
        "The same rules with a weaker or stronger test; the band is two standard errors.",
        "Gain of " + name + " at " + points.size() + " detection powers.");
  }
}
