package io.verillm.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.PolicyFile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Prover;
import io.verillm.exec.SamplingGenerator;
import io.verillm.testkit.BorrowedTrace;
import io.verillm.testkit.DeviatingProver;
import io.verillm.testkit.FlippedByte;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The main job on the demo model: a client orders, provers answer, a verifier judges from files.
 *
 * <p>The honest provers and the verifier run in processes of their own; the deviating provers run
 * here, since what they do is the testkit's.
 */
final class DemoRun {
  static final String NETWORK = "demo";
  static final String HONEST = "honest";
  static final String FOREIGN = "honest-foreign";
  private static final double TEMPERATURE = 0.8;
  static final List<String> PROMPTS =
      List.of("In the beginning", "And it came to pass", "The LORD said unto Moses");

  /** What is expected of a prover's answers. */
  enum Expectation {
    ACCEPTED,
    NOT_REJECTED,
    REJECTED
  }

  /**
   * One answer to judge.
   *
   * @param prompt index into {@link #PROMPTS}
   * @param reason the reason expected of a rejection; empty otherwise
   */
  record Job(
      String prover,
      String description,
      int prompt,
      Path folder,
      Expectation expectation,
      String reason) {}

  private final Path out;
  private final KeyFolder keys;
  private final int tokens;
  private final int positions;
  private final Progress progress;
  private final TraceProfile profile = TraceProfile.standard(DType.F32);
  private final List<Job> jobs = new ArrayList<>();
  private List<Path> profiles = List.of();

  DemoRun(Path out, int tokens, int positions, Progress progress) {
    this.out = out;
    this.keys = new KeyFolder(out.resolve("keys"));
    this.tokens = tokens;
    this.positions = positions;
    this.progress = progress;
  }

  List<Job> jobs() {
    return List.copyOf(jobs);
  }

  Path modelFolder() {
    return out.resolve("models/demo");
  }

  Path policyFile() {
    return out.resolve("policy.json");
  }

  /** Runs everything and returns the verifier's verdicts, one JSON object per job. */
  List<JsonNode> run() throws IOException, MalformedMessageException {
    DemoModel.MAIN.copyTo(modelFolder());
    profiles = DemoCalibration.copyTo(out);
    Path sibling = DemoModel.SIBLING.copyTo(out.resolve("models/sibling"));
    try (LoadedModel model = LoadedModel.load(modelFolder(), "canonical")) {
      writePolicy(model);
      honest(model, HONEST, "the ordered model in canonical arithmetic", "canonical");
      honest(
          model,
          FOREIGN,
          "the ordered model, products split in four and rounded to bf16",
          "split-k");
      deviating(model, sibling);
      replayed(model);
      borrowed(model);
    }
    challengeAll();
    flipped();
    return verify();
  }

  private void writePolicy(LoadedModel model) throws IOException, MalformedMessageException {
    AtomicFile.write(
        policyFile(),
        PolicyFile.format(
                NETWORK,
                Map.of(model.executor().modelDigest(), model.executor().dimensions()),
                List.of(profile),
                List.of(keys.loadOrCreate("beacon").verifyingKey()),
                List.of(),
                DemoCalibration.signers(),
                Map.of(Deviation.TENTH_OF_TOKENS, 0.2))
            .getBytes(StandardCharsets.UTF_8));
  }

  private Job order(
      LoadedModel model,
      String prover,
      String description,
      int prompt,
      String folder,
      Expectation expectation,
      String reason)
      throws IOException {
    Path job = out.resolve("jobs").resolve(folder);
    Files.createDirectories(job);
    byte[] request = PROMPTS.get(prompt).getBytes(StandardCharsets.UTF_8);
    JobOrder order =
        Orders.order(
            keys.loadOrCreate(prover).verifyingKey(),
            model,
            request,
            profile,
            // Exactly as many tokens as asked for: an answer that ends by itself before a deviation
            // begins would be an honest one.
            Orders.settings(TEMPERATURE, 0, 1.0, tokens, tokens, model.eosIds()));
    AtomicFile.write(job.resolve(Submission.REQUEST_FILE), request);
    AtomicFile.write(
        job.resolve(Submission.ORDER_FILE),
        order.sign(keys.loadOrCreate("client"), NETWORK).encode());
    return new Job(prover, description, prompt, job, expectation, reason);
  }

