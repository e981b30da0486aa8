package io.verillm.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job, end to end. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the main job on the shipped model: orders, honest and deviating provers,",
      "challenges, openings, verdicts, and a report. Exit code 0 if every verdict is the",
      "expected one, 1 otherwise."
    })
final class DemoCommand implements Callable<Integer> {
  /** Written into the folder that a demo made, so that only such a folder is ever replaced. */
  private static final String MARKER = ".verillm-demo";

  /** Two honest provers, the computed deviations, replays, a borrowed trace, challenge, judging. */
  private static final int STEPS = 17;

  @Spec private CommandSpec spec;
  @Mixin private OutputOption output;

  @Option(
      names = "--out",
      defaultValue = "verillm-demo",
      description = "folder for jobs and report; default ./verillm-demo")
  private Path out;

  @Option(names = "--tokens", defaultValue = "48", description = "tokens per answer; default 48")
  private int tokens;

  @Option(
      names = "--positions",
      defaultValue = "20",
      description = "positions that a challenge opens; default 20")
  private int positions;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    Instant start = Instant.now();
    prepare();
    DemoRun run;
    List<JsonNode> verdicts;
    try (Progress progress = output.progress(spec, "demo", STEPS)) {
      run = new DemoRun(out, tokens, positions, progress);
      verdicts = run.run();
    }
    Path report = out.resolve("report.html").toAbsolutePath();
    Duration took = Duration.between(start, Instant.now());
    DemoPage.of(run, verdicts, took).write(report);
    int surprises = 0;
    for (int i = 0; i < verdicts.size(); i++) {
      surprises += isExpected(run.jobs().get(i), verdicts.get(i)) ? 0 : 1;
    }
    if (output.json()) {
      print(run, verdicts, report, surprises, took);
    } else {
      table(run, verdicts);
      output.say(spec, "");
      output.say(
          spec,
          surprises == 0
              ? "All " + verdicts.size() + " verdicts are the expected ones."
              : surprises + " of " + verdicts.size() + " verdicts are NOT the expected ones.");
      output.say(spec, "Report: " + report);
      output.say(
          spec,
          "Try: verillm verify "
              + run.jobs().get(0).folder()
              + " --policy "
              + run.policyFile()
              + " --model "
              + run.modelFolder());
    }
    return surprises == 0 ? ExitCode.ACCEPTED : ExitCode.REJECTED;
  }

  private void prepare() throws IOException {
    if (Files.exists(out)) {
      if (!Files.exists(out.resolve(MARKER))) {
        throw new CommandFailure(
            ExitCode.USAGE, out + " exists and is not of an earlier demo", "choose another --out");
      }
      Folders.delete(out);
    }
    Files.createDirectories(out);
    Files.createFile(out.resolve(MARKER));
  }

  static boolean isExpected(DemoRun.Job job, JsonNode verdict) {
    String kind = verdict.path("verdict").asText();
    return switch (job.expectation()) {
      case ACCEPTED -> kind.equals("ACCEPTED");
      case NOT_REJECTED -> kind.equals("ACCEPTED") || kind.equals("INCONCLUSIVE");
      case REJECTED ->
          kind.equals("REJECTED")
              && (job.reason().isEmpty() || job.reason().equals(verdict.path("reason").asText()));
    };
  }

  private void print(
      DemoRun run, List<JsonNode> verdicts, Path report, int surprises, Duration took) {
    ObjectNode root = Json.object();
    ArrayNode results = root.putArray("results");
    for (int i = 0; i < verdicts.size(); i++) {
      DemoRun.Job job = run.jobs().get(i);
      JsonNode verdict = verdicts.get(i);
      ObjectNode result = results.addObject();
      result.put("prover", job.prover());
      result.put("prompt", DemoRun.PROMPTS.get(job.prompt()));
      result.put("verdict", verdict.path("verdict").asText());
      result.put("reason", verdict.path("reason").asText());
      result.set("layer", verdict.get("layer"));
      result.set("token", verdict.get("token"));
      result.set("coverage", verdict.get("coverage"));
      result.put("expected", isExpected(job, verdict));
    }
    root.put("unexpected", surprises);
    root.put("report", report.toString());
    root.put("milliseconds", took.toMillis());
    output.print(spec, root);
  }

  private void table(DemoRun run, List<JsonNode> verdicts) {
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "%-26s %-3s %-13s %-20s %s",
            "prover",
            "no.",
            "verdict",
            "reason",
            "where"));
    for (int i = 0; i < verdicts.size(); i++) {
      DemoRun.Job job = run.jobs().get(i);
      JsonNode verdict = verdicts.get(i);
      output.say(
          spec,
          String.format(
              Locale.ROOT,
              "%-26s %-3d %-13s %-20s %s%s",
              job.prover(),
              job.prompt() + 1,
              verdict.path("verdict").asText(),
              verdict.path("reason").asText(),
              where(verdict),
              isExpected(job, verdict) ? "" : "  <- not expected"));
    }
  }

  static String where(JsonNode verdict) {
    String layer = verdict.has("layer") ? "layer " + verdict.get("layer").asInt() + ", " : "";
    return verdict.has("token") ? layer + "token " + verdict.get("token").asInt() : "";
  }
}
