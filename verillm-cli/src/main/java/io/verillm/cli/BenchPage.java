package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.ReportSection.Column;
import io.verillm.exec.cost.RequestCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page of {@code verillm bench}. */
final class BenchPage {
  private BenchPage() {}

  static HtmlReport of(BenchCommand.Result result, Provenance provenance) {
    HtmlReport.Builder page = HtmlReport.builder("What verifying costs", provenance);
    page.lead(lead(result));
    page.limit(
        "Wall-clock times of one machine at one time. The law speaks of decoding that is bound by"
            + " reading weights; a small model spends its time elsewhere.");
    page.heading("Verifying over generating");
    ratios(result).forEach(page::add);
    page.heading("Committing while decoding").add(shares(result));
    page.heading("All figures").add(table(result));
    if (!result.leftOut().isEmpty()) {
      page.heading("Left out").add(new ReportSection.Bullets(result.leftOut()));
    }
    return page.build();
  }

  private static String lead(BenchCommand.Result result) {
    return String.format(
        Locale.ROOT,
        "%s. Memory read %.1f GB/s, products %.1f GFLOP/s, %.0f bytes per weight.",
        result.executionClass(),
        result.rates().readBytesPerSecond() / 1e9,
        result.rates().productFlops() / 1e9,
        result.bytesPerWeight());
  }

  /** One chart for each prompt and answer length. */
  private static List<ReportSection> ratios(BenchCommand.Result result) {
    Map<String, List<Charts.IntervalPoint>> shapes = new LinkedHashMap<>();
    for (BenchCommand.Line line : result.lines()) {
      RequestCost cost = line.cost();
      List<Charts.IntervalPoint> points =
          shapes.computeIfAbsent(
              cost.shape().prompt() + " prompt tokens, " + cost.shape().answer() + " in the answer",
              shape -> new ArrayList<>());
      points.add(exact("measured", cost.shape().batch(), cost.ratio()));
      points.add(exact("law", cost.shape().batch(), line.law()));
    }
    String caption =
        "Time of a whole verification over the time of one request's decode steps, and what the"
            + " law gives with the measured rates.";
    List<ReportSection> charts = new ArrayList<>();
    shapes.forEach(
        (shape, points) ->
            charts.add(
                Charts.lineWithInterval(
                    shape,
                    points,
                    Charts.Axis.log("requests that share the prover's decode step"),
                    Charts.Axis.log("verifying over generating"),
                    caption,
                    shape + ": " + caption)));
    return charts;
  }

  private static Charts.IntervalPoint exact(String series, double x, double y) {
    return new Charts.IntervalPoint(series, x, y, y, y);
  }

  private static ReportSection shares(BenchCommand.Result result) {
    List<Charts.Bar> bars = new ArrayList<>();
    for (BenchCommand.Line line : result.lines()) {
      RequestCost cost = line.cost();
      String shape =
          cost.shape().prompt() + "/" + cost.shape().answer() + " × " + cost.shape().batch();
      bars.add(Charts.Bar.exact(shape + " serial", 100 * cost.serialShare()));
      bars.add(Charts.Bar.exact(shape + " overlapped", 100 * cost.overlappedShare()));
    }
    String caption =
        "Part of the decode time that the engine's own thread spends in the recorder. Overlapped,"
            + " it only copies the rows; another thread hashes.";
    return Charts.bars("Prompt/answer × batch", bars, "% of decode time", caption, caption);
  }

  private static ReportSection table(BenchCommand.Result result) {
    List<List<String>> rows = new ArrayList<>();
    for (BenchCommand.Line line : result.lines()) {
      RequestCost cost = line.cost();
      rows.add(
          List.of(
              cost.shape().prompt() + "/" + cost.shape().answer(),
              String.valueOf(cost.shape().batch()),
              seconds(cost.decodeSeconds()),
              seconds(cost.serialSeconds()),
              seconds(cost.overlappedSeconds()),
              seconds(cost.prefillSeconds()),
              seconds(cost.halfLayersSeconds()),
              seconds(cost.verifySeconds()),
              String.format(Locale.ROOT, "%.3f", cost.ratio()),
              String.format(Locale.ROOT, "%.3f", line.law()),
              String.format(Locale.ROOT, "%.0f", 100 * line.decodeShare()),
              String.format(Locale.ROOT, "%.0f", 100 * line.prefillShare()),
              String.valueOf(cost.receiptBytes()),
              String.valueOf(cost.openingBytes()),
              String.format(Locale.ROOT, "%.4f", cost.shareForOnePercent())));
    }
    return new ReportSection.Table(
        "Medians; seconds of one request",
        List.of(
            Column.text("prompt/answer"),
            Column.number("batch"),
            Column.number("decode"),
            Column.number("committing"),
            Column.number("overlapped"),
            Column.number("prefill"),
            Column.number("half the layers"),
            Column.number("verify"),
            Column.number("ratio"),
            Column.number("law"),
            Column.number("decode, % of floor"),
            Column.number("prefill, % of products"),
            Column.number("receipt bytes"),
            Column.number("opening bytes"),
            Column.number("share for 1 %")),
        rows);
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
