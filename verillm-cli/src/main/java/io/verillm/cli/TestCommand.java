package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.stats.TestResult;
import io.verillm.stats.compare.ComparisonOptions;
import io.verillm.stats.compare.ComparisonReport;
import io.verillm.stats.compare.ObservationComparison;
import io.verillm.stats.compare.PromptEffect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares two files of answers. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = {
      "Tests whether two files of answers come from the same distribution, prompt by prompt.",
      "A difference names no cause and accuses nobody. Exit code 0 if no difference was found at"
          + " alpha, 1 if one was, 2 if there are too few answers for any to be found."
    },
    footer = {
      "",
      "One JSON object a line, several answers to the same prompt, all of one kind:",
      "  {\"prompt\":\"Capital of France?\",\"text\":\"Paris.\"}",
      "  {\"prompt\":\"Capital of France?\",\"tokens\":[3681,13]}",
      "  {\"prompt\":\"Capital of France?\",\"logprobs\":{\" Paris\":-0.02,\" Lyon\":-4.1}}",
      "  {\"prompt\":\"Capital of France?\",\"embedding\":[0.12,-0.4,0.9]}"
    })
final class TestCommand implements Callable<Integer> {
  private static final int DRAWS = 1999;
  private static final int RESAMPLES = 999;
  private static final double SMALLEST_ALPHA = 1e-4;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A.jsonl", description = "the one file of answers")
  private Path first;

  @Parameters(index = "1", paramLabel = "B.jsonl", description = "the other")
  private Path second;

  @Option(
      names = "--alpha",
      defaultValue = "0.01",
      description = "share of equal pairs that may be called different; default 0.01")
  private double alpha;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "seed of relabelling, default 1; from a beacon if money depends on it")
  private long seed;

  @Option(names = "--report", paramLabel = "FILE.html", description = "also write a page")
  private @Nullable Path report;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws IOException {
    if (!(alpha >= SMALLEST_ALPHA && alpha < 1)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--alpha " + alpha + " lies outside [" + SMALLEST_ALPHA + ", 1)",
          "a usual level is 0.01");
    }
    ObservationFile a = ObservationFile.read(first);
    ObservationFile b = ObservationFile.read(second);
    a.requireComparable(b);
    Resolution resolution = Resolution.of(a.observations(), b.observations());
    if (resolution.sharedPrompts() == 0) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          first + " and " + second + " share no prompt",
          "collect answers to the same prompts; prompts are compared as exact strings");
    }
    boolean needsRepeats = a.kind().equals("Tokens") || a.kind().equals("Text");
    if (resolution.smallest() > alpha || (needsRepeats && !resolution.repeated())) {
      return undecided(resolution);
    }
    int draws = Math.max(DRAWS, (int) Math.ceil(20 / alpha) - 1);
    ComparisonOptions options = new ComparisonOptions(seed, draws, alpha, RESAMPLES);
    ComparisonReport result;
    try (Progress progress = output.progress(spec, "comparing", 1)) {
      result = compare(a, b, options);
      progress.step();
    }
    if (output.json()) {
      output.print(spec, json(result));
    } else {
      print(result);
    }
    Path page = report;
    if (page != null) {
      TestPage.of(a, b, options, result).write(page);
      output.say(spec, "Report: " + page.toAbsolutePath());
    }
    return result.verdict() == ComparisonReport.Decision.DIFFERENT
        ? ExitCode.REJECTED
        : ExitCode.ACCEPTED;
  }

  private ComparisonReport compare(
      ObservationFile a, ObservationFile b, ComparisonOptions options) {
    try {
      return ObservationComparison.compare(a.observations(), b.observations(), options);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          first + " and " + second + " cannot be compared: " + e.getMessage(),
          "give each prompt at least two answers in both files");
    }
  }

  private int undecided(Resolution resolution) {
    String reason =
        resolution.smallest() > alpha
            ? String.format(
                Locale.ROOT,
                "no p-value below %.3g is possible with these answers, alpha is %s",
                resolution.smallest(),
                alpha)
            : "no shared prompt has two answers in both files";
    if (output.json()) {
      ObjectNode line = Json.object().put("verdict", "UNDECIDED").put("reason", reason);
      line.put("alpha", alpha).put("seed", seed).put("prompts", resolution.sharedPrompts());
      output.print(spec, line);
    } else {
      output.say(spec, "UNDECIDED: " + reason);
      output.say(spec, "  next: collect more answers to the same prompts");
      if (report != null) {
        output.say(spec, "  no page was written: there is no comparison to show");
      }
    }
    return ExitCode.UNDECIDED;
  }

  private void print(ComparisonReport result) {
    TestResult test = result.test();
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "%s: %s, p = %.4g (%s), alpha %s",
            result.verdict() == ComparisonReport.Decision.DIFFERENT
                ? "DIFFERENT"
                : "NO EVIDENCE of a difference",
            test.test(),
            test.pValue(),
            test.method().name().toLowerCase(Locale.ROOT),
            result.alpha()));
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "  effect %.4g, 95 %% interval %.4g to %.4g (%s);%n"
                + "  an unchanged model shows %.4g on average",
            result.effect(),
            result.interval().lower(),
            result.interval().upper(),
            result.effectName(),
            result.relabelledMean()));
    for (TestResult raw : result.rawText()) {
      output.say(
          spec,
          String.format(Locale.ROOT, "  raw text, formatting counts: p = %.4g", raw.pValue()));
    }
    if (!result.unmatchedPrompts().isEmpty()) {
      output.say(
          spec, "  left out, in one file only: " + result.unmatchedPrompts().size() + " prompts");
    }
  }

  private ObjectNode json(ComparisonReport result) {
    ObjectNode root = Json.object().put("verdict", result.verdict().name());
    root.put("alpha", result.alpha()).put("seed", seed);
    put(root.putObject("test"), result.test());
    for (TestResult raw : result.rawText()) {
      put(root.putObject("rawText"), raw);
    }
    root.put("effectName", result.effectName()).put("effect", result.effect());
    root.putArray("interval").add(result.interval().lower()).add(result.interval().upper());
    root.put("confidence", result.interval().confidence());
    root.put("relabelledMean", result.relabelledMean());
    ArrayNode prompts = root.putArray("prompts");
    for (PromptEffect effect : result.prompts()) {
      ObjectNode one = prompts.addObject().put("prompt", effect.prompt());
      one.put("first", effect.first()).put("second", effect.second());
      one.put("effect", effect.effect());
      one.putArray("interval").add(effect.interval().lower()).add(effect.interval().upper());
    }
    ArrayNode unmatched = root.putArray("unmatchedPrompts");
    result.unmatchedPrompts().forEach(unmatched::add);
    return root;
  }

  private static void put(ObjectNode node, TestResult test) {
    node.put("name", test.test()).put("statistic", test.statistic());
    node.put("pValue", test.pValue()).put("method", test.method().name());
  }
}
