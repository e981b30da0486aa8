package io.verillm.cli;

import io.verillm.cli.report.Charts;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.stats.compare.ComparisonOptions;
import io.verillm.stats.compare.ComparisonReport;
import io.verillm.stats.compare.Observation;
import io.verillm.stats.compare.PromptEffect;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Lays a comparison out as a page. */
final class TestPage {
  private static final int BINS = 40;
  private static final int SHOWN_PROMPTS = 40;
  private static final int LABEL = 40;
  private static final int CURVE = 200;

  private TestPage() {}

  static HtmlReport of(
      ObservationFile a, ObservationFile b, ComparisonOptions options, ComparisonReport result) {
    boolean different = result.verdict() == ComparisonReport.Decision.DIFFERENT;
    HtmlReport.Builder page =
        HtmlReport.builder(
                "verillm test",
                new Provenance(
                    "verillm test "
                        + a.file()
                        + " "
                        + b.file()
                        + " --alpha "
                        + options.alpha()
                        + " --seed "
                        + options.seed(),
                    Map.of("verillm", Versions.verillm()),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()))
            .lead(
                (different ? "The two files differ: p = " : "No evidence of a difference: p = ")
                    + figure(result.test().pValue())
                    + ", level "
                    + options.alpha()
                    + ".")
            .limit(
                "A difference names no cause: model, settings, formatting and time all count. No"
                    + " evidence is not equality; the upper end of the interval says how large a"
                    + " difference may be hidden.");
    page.heading("Result").add(facts(a, b, options, result));
    page.add(nullHistogram(result));
    page.add(curves(a, b));
    if (!result.prompts().isEmpty()) {
      page.heading("Prompts").add(forest(result));
      page.add(new ReportSection.Fold("All prompts", List.of(promptTable(result))));
    }
    if (!result.unmatchedPrompts().isEmpty()) {
      page.heading("Left out").text("Prompts that only one file holds:");
      page.add(new ReportSection.Bullets(result.unmatchedPrompts()));
    }
    return page.build();
  }

  private static ReportSection facts(
      ObservationFile a, ObservationFile b, ComparisonOptions options, ComparisonReport result) {
    List<ReportSection.Fact> facts = new ArrayList<>();
    facts.add(new ReportSection.Fact("First", a.file() + ", " + a.observations().size()));
    facts.add(new ReportSection.Fact("Second", b.file() + ", " + b.observations().size()));
    facts.add(new ReportSection.Fact("Kind", a.kind()));
    facts.add(
        new ReportSection.Fact(
            "Test",
            result.test().test()
                + ", "
                + result.test().method()
                + ", p = "
                + figure(result.test().pValue())));
    result
        .rawText()
        .forEach(
            raw ->
                facts.add(
                    new ReportSection.Fact(
                        "On raw text", "p = " + figure(raw.pValue()) + "; formatting counts")));
    facts.add(
        new ReportSection.Fact(
            "Effect",
            figure(result.effect())
                + ", 95 % interval "
                + figure(result.interval().lower())
                + " to "
                + figure(result.interval().upper())
                + " ("
                + result.effectName()
                + ")"));
    facts.add(
        new ReportSection.Fact(
            "An unchanged model", figure(result.relabelledMean()) + " on average, by relabelling"));
    facts.add(new ReportSection.Fact("Relabellings", "at most " + options.draws()));
    return new ReportSection.Facts(facts);
  }

  private static ReportSection nullHistogram(ComparisonReport result) {
    double[] draws = result.nullDraws().stream().mapToDouble(v -> v).sorted().toArray();
    double from = draws[0];
    double width = Math.max((draws[draws.length - 1] - from) / BINS, 1e-9);
    double[] counts = new double[BINS];
    for (double draw : draws) {
      counts[(int) Math.min(BINS - 1, (draw - from) / width)]++;
    }
    List<Charts.Bin> bins = new ArrayList<>();
    for (int k = 0; k < BINS; k++) {
      bins.add(new Charts.Bin("relabelled", from + k * width, from + (k + 1) * width, counts[k]));
    }
    String caption =
        "The statistic after exchanging answers between the files inside each prompt, "
            + draws.length
            + " times; the line is the value that was observed.";
    return Charts.histogram(
        "What chance alone gives",
        bins,
        List.of(new Charts.Marker(result.test().statistic(), "observed")),
        Charts.Axis.linear(result.test().test()),
        "relabellings",
        caption,
        caption);
  }

  private static ReportSection curves(ObservationFile a, ObservationFile b) {
    double[] centre = centre(a, b);
    double[] first = values(a, centre);
    double[] second = values(b, centre);
    String what = scalar(a);
    double only = first[0];
    if (DoubleStream.concat(Arrays.stream(first), Arrays.stream(second)).allMatch(v -> v == only)) {
      return new ReportSection.Text(
          String.format(
              Locale.ROOT,
              "%s: %.6g in every answer of both files, so no curve is drawn.",
              what,
              only));
    }
    List<Charts.IntervalPoint> points = new ArrayList<>();
    curve("first", first, points);
    curve("second", second, points);
    String caption =
        "Share of answers up to x, all prompts together, with 95 % bands (Dvoretzky, Kiefer,"
            + " Wolfowitz, Massart). One number per answer: "
            + what
            + "; the test looks at more than this.";
    return Charts.lineWithInterval(
        "Distribution of one number per answer",
        points,
        Charts.Axis.linear(what),
        Charts.Axis.linear("share"),
        caption,
        caption);
  }

