package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HeatMap;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.core.trace.RowKey;
import io.verillm.core.verdict.CellDifference;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.testkit.study.StudyProver;
import io.verillm.testkit.study.StudyRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** Lays the study out as a page. */
final class StudyPage {
  private static final double CEILING = 40;

  private StudyPage() {}

  static HtmlReport of(
      ObjectNode answer,
      int tokens,
      CalibrationProfile profile,
      Map<StudyProver.Kind, List<StudyRun.Judged>> results,
      Provenance provenance) {
    List<StudySummary> rows = new ArrayList<>();
    results.forEach((kind, judged) -> rows.add(StudySummary.of(kind, tokens, judged)));
    HtmlReport.Builder page =
        HtmlReport.builder("verillm study", provenance)
            .lead(lead(rows))
            .limit(
                "These rates belong to this model, this pair of classes and these prompts. A deviation"
                    + " that is not listed was not measured.");
    page.heading("Result").add(table(rows));
    page.heading("Detection").add(rates(rows, tokens));
    page.heading("Evidence");
    page.text(
        "Combined evidence per request, honest against each deviation; right of the line it is a"
            + " rejection. Requests without evidence are left out.");
    page.add(histograms(results));
    page.heading("Rows").add(maps(tokens, results));
    page.heading("Sampling").add(sampling(rows));
    page.heading("Operating curve").add(curves(results));
    page.heading("Calibration").add(statistics(profile));
    ObjectNode shared = (ObjectNode) answer.get("sharedCalibration");
    page.heading("Across receipts")
        .text(
            "Of "
                + shared.get("honestNodes")
                + " simulated honest nodes that share a calibration, running products of e-values"
                + " slash "
                + shared.get("slashedByProduct")
                + ", counted exceedances "
                + shared.get("slashedByExceedances")
                + ", at a level of "
                + shared.get("level").asLong()
                + ".");
    return page.build();
  }

  private static String lead(List<StudySummary> rows) {
    for (StudySummary row : rows) {
      if (row.kind() == StudyProver.Kind.HONEST) {
        return row.detected()
            + " of "
            + row.requests()
            + " honest requests were rejected, "
            + row.accepted()
            + " accepted.";
      }
    }
    return "No honest requests were judged.";
  }

  private static ReportSection table(List<StudySummary> rows) {
    List<List<String>> cells = new ArrayList<>();
    for (StudySummary row : rows) {
      cells.add(
          List.of(
              row.kind().id(),
              String.valueOf(row.detected()),
              String.format(
                  Locale.ROOT, "%.3f\u00a0–\u00a0%.3f", row.rate().lower(), row.rate().upper()),
              String.valueOf(row.requests()),
              String.valueOf(row.borderline()),
              String.valueOf(row.accepted()),
              String.valueOf(row.publishedRejects()),
              row.kind() == StudyProver.Kind.HONEST || row.tokensTo99() < 0
                  ? "–"
                  : String.valueOf(row.tokensTo99()),
              row.kind().description()));
    }
    return new ReportSection.Table(
        "Rejected requests with 95 % Clopper–Pearson intervals; inconclusive counts as missed.",
        List.of(
            ReportSection.Column.text("prover"),
            ReportSection.Column.number("rejected"),
            ReportSection.Column.number("rate, 95 %"),
            ReportSection.Column.number("requests"),
            ReportSection.Column.number("borderline"),
            ReportSection.Column.number("accepted"),
            ReportSection.Column.number("published rejects"),
            ReportSection.Column.number("tokens to 99 %"),
            ReportSection.Column.text("what it does")),
        cells);
  }

  private static ReportSection rates(List<StudySummary> rows, int tokens) {
    List<Charts.Bar> bars = new ArrayList<>();
    for (StudySummary row : rows) {
      double rate = (double) row.detected() / row.requests();
      bars.add(
          new Charts.Bar(
              row.kind().id(),
              rate,
              Math.min(rate, row.rate().lower()),
              Math.max(rate, row.rate().upper())));
    }
    return Charts.bars(
        "Share of requests rejected",
        bars,
        "share rejected",
        "One request of " + tokens + " tokens; bars show 95 % intervals.",
        "Share of requests rejected per prover");
  }

