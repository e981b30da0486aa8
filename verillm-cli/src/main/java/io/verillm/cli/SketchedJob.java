package io.verillm.cli;

import io.verillm.cache.compact.EvidenceForm;
import io.verillm.cache.compact.SketchKernel;
import io.verillm.cache.compact.SketchOpening;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.spi.ComparisonKernels;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.trace.TraceFile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.Prover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The second round of a job whose receipt offers sketches of cache rows. Its files come one after
 * the other: challenge, sketches, ack of the sketches with the spots that a later round drew, and
 * the opening of the spots.
 */
final class SketchedJob {
  private SketchedJob() {}

  static boolean offersSketches(Receipt receipt) throws MalformedMessageException {
    return EvidenceForm.of(receipt).kind() == EvidenceForm.Kind.SKETCHES;
  }

  static ComparisonKernels kernels() {
    return KernelSelection.load().require("java").comparison();
  }

  private static SignedMessage read(Path job, String file)
      throws IOException, MalformedMessageException {
    return SignedMessage.decode(Files.readAllBytes(job.resolve(file)));
  }

  /** Whether sketches of the folder's own challenge wait for spots. */
  static boolean waitsForSpots(Path job) throws IOException, MalformedMessageException {
    return Files.exists(job.resolve(Submission.SKETCHES_FILE))
        && Files.exists(job.resolve(Submission.CHALLENGE_FILE))
        && Sketches.decode(read(job, Submission.SKETCHES_FILE).payload())
            .challenge()
            .equals(Challenge.decode(read(job, Submission.CHALLENGE_FILE).payload()).digest());
  }

  /** Acknowledges the sketches and draws spots among them. */
  static SpotChallenge drawSpots(
      Path job,
      SigningKey client,
      SigningKey verifier,
      SigningKey beacon,
      String network,
      long round,
      int count)
      throws IOException, MalformedMessageException {
    if (count < 1 || count > SpotChallenge.MAX_SPOTS) {
      throw new CommandFailure(
          ExitCode.USAGE, "--spots " + count + " is out of range", "give a number from 1 on");
    }
    Challenge first = Challenge.decode(read(job, Submission.CHALLENGE_FILE).payload());
    SignedMessage sketches = read(job, Submission.SKETCHES_FILE);
    // Who signed the sketches knew the challenge's round, so the client has seen it too.
    long seen = Math.max(round, first.randomness().round());
    ReceiptAck ack =
        new ReceiptAck(sketches.id(), new VrfRandomness(beacon.verifyingKey()).id(), seen);
    RandomnessValue value = VrfRandomness.evaluate(beacon, ack.challengeRound());
    SpotChallenge spots = new SpotChallenge(sketches.id(), ack.digest(), value, count);
    AtomicFile.write(job.resolve(Submission.SKETCH_ACK_FILE), ack.sign(client, network).encode());
    AtomicFile.write(job.resolve(Submission.SPOTS_FILE), spots.sign(verifier, network).encode());
    return spots;
  }

  /** What a prover wrote: sketches, or the whole rows of the spots. */
  record Opened(String file, int bytes, boolean finished) {}

  /** Shows sketches, or opens the spots if they were drawn among the sketches of this challenge. */
  static Opened open(Path job, SigningKey prover, String network, VrfRandomness source)
      throws IOException, MalformedMessageException {
    Receipt receipt = Receipt.decode(read(job, Submission.RECEIPT_FILE).payload());
    Challenge challenge = Challenge.decode(read(job, Submission.CHALLENGE_FILE).payload());
    TraceFile trace = TraceFile.open(job.resolve(Prover.TRACE_FILE));
    if (waitsForSpots(job) && Files.exists(job.resolve(Submission.SPOTS_FILE))) {
      Sketches shown = Sketches.decode(read(job, Submission.SKETCHES_FILE).payload());
      SpotChallenge spots = SpotChallenge.decode(read(job, Submission.SPOTS_FILE).payload());
      Answer answer = Answer.decode(Files.readAllBytes(job.resolve(Prover.ANSWER_FILE)));
      byte[] opening =
          Opening.ofSpots(challenge, shown, spots, source, receipt, answer, trace)
              .sign(prover, network)
              .encode();
      AtomicFile.write(job.resolve(Submission.OPENING_FILE), opening);
      return new Opened(Submission.OPENING_FILE, opening.length, true);
    }
    Digest32 value =
        source
            .check(challenge.randomness())
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitCode.ENVIRONMENT,
                        "the challenge's randomness does not hold",
                        "verillm challenge " + job));
    SketchKernel kernel =
        new SketchKernel(kernels(), value, receipt.digest(), EvidenceForm.of(receipt).parameter());
    int committed = receipt.promptTokens() + receipt.outputTokens() - 1;
    byte[] sketches =
        SketchOpening.of(
                challenge.digest(), kernel, trace, challenge.draw(value, trace.layout(), committed))
            .message()
            .sign(prover, network)
            .encode();
    AtomicFile.write(job.resolve(Submission.SKETCHES_FILE), sketches);
    return new Opened(Submission.SKETCHES_FILE, sketches.length, false);
  }
}
