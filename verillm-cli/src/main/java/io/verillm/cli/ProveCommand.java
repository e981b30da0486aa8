package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.cache.compact.EvidenceForm;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.Prover;
import io.verillm.exec.SamplingGenerator;
import io.verillm.tensorcommit.trace.CommittingExecutor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers orders as a prover. */
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    description = {
      "Answers the orders in job folders: generates, records, signs.",
      "With --prompt, a folder without an order gets one, signed by the client key."
    })
final class ProveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "JOB", description = "job folders")
  private List<Path> jobs;

  @Mixin private ModelOption model;
  @Mixin private KeyOption keys;
  @Mixin private OutputOption output;

  @Option(
      names = "--scheme",
      description = {
        "kzg: also commit to every row by a KZG point in the trace, and to the last rows",
        "by a Terkle root in the receipt"
      })
  private @Nullable String scheme;

  @Option(names = "--key", defaultValue = "prover", description = "name of the prover's key")
  private String key;

  @Option(
      names = "--capture",
      defaultValue = "default",
      description = {
        "what is committed for every token: default (keys, values and the last block's output) or",
        "kv (keys and values, which a serving engine has in its cache anyway)"
      })
  private String capture;

  @Option(
      names = "--evidence",
      defaultValue = "rows",
      description = {
        "with --capture kv, what is shown of the cells that a challenge draws: rows, or sketches",
        "of them and the rows of a few spots that a second challenge draws; default rows"
      })
  private String evidence;

  @Option(
      names = "--sketch-values",
      defaultValue = "4",
      description = "values per row of a sketch, two bytes each, 1 to 64; default 4")
  private int sketchValues;

  @Option(names = "--prompt", description = "order an answer to this text")
  private @Nullable String prompt;

  @Option(names = "--temperature", defaultValue = "1.0", description = "0 is greedy; default 1.0")
  private double temperature;

  @Option(names = "--top-k", defaultValue = "0", description = "0 keeps all tokens")
  private int topK;

  @Option(names = "--top-p", defaultValue = "1.0", description = "1.0 keeps all tokens")
  private double topP;

  @Option(names = "--max-tokens", defaultValue = "64", description = "default 64")
  private int maxTokens;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    SigningKey prover = keys.folder().loadOrCreate(key);
    ExecutorService hashing =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "hashing");
              thread.setDaemon(true);
              return thread;
            });
    try (LoadedModel loaded = model.load();
        ReceiptJournal journal = ReceiptJournal.open(keys.journal(key), 0)) {
      CommittedJob committed = CommittedJob.isWanted(scheme) ? new CommittedJob() : null;
      Capture captured = Capture.of(capture);
      if (committed != null && captured == Capture.KV) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "--capture kv leaves no place for the rows of --scheme",
            "leave one of them out");
      }
      TraceProfile profile =
          committed == null
              ? captured.profile(loaded.rowType())
              : CommittedJob.profile(loaded.rowType());
      EvidenceForm form = form(captured);
      for (Path job : jobs) {
        order(job, loaded, prover, profile);
      }
      CommittingExecutor committing = committed == null ? null : committed.committing(loaded);
      ModelExecutor executor = committing == null ? loaded.executor() : committing;
      Prover answering =
          new Prover(
                  prover,
                  keys.network(),
                  executor.modelDigest(),
                  new SamplingGenerator(executor, loaded.tokenizer()),
                  loaded.tokenizer(),
                  profile,
                  journal)
              .hashingOn(hashing);
      Optional<CommitKernels> onDevice = model.deviceCommitment(line -> output.say(spec, line));
      if (onDevice.isPresent()) {
        answering = answering.hashingInPlace(onDevice.get());
      }
      if (committing != null) {
        answering = answering.committingTensors(committing::receiptCommitments);
      }
      if (form.kind() != EvidenceForm.Kind.ROWS) {
        answering = answering.committingTensors(trace -> List.of(form.toCommitment()));
      }
      try (Progress progress = output.progress(spec, "answering", jobs.size())) {
        for (Path job : jobs) {
          SignedMessage receipt = answering.answer(job, ignored -> {});
          progress.step();
          report(job, Receipt.decode(receipt.payload()));
        }
      }
    } finally {
      hashing.shutdown();
    }
    return ExitCode.ACCEPTED;
  }

  private EvidenceForm form(Capture captured) {
    if (evidence.equals("rows")) {
      return EvidenceForm.ROWS;
    }
    if (!evidence.equals("sketches") || captured != Capture.KV) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--evidence " + evidence + " with --capture " + capture + " is not known",
          "give rows, or sketches with --capture kv");
    }
    if (sketchValues < 1 || sketchValues > Sketches.MAX_OUTPUTS) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--sketch-values " + sketchValues + " is out of range",
          "give a number from 1 to " + Sketches.MAX_OUTPUTS);
    }
    return new EvidenceForm(EvidenceForm.Kind.SKETCHES, sketchValues, Optional.empty());
  }

  private void order(Path job, LoadedModel loaded, SigningKey prover, TraceProfile profile)
      throws IOException {
    Path file = job.resolve(Submission.ORDER_FILE);
    String text = prompt;
    if (text == null) {
      return;
    }
    if (Files.exists(file)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          job + " already holds an order",
          "leave out --prompt to answer it, or name another folder");
    }
    byte[] request = text.getBytes(StandardCharsets.UTF_8);
    JobOrder order =
        Orders.order(
            prover.verifyingKey(),
            loaded,
            request,
            profile,
            Orders.settings(temperature, topK, topP, 0, maxTokens, loaded.eosIds()));
    Files.createDirectories(job);
    AtomicFile.write(job.resolve(Submission.REQUEST_FILE), request);
    AtomicFile.write(
        file, order.sign(keys.folder().loadOrCreate("client"), keys.network()).encode());
  }

  private void report(Path job, Receipt receipt) throws IOException {
    // An answer may end inside a character; the file has its exact bytes, people see a mark there.
    String text =
        new String(Files.readAllBytes(job.resolve(Prover.RESPONSE_FILE)), StandardCharsets.UTF_8);
    if (output.json()) {
      ObjectNode line = Json.object();
      line.put("job", job.toString());
      line.put("receipt", receipt.digest().toString());
      line.put("outputTokens", receipt.outputTokens());
      line.put("finish", receipt.finish().name());
      line.put("class", receipt.executionClass().toString());
      line.put("capture", Capture.of(capture).name().toLowerCase(Locale.ROOT));
      line.put("text", text);
      output.print(spec, line);
      return;
    }
    output.say(
        spec,
        job
            + ": "
            + receipt.outputTokens()
            + " tokens, receipt "
            + receipt.digest().shortHex()
            + " (number "
            + receipt.position().sequence()
            + ")");
    output.say(spec, "  next: verillm challenge " + job);
  }
}