  /** log10 of the evidence, cut at both ends. */
  private static double height(StudyRun.Judged one) {
    return Math.max(-1, Math.min(CEILING, Math.log10(Math.max(1e-1, one.eValue()))));
  }

  private static ReportSection histograms(Map<StudyProver.Kind, List<StudyRun.Judged>> results) {
    List<ReportSection.Chart> charts = new ArrayList<>();
    List<StudyRun.Judged> honest = results.getOrDefault(StudyProver.Kind.HONEST, List.of());
    results.forEach(
        (kind, judged) -> {
          List<Charts.Bin> bins = new ArrayList<>();
          if (kind != StudyProver.Kind.HONEST) {
            bins.addAll(bins("honest", honest));
          }
          bins.addAll(bins(kind.id(), judged));
          if (!bins.isEmpty()) {
            charts.add(
                Charts.histogram(
                    kind.id(),
                    bins,
                    List.of(new Charts.Marker(-Math.log10(Study.ALPHA), "rejects")),
                    Charts.Axis.linear("log10 of the evidence, cut at " + (int) CEILING),
                    "share",
                    kind.description(),
                    "Evidence of " + kind.id() + " against honest"));
          }
        });
    return new ReportSection.ChartGrid(
        "Evidence, honest against each deviation", List.of(), charts, "Shares of requests.");
  }

  private static List<Charts.Bin> bins(String name, List<StudyRun.Judged> judged) {
    List<StudyRun.Judged> told = judged.stream().filter(one -> one.eValue() >= 0).toList();
    double[] shares = new double[21];
    for (StudyRun.Judged one : told) {
      shares[(int) Math.min(20, (height(one) + 1) / 2)] += 1.0 / told.size();
    }
    List<Charts.Bin> bins = new ArrayList<>();
    for (int i = 0; i < shares.length && !told.isEmpty(); i++) {
      bins.add(new Charts.Bin(name, 2.0 * i - 1, 2.0 * i + 1, shares[i]));
    }
    return bins;
  }

  /** The rows of each prover's first answer, by layer and token. */
  private static ReportSection maps(
      int tokens, Map<StudyProver.Kind, List<StudyRun.Judged>> results) {
    List<HeatMap> maps = new ArrayList<>();
    results.forEach(
        (kind, judged) -> {
          StudyRun.Judged first = judged.get(0);
          if (!first.cells().isEmpty()) {
            maps.add(map(kind, first, tokens));
          }
        });
    return Charts.heatMaps(
        "Opened rows of each prover's first answer",
        maps,
        "Rows of an answer that its activations did not reject differ within tolerance.");
  }

  private static HeatMap map(StudyProver.Kind kind, StudyRun.Judged first, int tokens) {
    List<HeatMap.Cell> cells = new ArrayList<>();
    Set<String> rows = new LinkedHashSet<>();
    first.cells().stream()
        .sorted(Comparator.comparingInt(cell -> cell.key().layer()))
        .forEach(cell -> rows.add(label(cell.key())));
    for (CellDifference cell : first.cells()) {
      HeatMap.State state =
          cell.unequal() == 0
              ? HeatMap.State.EQUAL
              : StudySummary.rejects(first.activations())
                  ? HeatMap.State.DIFFERS
                  : HeatMap.State.TOLERATED;
      cells.add(
          HeatMap.Cell.of(
              label(cell.key()),
              cell.position(),
              cell.unequal() / (double) cell.elements(),
              state));
    }
    return new HeatMap(
        kind.id(),
        List.copyOf(rows),
        first.promptTokens() + tokens,
        OptionalInt.of(first.promptTokens()),
        cells);
  }

  private static String label(RowKey key) {
    return "L" + key.layer() + " " + key.kind().name().toLowerCase(Locale.ROOT);
  }