  private static String scalar(ObservationFile file) {
    return switch (file.kind()) {
      case "Tokens" -> "tokens in the answer";
      case "Text" -> "characters in the answer";
      case "LogProbabilities" -> "largest log-probability, nats";
      default -> file.width() == 1 ? "value" : "distance from the centre of both files";
    };
  }

  private static double[] values(ObservationFile file, double[] centre) {
    return file.observations().stream().mapToDouble(o -> value(o, centre)).sorted().toArray();
  }

  private static double value(Observation observation, double[] centre) {
    if (observation instanceof Observation.Tokens tokens) {
      return tokens.tokens().size();
    }
    if (observation instanceof Observation.Text text) {
      return text.text().codePointCount(0, text.text().length());
    }
    if (observation instanceof Observation.LogProbabilities row) {
      return row.values().values().stream().mapToDouble(v -> v).max().orElseThrow();
    }
    List<Double> components = ((Observation.Embedding) observation).components();
    if (centre.length <= 1) {
      return components.get(0);
    }
    double sum = 0;
    for (int k = 0; k < centre.length; k++) {
      sum += (components.get(k) - centre[k]) * (components.get(k) - centre[k]);
    }
    return Math.sqrt(sum);
  }

  /** Returns the mean of all embeddings of both files, empty for other kinds. */
  private static double[] centre(ObservationFile a, ObservationFile b) {
    if (a.width() == 0) {
      return new double[0];
    }
    double[] centre = new double[a.width()];
    int count = a.observations().size() + b.observations().size();
    Stream.concat(a.observations().stream(), b.observations().stream())
        .forEach(
            o -> {
              List<Double> components = ((Observation.Embedding) o).components();
              for (int k = 0; k < centre.length; k++) {
                centre[k] += components.get(k) / count;
              }
            });
    return centre;
  }

  private static void curve(String name, double[] sorted, List<Charts.IntervalPoint> points) {
    double band = Math.sqrt(Math.log(2 / 0.05) / (2 * sorted.length));
    int shown = Math.min(CURVE, sorted.length);
    for (int k = 1; k <= shown; k++) {
      int rank = (int) ((long) k * sorted.length / shown);
      if (rank < sorted.length && sorted[rank] == sorted[rank - 1]) {
        continue; // the step ends where the value ends
      }
      double share = rank / (double) sorted.length;
      points.add(
          new Charts.IntervalPoint(
              name, sorted[rank - 1], share, Math.max(0, share - band), Math.min(1, share + band)));
    }
  }

  private static ReportSection forest(ComparisonReport result) {
    List<PromptEffect> largest =
        result.prompts().stream()
            .sorted(Comparator.comparingDouble(PromptEffect::effect).reversed())
            .limit(SHOWN_PROMPTS)
            .toList();
    List<Charts.Bar> bars = new ArrayList<>();
    for (int i = 0; i < largest.size(); i++) {
      PromptEffect e = largest.get(i);
      // A bar's interval must hold its value; the table has the interval as it was computed.
      bars.add(
          new Charts.Bar(
              (i + 1) + ". " + shortened(e.prompt()),
              e.effect(),
              Math.min(e.interval().lower(), e.effect()),
              Math.max(e.interval().upper(), e.effect())));
    }
    String caption =
        "Effect of each prompt alone with its 95 % bootstrap interval, largest first, "
            + largest.size()
            + " of "
            + result.prompts().size()
            + "; not adjusted for looking at many prompts. Together an unchanged model would show "
            + figure(result.relabelledMean())
            + ".";
    return Charts.bars("Where the files differ", bars, result.effectName(), caption, caption);
  }

  private static ReportSection promptTable(ComparisonReport result) {
    List<List<String>> rows = new ArrayList<>();
    for (PromptEffect e : result.prompts()) {
      rows.add(
          List.of(
              e.prompt(),
              String.valueOf(e.first()),
              String.valueOf(e.second()),
              figure(e.effect()),
              figure(e.interval().lower()),
              figure(e.interval().upper())));
    }
    return new ReportSection.Table(
        "Effect by prompt",
        List.of(
            ReportSection.Column.text("prompt"),
            ReportSection.Column.number("first"),
            ReportSection.Column.number("second"),
            ReportSection.Column.number("effect"),
            ReportSection.Column.number("low"),
            ReportSection.Column.number("high")),
        rows);
  }

  private static String shortened(String prompt) {
    return prompt.codePointCount(0, prompt.length()) <= LABEL
        ? prompt
        : prompt.substring(0, prompt.offsetByCodePoints(0, LABEL)) + "…";
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
