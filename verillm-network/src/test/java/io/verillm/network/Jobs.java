package io.verillm.network;

import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Models;
import io.verillm.exec.RandomModel;
import io.verillm.exec.SamplingGenerator;
import io.verillm.network.flow.Adjudicator;
import io.verillm.network.worker.WorkedOrder;
import io.verillm.network.worker.Worker;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Jobs on a small random model of five layers, from order to opening, in memory. */
public final class Jobs implements AutoCloseable {
  public static final String NETWORK = "test";
  public static final SigningKey CLIENT = key(1);
  public static final SigningKey PROVER = key(2);
  public static final SigningKey VERIFIER = key(3);
  public static final SigningKey BEACON = key(4);
  public static final int LAYERS = 5;
  public static final int PROMPT = 7;
  public static final int OUTPUT = 9;

  private final Path folder;
  public final Models.LoadedModel model;
  public final TraceProfile profile;
  private int nonce;

  public Jobs(Path folder, TraceProfile profile) throws Exception {
    this.folder = folder;
    this.profile = profile;
    this.model = Models.load(shape(1).writeTo(folder.resolve("model")));
  }

  private static RandomModel shape(long seed) {
    return RandomModel.of("llama").sizes(LAYERS, 32, 48).heads(2, 1, 16).vocabulary(258).seed(seed);
  }

  public static SigningKey key(int fill) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) fill);
    return SigningKey.fromSeed(seed);
  }

  /** The same shape with other weights. */
  public Models.LoadedModel otherModel() throws Exception {
    return Models.load(shape(2).writeTo(folder.resolve("other")));
  }

  /** The same weights in an arithmetic that is not canonical. */
  public Models.LoadedModel foreign() throws Exception {
    return Models.load(folder.resolve("model"), new SplitKKernels());
  }

  public AnswerGenerator sampling(ModelExecutor executor) {
    return new SamplingGenerator(executor, model.tokenizer());
  }

  public JobOrder order() {
    int[] prompt = new int[PROMPT];
    for (int i = 0; i < PROMPT; i++) {
      prompt[i] = 2 + (i * 37 + nonce) % 250;
    }
    return new JobOrder(
        PROVER.verifyingKey(),
        model.executor().modelDigest(),
        model.tokenizer().digest(),
        Digest32.sha256(),
        Digest32.sha256(),
        TokenIds.of(prompt),
        SamplingManifest.builder(OUTPUT)
            .minTokens(OUTPUT)
            .temperatureMicros(SamplingManifest.ONE)
            .build(),
        profile.digest(),
        EvidenceLevel.CACHE,
        Digest32.sha256(new byte[] {(byte) nonce++}),
        Optional.empty(),
        0);
  }

  public WorkedOrder work(AnswerGenerator generator) throws Exception {
    Worker worker =
        new Worker(
            PROVER,
            NETWORK,
            model.executor().modelDigest(),
            generator,
            model.tokenizer(),
            profile,
            () -> JobSecret.copyOf(Digest32.sha256(new byte[] {(byte) nonce}).toByteArray()));
    return worker.answer(order().sign(CLIENT, NETWORK));
  }

  /** Everything that a verifier reads, with the rows that the plan draws. */
  public Submission submission(WorkedOrder job, ChallengePlan plan) throws Exception {
    Adjudicator.Files files = files(job, plan);
    return new Submission(
        Optional.of(files.order().encode()),
        Optional.of(files.receipt().encode()),
        Optional.of(files.ack().encode()),
        Optional.of(files.challenge().encode()),
        Optional.of(files.opening().encode()),
        Optional.empty());
  }

  /** The same as messages. */
  public Adjudicator.Files files(WorkedOrder job, ChallengePlan plan) throws Exception {
    VrfRandomness source = new VrfRandomness(BEACON.verifyingKey());
    ReceiptAck ack = new ReceiptAck(job.receipt().digest(), source.id(), 5);
    Challenge challenge =
        new Challenge(
            job.order().digest(),
            job.receipt().digest(),
            Optional.of(ack.digest()),
            VrfRandomness.evaluate(BEACON, 7),
            plan);
    Opening opening = Opening.of(challenge, source, job.receipt(), job.answer(), job.trace());
    return new Adjudicator.Files(
        job.orderMessage(),
        job.receiptMessage(),
        ack.sign(CLIENT, NETWORK),
        challenge.sign(VERIFIER, NETWORK),
        opening.sign(PROVER, NETWORK));
  }

  public VerificationPolicy policy() {
    return VerificationPolicy.builder(NETWORK)
        .trustModel(model.executor().modelDigest(), model.executor().dimensions())
        .knowProfile(profile)
        .admitSource(new VrfRandomness(BEACON.verifyingKey()))
        .build();
  }

  @Override
  public void close() {
    model.close();
  }
}