  /** Receipts until detection when only a share of them is audited. */
  private static ReportSection sampling(List<StudySummary> rows) {
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (StudySummary row : rows) {
      double rate = (double) row.detected() / row.requests();
      if (row.kind() == StudyProver.Kind.HONEST
          || rate == 0
          || points.size() >= 6 * Charts.MAX_SERIES) {
        continue;
      }
      for (double share : new double[] {0.01, 0.02, 0.05, 0.1, 0.3, 1}) {
        points.add(
            new Charts.IntervalPoint(
                row.kind().id(),
                share,
                receipts(rate * share),
                receipts(Math.max(rate, row.rate().upper()) * share),
                receipts(Math.max(1e-4, Math.min(rate, row.rate().lower())) * share)));
      }
    }
    return Charts.lineWithInterval(
        "Receipts until one is rejected with probability 0.99",
        points,
        Charts.Axis.log("share of receipts audited"),
        Charts.Axis.log("receipts"),
        "From the measured rate per request; the first " + Charts.MAX_SERIES + " deviations.",
        "Receipts to detection against sampling rate");
  }

  private static double receipts(double perReceipt) {
    return perReceipt >= 1 ? 1 : Math.max(1, Math.log(0.01) / Math.log1p(-perReceipt));
  }

  private static ReportSection curves(Map<StudyProver.Kind, List<StudyRun.Judged>> results) {
    List<StudyRun.Judged> honest = results.getOrDefault(StudyProver.Kind.HONEST, List.of());
    List<Charts.IntervalPoint> points = new ArrayList<>();
    for (Map.Entry<StudyProver.Kind, List<StudyRun.Judged>> entry : results.entrySet()) {
      StudySummary row = StudySummary.of(entry.getKey(), 1, entry.getValue());
      double rate = (double) row.detected() / row.requests();
      boolean separable = rate == 0 || rate == 1;
      if (entry.getKey() == StudyProver.Kind.HONEST
          || honest.isEmpty()
          || (separable && results.size() > Charts.MAX_SERIES)
          || points.size() >= 7 * Charts.MAX_SERIES) {
        continue;
      }
      for (double level : new double[] {1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 1}) {
        var interval =
            io.verillm.stats.robust.ClopperPearson.interval(
                above(entry.getValue(), level), entry.getValue().size(), 0.95);
        double y = above(entry.getValue(), level) / (double) entry.getValue().size();
        points.add(
            new Charts.IntervalPoint(
                entry.getKey().id(),
                Math.max(1e-4, above(honest, level) / (double) honest.size()),
                y,
                Math.min(y, interval.lower()),
                Math.max(y, interval.upper())));
      }
    }
    return Charts.lineWithInterval(
        "Detected against wrongly flagged, level by level",
        points,
        Charts.Axis.log("share of honest requests with as much evidence (at least 10⁻⁴)"),
        Charts.Axis.linear("share of deviating requests"),
        "Deviations that are neither always nor never detected, with 95 % intervals.",
        "Operating curves");
  }

  private static int above(List<StudyRun.Judged> judged, double level) {
    return (int)
        judged.stream().filter(one -> one.detected() || one.eValue() * level >= 1 - 1e-12).count();
  }

  private static ReportSection statistics(CalibrationProfile profile) {
    List<List<String>> cells = new ArrayList<>();
    for (StatisticCalibration one : profile.statistics()) {
      cells.add(
          List.of(
              one.name(),
              figure(one.median()),
              figure(one.score(0)),
              figure(one.score(one.sequences() - 1)),
              one.side() == StatisticCalibration.Side.BOTH ? figure(one.lowThreshold(1e-7)) : "–",
              figure(one.highThreshold(1e-7)),
              String.format(Locale.ROOT, "%.3f", one.upperTail().fittedShape()),
              String.format(Locale.ROOT, "%.3f", one.upperTail().shape()),
              String.format(Locale.ROOT, "%.3f", one.upperTail().distance())));
    }
    return new ReportSection.Table(
        profile.sequences()
            + " honest sequences; limits at p = 10⁻⁷; tail law: generalised Pareto, shape fitted and"
            + " used, largest distance between data and fit.",
        List.of(
            ReportSection.Column.mono("statistic"),
            ReportSection.Column.number("median"),
            ReportSection.Column.number("smallest"),
            ReportSection.Column.number("largest"),
            ReportSection.Column.number("lower limit"),
            ReportSection.Column.number("upper limit"),
            ReportSection.Column.number("shape fitted"),
            ReportSection.Column.number("shape used"),
            ReportSection.Column.number("distance")),
        cells);
  }

  private static String figure(long micros) {
    return String.format(Locale.ROOT, "%.4f", micros / 1e6);
  }
}
