package io.verillm.cli.report;

import io.verillm.cli.report.DemoReport.Outcome;
import io.verillm.cli.report.DemoReport.Prompt;
import io.verillm.cli.report.DemoReport.PromptMap;
import io.verillm.cli.report.DemoReport.Prover;
import io.verillm.cli.report.ReportSection.Fact;
import io.verillm.cli.report.TreeNode.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Invented input for looking at the pages: run {@code main}, or the test that writes them. */
final class SampleReport {
  static final Provenance PROVENANCE =
      new Provenance(
          "verillm demo --report demo.html",
          Map.of("verillm", "0.1.0-SNAPSHOT", "java", "17.0.14"),
          "2026-01-01T00:00:00Z");

  private static final List<String> LAYERS = new ArrayList<>();

  static {
    for (int layer = 0; layer < 4; layer++) {
      LAYERS.add("L" + layer + " key");
      LAYERS.add("L" + layer + " value");
    }
    LAYERS.add("L3 output");
  }

  private SampleReport() {}

  /** Writes both sample pages below the folder in the first argument, {@code target} by default. */
  public static void main(String[] args) throws java.io.IOException {
    Path folder = Path.of(args.length > 0 ? args[0] : "target");
    demo("Write a haiku about a lighthouse.").write(folder.resolve("sample-demo-report.html"));
    charts().write(folder.resolve("sample-chart-report.html"));
  }

  static HtmlReport demo(String firstPrompt) {
    List<Prover> provers =
        List.of(
            new Prover("honest", "the ordered model, as ordered"),
            new Prover("int4", "weights rounded to 4 bits"),
            new Prover("smaller", "the smaller sibling of the model"),
            new Prover("one-token", "replaces a single output token"),
            new Prover("stale-cache", "reuses the cache of another prompt"),
            new Prover("other-gpu", "an execution class without a calibration"));
    List<Prompt> prompts =
        List.of(new Prompt("P1", firstPrompt), new Prompt("P2", "List three prime numbers."));
    VerdictWord a = VerdictWord.ACCEPTED;
    VerdictWord r = VerdictWord.REJECTED;
    List<Outcome> outcomes = new ArrayList<>();
    for (Prompt prompt : prompts) {
      String id = prompt.id();
      outcomes.add(outcome("honest", id, a, "", "", ""));
      outcomes.add(outcome("int4", id, r, "ACTIVATION_MISMATCH", "L0 key", "0"));
      outcomes.add(outcome("smaller", id, r, "MODEL_MISMATCH", "L0 key", "0"));
      outcomes.add(outcome("one-token", id, r, "TOKEN_MARGIN", "", "31 \u201cgull\u201d"));
      outcomes.add(outcome("stale-cache", id, r, "CACHE_MISMATCH", "L1 value", "7"));
      outcomes.add(
          outcome("other-gpu", id, VerdictWord.INCONCLUSIVE, "UNCALIBRATED", "L0 key", "0"));
    }
    List<PromptMap> maps = new ArrayList<>();
    for (Prompt prompt : prompts) {
      for (Prover prover : provers) {
        maps.add(new PromptMap(prompt.id(), map(prover.name())));
      }
    }
    return new DemoReport(
            "Six machines, one promised model",
            "Twelve signed answers were recomputed at 12 of 48 token positions: every answer of the"
                + " honest prover was accepted, and four deviating provers were rejected with the"
                + " layer and token where they first differ.",
            "An accepted answer was not proven correct: the check covers the opened rows and the"
                + " tokens, with the stated error rate, and says nothing about rows it never"
                + " opened.",
            provers,
            prompts,
            outcomes,
            maps,
            Optional.of(receipt()),
            List.of(
                "36 of 48 positions per answer; a deviation in a single one of them would be missed"
                    + " with probability 0.75.",
                "Whether the prompt itself was read by anyone else: openings disclose content.",
                "The time at which the answer was computed."),
            List.of(
                new Fact("Processor", "2 cores, x86-64"),
                new Fact("JDK", "17.0.14"),
                new Fact("Generate and record", "1.9 s"),
                new Fact("Verify", "0.8 s")),
            PROVENANCE)
        .toHtml();
  }

