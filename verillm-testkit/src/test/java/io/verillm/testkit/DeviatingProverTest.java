package io.verillm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceFile;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.Prover;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.UnusableModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every deviation on the demo model: the right reason, at the place where it begins. */
class DeviatingProverTest {
  private static final String NETWORK = "test";
  private static final SigningKey CLIENT = key(1);
  private static final SigningKey PROVER = key(2);
  private static final SigningKey VERIFIER = key(3);
  private static final SigningKey BEACON = key(4);
  private static final TraceProfile PROFILE = TraceProfile.standard(DType.F32);
  private static final int TOKENS = 24;

  @TempDir static Path scratch;

  private static Models.LoadedModel model;
  private static List<DeviatingProver> provers;
  private static int jobs;

  private static SigningKey key(int fill) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) fill);
    return SigningKey.fromSeed(seed);
  }

  @BeforeAll
  static void load() throws Exception {
    Path folder = DemoModel.MAIN.copyTo(scratch.resolve("model"));
    Path sibling = DemoModel.SIBLING.copyTo(scratch.resolve("sibling"));
    model = Models.load(folder);
    provers =
        DeviatingProver.all(
            folder,
            sibling,
            scratch,
            model.tokenizer(),
            path -> {
              try {
                return Models.load(path).executor();
              } catch (UnusableModelException e) {
                throw new IOException(e);
              }
            });
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static DeviatingProver named(String name) {
    return provers.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  /** Runs the whole pipeline through files; everything is opened. */
  private static Verdict judge(AnswerGenerator generator) throws Exception {
    Path job = Files.createDirectories(scratch.resolve("job" + jobs++));
    byte[] request = "And it came to pass".getBytes(StandardCharsets.UTF_8);
    TokenIds prompt =
        TokenIds.of(model.tokenizer().promptPrefix())
            .concat(TokenIds.of(model.tokenizer().encode("And it came to pass", false)));
    JobOrder order =
        new JobOrder(
            PROVER.verifyingKey(),
            model.executor().modelDigest(),
            model.tokenizer().digest(),
            Digest32.sha256(),
            Digest32.sha256(request),
            prompt,
            SamplingManifest.builder(TOKENS)
                .temperatureMicros(SamplingManifest.ONE)
                .eosIds(List.of(1))
                .build(),
            PROFILE.digest(),
            EvidenceLevel.CACHE,
            // A fixed nonce fixes the seed and with it every token of this test.
            Digest32.sha256(new byte[] {42}),
            Optional.empty(),
            0);
    Files.write(job.resolve(Submission.REQUEST_FILE), request);
    Files.write(job.resolve(Submission.ORDER_FILE), order.sign(CLIENT, NETWORK).encode());
    Receipt receipt;
    try (ReceiptJournal journal = ReceiptJournal.open(job.resolve("journal"), 0)) {
      SignedMessage signed =
          new Prover(
                  PROVER,
                  NETWORK,
                  model.executor().modelDigest(),
                  generator,
                  model.tokenizer(),
                  PROFILE,
                  journal)
              .answer(job, tokens -> {});
      receipt = Receipt.decode(signed.payload());
    }
    VrfRandomness source = new VrfRandomness(BEACON.verifyingKey());
    ReceiptAck ack = new ReceiptAck(receipt.digest(), source.id(), 5);
    Challenge challenge =
        new Challenge(
            order.digest(),
            receipt.digest(),
            Optional.of(ack.digest()),
            VrfRandomness.evaluate(BEACON, 7),
            ChallengePlan.EVERYTHING);
    Files.write(job.resolve(Submission.ACK_FILE), ack.sign(CLIENT, NETWORK).encode());
    Files.write(job.resolve(Submission.CHALLENGE_FILE), challenge.sign(VERIFIER, NETWORK).encode());
    Opening opening =
        Opening.of(
            challenge,
            source,
            receipt,
            Answer.decode(Files.readAllBytes(job.resolve(Prover.ANSWER_FILE))),
            TraceFile.open(job.resolve(Prover.TRACE_FILE)));
    Files.write(job.resolve(Submission.OPENING_FILE), opening.sign(PROVER, NETWORK).encode());
    VerificationPolicy policy =
        VerificationPolicy.builder(NETWORK)
            .trustModel(model.executor().modelDigest(), model.executor().dimensions())
            .knowProfile(PROFILE)
            .admitSource(source)
            .build();
    return ReceiptVerifier.of(policy)
        .withReplay(new PrefillReplay(model.executor()))
        .withTokenizer(model.tokenizer())
        .verify(Submission.read(job, 1 << 26));
  }

  private static void assertRejected(String name, OptionalInt layer, int position)
      throws Exception {
    DeviatingProver prover = named(name);
    Verdict verdict = judge(prover.generator());
    assertThat(verdict).as(name).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) verdict).reason()).as(name).isEqualTo(prover.expected());
    assertThat(verdict.findings().attributable()).as(name).isTrue();
    assertThat(verdict.findings().location()).contains(new Location(layer, position));
  }

  private static int promptLength() {
    return model.tokenizer().promptPrefix().length
        + model.tokenizer().encode("And it came to pass", false).length;
  }

  @Test
  void judge_honestProver_isAcceptedWithEveryCellEqual() throws Exception {
    Verdict verdict = judge(new SamplingGenerator(model.executor(), model.tokenizer()));
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().cells()).allMatch(cell -> cell.unequal() == 0).isNotEmpty();
  }

  @Test
  void judge_quantisedWeights_differFromTheFirstLayerAndToken() throws Exception {
    assertRejected("int8-weights", OptionalInt.of(0), 0);
    assertRejected("int4-weights", OptionalInt.of(0), 0);
  }

  @Test
  void judge_smallerSibling_differsFromTheFirstLayerAndToken() throws Exception {
    assertRejected("smaller-sibling", OptionalInt.of(0), 0);
  }

  @Test
  void judge_skippedLayer_differsFromTheLayerBehindTheGap() throws Exception {
    assertRejected("skipped-layer", OptionalInt.of(DeviatingProver.SKIPPED_BLOCK + 1), 0);
  }

  @Test
  void judge_alteredPrompt_differsFromTheAlteredPosition() throws Exception {
    assertRejected("altered-prompt", OptionalInt.of(0), 1);
  }

  @Test
  void judge_alteredToken_isFoundAtItsPosition() throws Exception {
    assertRejected(
        "altered-token", OptionalInt.empty(), promptLength() + AlteredTokenGenerator.HONEST_TOKENS);
  }

  @Test
  void judge_earlyStop_isFoundAtTheLastToken() throws Exception {
    assertRejected("early-stop", OptionalInt.empty(), promptLength() + TOKENS / 3 - 1);
  }

  @Test
  void judge_otherSettingsSeedOrDecoder_failOnlyTheTokenCheck() throws Exception {
    for (String name : List.of("wrong-temperature", "wrong-seed", "cheap-decode")) {
      DeviatingProver prover = named(name);
      Verdict verdict = judge(prover.generator());
      assertThat(verdict).as(name).isInstanceOf(Verdict.Rejected.class);
      assertThat(((Verdict.Rejected) verdict).reason()).as(name).isEqualTo(prover.expected());
      // What was committed is right: activations alone would have accepted it.
      assertThat(verdict.findings().cells()).as(name).allMatch(cell -> cell.unequal() == 0);
    }
  }
}
