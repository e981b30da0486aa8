package io.verillm.cli;

import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.Models;
import io.verillm.exec.UnusableModelException;
import io.verillm.exec.calibration.CalibrationRun;
import io.verillm.exec.calibration.TrialOrders;
import io.verillm.exec.calibration.TrialPlan;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Conditions;
import io.verillm.stats.calibration.ProfileBook;
import io.verillm.testkit.study.StudyClass;
import io.verillm.testkit.study.StudyProver;
import io.verillm.testkit.study.StudyRun;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** The machinery of {@code study}: one class of prover, judged by canonical arithmetic. */
final class Study implements AutoCloseable {
  /** Sampling settings that are calibrated, in equal shares. */
  static final List<Conditions.Regime> REGIMES =
      List.of(regime(1_000_000), regime(800_000), regime(0));

  /** The settings that deviations are measured at. */
  static final List<Conditions.Regime> ORDERED = List.of(regime(1_000_000));

  static final int AT_ONCE = 32;
  static final double ALPHA = 1e-5;
  static final double BORDERLINE = 1e-3;

  private final StudyClass studied;
  private final int outputTokens;
  private final Path model;
  private final Path sibling;
  private final Path scratch;
  private final Models.LoadedModel verifier;
  private final TraceProfile traceProfile = TraceProfile.standard(DType.F32);

  Study(StudyClass studied, Path model, Path sibling, Path scratch, int outputTokens)
      throws IOException {
    this.studied = studied;
    this.outputTokens = outputTokens;
    this.model = model;
    this.sibling = sibling;
    this.scratch = scratch;
    this.verifier = load(model, CanonicalKernels.singleThreaded());
    Files.createDirectories(scratch);
  }

  private static Conditions.Regime regime(int temperatureMicros) {
    return new Conditions.Regime(temperatureMicros, 0, 1_000_000);
  }

  private static Models.LoadedModel load(Path folder, ArithmeticKernels kernels)
      throws IOException {
    try {
      return Models.load(folder, kernels);
    } catch (UnusableModelException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          folder + ": " + e.getMessage(),
          "supported are Hugging Face folders of the Llama family: llama, mistral, qwen2, qwen3");
    }
  }

  Models.LoadedModel verifier() {
    return verifier;
  }

  /** What an honest prover of this study records. */
  ExecutionClass proverClass() throws IOException {
    try (Models.LoadedModel prover = load(model, studied.kernels())) {
      return prover.executor().describe();
    }
  }

  /** The orders of a trial of this model. */
  TrialOrders orders(String seed, List<Conditions.Regime> regimes) {
    return new TrialOrders(
        new TrialPlan(seed, 4, 8, outputTokens, 20, regimes),
        verifier.executor().modelDigest(),
        verifier.executor().dimensions(),
        verifier.tokenizer(),
        verifier.executor().config().eosTokenIds(),
        traceProfile);
  }

  /** Makes a profile from honest runs in this process. */
  CalibrationProfile calibrate(
      int sequences, Optional<CalibrationProfile> anchor, IntConsumer progress)
      throws IOException, MalformedMessageException {
    try (Models.LoadedModel prover = load(model, studied.kernels())) {
      return run(prover).run(sequences, anchor.map(CalibrationProfile::id), 0, progress);
    }
  }

  /** The runs that calibrate, for confirming them. */
  CalibrationRun run(Models.LoadedModel prover) {
    return new CalibrationRun(
        orders("calibration 1", REGIMES),
        verifier.tokenizer(),
        prover.executor(),
        verifier.executor(),
        AT_ONCE);
  }

  /** Runs one prover in a process of its own and judges what it sends. */
  List<StudyRun.Judged> judge(
      StudyProver.Kind kind, CalibrationProfile profile, int requests, IntConsumer progress)
      throws IOException {
    TrialOrders orders =
        orders("study " + kind.id() + " 1", kind == StudyProver.Kind.HONEST ? REGIMES : ORDERED);
    ProfileBook book = ProfileBook.unchecked(profile, ALPHA, BORDERLINE);
    List<String> arguments =
        new ArrayList<>(List.of("study-prover", kind.id(), "--class", studied.id()));
    arguments.addAll(List.of("--model", model.toString()));
    arguments.addAll(List.of("--sibling", sibling.toString()));
    arguments.addAll(List.of("--scratch", scratch.resolve(kind.id()).toString()));
    arguments.addAll(List.of("--digest", orders.model().toString()));
    arguments.addAll(
        List.of("--key-seed", HexFormat.of().formatHex(orders.proverSeed().toByteArray())));
    arguments.addAll(
        List.of("--beacon", HexFormat.of().formatHex(orders.beaconKey().toByteArray())));
    arguments.addAll(List.of("--at-once", String.valueOf(AT_ONCE)));
    Process process = ChildJvm.start(scratch.resolve(kind.id() + ".log"), arguments);
    try (DataInputStream from = new DataInputStream(process.getInputStream());
        DataOutputStream to = new DataOutputStream(process.getOutputStream())) {
      return new StudyRun(orders, verifier.executor(), book, AT_ONCE)
          .run(requests, from, to, progress);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the prover " + kind.id() + " stopped: " + e.getMessage(),
          "see " + scratch.resolve(kind.id() + ".log"));
    } finally {
      process.destroy();
    }
  }

  @Override
  public void close() {
    verifier.close();
  }
}
