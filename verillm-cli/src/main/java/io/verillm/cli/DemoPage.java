package io.verillm.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.cli.report.DemoReport;
import io.verillm.cli.report.HeatMap;
import io.verillm.cli.report.HtmlReport;
import io.verillm.cli.report.Provenance;
import io.verillm.cli.report.ReportSection;
import io.verillm.cli.report.TreeNode;
import io.verillm.cli.report.VerdictWord;
import io.verillm.core.challenge.Opening;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.OpenedPosition;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Lays a demo's verdicts out as a page. */
final class DemoPage {
  private static final int SHOWN_POSITIONS = 6;

  private DemoPage() {}

  static HtmlReport of(DemoRun run, List<JsonNode> verdicts, Duration took)
      throws IOException, MalformedMessageException {
    List<DemoRun.Job> jobs = run.jobs();
    Map<String, String> descriptions = new LinkedHashMap<>();
    List<DemoReport.Outcome> outcomes = new ArrayList<>();
    List<DemoReport.PromptMap> maps = new ArrayList<>();
    int rejected = 0;
    int honestRejected = 0;
    for (int i = 0; i < jobs.size(); i++) {
      DemoRun.Job job = jobs.get(i);
      JsonNode verdict = verdicts.get(i);
      descriptions.putIfAbsent(job.prover(), job.description());
      outcomes.add(outcome(job, verdict));
      if (verdict.path("verdict").asText().equals("REJECTED")) {
        rejected++;
        honestRejected += job.expectation() == DemoRun.Expectation.REJECTED ? 0 : 1;
      }
      if (verdict.path("cells").size() > 0) {
        maps.add(new DemoReport.PromptMap(promptId(job.prompt()), heatMap(job, verdict)));
      }
    }
    List<DemoReport.Prover> provers = new ArrayList<>();
    descriptions.forEach((name, text) -> provers.add(new DemoReport.Prover(name, text)));
    List<DemoReport.Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < DemoRun.PROMPTS.size(); i++) {
      prompts.add(new DemoReport.Prompt(promptId(i), DemoRun.PROMPTS.get(i)));
    }
    maps.sort(Comparator.comparing(DemoReport.PromptMap::prompt));
    return new DemoReport(
            "verillm demo",
            jobs.size()
                + " answers by "
                + provers.size()
                + " provers were judged from files alone: "
                + rejected
                + " rejected, "
                + (honestRejected == 0 ? "no honest one" : honestRejected + " HONEST ones")
                + " among them.",
            "A verdict speaks of the rows and tokens that were compared; it does not show that an"
                + " answer is true.",
            provers,
            prompts,
            outcomes,
            maps,
            Optional.of(receiptTree(jobs.get(0).folder())),
            List.of(
                "Rows at positions that the challenge did not draw.",
                "The honest prover of a foreign numeric class: without a calibration its"
                    + " differences can be measured and not judged.",
                "Whether a prover ran anything besides what it was paid for."),
            List.of(
                new ReportSection.Fact("Time", took.toSeconds() + " s"),
                new ReportSection.Fact("Java", Runtime.version().toString()),
                new ReportSection.Fact(
                    "Processors",
                    Runtime.getRuntime().availableProcessors()
                        + " x "
                        + System.getProperty("os.arch"))),
            new Provenance(
                "verillm demo",
                Map.of("verillm", Versions.verillm()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()))
        .toHtml();
  }

  private static String promptId(int prompt) {
    return "Prompt " + (prompt + 1);
  }

  private static DemoReport.Outcome outcome(DemoRun.Job job, JsonNode verdict) {
    JsonNode coverage = verdict.path("coverage");
    List<String> findings = new ArrayList<>();
    for (JsonNode check : verdict.path("checks")) {
      findings.add(
          check.path("check").asText()
              + " "
              + check.path("state").asText().toLowerCase(Locale.ROOT)
              + ": "
              + check.path("statement").asText());
    }
    return new DemoReport.Outcome(
        job.prover(),
        promptId(job.prompt()),
        VerdictWord.valueOf(verdict.path("verdict").asText()),
        verdict.path("reason").asText(),
        verdict.has("layer") ? verdict.get("layer").asText() : "",
        verdict.has("token") ? verdict.get("token").asText() : "",
        coverage.path("tokensReplayed").asInt()
            + "/"
            + coverage.path("outputTokens").asInt()
            + " tokens, "
            + coverage.path("positionsOpened").asInt()
            + "/"
            + coverage.path("positions").asInt()
            + " positions",
        findings);
  }

