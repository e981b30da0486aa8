package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.cli.report.StepMap;
import io.verillm.incentives.simulation.Estimate;
import io.verillm.incentives.simulation.IncentiveStudy;
import io.verillm.incentives.simulation.MechanismConfig;
import io.verillm.incentives.simulation.MechanismValidator;
import io.verillm.incentives.simulation.SimulationReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The page of {@code verillm simulate incentives}. */
final class SimulationPage {
  private static final String UNIT = "micro-units per agent and thousand tasks";

  private static final int GRID = 40;

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
              SimulateIncentivesCommand.finding(gain),
              SimulateIncentivesCommand.interval(gain),
              report.deviants() + " of " + report.size(),
              SimulateIncentivesCommand.interval(report.deviant()),
              SimulateIncentivesCommand.interval(report.honest())));
    }
    HtmlReport.Builder page = HtmlReport.builder("Who earns what", provenance);
    page.lead(
            losing
                + " of "
                + reports.size()
                + " deviations lose by more than two standard errors; "
                + SimulateIncentivesCommand.rules(study.answer().validation())
                + ".")
        .limit(
            "Only the listed deviations were played, against the reference rules, through "
                + study.protocol().words()
                + "; a deviation that is not listed may pay.")
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
                    Column.text("finding"),
                    Column.number("gain over honesty"),
                    Column.number("agents"),
                    Column.number("a deviant earns"),
                    Column.number("an honest agent beside it")),
                rows))
        .heading("Power of the test");
    if (!study.sweeps().isEmpty()) {
      page.add(power(study));
    }
    return page.add(landscape(study.answer().config()))
        .heading("Stake over time")
        .add(stakes(reports))
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
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (SimulateIncentivesCommand.Sweep sweep : study.sweeps()) {
      String name = SimulateIncentivesCommand.name(sweep.type());
      for (IncentiveStudy.PowerPoint point : sweep.points()) {
        Estimate gain = point.gain();
        points.add(
            new Charts.IntervalPoint(name, point.power(), gain.mean(), gain.low(), gain.high()));
      }
    }
    return Charts.lineWithInterval(
        "Gain over the power of the test",
        points,
        Charts.Axis.linear("probability that looking shows a deviation"),
        Charts.Axis.linear("gain, " + UNIT),
        "The same rules with a weaker or stronger test; bands are two standard errors.",
        "Gains at " + study.sweeps().get(0).points().size() + " detection powers.");
  }

  /** Expected gain of cheating on one more job, by power and audit rate, pay alone. */
  private static ReportSection landscape(MechanismConfig config) {
    double step = 1.0 / GRID;
    double saving = config.provers().saving();
    StepMap map =
        new StepMap(
            List.of("gains nothing", "up to half the saving", "up to the saving"),
            List.of("var(--equal)", "var(--h1)", "var(--h3)"),
            "power of the test",
            "audit rate",
            "cheating on a job");
    for (int column = 0; column < GRID; column++) {
      double power = (column + 0.5) * step;
      double caught = MechanismValidator.rejectionRate(config.withPower(power).audits());
      for (int row = 0; row < GRID; row++) {
        double rate = (row + 0.5) * step;
        double gain = saving - rate * caught * config.provers().forfeit();
        map.cell(
            column * step,
            (column + 1) * step,
            row * step,
            (row + 1) * step,
            gain,
            gain <= 0 ? 0 : gain <= saving / 2 ? 1 : 2,
            String.format(Locale.ROOT, "power %.2f, audited %.2f", power, rate));
      }
    }
    for (int column = 0; column < 4 * GRID; column++) {
      double power = (column + 1.0) / (4 * GRID);
      double caught = MechanismValidator.rejectionRate(config.withPower(power).audits());
      double rate = saving / (caught * config.provers().forfeit());
      if (rate <= 1) {
        map.linePoint(power, rate);
      }
    }
    String caption =
        String.format(
            Locale.ROOT,
            "Expected gain of cheating on one job against an honest committee, before any slash;"
                + " above the line it is a loss. These rules audit %.0f %% of the jobs.",
            100 * config.audits().auditRate());
    return map.chart("Payoff landscape", caption, caption);
  }

  private static ReportSection stakes(List<SimulationReport> reports) {
    List<Charts.IntervalPoint> points = new ArrayList<>();
    reports.stream()
        .sorted(Comparator.comparingDouble(SimulationReport::deviantStakeLost).reversed())
        .limit(Charts.MAX_SERIES - 1)
        .forEach(
            report ->
                report
                    .stakeOverTime()
                    .forEach(
                        point ->
                            stake(
                                SimulateIncentivesCommand.name(report.type()),
                                point.progress(),
                                point.deviants(),
                                points)));
    reports
        .get(0)
        .stakeOverTime()
        .forEach(point -> stake("honest", point.progress(), point.honest(), points));
    String caption =
        "Mean stake in the first replication, of the deviants that lost most and of the honest"
            + " agents beside "
            + SimulateIncentivesCommand.name(reports.get(0).type())
            + ".";
    return Charts.lineWithInterval(
        "Stake over time",
        points,
        Charts.Axis.linear("share of the run"),
        Charts.Axis.linear("micro-units"),
        caption,
        caption);
  }

  private static void stake(
      String series, double x, double value, List<Charts.IntervalPoint> points) {
    points.add(new Charts.IntervalPoint(series, x, value, value, value));
  }
}
