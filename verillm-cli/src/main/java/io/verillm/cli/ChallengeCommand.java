package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Acknowledges a receipt and draws a challenge. */
@Command(
    name = "challenge",
    mixinStandardHelpOptions = true,
    description = {
      "Signs an ack for a receipt (client key) and draws a challenge (verifier key)",
      "from VRF randomness (beacon key) that the prover cannot have known. Where the prover has",
      "shown sketches of the cells, acknowledges those and draws from a later round the spots",
      "whose rows must be opened."
    })
final class ChallengeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "JOB", description = "job folders with a receipt")
  private List<Path> jobs;

  @Mixin private KeyOption keys;
  @Mixin private OutputOption output;

  @Option(names = "--positions", defaultValue = "16", description = "positions to open; default 16")
  private int positions;

  @Option(
      names = "--layers",
      defaultValue = "2147483647",
      description = "layers to open at each position; default all")
  private int layers;

  @Option(
      names = "--cells",
      defaultValue = "32",
      description = {
        "for jobs with --capture kv, instead of positions and layers: cells (keys and values of a",
        "position in a layer) to open, more if a tenth of the tokens would be missed too often;",
        "default 32"
      })
  private int cells;

  @Option(
      names = "--spots",
      defaultValue = "1",
      description =
          "where sketches were shown: positions whose rows must be opened; default 1, which shows"
              + " deviations of every position only (verify --largest-miss)")
  private int spots;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "for such jobs: folder of the model; default: the shipped demo model")
  private @Nullable Path model;

  @Option(
      names = "--round",
      defaultValue = "0",
      description = "newest round of randomness that the client has seen; default 0")
  private long round;

  @Override
  public Integer call() throws IOException, MalformedMessageException {
    SigningKey beacon = keys.folder().loadOrCreate("beacon");
    SigningKey client = keys.folder().loadOrCreate("client");
    SigningKey verifier = keys.folder().loadOrCreate("verifier");
    VrfRandomness source = new VrfRandomness(beacon.verifyingKey());
    for (Path job : jobs) {
      SignedMessage order =
          SignedMessage.decode(Files.readAllBytes(job.resolve(Submission.ORDER_FILE)));
      SignedMessage receipt =
          SignedMessage.decode(Files.readAllBytes(job.resolve(Submission.RECEIPT_FILE)));
      Receipt claimed = Receipt.decode(receipt.payload());
      if (SketchedJob.offersSketches(claimed) && SketchedJob.waitsForSpots(job)) {
        SpotChallenge second =
            SketchedJob.drawSpots(job, client, verifier, beacon, keys.network(), round, spots);
        report(job, second);
        continue;
      }
      Optional<CellDraw> drawn =
          Capture.isKv(job) ? Optional.of(CellDraw.of(claimed, model, cells)) : Optional.empty();
      ReceiptAck ack = new ReceiptAck(receipt.id(), source.id(), round);
      RandomnessValue value = VrfRandomness.evaluate(beacon, ack.challengeRound());
      Challenge challenge =
          new Challenge(
              order.id(),
              receipt.id(),
              Optional.of(ack.digest()),
              value,
              drawn.map(CellDraw::plan).orElse(new ChallengePlan(positions, layers)));
      AtomicFile.write(job.resolve(Submission.ACK_FILE), ack.sign(client, keys.network()).encode());
      AtomicFile.write(
          job.resolve(Submission.CHALLENGE_FILE),
          challenge.sign(verifier, keys.network()).encode());
      if (output.json()) {
        ObjectNode line =
            Json.object()
                .put("job", job.toString())
                .put("challenge", challenge.digest().toString())
                .put("round", ack.challengeRound())
                .put("positions", challenge.plan().positions());
        drawn.ifPresent(draw -> draw.report(line));
        output.print(spec, line);
      } else {
        output.say(spec, job + ": challenge " + challenge.digest().shortHex());
        drawn.ifPresent(draw -> draw.report(text -> output.say(spec, "  " + text)));
        output.say(spec, "  next: verillm open " + job);
      }
    }
    return ExitCode.ACCEPTED;
  }

  private void report(Path job, SpotChallenge second) {
    if (output.json()) {
      output.print(
          spec,
          Json.object()
              .put("job", job.toString())
              .put("spotChallenge", second.digest().toString())
              .put("round", second.randomness().round())
              .put("spots", second.spots()));
      return;
    }
    output.say(spec, job + ": " + second.spots() + " spots among the sketches");
    output.say(spec, "  next: verillm open " + job);
  }
}
