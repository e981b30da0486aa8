package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.matching.CacheBook;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.demo.DemoModel;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.SharedCalibrationSimulation;
import io.verillm.testkit.study.StudyClass;
import io.verillm.testkit.study.StudyProver;
import io.verillm.testkit.study.StudyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what is detected and how often an honest prover is refused. */
@Command(
    name = "study",
    mixinStandardHelpOptions = true,
    description = {
      "Judges honest and deviating provers of one tolerant class by a calibration, and reports",
      "false rejections and detections with intervals. Each prover is a process of its own.",
      "The same command gives the same verdicts."
    })
final class StudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OutputOption output;
  @Mixin private PageOption page;

  @Option(
      names = "--quick",
      description = "64 honest and 12 deviating requests each, 1000 runs of calibration")
  private boolean quick;

  @Option(
      names = "--class",
      defaultValue = "fp32",
      description = "class of the provers: fp32 (default) or bf16, products split in four")
  private String studied;

  @Option(
      names = "--subject",
      defaultValue = "MAIN",
      description = {
        "the model: MAIN (default) or SIBLING, which are shipped, or RANDOM, fifty million",
        "parameters that nobody trained, of which only what shows in activations is studied"
      })
  private StudySubject subject;

  @Option(names = "--honest", description = "held-out honest requests; default 3000")
  private @Nullable Integer honest;

  @Option(names = "--requests", description = "requests per deviation; default 100")
  private @Nullable Integer requests;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "signed profile; default: the shipped one if it fits, else a new one")
  private @Nullable Path calibration;

  @Option(
      names = "--sequences",
      description = "runs of a new calibration; default 2995, the fewest of a valid one")
  private @Nullable Integer sequences;

  @Option(
      names = "--tokens",
      defaultValue = "128",
      description = "output tokens of a request; default 128")
  private int tokens;

  @Option(names = "--only", split = ",", paramLabel = "NAME", description = "only these provers")
  private @Nullable List<String> only;

  @Option(
      names = "--cache",
      description = {
        "study provers that deviate in their KV cache instead: how many cells and tokens it takes",
        "to reject 99 per cent of their requests at a level of 0.001, for rows, sketches and",
        "polynomials; --tokens counts the prompt too, --sequences is 3994 by default"
      })
  private boolean cache;

  @Option(
      names = "--errors",
      paramLabel = "DIR",
      description = {
        "with --cache: keep the errors of every request in this folder, and measure only what is",
        "not there yet"
      })
  private @Nullable Path errors;

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description = {
        "appends one line of JSON per prover as soon as it was judged; rows do not depend on each",
        "other, so that --only continues a study that was cut short"
      })
  private @Nullable Path rows;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    Path work = Files.createTempDirectory("verillm-study");
    try {
      if (cache) {
        return cells(work);
      }
      Path model = subject.copyTo(work.resolve("model"));
      Path sibling = DemoModel.SIBLING.copyTo(work.resolve("sibling"));
      try (Study study =
          new Study(StudyClass.of(studied), model, sibling, work.resolve("scratch"), tokens)) {
        return run(study);
      }
    } finally {
      Folders.delete(work);
    }
  }

  private int cells(Path work) throws IOException, MalformedMessageException {
    if (calibration != null || !studied.equals("fp32") || subject == StudySubject.SIBLING) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--cache studies MAIN or RANDOM in bf16 by calibrations of its own",
          "leave out --calibration and --class, and --subject SIBLING");
    }
    Path kept = errors;
    Integer runs = sequences;
    return new CellStudy(spec, output, subject, tokens, only)
        .run(
            work,
            kept == null ? work.resolve("errors") : kept,
            runs != null ? runs : quick ? 1400 : CacheBook.SEQUENCES,
            count(StudyProver.Kind.HONEST),
            count(StudyProver.Kind.INT4));
  }

  private int run(Study study) throws IOException, MalformedMessageException {
    CalibrationProfile profile = profile(study);
    Map<StudyProver.Kind, List<StudyRun.Judged>> results = new EnumMap<>(StudyProver.Kind.class);
    for (StudyProver.Kind kind : StudyProver.Kind.values()) {
      if (!studied(kind)) {
        continue;
      }
      int count = count(kind);
      try (Progress progress = output.progress(spec, kind.id(), count)) {
        results.put(kind, study.judge(kind, profile, count, done -> progress.step()));
      }
      StudySummary row = StudySummary.of(kind, tokens, results.get(kind));
      keep(row);
      if (!output.json()) {
        output.say(spec, row.line());
      }
    }
    ObjectNode answer = json(profile, results);
    page.write(
        spec, answer, provenance -> StudyPage.of(answer, tokens, profile, results, provenance));
    if (output.json()) {
      output.print(spec, answer);
    }
    return ExitCode.ACCEPTED;
  }

  private void keep(StudySummary row) throws IOException {
    Path file = rows;
    if (file != null) {
      Files.writeString(
          file, row.json() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private boolean studied(StudyProver.Kind kind) {
    List<String> named = only;
    if (named != null) {
      return named.contains(kind.id());
    }
    return subject.studies(kind);
  }

  private int count(StudyProver.Kind kind) {
    Integer asked = kind == StudyProver.Kind.HONEST ? honest : requests;
    if (asked != null) {
      return asked;
    }
    return kind == StudyProver.Kind.HONEST ? (quick ? 64 : 3000) : (quick ? 12 : 100);
  }

  private CalibrationProfile profile(Study study) throws IOException, MalformedMessageException {
    Path file = calibration;
    if (file != null) {
      CalibrationProfile profile = ProfileView.read(file);
      if (!fits(study, profile)) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            file
                + " is for another class, model or length: "
                + profile.prover()
                + ", "
                + profile.conditions().shortestOutput()
                + " tokens",
            "verillm inspect " + file + " shows it; verillm calibrate makes another one");
      }
      return profile;
    }
    for (byte[] shipped : DemoCalibration.signed()) {
      CalibrationProfile profile =
          CalibrationProfile.decode(SignedMessage.decode(shipped).payload());
      if (fits(study, profile)) {
        return profile;
      }
    }
    Integer asked = sequences;
    int runs = asked != null ? asked : quick ? 1000 : CalibrationProfile.SEQUENCES;
    try (Progress progress = output.progress(spec, "calibrating", runs)) {
      return study.calibrate(runs, Optional.empty(), done -> progress.step());
    }
  }

  private boolean fits(Study study, CalibrationProfile profile) throws IOException {
    return profile.model().equals(study.verifier().executor().modelDigest())
        && profile.prover().equals(study.proverClass())
        && profile.verifier().equals(study.verifier().executor().describe())
        && profile.conditions().shortestOutput() == tokens;
  }

  private ObjectNode json(
      CalibrationProfile profile, Map<StudyProver.Kind, List<StudyRun.Judged>> results) {
    ObjectNode root = Json.object();
    root.put("subject", subject.name());
    root.put("class", profile.prover().toString());
    root.put("verifier", profile.verifier().toString());
    root.put("calibration", profile.id().toString());
    root.put("calibrationSequences", profile.sequences());
    root.put("alpha", Study.ALPHA);
    root.put("borderline", Study.BORDERLINE);
    root.put("outputTokens", tokens);
    ArrayNode deviations = Json.MAPPER.createArrayNode();
    results.forEach(
        (kind, judged) -> {
          StudySummary summary = StudySummary.of(kind, tokens, judged);
          if (kind == StudyProver.Kind.HONEST) {
            root.set("honest", summary.json());
          } else {
            deviations.add(summary.json());
          }
        });
    root.set("deviations", deviations);
    SharedCalibrationSimulation.Outcome products =
        SharedCalibrationSimulation.run(7, quick ? 20 : 100, 2, 1000, 40_000, 0.01, 1e4);
    root.putObject("sharedCalibration")
        .put("honestNodes", products.nodes())
        .put("slashedByProduct", products.slashedByProduct())
        .put("slashedByExceedances", products.slashedByExceedances())
        .put("level", products.level());
    output.say(
        spec,
        String.format(
            Locale.ROOT,
            "%d honest nodes, one calibration: products of e-values slash %d, exceedances %d",
            products.nodes(),
            products.slashedByProduct(),
            products.slashedByExceedances()));
    return root;
  }
}
