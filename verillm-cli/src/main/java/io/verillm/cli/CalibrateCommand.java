package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.matching.CacheCalibration;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.calibration.CalibrationRun;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.exec.torch.TorchSettings;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Conditions;
import io.verillm.stats.calibration.Confirmation;
import io.verillm.stats.calibration.LooseningRule;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.ProfileBook;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.testkit.AlteredWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a signed calibration profile from honest runs. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the prover's engine honestly, measures it on canonical arithmetic, confirms the scores",
      "on a second executor, measures how often 4-bit weights are rejected, and signs the profile.",
      "--engine, --arithmetic, --dtype and --threads choose what runs as the prover; the classes"
          + " in",
      "the profile are recorded from what ran."
    })
final class CalibrateCommand implements Callable<Integer> {
  private static final int SHORTEST_PROMPT = 4;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "where the signed profile goes")
  private Path file;

  @Mixin private ModelOption model;
  @Mixin private KeyOption keys;
  @Mixin private OutputOption output;

  @Option(
      names = "--key",
      defaultValue = "calibrator",
      description = "name of the signing key in --keys; default calibrator")
  private String key;

  @Option(
      names = "--sequences",
      defaultValue = "2995",
      description = {
        "honest runs; default 2995, the least for 99.9 %% at 95 %% confidence.",
        "With fewer the profile is written, and no verifier admits it"
      })
  private int sequences;

  @Option(
      names = "--tokens",
      defaultValue = "48",
      description = "output tokens of a run, the fewest that the profile judges; default 48")
  private int tokens;

  @Option(
      names = "--longest",
      defaultValue = "16",
      description = "most prompt tokens of a run; default 16")
  private int longestPrompt;

  @Option(
      names = "--positions",
      defaultValue = "20",
      description = "positions that a challenge opens; default 20")
  private int positions;

  @Option(
      names = "--temperature",
      split = ",",
      defaultValue = "1.0,0.8,0",
      description = "temperatures of the runs, in turn; default 1.0,0.8,0")
  private List<Double> temperatures;

  @Option(
      names = "--power-requests",
      defaultValue = "96",
      description = "requests with 4-bit weights; default 96, at least 59")
  private int powerRequests;

  @Option(
      names = "--confirm-runs",
      defaultValue = "96",
      description = "runs that the second executor measures again; default 96")
  private int confirmRuns;

  @Option(
      names = "--confirm-by",
      split = ",",
      paramLabel = "NAME",
      description = {
        "what measures them again: descending, split-k-fp32 or libtorch; default descending for a",
        "prover in F32, whose scores depend on how much the verifier itself rounds, else split-k-fp32"
      })
  private @Nullable List<String> confirmBy;

  @Option(
      names = "--anchor",
      paramLabel = "FILE",
      description = "frozen profile: the new one may be looser by --step only")
  private @Nullable Path anchorFile;

  @Option(
      names = "--step",
      defaultValue = "0.1",
      description = "how much farther than the anchor's a threshold may lie; default 0.1")
  private double step;

  @Option(names = "--seed", defaultValue = "calibration 1", description = "name of the runs")
  private String seed;

  @Option(
      names = "--cache",
      paramLabel = "ROWS",
      description = {
        "calibrate for jobs with --capture kv: the profile then speaks of tokens only, and the",
        "signed tolerances of cache rows go to this file; needs 3994 --sequences to be admitted"
      })
  private @Nullable Path cacheFile;

  @Option(
      names = "--cells",
      defaultValue = "32",
      description = "with --cache: cells that challenges will ask for; default 32")
  private int cells;

  @Option(
      names = "--sketch-values",
      defaultValue = "0",
      description = {
        "with --cache: calibrate for sketches of so many values per row (prove --evidence",
        "sketches); default 0, whole rows"
      })
  private int sketchValues;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    Path scratch = Files.createTempDirectory("verillm-calibrate");
    try {
      Path folder = model.folderOr(scratch.resolve("model"));
      try (LoadedModel prover = model.load(folder);
          LoadedModel verifier = LoadedModel.load(folder, "canonical")) {
        List<LoadedModel> others = confirming(folder, prover);
        try {
          return calibrate(folder, scratch, prover, verifier, others);
        } finally {
          others.forEach(LoadedModel::close);
        }
      }
    } finally {
      Folders.delete(scratch);
    }
  }

  private int calibrate(
      Path folder, Path scratch, LoadedModel prover, LoadedModel verifier, List<LoadedModel> others)
      throws IOException, MalformedMessageException {
    Optional<CalibrationProfile> anchor = anchor();
    CellCalibration rows =
        cacheFile == null ? null : new CellCalibration(cells, sequences, sketchValues);
    TraceProfile traceProfile =
        (rows == null ? Capture.DEFAULT : Capture.KV).profile(prover.rowType());
    CalibrationRun run =
        new CalibrationRun(
            orders(verifier, traceProfile, rows),
            verifier.tokenizer(),
            prover.executor(),
            verifier.executor(),
            Study.AT_ONCE);
    if (rows != null) {
      run = rows.measuring(run);
    }
    CalibrationProfile bare;
    try (Progress progress = output.progress(spec, "honest runs", sequences)) {
      bare =
          run.run(
              sequences,
              anchor.map(CalibrationProfile::id),
              System.currentTimeMillis(),
              done -> progress.step());
    }
    CacheCalibration cache = rows == null ? null : rows.fit(bare, traceProfile);
    CellCalibration.Judge judge = cache == null ? null : new CellCalibration.Judge(cache);
    CalibrationRun judged = judge == null ? run : run.withCacheCheck(judge);
    CalibrationProfile profile =
        bare.with(
            confirmed(run, bare, others),
            power(judged, bare, folder, scratch),
            bare.madeAtMillis());
    List<String> violations =
        anchor
            .map(frozen -> new LooseningRule(step, Study.ALPHA / 100).violations(profile, frozen))
            .orElse(List.of());
    if (!violations.isEmpty()) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "looser than the anchor allows, nothing was written: " + String.join("; ", violations),
          "find out what changed; a new anchor is a decision for people");
    }
    SigningKey calibrator = keys.folder().loadOrCreate(key);
    Path rowsFile = cacheFile;
    if (cache != null && judge != null && rowsFile != null) {
      cache = judge.power(Power.INT4).map(List::of).map(cache::withPower).orElse(cache);
      AtomicFile.write(rowsFile, cache.sign(calibrator, keys.network()).encode());
    }
    AtomicFile.write(file, profile.sign(calibrator, keys.network()).encode());
    report(profile, cache);
    return ExitCode.ACCEPTED;
  }

  private Optional<CalibrationProfile> anchor() throws IOException, MalformedMessageException {
    Path frozen = anchorFile;
    return frozen == null ? Optional.empty() : Optional.of(ProfileView.read(frozen));
  }

  private TrialOrders orders(
      LoadedModel verifier, TraceProfile traceProfile, @Nullable CellCalibration rows) {
    List<Conditions.Regime> regimes =
        temperatures.stream()
            .map(one -> new Conditions.Regime((int) Math.round(one * 1e6), 0, 1_000_000))
            .toList();
    TrialPlan plan =
        new TrialPlan(seed, SHORTEST_PROMPT, longestPrompt, tokens, positions, regimes);
    return new TrialOrders(
        rows == null ? plan : rows.plan(plan),
        verifier.executor().modelDigest(),
        verifier.executor().dimensions(),
        verifier.tokenizer(),
        verifier.eosIds(),
        traceProfile);
  }

  private List<Confirmation> confirmed(
      CalibrationRun run, CalibrationProfile bare, List<LoadedModel> others)
      throws IOException, MalformedMessageException {
    List<Confirmation> confirmations = new ArrayList<>();
    int runs = Math.min(confirmRuns, sequences);
    for (LoadedModel second : others) {
      try (Progress progress = output.progress(spec, "second executor", runs)) {
        confirmations.add(run.confirm(bare, second.executor(), runs, done -> progress.step()));
      }
    }
    return confirmations;
  }

  /** Opens the executors that confirm, before an hour of runs that they could not confirm. */
  private List<LoadedModel> confirming(Path folder, LoadedModel prover) throws IOException {
    List<String> names = confirmBy;
    if (confirmRuns < 1) {
      return List.of();
    }
    if (names == null) {
      boolean full = prover.executor().describe().dtype().equals("F32");
      names = List.of(full ? "descending" : "split-k-fp32");
    }
    List<LoadedModel> opened = new ArrayList<>();
    for (String name : names) {
      LoadedModel one =
          name.equals("libtorch")
              ? LoadedModel.loadTorch(folder, TorchSettings.of(DType.F32))
              : LoadedModel.load(folder, name);
      opened.add(one);
      ExecutionClass runs = one.executor().describe();
      if (runs.isCanonical() || runs.equals(prover.executor().describe())) {
        opened.forEach(LoadedModel::close);
        throw new CommandFailure(
            ExitCode.USAGE,
            "--confirm-by " + name + " is the " + (runs.isCanonical() ? "verifier" : "prover"),
            "a second opinion comes from a third class: descending, split-k-fp32 or libtorch");
      }
    }
    return opened;
  }

  private List<Power> power(CalibrationRun run, CalibrationProfile bare, Path folder, Path scratch)
      throws IOException, MalformedMessageException {
    if (powerRequests < 1) {
      return List.of();
    }
    Path rounded = AlteredWeights.int4Groups(folder, scratch.resolve("int4"));
    try (LoadedModel altered = model.load(rounded);
        Progress progress = output.progress(spec, "4-bit weights", powerRequests)) {
      return List.of(
          run.power(
              ProfileBook.unchecked(bare, Study.ALPHA, Study.BORDERLINE),
              Power.INT4,
              altered.executor(),
              powerRequests,
              done -> progress.step()));
    }
  }

  private void report(CalibrationProfile profile, @Nullable CacheCalibration cache) {
    ObjectNode view = ProfileView.of(profile);
    if (output.json()) {
      if (cache != null) {
        view.set("cache", CellCalibration.view(cache));
      }
      output.print(spec, view);
      return;
    }
    output.say(spec, file + ": calibration " + profile.id());
    output.say(spec, "  prover:   " + profile.prover());
    output.say(spec, "  verifier: " + profile.verifier());
    for (StatisticCalibration one : profile.statistics()) {
      output.say(spec, "  " + ProfileView.line(one));
    }
    if (cache != null) {
      CellCalibration.report(cache, line -> output.say(spec, line));
    }
    output.say(
        spec,
        ProfileBook.inadmissible(profile)
            .map(why -> "NOT admissible: " + why)
            .orElse(
                "admissible; judge with: verillm verify JOB --profile "
                    + file
                    + (cache == null ? "" : " --cache-calibration " + cacheFile)));
  }
}
