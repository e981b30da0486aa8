package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.TraceFile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.Prover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Opens what a challenge drew, as the prover. */
@Command(
    name = "open",
    mixinStandardHelpOptions = true,
    description = {
      "Opens the rows that a challenge drew, signed by the prover's key; with --scheme kzg the",
      "receipt's tensor root at the same rows too. Where the receipt offers sketches: signs those",
      "of the drawn cells, and after the second challenge opens the rows of its spots. An opening discloses prompt and answer to",
      "whoever holds it. With --tensor: opens a region of a tensor of a safetensors file."
    })
final class OpenCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "JOB",
      description = "job folders with a challenge; with --tensor a safetensors file")
  private List<Path> jobs;

  @Mixin private KeyOption keys;
  @Mixin private OutputOption output;
  @Mixin private TensorFile.Choice choice;
  @Mixin private TensorQuestion question;

  @Option(names = "--out", description = "with --tensor: default FILE.NAME.opening")
  private @Nullable Path out;

  @Option(names = "--key", defaultValue = "prover", description = "name of the prover's key")
  private String key;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    if (choice.isTensor()) {
      for (Path file : jobs) {
        question.open(spec, output, choice, file, out);
      }
      return ExitCode.ACCEPTED;
    }
    CommittedJob committed = CommittedJob.isWanted(choice) ? new CommittedJob() : null;
    SigningKey prover = keys.folder().load(key);
    VrfRandomness source = new VrfRandomness(keys.folder().load("beacon").verifyingKey());
    for (Path job : jobs) {
      if (SketchedJob.offersSketches(receipt(job))) {
        report(job, SketchedJob.open(job, prover, keys.network(), source));
        continue;
      }
      byte[] opening = open(job, prover, keys.network(), source);
      AtomicFile.write(job.resolve(Submission.OPENING_FILE), opening);
      int root = committed == null ? 0 : committed.open(job, opening);
      if (output.json()) {
        ObjectNode line = Json.object();
        line.put("job", job.toString()).put("openingBytes", opening.length);
        if (committed != null) {
          line.put("tensorOpeningBytes", root);
        }
        output.print(spec, line);
      } else {
        output.say(spec, job + ": opening of " + opening.length + " bytes");
        if (committed != null) {
          output.say(
              spec, "  " + CommittedJob.OPENING_FILE + ": the receipt's root, " + root + " bytes");
        }
        output.say(spec, "  next: verillm verify " + job);
      }
    }
    return ExitCode.ACCEPTED;
  }

  private void report(Path job, SketchedJob.Opened opened) {
    if (output.json()) {
      output.print(
          spec,
          Json.object()
              .put("job", job.toString())
              .put("file", opened.file())
              .put(opened.finished() ? "openingBytes" : "sketchBytes", opened.bytes()));
      return;
    }
    output.say(spec, job + ": " + opened.file() + " of " + opened.bytes() + " bytes");
    output.say(
        spec,
        opened.finished()
            ? "  next: verillm verify " + job
            : "  next: verillm challenge " + job + ", which draws spots among the sketches");
  }

  private static Receipt receipt(Path job) throws IOException, MalformedMessageException {
    return Receipt.decode(
        SignedMessage.decode(Files.readAllBytes(job.resolve(Submission.RECEIPT_FILE))).payload());
  }

  static byte[] open(Path job, SigningKey prover, String network, VrfRandomness source)
      throws IOException, MalformedMessageException {
    Receipt receipt = receipt(job);
    Challenge challenge =
        Challenge.decode(
            SignedMessage.decode(Files.readAllBytes(job.resolve(Submission.CHALLENGE_FILE)))
                .payload());
    Answer answer = Answer.decode(Files.readAllBytes(job.resolve(Prover.ANSWER_FILE)));
    TraceFile trace = TraceFile.open(job.resolve(Prover.TRACE_FILE));
    return Opening.of(challenge, source, receipt, answer, trace).sign(prover, network).encode();
  }
}