  private void honest(LoadedModel model, String prover, String description, String arithmetic)
      throws IOException {
    Expectation expectation =
        prover.equals(HONEST) ? Expectation.ACCEPTED : Expectation.NOT_REJECTED;
    List<String> arguments = new ArrayList<>(List.of("prove"));
    for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
      Job job =
          order(model, prover, description, prompt, prover + "-" + (prompt + 1), expectation, "");
      jobs.add(job);
      arguments.add(job.folder().toString());
    }
    arguments.addAll(
        List.of(
            "--model",
            modelFolder().toString(),
            "--keys",
            keys.folder().toString(),
            "--key",
            prover,
            "--network",
            NETWORK,
            "--arithmetic",
            arithmetic,
            "--json"));
    ChildJvm.run(out.resolve(prover + ".log"), arguments);
    progress.step();
  }

  private void deviating(LoadedModel model, Path sibling)
      throws IOException, MalformedMessageException {
    List<LoadedModel> opened = new ArrayList<>();
    try {
      List<DeviatingProver> provers =
          DeviatingProver.all(
              modelFolder(),
              sibling,
              out.resolve("models"),
              model.tokenizer(),
              folder -> {
                LoadedModel loaded = LoadedModel.load(folder, "canonical");
                opened.add(loaded);
                return loaded.executor();
              });
      for (DeviatingProver deviating : provers) {
        for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
          Job job =
              order(
                  model,
                  deviating.name(),
                  deviating.description(),
                  prompt,
                  deviating.name() + "-" + (prompt + 1),
                  Expectation.REJECTED,
                  deviating.expected().name());
          answer(model, deviating.name(), deviating.generator(), job.folder());
          jobs.add(job);
        }
        progress.step();
      }
    } finally {
      opened.forEach(LoadedModel::close);
    }
  }

  private void answer(LoadedModel model, String prover, AnswerGenerator generator, Path folder)
      throws IOException, MalformedMessageException {
    try (ReceiptJournal journal =
        ReceiptJournal.open(keys.folder().resolve(prover + ".journal"), 0)) {
      new Prover(
              keys.load(prover),
              NETWORK,
              model.executor().modelDigest(),
              generator,
              model.tokenizer(),
              profile,
              journal)
          .answer(folder, ignored -> {});
    }
  }

  /** Old answers handed in again: for the same prompt ordered anew, and for another prompt. */
  private void replayed(LoadedModel model) throws IOException, MalformedMessageException {
    AnswerGenerator generator = new SamplingGenerator(model.executor(), model.tokenizer());
    for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
      String name = "replayed-receipt";
      Job first =
          order(model, name, "", prompt, name + "-old-" + (prompt + 1), Expectation.ACCEPTED, "");
      answer(model, name, generator, first.folder());
      jobs.add(
          handIn(
              first,
              order(
                  model,
                  name,
                  "hands in its receipt of an earlier order for the same prompt",
                  prompt,
                  name + "-" + (prompt + 1),
                  Expectation.REJECTED,
                  "ORDER_MISMATCH")));
      int other = (prompt + 1) % PROMPTS.size();
      jobs.add(
          handIn(
              first,
              order(
                  model,
                  name,
                  "hands in its receipt of an order for another prompt",
                  other,
                  "other-order-" + (other + 1),
                  Expectation.REJECTED,
                  "ORDER_MISMATCH"),
              "other-order"));
    }
    progress.step();
  }

  private static Job handIn(Job old, Job now) throws IOException {
    return handIn(old, now, now.prover());
  }

  private static Job handIn(Job old, Job now, String shownAs) throws IOException {
    for (String file :
        List.of(
            Submission.RECEIPT_FILE, Prover.TRACE_FILE, Prover.ANSWER_FILE, Prover.RESPONSE_FILE)) {
      Files.copy(old.folder().resolve(file), now.folder().resolve(file));
    }
    return new Job(
        shownAs, now.description(), now.prompt(), now.folder(), now.expectation(), now.reason());
  }

  /** The honest prover's trace under another prover's receipt. */
  private void borrowed(LoadedModel model) throws IOException, MalformedMessageException {
    String name = "borrowed-trace";
    SigningKey thief = keys.loadOrCreate(name);
    for (int prompt = 0; prompt < PROMPTS.size(); prompt++) {
      Job job =
          order(
              model,
              name,
              "signs its own receipt over the honest prover's trace",
              prompt,
              name + "-" + (prompt + 1),
              Expectation.REJECTED,
              "TRACE_ID_MISMATCH");
      Path lender = out.resolve("jobs").resolve(HONEST + "-" + (prompt + 1));
      JobOrder order = JobOrder.decode(message(job.folder(), Submission.ORDER_FILE).payload());
      Receipt lent = Receipt.decode(message(lender, Submission.RECEIPT_FILE).payload());
      Answer answer = Answer.decode(Files.readAllBytes(lender.resolve(Prover.ANSWER_FILE)));
      Receipt receipt =
          BorrowedTrace.receipt(
              thief, order, lent, answer, new ChainPosition(0, prompt, ChainPosition.NONE));
      Files.copy(lender.resolve(Prover.TRACE_FILE), job.folder().resolve(Prover.TRACE_FILE));
      Files.copy(lender.resolve(Prover.ANSWER_FILE), job.folder().resolve(Prover.ANSWER_FILE));
      AtomicFile.write(
          job.folder().resolve(Submission.RECEIPT_FILE), receipt.sign(thief, NETWORK).encode());
      jobs.add(job);
    }
    progress.step();
  }

  private static SignedMessage message(Path folder, String file)
      throws IOException, MalformedMessageException {
    return SignedMessage.decode(Files.readAllBytes(folder.resolve(file)));
  }

  /** The client acknowledges, the beacon's round is drawn, the verifier asks, the prover opens. */
  private void challengeAll() throws IOException, MalformedMessageException {
    SigningKey beacon = keys.load("beacon");
    SigningKey client = keys.load("client");
    SigningKey verifier = keys.loadOrCreate("verifier");
    VrfRandomness source = new VrfRandomness(beacon.verifyingKey());
    long round = 0;
    for (Job job : jobs) {
      Path folder = job.folder();
      SignedMessage order = message(folder, Submission.ORDER_FILE);
      SignedMessage receipt = message(folder, Submission.RECEIPT_FILE);
      ReceiptAck ack = new ReceiptAck(receipt.id(), source.id(), round++);
      Challenge challenge =
          new Challenge(
              order.id(),
              receipt.id(),
              Optional.of(ack.digest()),
              VrfRandomness.evaluate(beacon, ack.challengeRound()),
              new ChallengePlan(positions, Integer.MAX_VALUE));
      AtomicFile.write(folder.resolve(Submission.ACK_FILE), ack.sign(client, NETWORK).encode());
      AtomicFile.write(
          folder.resolve(Submission.CHALLENGE_FILE), challenge.sign(verifier, NETWORK).encode());
      SigningKey prover = keys.load(signerOf(job));
      AtomicFile.write(
          folder.resolve(Submission.OPENING_FILE),
          OpenCommand.open(folder, prover, NETWORK, source));
    }
    progress.step();
  }

  private static String signerOf(Job job) {
    return job.prover().equals("other-order") ? "replayed-receipt" : job.prover();
  }

  /** One flipped byte in every part of what a prover delivers. */
  private void flipped() throws IOException, MalformedMessageException {
    Path source = out.resolve("jobs").resolve(HONEST + "-1");
    byte[] receipt = Files.readAllBytes(source.resolve(Submission.RECEIPT_FILE));
    byte[] opening = Files.readAllBytes(source.resolve(Submission.OPENING_FILE));
    flip(source, "receipt-header", Submission.RECEIPT_FILE, FlippedByte.at(receipt, 3), "");
    flip(
        source,
        "receipt-payload",
        Submission.RECEIPT_FILE,
        FlippedByte.at(receipt, receipt.length / 2),
        "BAD_SIGNATURE");
    flip(
        source,
        "receipt-signature",
        Submission.RECEIPT_FILE,
        FlippedByte.at(receipt, -1),
        "BAD_SIGNATURE");
    flip(source, "opening-header", Submission.OPENING_FILE, FlippedByte.at(opening, 3), "");
    flip(
        source,
        "opening-payload",
        Submission.OPENING_FILE,
        FlippedByte.at(opening, opening.length / 2),
        "BAD_SIGNATURE");
    flip(
        source,
        "opening-signature",
        Submission.OPENING_FILE,
        FlippedByte.at(opening, -1),
        "BAD_SIGNATURE");

    // The prover itself changes what it opens and signs that: only the commitment can tell.
    SigningKey prover = keys.load(HONEST);
    Opening decoded = Opening.decode(SignedMessage.decode(opening).payload());
    var position = decoded.trace().positions().get(0);
    var row = position.rows().get(0);
    var node = decoded.trace().logProof().nodes().get(0);
    Map<String, byte[]> parts = new LinkedHashMap<>();
    parts.put("signed-row", row.data());
    parts.put("signed-salt", row.salts());
    parts.put("signed-path", node.toByteArray());
    for (Map.Entry<String, byte[]> part : parts.entrySet()) {
      byte[] changed = FlippedByte.resigned(opening, part.getValue(), prover, NETWORK);
      flip(source, part.getKey(), Submission.OPENING_FILE, changed, "BAD_PATH");
    }
    flip(
        source,
        "signed-response",
        Submission.OPENING_FILE,
        FlippedByte.resigned(opening, decoded.answer().response(), prover, NETWORK),
        "DIGEST_MISMATCH");
    progress.step();
  }

  private void flip(Path source, String part, String file, byte[] bytes, String reason)
      throws IOException {
    Path folder = out.resolve("jobs").resolve("flipped-" + part);
    Folders.copyFiles(source, folder);
    AtomicFile.write(folder.resolve(file), bytes);
    jobs.add(
        new Job(
            "flipped-" + part,
            "one byte flipped in the " + part.replace('-', ' '),
            0,
            folder,
            Expectation.REJECTED,
            reason));
  }

  private List<JsonNode> verify() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("verify"));
    jobs.forEach(job -> arguments.add(job.folder().toString()));
    arguments.addAll(
        List.of(
            "--policy",
            policyFile().toString(),
            "--model",
            modelFolder().toString(),
            "--json",
            "--cells"));
    for (Path file : profiles) {
      arguments.addAll(List.of("--profile", file.toString()));
    }
    List<JsonNode> verdicts = new ArrayList<>();
    for (String line : ChildJvm.run(out.resolve("verifier.log"), arguments)) {
      verdicts.add(Json.MAPPER.readTree(line));
    }
    if (verdicts.size() != jobs.size()) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the verifier judged " + verdicts.size() + " of " + jobs.size() + " answers",
          "see " + out.resolve("verifier.log"));
    }
    progress.step();
    return verdicts;
  }
}
