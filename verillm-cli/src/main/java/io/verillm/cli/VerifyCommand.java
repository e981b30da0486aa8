package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.compact.SketchCheck;
import io.verillm.cache.matching.CacheBook;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckFinding;
import io.verillm.core.verdict.PolicyFile;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerdictMessage;
import io.verillm.core.verdict.VerdictView;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.ActivationCheck;
import io.verillm.exec.PrefillReplay;
import io.verillm.stats.calibration.ProfileBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Judges jobs from their files. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Judges job folders from their files alone: order, receipt, ack, challenge, opening.",
      "Exit code: that of the worst verdict, rejected before undecided before accepted.",
      "With --tensor: checks an opened region against a commitment to a tensor."
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String VERDICT_FILE = "verdict.cose";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "JOB",
      description = "job folders; with --tensor the file of a commitment")
  private List<Path> jobs;

  @Option(
      names = "--policy",
      description = {
        "JSON file with what you trust; verillm demo writes one to start from.",
        "Without it, for trying out: the loaded model and the beacon key in --keys"
      })
  private @Nullable Path policyFile;

  @Option(
      names = "--largest-miss",
      paramLabel = "DEVIATION=P",
      description =
          "without --policy: how probably the opened rows may miss a deviation; default"
              + " EVERY_TOKEN=1e-6, TENTH_OF_TOKENS=0.5")
  private Map<Deviation, Double> largestMiss = new EnumMap<>(Deviation.class);

  @Option(
      names = "--cache-calibration",
      paramLabel = "FILE",
      description = {
        "signed tolerances of cache rows, for jobs with --capture kv whose class is not canonical;",
        "the policy says whose signatures count; without --policy the key calibrator in --keys"
      })
  private List<Path> cacheCalibrations = List.of();

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = {
        "signed calibration profile, may be repeated; judges provers of its class.",
        "Without --policy its signer must be the key calibrator in --keys"
      })
  private List<Path> profileFiles = new ArrayList<>();

  @Mixin private ModelOption model;
  @Mixin private KeyOption keys;
  @Mixin private OutputOption output;
  @Mixin private TensorFile.Choice choice;
  @Mixin private TensorQuestion question;

  @Option(names = "--opening", paramLabel = "FILE", description = "with --tensor: the opening")
  private @Nullable Path opening;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "with --tensor: safetensors file that must have the opened elements too")
  private @Nullable Path against;

  @Option(
      names = "--insecure",
      description = "with --tensor: accept under a setup whose secret is known")
  private boolean insecure;

  @Option(
      names = "--sign",
      paramLabel = "KEY",
      description = "sign each verdict with this key and write it to JOB/verdict.cose")
  private @Nullable String signer;

  @Option(names = "--no-model", description = "check files and signatures only, never accept")
  private boolean noModel;

  @Option(names = "--cells", description = "with --json, list every compared row")
  private boolean cells;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    if (choice.isTensor()) {
      return tensors();
    }
    CommittedJob committed =
        CommittedJob.isWanted(choice) || jobs.stream().anyMatch(CommittedJob::hasCommitments)
            ? new CommittedJob()
            : null;
    int worst = ExitCode.ACCEPTED;
    try (LoadedModel loaded = noModel ? null : model.load();
        Progress progress = output.progress(spec, "verifying", jobs.size())) {
      VerificationPolicy policy = policy(loaded);
      ReceiptVerifier verifier = ReceiptVerifier.of(policy);
      ReceiptVerifier cacheVerifier = verifier;
      if (loaded != null) {
        ProfileBook profiles = profiles(policy);
        PrefillReplay replay = new PrefillReplay(loaded.executor()).withCalibration(profiles);
        verifier = verifier.withReplay(replay).withTokenizer(loaded.tokenizer());
        cacheVerifier =
            verifier.withReplay(
                replay
                    .withCheck(new ActivationCheck(profiles).leavingCacheRows())
                    .withCheck(new SketchCheck(cacheBook(policy), SketchedJob.kernels())));
      }
      for (Path job : jobs) {
        if (!Files.isDirectory(job)) {
          throw new CommandFailure(
              ExitCode.ENVIRONMENT, "there is no job folder " + job, "verillm prove --help");
        }
        ReceiptVerifier own = Capture.isKv(job) ? cacheVerifier : verifier;
        if (committed != null && loaded != null && checksCommitments(job)) {
          own =
              verifier.withReplay(
                  new PrefillReplay(loaded.executor())
                      .withCalibration(profiles(policy))
                      .withCheck(committed.check(job, loaded.executor().dimensions())));
        }
        Verdict verdict = own.verify(Submission.read(job, policy.maxOpeningBytes() + (1L << 20)));
        progress.step();
        if (signer != null) {
          AtomicFile.write(
              job.resolve(VERDICT_FILE),
              VerdictMessage.sign(verdict, keys.folder().loadOrCreate(signer), policy.networkId())
                  .encode());
        }
        report(job, verdict);
        worst = worse(worst, ExitCode.of(verdict));
      }
    }
    return worst;
  }

  /** A receipt without commitments has nothing to check, unless somebody asked. */
  private boolean checksCommitments(Path job) {
    return CommittedJob.isWanted(choice) || CommittedJob.hasCommitments(job);
  }

  private int tensors() throws IOException, MalformedMessageException {
    Path shown = opening;
    if (shown == null) {
      throw new CommandFailure(
          ExitCode.USAGE, "which opening?", "--opening with the file that verillm open wrote");
    }
    int worst = ExitCode.ACCEPTED;
    for (Path commitment : jobs) {
      worst =
          worse(worst, question.verify(spec, output, choice, commitment, shown, against, insecure));
    }
    return worst;
  }

  private ProfileBook profiles(VerificationPolicy policy)
      throws IOException, MalformedMessageException {
    List<byte[]> messages = new ArrayList<>();
    for (Path file : profileFiles) {
      messages.add(Files.readAllBytes(file));
    }
    return ProfileBook.read(policy, messages);
  }

  private VerificationPolicy policy(@Nullable LoadedModel loaded)
      throws IOException, MalformedMessageException {
    Path file = policyFile;
    if (file != null) {
      if (!largestMiss.isEmpty()) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--largest-miss beside --policy",
            "write it into the policy, as \"largestMiss\"");
      }
      return PolicyFile.read(file);
    }
    if (loaded == null) {
      throw new CommandFailure(
          ExitCode.USAGE, "--no-model needs a policy", "name a policy file with --policy");
    }
    output.say(
        spec,
        "no --policy: trusting the loaded model and the beacon key in " + keys.folder().folder());
    VerificationPolicy.Builder trying = VerificationPolicy.builder(keys.network());
    for (Map.Entry<Deviation, Double> miss : largestMiss.entrySet()) {
      if (!(miss.getValue() >= 0 && miss.getValue() <= 1)) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--largest-miss " + miss.getKey() + "=" + miss.getValue(),
            "a probability from 0 to 1");
      }
      trying.largestMiss(miss.getKey(), miss.getValue());
    }
    if (!profileFiles.isEmpty() || !cacheCalibrations.isEmpty()) {
      trying.trustCalibrator(keys.folder().load("calibrator").verifyingKey());
    }
    return trying
        .trustModel(loaded.executor().modelDigest(), loaded.executor().dimensions())
        .knowProfile(TraceProfile.standard(DType.F32))
        .knowProfile(TraceProfile.standard(DType.BF16))
        .knowProfile(CommittedJob.profile(DType.F32))
        .knowProfile(CommittedJob.profile(DType.BF16))
        .knowProfile(TraceProfile.keysAndValues(DType.F32))
        .knowProfile(TraceProfile.keysAndValues(DType.BF16))
        .admitSource(new VrfRandomness(keys.folder().load("beacon").verifyingKey()))
        .build();
  }

  private CacheBook cacheBook(VerificationPolicy policy) throws IOException {
    if (cacheCalibrations.isEmpty()) {
      return CacheBook.empty();
    }
    List<byte[]> signed = new ArrayList<>();
    for (Path file : cacheCalibrations) {
      signed.add(Files.readAllBytes(file));
    }
    try {
      return CacheBook.read(policy, signed);
    } catch (MalformedMessageException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "a cache calibration cannot be used: " + e.getMessage(),
          "name its calibrator in the policy, or leave it out");
    }
  }

  /** Rejected is worse than undecided, which is worse than accepted. */
  private static int worse(int one, int other) {
    if (one == ExitCode.REJECTED || other == ExitCode.REJECTED) {
      return ExitCode.REJECTED;
    }
    return Math.max(one, other);
  }

  private void report(Path job, Verdict verdict) {
    if (output.json()) {
      ObjectNode line = Json.object();
      line.put("job", job.toString());
      line.setAll(VerdictView.of(verdict));
      if (cells) {
        ArrayNode list = line.putArray("cells");
        for (CellDifference cell : verdict.findings().cells()) {
          list.addObject()
              .put("kind", cell.key().kind().name())
              .put("hook", cell.key().hook().name())
              .put("layer", cell.key().layer())
              .put("position", cell.position())
              .put("unequal", cell.unequal())
              .put("elements", cell.elements());
        }
      }
      output.print(spec, line);
      return;
    }
    String reason = verdict.reasonName();
    output.say(spec, job + ": " + verdict.kind() + (reason.isEmpty() ? "" : " " + reason));
    for (CheckFinding finding : verdict.findings().checks()) {
      output.say(
          spec, "  " + mark(finding.state()) + " " + finding.check() + ": " + finding.statement());
    }
    verdict
        .findings()
        .location()
        .ifPresent(location -> output.say(spec, "  first seen at " + location));
    output.say(spec, "  coverage: " + verdict.findings().coverage());
  }

  private static String mark(CheckFinding.State state) {
    return switch (state) {
      case HELD -> "ok  ";
      case FAILED -> "FAIL";
      case UNDECIDED -> "?   ";
      case NOT_RUN -> "--  ";
    };
  }
}