  static HtmlReport charts() {
    List<Charts.IntervalPoint> lines = new ArrayList<>();
    List<Charts.IntervalPoint> dots = new ArrayList<>();
    String[] series = {"int8 weights", "int4 weights", "smaller model"};
    for (int s = 0; s < 3; s++) {
      for (int i = 0; i < 9; i++) {
        double y = 1 - Math.exp(-(i + 0.4) * (s + 1) / 6.0);
        double half = 0.09 * Math.sqrt(y * (1 - y)) + 0.01;
        lines.add(
            new Charts.IntervalPoint(
                series[s], 1 << i, y, Math.max(0, y - half), Math.min(1, y + half)));
        dots.add(new Charts.IntervalPoint(series[s], 1 << i, y * 3, y * 2.6, y * 3.5));
      }
    }
    List<Charts.Bin> bins = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      double x = i * 0.1;
      bins.add(new Charts.Bin("honest", x, x + 0.1, Math.round(90 * Math.exp(-4 * x))));
      bins.add(
          new Charts.Bin(
              "int4", x, x + 0.1, Math.round(60 * Math.exp(-(x - 2.4) * (x - 2.4) * 3))));
    }
    return HtmlReport.builder("Power of the activation check", PROVENANCE)
        .lead("How many opened positions it takes to notice three deviations.")
        .limit("Power against these three deviations says nothing about a fourth.")
        .heading("Power")
        .add(
            Charts.lineWithInterval(
                "Rejections by opened positions",
                lines,
                Charts.Axis.log("opened positions"),
                Charts.Axis.linear("share rejected"),
                "Bands are 95 % Clopper-Pearson intervals over 200 answers.",
                "The share of rejected answers rises with the opened positions."))
        .heading("Scores")
        .add(
            Charts.histogram(
                "Distance to the re-execution",
                bins,
                List.of(new Charts.Marker(1.6, "threshold, \u03b1 = 10\u207b\u2074")),
                Charts.Axis.linear("score"),
                "answers",
                "Honest answers stay below the threshold.",
                "Two separate humps with the threshold between them."))
        .add(
            Charts.scatterWithInterval(
                "Time per position",
                dots,
                Charts.Axis.log("opened positions"),
                Charts.Axis.linear("milliseconds"),
                "Bars are 95 % intervals.",
                "Time grows slowly."))
        .heading("Cost")
        .add(
            Charts.bars(
                "Share of decode time",
                List.of(
                    new Charts.Bar("hashing", 0.4, 0.35, 0.47),
                    new Charts.Bar("signing", 0.05, 0.04, 0.07),
                    Charts.Bar.exact("copying", 0.12)),
                "percent of decode time",
                "Intervals over five runs.",
                "Hashing 0.4 percent, copying 0.12, signing 0.05."))
        .add(
            new ReportSection.Table(
                "Runs",
                List.of(
                    ReportSection.Column.text("Deviation"),
                    ReportSection.Column.number("Answers"),
                    ReportSection.Column.number("Rejected"),
                    ReportSection.Column.mono("Calibration")),
                List.of(
                    List.of("none", "200", "0", "9f2c\u20261b"),
                    List.of("int4 weights", "200", "200", "9f2c\u20261b"))))
        .build();
  }

  private static Outcome outcome(
      String prover, String prompt, VerdictWord word, String reason, String layer, String token) {
    return new Outcome(
        prover,
        prompt,
        word,
        reason,
        layer,
        token,
        "12 of 48 tokens, 9 of 9 row kinds",
        List.of(
            "rows compared       108",
            "statistic           0.0000 (threshold 0.0150, calibration 9f2c\u20261b)",
            "token margin        mean 0.02, extremes 0 of 36",
            "providers           java / java"));
  }

  private static HeatMap map(String prover) {
    List<HeatMap.Cell> cells = new ArrayList<>();
    for (int position = 1; position < 48; position += 4) {
      for (int l = 0; l < LAYERS.size(); l++) {
        double f = 0;
        HeatMap.State state = HeatMap.State.EQUAL;
        if (prover.equals("int4")) {
          f = Math.min(1, 0.004 + 0.06 * l + 0.002 * position);
        } else if (prover.equals("smaller")) {
          f = 0.98;
        } else if (prover.equals("stale-cache") && position > 6 && position < 24 && l > 2) {
          f = 0.6 - 0.02 * position;
        } else if (prover.equals("other-gpu")) {
          f = 0.01 * (l + 1);
          state = HeatMap.State.TOLERATED;
        }
        if (f > 0 && state == HeatMap.State.EQUAL) {
          state = HeatMap.State.DIFFERS;
        }
        cells.add(new HeatMap.Cell(LAYERS.get(l), position, f, state, ""));
      }
    }
    return new HeatMap(prover, LAYERS, 48, OptionalInt.of(14), cells);
  }

  private static TreeNode receipt() {
    List<TreeNode> positions = new ArrayList<>();
    positions.add(TreeNode.leaf("leaf 0: trace id", "5be1\u2026c07a", State.OPENED));
    for (int p = 1; p < 12; p++) {
      if (p % 4 == 1) {
        boolean bad = p == 9;
        positions.add(
            new TreeNode(
                "position " + p,
                "token 27" + p + ", root 81d" + p + "\u202640",
                State.OPENED,
                List.of(
                    TreeNode.leaf("L0 key, chunk 0", "11ce\u2026d9", State.OPENED),
                    TreeNode.leaf(
                        "L1 value, chunk 0", "e1a0\u20267f", bad ? State.MISMATCH : State.OPENED),
                    TreeNode.leaf("7 other rows", "3c55\u202690", State.PRUNED))));
      } else {
        positions.add(TreeNode.leaf("position " + p, "a" + p + "f0\u20262c", State.PRUNED));
      }
    }
    return TreeNode.of(
        "receipt",
        "stale-cache, P1",
        TreeNode.leaf("order", "77ab\u202601e2", State.OPENED),
        TreeNode.leaf("model as served", "04d9\u2026ee10", State.OPENED),
        TreeNode.leaf("execution class", "CANONICAL, fp32, java", State.NONE),
        TreeNode.leaf("finish reason", "EOS", State.NONE),
        new TreeNode("trace head", "f00d\u202642aa, 49 leaves", State.OPENED, positions));
  }
}
