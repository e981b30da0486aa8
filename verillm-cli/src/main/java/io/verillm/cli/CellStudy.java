package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.demo.DemoModel;
import io.verillm.exec.UnusableModelException;
import io.verillm.stats.Interval;
import io.verillm.stats.robust.ClopperPearson;
import io.verillm.testkit.cache.CacheMeasurement;
import io.verillm.testkit.cache.CacheProver;
import io.verillm.testkit.cache.CacheProvers;
import io.verillm.testkit.cache.CacheRequest;
import io.verillm.testkit.cache.CacheStudy;
import io.verillm.testkit.cache.CacheStudyRun;
import io.verillm.testkit.cache.CacheStudyTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code study --cache} does: provers that deviate in their KV cache, by cells and tokens. */
final class CellStudy {
  /** Level of rejection: the one at which other work states its power. */
  static final double LEVEL = 1e-3;

  private final CommandSpec spec;
  private final OutputOption output;
  private final StudySubject subject;
  private final int tokens;
  private final @Nullable List<String> only;

  CellStudy(
      CommandSpec spec,
      OutputOption output,
      StudySubject subject,
      int tokens,
      @Nullable List<String> only) {
    this.spec = spec;
    this.output = output;
    this.subject = subject;
    this.tokens = tokens;
    this.only = only;
  }

  /**
   * Measures what is not yet in {@code errors}, and judges all of it.
   *
   * @param sequences honest requests for the calibrations
   * @param honest other honest requests, for the false rejections
   * @param requests requests of each deviating prover
   */
  int run(Path work, Path errors, int sequences, int honest, int requests)
      throws IOException, MalformedMessageException {
    Path model = subject.copyTo(work.resolve("model"));
    // Nobody trained the random model: its tokens mean nothing, and nobody is smaller than it.
    boolean trained = subject != StudySubject.RANDOM;
    Optional<Path> sibling =
        trained ? Optional.of(DemoModel.SIBLING.copyTo(work.resolve("sibling"))) : Optional.empty();
    try (CacheMeasurement measurement = new CacheMeasurement(model, tokens, trained)) {
      CacheProvers provers = CacheProvers.of(model, sibling, work.resolve("altered"));
      CacheStudyRun run = new CacheStudyRun(measurement, provers, errors);
      CacheStudy study = new CacheStudy(measurement.shape(), measurement.scope(), LEVEL, trained);
      try (Progress progress = output.progress(spec, "calibrating", sequences)) {
        study.calibrate(run.calibration(sequences, progress::stepTo));
      }
      List<CacheStudy.Line> lines = new ArrayList<>();
      for (CacheProver prover : chosen(run.everyone())) {
        int count = prover.equals(provers.honest()) ? honest : requests;
        try (Progress progress = output.progress(spec, prover.name(), count)) {
          List<CacheRequest> measured = run.requests(prover, count, progress::stepTo);
          lines.add(study.judge(prover.name(), measured, run.firstNumber(prover)));
        }
      }
      report(lines, study, sequences);
    } catch (UnusableModelException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT, "the shipped model: " + e.getMessage(), "install verillm anew");
    }
    return ExitCode.ACCEPTED;
  }

  private List<CacheProver> chosen(List<CacheProver> everyone) {
    List<String> named = only;
    if (named == null) {
      return everyone;
    }
    List<CacheProver> chosen =
        everyone.stream().filter(prover -> named.contains(prover.id())).toList();
    if (chosen.size() != named.size()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--only " + String.join(",", named) + " names somebody who is not studied",
          "any of " + String.join(",", everyone.stream().map(CacheProver::id).toList()));
    }
    return chosen;
  }

  private void report(List<CacheStudy.Line> lines, CacheStudy study, int sequences) {
    if (!output.json()) {
      output.say(spec, CacheStudyTables.of(lines, tokens, study.uncalibrated()));
      return;
    }
    ObjectNode root = Json.object();
    root.put("level", LEVEL);
    root.put("subject", subject.name());
    root.put("tokens", tokens);
    root.put("calibrationSequences", sequences);
    ArrayNode provers = root.putArray("provers");
    for (CacheStudy.Line line : lines) {
      ObjectNode one = provers.addObject();
      one.put("prover", line.prover()).put("requests", line.requests());
      ObjectNode columns = one.putObject("rejected");
      new TreeMap<>(line.rejected())
          .forEach(
              (column, count) -> {
                Interval interval =
                    ClopperPearson.interval(count, Math.max(1, line.requests()), 0.95);
                columns
                    .putObject(column)
                    .put("count", count)
                    .put("lower", interval.lower())
                    .put("upper", interval.upper());
              });
    }
    ObjectNode reasons = root.putObject("uncalibrated");
    new TreeMap<>(study.uncalibrated()).forEach(reasons::put);
    output.print(spec, root);
  }
}
