package io.verillm.core.verdict;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One honest job with made-up rows, every part of which a test can replace before it is signed.
 * Seeded: the same fixture gives the same bytes.
 */
final class JobFixture {
  static final String NETWORK = "test";
  static final SigningKey CLIENT = key(1);
  static final SigningKey PROVER = key(2);
  static final SigningKey VERIFIER = key(3);
  static final SigningKey BEACON = key(4);
  static final SigningKey STRANGER = key(5);
  static final ModelDimensions DIMENSIONS = new ModelDimensions(3, 8, 4, 4, 100, 64);
  static final TraceProfile PROFILE = TraceProfile.standard(DType.F32);
  static final Digest32 MODEL = digest("model");
  static final Digest32 TOKENIZER = digest("tokenizer");
  static final ExecutionClass CANONICAL =
      new ExecutionClass(
          "fixture", "1", ExecutionClass.CANONICAL_ARITHMETIC, "F32", "java", "cpu", "1");
  static final int EOS = 1;

  JobOrder order =
      new JobOrder(
          PROVER.verifyingKey(),
          MODEL,
          TOKENIZER,
          Digest32.sha256(),
          digest("request"),
          TokenIds.of(7, 8, 9),
          SamplingManifest.builder(8)
              .temperatureMicros(SamplingManifest.ONE)
              .eosIds(List.of(EOS))
              .build(),
          PROFILE.digest(),
          EvidenceLevel.CACHE,
          digest("nonce"),
          Optional.empty(),
          1_900_000_000_000L);
  TokenIds output = TokenIds.of(20, 21, 22, 23, EOS);
  TokenIds fedOutput = output;
  FinishReason finish = FinishReason.EOS;
  SigningKey traceParty = PROVER;
  TraceProfile profile = PROFILE;
  int loadedPrefix;
  UnaryOperator<Receipt> changeReceipt = UnaryOperator.identity();
  UnaryOperator<ReceiptAck> changeAck = UnaryOperator.identity();
  UnaryOperator<Challenge> changeChallenge = UnaryOperator.identity();
  UnaryOperator<Opening> changeOpening = UnaryOperator.identity();
  SigningKey receiptSigner = PROVER;
  SigningKey ackSigner = CLIENT;
  SigningKey challengeSigner = VERIFIER;
  SigningKey openingSigner = PROVER;
  SigningKey beacon = BEACON;
  ChallengePlan plan = new ChallengePlan(4, 2);

  byte[] orderBytes = new byte[0];
  byte[] receiptBytes = new byte[0];
  byte[] ackBytes = new byte[0];
  byte[] challengeBytes = new byte[0];
  byte[] openingBytes = new byte[0];
  final MemoryTrace trace = new MemoryTrace();

  static SigningKey key(int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    return SigningKey.fromSeed(bytes);
  }

  static Digest32 digest(String text) {
    return Digest32.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  static VerificationPolicy.Builder policy() {
    return VerificationPolicy.builder(NETWORK)
        .trustModel(MODEL, DIMENSIONS)
        .knowProfile(PROFILE)
        .admitSource(new VrfRandomness(BEACON.verifyingKey()))
        .largestMiss(Deviation.TENTH_OF_TOKENS, 0.5);
  }

  /** Signs everything. */
  JobFixture make() {
    orderBytes = order.sign(CLIENT, NETWORK).encode();
    record(order);
    Answer answer =
        new Answer(
            output,
            "text".getBytes(StandardCharsets.UTF_8),
            new byte[16],
            new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    Receipt receipt =
        changeReceipt.apply(
            new Receipt(
                order.digest(),
                order.requestBody(),
                answer.responseDigest(),
                answer.promptDigest(order.prompt()),
                order.prompt().size(),
                answer.outputDigest(),
                output.size(),
                finish,
                order.model(),
                CANONICAL,
                order.profile(),
                trace.head(),
                SeedProof.prove(PROVER, order.digest()),
                new ChainPosition(0, 0, ChainPosition.NONE),
                List.of()));
    receiptBytes = receipt.sign(receiptSigner, NETWORK).encode();
    VrfRandomness source = new VrfRandomness(beacon.verifyingKey());
    ReceiptAck ack = changeAck.apply(new ReceiptAck(receipt.digest(), source.id(), 41));
    ackBytes = ack.sign(ackSigner, NETWORK).encode();
    RandomnessValue value = VrfRandomness.evaluate(beacon, ack.challengeRound());
    Challenge challenge =
        changeChallenge.apply(
            new Challenge(
                order.digest(), receipt.digest(), Optional.of(ack.digest()), value, plan));
    challengeBytes = challenge.sign(challengeSigner, NETWORK).encode();
    try {
      Opening opening =
          Opening.of(
              new Challenge(
                  challenge.order(),
                  receipt.digest(),
                  challenge.ack(),
                  challenge.randomness(),
                  challenge.plan()),
              new VrfRandomness(beacon.verifyingKey()),
              receipt,
              answer,
              trace);
      Opening addressed =
          new Opening(receipt.digest(), challenge.digest(), opening.answer(), opening.trace());
      openingBytes = changeOpening.apply(addressed).sign(openingSigner, NETWORK).encode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private void record(JobOrder recorded) {
    TraceId id =
        TraceId.compute(
            recorded.digest(),
            traceParty.verifyingKey().toByteArray(),
            TraceRole.PROVER,
            recorded.profile());
    TraceRecorder recorder =
        new TraceRecorder(
            profile, DIMENSIONS, id, JobSecret.copyOf(digest("secret").toByteArray()), trace);
    int[] fed = recorded.prompt().concat(fedOutput).toArray();
    for (int position = 0; position < fed.length - 1; position++) {
      if (position < loadedPrefix) {
        recorder.pushLoaded(position, fed[position]);
      } else {
        recorder.push(position, fed[position], rows(recorder.layout(), position));
      }
    }
    recorder.pushUnfed(fed.length - 1, fed[fed.length - 1]);
  }

  private static Map<RowKey, TensorView> rows(TraceLayout layout, int position) {
    Map<RowKey, TensorView> rows = new HashMap<>();
    for (TraceLayout.Row row : layout.rows()) {
      Random random = new Random(position * 100L + row.index());
      float[] values = new float[row.width()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      rows.put(row.key(), TensorView.copyOf(Shape.of(row.width()), values));
    }
    return rows;
  }

  Submission submission() {
    return new Submission(
        Optional.of(orderBytes),
        Optional.of(receiptBytes),
        Optional.of(ackBytes),
        Optional.of(challengeBytes),
        Optional.of(openingBytes),
        Optional.empty());
  }

  /** A replay that finds nothing: what the structure allows is then accepted. */
  static ReplayCheck agreeing() {
    return replay(
        subject ->
            new ReplayCheck.Replay(
                List.of(
                    new CheckResult.Held(CheckName.ACTIVATIONS, "agree"),
                    new CheckResult.Held(CheckName.TOKENS, "agree")),
                List.of(),
                subject.output().size(),
                List.of("fixture")));
  }

  static ReplayCheck replay(Function<ReplaySubject, ReplayCheck.Replay> how) {
    return new ReplayCheck() {
      @Override
      public Digest32 modelDigest() {
        return MODEL;
      }

      @Override
      public ModelDimensions dimensions() {
        return DIMENSIONS;
      }

      @Override
      public Replay replay(ReplaySubject subject) {
        return how.apply(subject);
      }
    };
  }

  Verdict judge() {
    return ReceiptVerifier.of(policy().build()).withReplay(agreeing()).verify(submission());
  }
}