  private static HeatMap heatMap(DemoRun.Job job, JsonNode verdict) {
    Set<String> layers = new LinkedHashSet<>();
    List<HeatMap.Cell> cells = new ArrayList<>();
    List<JsonNode> sorted = new ArrayList<>();
    verdict.path("cells").forEach(sorted::add);
    sorted.sort(Comparator.comparingInt(cell -> cell.path("layer").asInt()));
    for (JsonNode cell : sorted) {
      String kind = cell.path("kind").asText();
      String layer =
          kind.equals("HIDDEN")
              ? "output"
              : "L" + cell.path("layer").asInt() + (kind.equals("KEY") ? " key" : " value");
      layers.add(layer);
      double unequal = cell.path("unequal").asDouble() / cell.path("elements").asDouble();
      cells.add(
          HeatMap.Cell.of(
              layer,
              cell.path("position").asInt(),
              unequal,
              unequal == 0 ? HeatMap.State.EQUAL : HeatMap.State.DIFFERS));
    }
    if (layers.remove("output")) {
      layers.add("output");
    }
    JsonNode coverage = verdict.path("coverage");
    int positions = coverage.path("positions").asInt();
    return new HeatMap(
        job.prover(),
        List.copyOf(layers),
        positions,
        OptionalInt.of(positions - coverage.path("outputTokens").asInt() + 1),
        cells);
  }

  /** The honest prover's first receipt, down to the rows that were opened. */
  private static TreeNode receiptTree(Path folder) throws IOException, MalformedMessageException {
    SignedMessage message =
        SignedMessage.decode(Files.readAllBytes(folder.resolve(Submission.RECEIPT_FILE)));
    Receipt receipt = Receipt.decode(message.payload());
    Opening opening =
        Opening.decode(
            SignedMessage.decode(Files.readAllBytes(folder.resolve(Submission.OPENING_FILE)))
                .payload());
    List<TreeNode> positions = new ArrayList<>();
    List<OpenedPosition> opened = opening.trace().positions();
    for (OpenedPosition position : opened.subList(0, Math.min(SHOWN_POSITIONS, opened.size()))) {
      List<TreeNode> rows = new ArrayList<>();
      position
          .rows()
          .forEach(
              row ->
                  rows.add(
                      TreeNode.leaf(
                          "row " + row.rowIndex(),
                          row.data().length + " bytes",
                          TreeNode.State.OPENED)));
      rows.add(
          TreeNode.leaf(
              "other rows",
              position.tokenProof().nodes().size() + " hashes",
              TreeNode.State.PRUNED));
      positions.add(
          new TreeNode(
              "position " + position.entry().position() + ", token " + position.entry().tokenId(),
              String.valueOf(position.entry().tokenRoot()).substring(0, 8),
              TreeNode.State.OPENED,
              rows));
    }
    positions.add(
        TreeNode.leaf(
            receipt.head().leafCount() - 1 - positions.size() + " other positions",
            opening.trace().logProof().nodes().size() + " hashes",
            TreeNode.State.PRUNED));
    return TreeNode.of(
        "receipt",
        message.id().shortHex(),
        TreeNode.leaf("signed by", message.signer().shortHex(), TreeNode.State.NONE),
        TreeNode.leaf("order", receipt.order().shortHex(), TreeNode.State.NONE),
        TreeNode.leaf("model", receipt.model().shortHex(), TreeNode.State.NONE),
        TreeNode.leaf("class", receipt.executionClass().arithmetic(), TreeNode.State.NONE),
        TreeNode.leaf(
            "tokens",
            receipt.promptTokens() + " in, " + receipt.outputTokens() + " out",
            TreeNode.State.NONE),
        TreeNode.leaf("finish", receipt.finish().name(), TreeNode.State.NONE),
        new TreeNode(
            "trace head, " + receipt.head().leafCount() + " leaves",
            receipt.head().root().shortHex(),
            TreeNode.State.OPENED,
            positions));
  }
}
