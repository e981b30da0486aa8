package io.verillm.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.VerifierNonce;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.OpenedRow;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One test per line of the verifier: a submission that is wrong there and nowhere else. */
class ReceiptVerifierTest {
  private static void assertRejected(Verdict verdict, Reason reason, boolean attributable) {
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) verdict).reason()).isEqualTo(reason);
    assertThat(verdict.findings().attributable()).isEqualTo(attributable);
  }

  private static void assertInconclusive(Verdict verdict, Shortfall shortfall) {
    assertThat(verdict).isInstanceOf(Verdict.Inconclusive.class);
    assertThat(((Verdict.Inconclusive) verdict).shortfall()).isEqualTo(shortfall);
  }

  private static void assertAbstained(Verdict verdict, Cause cause) {
    assertThat(verdict).isInstanceOf(Verdict.Abstained.class);
    assertThat(((Verdict.Abstained) verdict).cause()).isEqualTo(cause);
  }

  // ---- acceptance ----

  @Test
  void verify_honestJob_isAcceptedWithPublicStanding() {
    Verdict verdict = new JobFixture().make().judge();
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().standing()).isEqualTo(Standing.PUBLIC);
    assertThat(verdict.findings().coverage().tokensReplayed()).isEqualTo(5);
    assertThat(verdict.findings().coverage().positionsOpened()).isEqualTo(4);
    // The last layer has K, V and the output; one other layer has K and V.
    assertThat(verdict.findings().coverage().cellsOpened()).isEqualTo(4 * 5);
  }

  @Test
  void verify_withoutModel_abstainsInsteadOfAccepting() {
    Verdict verdict =
        ReceiptVerifier.of(JobFixture.policy().build())
            .verify(new JobFixture().make().submission());
    assertAbstained(verdict, Cause.CHECK_UNAVAILABLE);
  }

  @Test
  void verify_replayThatSkipsTokens_isNeverAccepted() {
    JobFixture job = new JobFixture().make();
    ReplayCheck half =
        JobFixture.replay(
            subject ->
                new ReplayCheck.Replay(
                    List.of(
                        new CheckResult.Held(CheckName.ACTIVATIONS, ""),
                        new CheckResult.Held(CheckName.TOKENS, "")),
                    List.of(),
                    subject.output().size() - 1,
                    List.of()));
    assertInconclusive(
        ReceiptVerifier.of(JobFixture.policy().build()).withReplay(half).verify(job.submission()),
        Shortfall.COVERAGE);
  }

  @Test
  void verify_replayWithoutActivations_isNeverAccepted() {
    JobFixture job = new JobFixture().make();
    ReplayCheck tokensOnly =
        JobFixture.replay(
            subject ->
                new ReplayCheck.Replay(
                    List.of(new CheckResult.Held(CheckName.TOKENS, "")),
                    List.of(),
                    subject.output().size(),
                    List.of()));
    assertAbstained(
        ReceiptVerifier.of(JobFixture.policy().build())
            .withReplay(tokensOnly)
            .verify(job.submission()),
        Cause.CHECK_UNAVAILABLE);
  }

  @Test
  void build_policyWithoutTokenCheck_isRefused() {
    assertThatThrownBy(() -> JobFixture.policy().waive(CheckName.TOKENS).build())
        .isInstanceOf(IllegalStateException.class);
  }

  // ---- the order: never the prover's fault ----

  @Test
  void verify_noOrder_isInconclusive() {
    JobFixture job = new JobFixture().make();
    Submission files =
        new Submission(
            Optional.empty(),
            Optional.of(job.receiptBytes),
            Optional.of(job.ackBytes),
            Optional.of(job.challengeBytes),
            Optional.of(job.openingBytes),
            Optional.empty());
    assertInconclusive(
        ReceiptVerifier.of(JobFixture.policy().build()).verify(files), Shortfall.NO_ORDER);
  }

  @Test
  void verify_anyFlippedBitOfOrderAckOrChallenge_neverAcceptsAndNeverRejectsAttributably() {
    JobFixture job = new JobFixture().make();
    for (byte[] bytes : List.of(job.orderBytes, job.ackBytes, job.challengeBytes)) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= 4;
        Verdict verdict = job.judge();
        assertThat(verdict).isInstanceOf(Verdict.Inconclusive.class);
        bytes[i] ^= 4;
      }
    }
  }

  @Test
  void verify_promptTokenOutsideVocabulary_isTheClientsFault() {
    JobFixture job = new JobFixture();
    JobOrder o = job.order;
    job.order = Changed.with(o, "prompt", TokenIds.of(7, 8, 9));
    job.make();
    VerificationPolicy small =
        VerificationPolicy.builder(JobFixture.NETWORK)
            .trustModel(JobFixture.MODEL, new ModelDimensions(3, 8, 4, 4, 9, 64))
            .knowProfile(JobFixture.PROFILE)
            .admitSource(new VrfRandomness(JobFixture.BEACON.verifyingKey()))
            .build();
    assertInconclusive(ReceiptVerifier.of(small).verify(job.submission()), Shortfall.ORDER_INVALID);
  }

  // ---- the receipt ----

  @Test
  void verify_anyFlippedBitOfReceipt_isRejectedAndNeverAttributable() {
    JobFixture job = new JobFixture().make();
    for (int i = 0; i < job.receiptBytes.length; i++) {
      job.receiptBytes[i] ^= 1;
      Verdict verdict = job.judge();
      assertThat(verdict).as("byte %d", i).isInstanceOf(Verdict.Rejected.class);
      assertThat(verdict.findings().attributable()).as("byte %d", i).isFalse();
      job.receiptBytes[i] ^= 1;
    }
  }

  @Test
  void verify_truncatedOrExtendedReceipt_isMalformed() {
    JobFixture job = new JobFixture().make();
    byte[] whole = job.receiptBytes;
    for (int length = 0; length < whole.length; length++) {
      job.receiptBytes = Arrays.copyOf(whole, length);
      assertRejected(job.judge(), Reason.MALFORMED, false);
    }
    job.receiptBytes = Arrays.copyOf(whole, whole.length + 1);
    assertRejected(job.judge(), Reason.MALFORMED, false);
  }

  @Test
  void verify_receiptOfAnotherNetwork_isABadSignature() {
    JobFixture job = new JobFixture().make();
    VerificationPolicy other = VerificationPolicy.builder("other").build();
    assertInconclusive(ReceiptVerifier.of(other).verify(job.submission()), Shortfall.ORDER_INVALID);
  }

  @Test
  void verify_receiptSignedByAnotherKey_isOrderMismatchAndNotAttributable() {
    JobFixture job = new JobFixture();
    job.receiptSigner = JobFixture.STRANGER;
    assertRejected(job.make().judge(), Reason.ORDER_MISMATCH, false);
  }

  @Test
  void verify_orderInPlaceOfReceipt_isABadSignature() {
    JobFixture job = new JobFixture().make();
    job.receiptBytes = job.orderBytes;
    assertRejected(job.judge(), Reason.BAD_SIGNATURE, false);
  }

  @Test
  void verify_signedGarbageAsReceipt_isMalformedAndNotAttributable() {
    JobFixture job = new JobFixture().make();
    job.receiptBytes =
        SignedMessage.sign(
                JobFixture.PROVER, MessageType.RECEIPT, new byte[] {1, 2, 3}, JobFixture.NETWORK)
            .encode();
    assertRejected(job.judge(), Reason.MALFORMED, false);
  }

  @Test
  void verify_receiptForAnotherOrder_isOrderMismatchThatAnyoneCouldStage() {
    JobFixture job = new JobFixture();
    job.changeReceipt = r -> Changed.with(r, "order", JobFixture.digest("other"));
    assertRejected(job.make().judge(), Reason.ORDER_MISMATCH, false);
  }

  @Test
  void verify_receiptClaimingAnotherModel_isOrderMismatch() {
    JobFixture job = new JobFixture();
    job.changeReceipt = r -> Changed.with(r, "model", JobFixture.digest("other"));
    assertRejected(job.make().judge(), Reason.ORDER_MISMATCH, true);
  }

  @Test
  void verify_wrongLeafCount_isTraceSizeMismatch() {
    JobFixture job = new JobFixture();
    job.changeReceipt =
        r -> Changed.with(r, "head", new TraceHead(r.head().root(), r.head().leafCount() + 1));
    assertRejected(job.make().judge(), Reason.TRACE_SIZE_MISMATCH, true);
  }

  @Test
  void verify_moreTokensThanOrdered_isLateStop() {
    JobFixture job = new JobFixture();
    job.order =
        Changed.with(
            job.order,
            "sampling",
            SamplingManifest.builder(4).temperatureMicros(1_000_000).build());
    assertRejected(job.make().judge(), Reason.LATE_STOP, true);
  }

  @Test
  void verify_seedProofOfAnotherOrder_isSeedProofInvalid() {
    JobFixture job = new JobFixture();
    job.changeReceipt =
        r ->
            Changed.with(
                r,
                "seedProof",
                SeedProof.prove(JobFixture.PROVER, JobFixture.digest("other order")));
    assertRejected(job.make().judge(), Reason.SEED_PROOF_INVALID, true);
  }

  // ---- what this verifier does not judge ----

  @Test
  void verify_untrustedModel_abstains() {
    JobFixture job = new JobFixture().make();
    VerificationPolicy none =
        VerificationPolicy.builder(JobFixture.NETWORK).knowProfile(JobFixture.PROFILE).build();
    assertAbstained(ReceiptVerifier.of(none).verify(job.submission()), Cause.MODEL_NOT_TRUSTED);
  }

  @Test
  void verify_unknownProfile_abstains() {
    JobFixture job = new JobFixture().make();
    VerificationPolicy none =
        VerificationPolicy.builder(JobFixture.NETWORK)
            .trustModel(JobFixture.MODEL, JobFixture.DIMENSIONS)
            .build();
    assertAbstained(ReceiptVerifier.of(none).verify(job.submission()), Cause.PROFILE_UNKNOWN);
  }

  @Test
  void verify_inadmissibleClass_abstains() {
    JobFixture job = new JobFixture().make();
    VerificationPolicy none = JobFixture.policy().admitClasses(c -> false).build();
    assertAbstained(ReceiptVerifier.of(none).verify(job.submission()), Cause.CLASS_NOT_ADMISSIBLE);
  }

  @Test
  void verify_moreTokensThanThePolicyPays_abstains() {
    JobFixture job = new JobFixture().make();
    assertAbstained(
        ReceiptVerifier.of(JobFixture.policy().maxPrefillTokens(6).build())
            .verify(job.submission()),
        Cause.TOO_LARGE);
    assertThat(
            ReceiptVerifier.of(JobFixture.policy().maxPrefillTokens(7).build())
                .withReplay(JobFixture.agreeing())
                .verify(job.submission()))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void verify_largerOpeningThanThePolicyReads_abstains() {
    JobFixture job = new JobFixture().make();
    int size = job.openingBytes.length;
    assertAbstained(
        ReceiptVerifier.of(JobFixture.policy().maxOpeningBytes(size - 1).build())
            .verify(job.submission()),
        Cause.TOO_LARGE);
  }

  @Test
  void verify_executorOfAnotherModel_abstains() {
    JobFixture job = new JobFixture().make();
    ReplayCheck other =
        new ReplayCheck() {
          @Override
          public Digest32 modelDigest() {
            return JobFixture.digest("other");
          }

          @Override
          public ModelDimensions dimensions() {
            return JobFixture.DIMENSIONS;
          }

          @Override
          public Replay replay(ReplaySubject subject) {
            throw new AssertionError("must not run");
          }
        };
    assertAbstained(
        ReceiptVerifier.of(JobFixture.policy().build()).withReplay(other).verify(job.submission()),
        Cause.MODEL_UNAVAILABLE);
  }

  @Test
  void verify_policyWithOtherSizesThanTheModel_abstains() {
    JobFixture job = new JobFixture().make();
    VerificationPolicy mistaken =
        JobFixture.policy()
            .trustModel(JobFixture.MODEL, new ModelDimensions(3, 16, 4, 4, 100, 64))
            .build();
    assertAbstained(
        ReceiptVerifier.of(mistaken).withReplay(JobFixture.agreeing()).verify(job.submission()),
        Cause.MODEL_UNAVAILABLE);
  }

  @Test
  void verify_tokenizerThatFails_leavesTheTextUncheckedAndNeverThrows() {
    JobFixture job = new JobFixture().make();
    Tokenizer failing =
        new Tokenizer() {
          @Override
          public int[] encode(String text, boolean specialTokens) {
            throw new IllegalArgumentException("no such text");
          }

          @Override
          public int[] promptPrefix() {
            return new int[0];
          }

          @Override
          public byte[] decode(int[] ids) {
            throw new IllegalArgumentException("no such id");
          }

          @Override
          public Digest32 digest() {
            return JobFixture.TOKENIZER;
          }
        };
    ReplayCheck agreeing = JobFixture.agreeing();
    assertThat(
            ReceiptVerifier.of(JobFixture.policy().build())
                .withReplay(agreeing)
                .withTokenizer(failing)
                .verify(job.submission()))
        .isInstanceOf(Verdict.Accepted.class);
    assertAbstained(
        ReceiptVerifier.of(JobFixture.policy().require(CheckName.TEXT).build())
            .withReplay(agreeing)
            .withTokenizer(failing)
            .verify(job.submission()),
        Cause.CHECK_UNAVAILABLE);
  }

  @Test
  void verify_executorThatFails_abstains() {
    JobFixture job = new JobFixture().make();
    for (Throwable failure :
        List.of(new IllegalStateException("hook"), new OutOfMemoryError("heap"))) {
      ReplayCheck failing =
          JobFixture.replay(
              subject -> {
                if (failure instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) failure;
              });
      assertAbstained(
          ReceiptVerifier.of(JobFixture.policy().build())
              .withReplay(failing)
              .verify(job.submission()),
          Cause.EXECUTION_FAILED);
    }
  }

  // ---- ack and challenge: never the prover's fault ----

  @Test
  void verify_noAck_isAcceptedPrivatelyOnly() {
    JobFixture job = new JobFixture();
    job.changeChallenge =
        c -> new Challenge(c.order(), c.receipt(), Optional.empty(), c.randomness(), c.plan());
    job.make();
    Submission files =
        new Submission(
            Optional.of(job.orderBytes),
            Optional.of(job.receiptBytes),
            Optional.empty(),
            Optional.of(job.challengeBytes),
            Optional.of(job.openingBytes),
            Optional.empty());
    Verdict verdict =
        ReceiptVerifier.of(JobFixture.policy().build())
            .withReplay(JobFixture.agreeing())
            .verify(files);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().standing()).isEqualTo(Standing.PRIVATE);
  }

  @Test
  void verify_ackByTheProver_isInvalid() {
    JobFixture job = new JobFixture();
    job.ackSigner = JobFixture.PROVER;
    assertInconclusive(job.make().judge(), Shortfall.ACK_INVALID);
  }

  @Test
  void verify_ackByAStranger_isInvalidUnlessAdmitted() {
    JobFixture job = new JobFixture();
    job.ackSigner = JobFixture.STRANGER;
    job.make();
    assertInconclusive(job.judge(), Shortfall.ACK_INVALID);
    assertThat(
            ReceiptVerifier.of(
                    JobFixture.policy().trustWitness(JobFixture.STRANGER.verifyingKey()).build())
                .withReplay(JobFixture.agreeing())
                .verify(job.submission()))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void verify_ackOfAnotherReceipt_isInvalid() {
    JobFixture job = new JobFixture();
    job.changeAck = a -> new ReceiptAck(JobFixture.digest("other"), a.source(), a.roundSeen());
    assertInconclusive(job.make().judge(), Shortfall.ACK_INVALID);
  }

  @Test
  void verify_laterRoundThanTheAckAllows_isInvalid() {
    JobFixture job = new JobFixture();
    job.changeChallenge =
        c ->
            new Challenge(
                c.order(),
                c.receipt(),
                c.ack(),
                VrfRandomness.evaluate(JobFixture.BEACON, c.randomness().round() + 1),
                c.plan());
    assertInconclusive(job.make().judge(), Shortfall.CHALLENGE_INVALID);
  }

  @Test
  void verify_earlierRoundThanTheAckAllows_isInvalid() {
    JobFixture job = new JobFixture();
    job.changeChallenge =
        c ->
            new Challenge(
                c.order(),
                c.receipt(),
                c.ack(),
                VrfRandomness.evaluate(JobFixture.BEACON, c.randomness().round() - 1),
                c.plan());
    assertInconclusive(job.make().judge(), Shortfall.CHALLENGE_INVALID);
  }

  @Test
  void verify_proofOfAnotherRound_isInvalid() {
    JobFixture job = new JobFixture();
    job.make();
    Challenge honest = decodeChallenge(job);
    RandomnessValue mixed =
        new RandomnessValue(
            honest.randomness().source(),
            honest.randomness().round(),
            VrfRandomness.evaluate(JobFixture.BEACON, 7).proof());
    job.challengeBytes =
        new Challenge(honest.order(), honest.receipt(), honest.ack(), mixed, honest.plan())
            .sign(JobFixture.VERIFIER, JobFixture.NETWORK)
            .encode();
    assertInconclusive(job.judge(), Shortfall.CHALLENGE_INVALID);
  }

  private static Challenge decodeChallenge(JobFixture job) {
    try {
      return Challenge.decode(SignedMessage.decode(job.challengeBytes).payload());
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void verify_randomnessOfProversKey_isInvalidEvenIfAdmitted() {
    for (var party : List.of(JobFixture.PROVER, JobFixture.CLIENT)) {
      JobFixture job = new JobFixture();
      job.beacon = party;
      job.make();
      VerificationPolicy careless =
          JobFixture.policy().admitSource(new VrfRandomness(party.verifyingKey())).build();
      assertInconclusive(
          ReceiptVerifier.of(careless).verify(job.submission()), Shortfall.CHALLENGE_INVALID);
    }
  }

  @Test
  void verify_randomnessThatThePolicyDoesNotAdmit_isInvalid() {
    JobFixture job = new JobFixture();
    job.beacon = JobFixture.STRANGER;
    assertInconclusive(job.make().judge(), Shortfall.CHALLENGE_INVALID);
  }

  @Test
  void verify_challengeSignedByTheProver_isInvalid() {
    JobFixture job = new JobFixture();
    job.challengeSigner = JobFixture.PROVER;
    assertInconclusive(job.make().judge(), Shortfall.CHALLENGE_INVALID);
  }

  @Test
  void verify_challengeOfAnotherReceipt_isInvalid() {
    JobFixture job = new JobFixture();
    job.changeChallenge =
        c ->
            new Challenge(c.order(), JobFixture.digest("other"), c.ack(), c.randomness(), c.plan());
    assertInconclusive(job.make().judge(), Shortfall.CHALLENGE_INVALID);
  }

  @Test
  void verify_verifiersNonce_isPrivate() throws Exception {
    Digest32 nonce = JobFixture.digest("my nonce");
    JobFixture job = new JobFixture();
    JobOrder o = job.order;
    job.order =
        Changed.with(o, "nonceCommitment", Optional.of(Digest32.sha256(nonce.toByteArray())));
    job.make();
    Receipt receipt = Receipt.decode(SignedMessage.decode(job.receiptBytes).payload());
    Answer answer = Opening.decode(SignedMessage.decode(job.openingBytes).payload()).answer();
    Challenge challenge =
        new Challenge(
            receipt.order(),
            receipt.digest(),
            Optional.empty(),
            VerifierNonce.reveal(nonce),
            job.plan);
    job.challengeBytes = challenge.sign(JobFixture.VERIFIER, JobFixture.NETWORK).encode();
    job.openingBytes =
        Opening.of(
                challenge,
                new VerifierNonce(Digest32.sha256(nonce.toByteArray())),
                receipt,
                answer,
                job.trace)
            .sign(JobFixture.PROVER, JobFixture.NETWORK)
            .encode();
    Verdict verdict = job.judge();
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().standing()).isEqualTo(Standing.PRIVATE);
  }

  // ---- the opening ----

  @Test
  void verify_noOpening_isInconclusive() {
    JobFixture job = new JobFixture().make();
    Submission files =
        new Submission(
            Optional.of(job.orderBytes),
            Optional.of(job.receiptBytes),
            Optional.of(job.ackBytes),
            Optional.of(job.challengeBytes),
            Optional.empty(),
            Optional.empty());
    assertInconclusive(
        ReceiptVerifier.of(JobFixture.policy().build()).verify(files), Shortfall.NO_OPENING);
  }

  @Test
  void verify_anyFlippedBitOfOpening_isRejectedAndNeverAttributable() {
    JobFixture job = new JobFixture().make();
    for (int i = 0; i < job.openingBytes.length; i++) {
      job.openingBytes[i] ^= 16;
      Verdict verdict = job.judge();
      assertThat(verdict).as("byte %d", i).isInstanceOf(Verdict.Rejected.class);
      assertThat(verdict.findings().attributable()).as("byte %d", i).isFalse();
      job.openingBytes[i] ^= 16;
    }
  }

  @Test
  void verify_anyFlippedByteThatTheProverSignsAgain_isNeverAccepted() throws Exception {
    JobFixture job = new JobFixture().make();
    byte[] payload = SignedMessage.decode(job.openingBytes).payload();
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= 1;
      job.openingBytes =
          SignedMessage.sign(JobFixture.PROVER, MessageType.OPENING, payload, JobFixture.NETWORK)
              .encode();
      payload[i] ^= 1;
      Verdict verdict = job.judge();
      assertThat(verdict).as("byte %d", i).isNotInstanceOf(Verdict.Accepted.class);
      assertThat(verdict).as("byte %d", i).isNotInstanceOf(Verdict.Abstained.class);
    }
  }

  @Test
  void verify_openingSignedByAnotherKey_isABadSignature() {
    JobFixture job = new JobFixture();
    job.openingSigner = JobFixture.STRANGER;
    assertRejected(job.make().judge(), Reason.BAD_SIGNATURE, false);
  }

  @Test
  void verify_openingOfAnotherChallenge_isNotHeldAgainstTheProver() {
    JobFixture job = new JobFixture();
    job.changeOpening =
        o -> new Opening(o.receipt(), JobFixture.digest("other"), o.answer(), o.trace());
    assertInconclusive(job.make().judge(), Shortfall.NO_OPENING);
  }

  @Test
  void verify_openingThatLeavesAPositionOut_isIncomplete() {
    JobFixture job = new JobFixture();
    job.changeOpening = o -> reopened(job, o, 1, false);
    assertRejected(job.make().judge(), Reason.OPENING_INCOMPLETE, true);
  }

  @Test
  void verify_openingThatLeavesARowOut_isIncomplete() {
    JobFixture job = new JobFixture();
    job.changeOpening = o -> reopened(job, o, 0, true);
    assertRejected(job.make().judge(), Reason.OPENING_INCOMPLETE, true);
  }

  /** Rows that nobody drew could outvote those that were. */
  @Test
  void verify_openingThatAddsARowOrAPosition_isRefused() {
    JobFixture job = new JobFixture();
    job.changeOpening = o -> widened(job, o, false);
    Verdict row = job.make().judge();
    assertRejected(row, Reason.OPENING_INCOMPLETE, true);
    assertThat(row.findings().decisive()).contains("adds").contains("did not draw");
    JobFixture another = new JobFixture();
    another.changeOpening = o -> widened(another, o, true);
    Verdict position = another.make().judge();
    assertRejected(position, Reason.OPENING_INCOMPLETE, true);
    assertThat(position.findings().decisive()).contains("adds position");
  }

  /** One more row at the first drawn position, or one row at a position that was not drawn. */
  private static Opening widened(JobFixture job, Opening o, boolean position) {
    Map<Integer, List<Integer>> request = new TreeMap<>();
    o.trace()
        .positions()
        .forEach(
            p ->
                request.put(
                    p.entry().position(),
                    new ArrayList<>(p.rows().stream().map(OpenedRow::rowIndex).toList())));
    if (position) {
      int free = 0;
      while (request.containsKey(free)) {
        free++;
      }
      request.put(free, List.of(0));
    } else {
      List<Integer> rows = request.values().iterator().next();
      int free = 0;
      while (rows.contains(free)) {
        free++;
      }
      rows.add(free);
    }
    return opened(job, o, request);
  }

  private static Opening reopened(JobFixture job, Opening o, int skip, boolean dropRow) {
    Map<Integer, List<Integer>> request = new TreeMap<>();
    o.trace().positions().stream()
        .skip(skip)
        .forEach(
            p ->
                request.put(
                    p.entry().position(),
                    p.rows().stream().skip(dropRow ? 1 : 0).map(OpenedRow::rowIndex).toList()));
    return opened(job, o, request);
  }

  private static Opening opened(JobFixture job, Opening o, Map<Integer, List<Integer>> request) {
    try {
      return new Opening(
          o.receipt(), o.challenge(), o.answer(), TraceOpening.open(job.trace, request));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void verify_otherOutputTokensThanTheReceiptBinds_isDigestMismatch() {
    JobFixture job = new JobFixture();
    job.changeOpening =
        o ->
            new Opening(
                o.receipt(),
                o.challenge(),
                new Answer(
                    TokenIds.of(20, 21, 22, 24, 1),
                    o.answer().response(),
                    new byte[16],
                    new byte[16]),
                o.trace());
    assertRejected(job.make().judge(), Reason.DIGEST_MISMATCH, true);
  }

  @Test
  void verify_outputTokenOutsideVocabulary_isATokenMismatch() {
    JobFixture job = new JobFixture();
    job.output = TokenIds.of(20, 21, 22, 100, JobFixture.EOS);
    job.fedOutput = TokenIds.of(20, 21, 22, 23, JobFixture.EOS);
    Verdict verdict = job.make().judge();
    assertRejected(verdict, Reason.TOKEN_MISMATCH, true);
    assertThat(verdict.findings().location().orElseThrow().position()).isEqualTo(6);
  }

  @Test
  void verify_otherTokensFedThanDelivered_isFedTokenMismatch() {
    JobFixture job = new JobFixture();
    job.plan = ChallengePlan.EVERYTHING;
    job.output = TokenIds.of(20, 21, 99, 23, JobFixture.EOS);
    Verdict verdict = job.make().judge();
    assertRejected(verdict, Reason.FED_TOKEN_MISMATCH, true);
    assertThat(verdict.findings().location().orElseThrow().position()).isEqualTo(5);
  }

  @Test
  void verify_anotherPartysTrace_isTraceIdMismatch() {
    JobFixture job = new JobFixture();
    job.traceParty = JobFixture.STRANGER;
    assertRejected(job.make().judge(), Reason.TRACE_ID_MISMATCH, true);
  }

  @Test
  void verify_anotherRootThanTheOpenedTraces_isBadPath() {
    JobFixture job = new JobFixture();
    job.changeReceipt =
        r ->
            Changed.with(r, "head", new TraceHead(JobFixture.digest("root"), r.head().leafCount()));
    assertRejected(job.make().judge(), Reason.BAD_PATH, true);
  }

  // ---- how generation ended ----

  @Test
  void verify_eosClaimedAndNotThere_isEarlyStop() {
    JobFixture job = new JobFixture();
    job.output = TokenIds.of(20, 21, 22, 23, 24);
    job.fedOutput = job.output;
    assertRejected(job.make().judge(), Reason.EARLY_STOP, true);
  }

  @Test
  void verify_lengthClaimedBelowTheMaximum_isEarlyStop() {
    JobFixture job = new JobFixture();
    job.finish = FinishReason.LENGTH;
    assertRejected(job.make().judge(), Reason.EARLY_STOP, true);
  }

  @Test
  void verify_stopClaimedWithoutStopStrings_isEarlyStop() {
    JobFixture job = new JobFixture();
    job.finish = FinishReason.STOP;
    assertRejected(job.make().judge(), Reason.EARLY_STOP, true);
  }

  @Test
  void verify_tokensAfterEos_isLateStop() {
    JobFixture job = new JobFixture();
    job.output = TokenIds.of(20, JobFixture.EOS, 22, 23, JobFixture.EOS);
    job.fedOutput = job.output;
    assertRejected(job.make().judge(), Reason.LATE_STOP, true);
  }

  // ---- coverage ----

  @Test
  void verify_fewerPositionsThanThePolicyDemands_isInconclusive() {
    JobFixture job = new JobFixture();
    job.plan = new ChallengePlan(3, 3);
    job.make();
    // One wrong position of seven is missed by three draws with probability 4/7.
    VerificationPolicy above =
        JobFixture.policy().largestMiss(Deviation.SINGLE_TOKEN, 4 / 7.0 + 1e-9).build();
    VerificationPolicy below =
        JobFixture.policy()
            .largestMiss(Deviation.TENTH_OF_TOKENS, 1)
            .largestMiss(Deviation.SINGLE_TOKEN, 4 / 7.0 - 1e-9)
            .build();
    assertInconclusive(
        ReceiptVerifier.of(below).withReplay(JobFixture.agreeing()).verify(job.submission()),
        Shortfall.COVERAGE);
    assertInconclusive(
        ReceiptVerifier.of(above).withReplay(JobFixture.agreeing()).verify(job.submission()),
        Shortfall.COVERAGE);
    assertThat(
            ReceiptVerifier.of(
                    JobFixture.policy()
                        .largestMiss(Deviation.TENTH_OF_TOKENS, 1)
                        .largestMiss(Deviation.SINGLE_TOKEN, 4 / 7.0 + 1e-9)
                        .build())
                .withReplay(JobFixture.agreeing())
                .verify(job.submission()))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void verify_loadedPositions_countAsUnchecked() {
    JobFixture job = new JobFixture();
    job.plan = ChallengePlan.EVERYTHING;
    job.loadedPrefix = 2;
    Verdict verdict = job.make().judge();
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().coverage().positionsLoaded()).isEqualTo(2);
    assertThat(verdict.findings().coverage().positionsOpened()).isEqualTo(5);
    assertThat(verdict.findings().coverage().missProbability().get(Deviation.SINGLE_TOKEN))
        .isEqualTo(2 / 7.0);
  }

  @Test
  void verify_everythingLoaded_isNeverAccepted() {
    JobFixture job = new JobFixture();
    job.plan = ChallengePlan.EVERYTHING;
    job.loadedPrefix = 7;
    assertInconclusive(job.make().judge(), Shortfall.COVERAGE);
  }

  // ---- combination ----

  @Test
  void verify_failureBesideUndecided_isRejected() {
    JobFixture job = new JobFixture().make();
    ReplayCheck mixed =
        JobFixture.replay(
            subject ->
                new ReplayCheck.Replay(
                    List.of(
                        new CheckResult.Undecided(
                            CheckName.ACTIVATIONS, Shortfall.UNCALIBRATED, "differs"),
                        new CheckResult.Failed(
                            CheckName.TOKENS, Reason.TOKEN_MISMATCH, Location.ofToken(4), "wrong")),
                    List.of(),
                    5,
                    List.of()));
    assertRejected(
        ReceiptVerifier.of(JobFixture.policy().build()).withReplay(mixed).verify(job.submission()),
        Reason.TOKEN_MISMATCH,
        true);
  }

  @Test
  void verify_undecidedActivations_isInconclusive() {
    JobFixture job = new JobFixture().make();
    ReplayCheck undecided =
        JobFixture.replay(
            subject ->
                new ReplayCheck.Replay(
                    List.of(
                        new CheckResult.Undecided(
                            CheckName.ACTIVATIONS, Shortfall.UNCALIBRATED, "differs"),
                        new CheckResult.Held(CheckName.TOKENS, "agree")),
                    List.of(),
                    5,
                    List.of()));
    assertInconclusive(
        ReceiptVerifier.of(JobFixture.policy().build())
            .withReplay(undecided)
            .verify(job.submission()),
        Shortfall.UNCALIBRATED);
  }
}
