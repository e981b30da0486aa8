package io.verillm.examples.cache;

import io.verillm.cache.commit.CommittedCache;
import io.verillm.cache.layout.KvCache;
import io.verillm.cache.layout.KvCacheFile;
import io.verillm.cache.matching.CacheBook;
import io.verillm.cache.matching.CacheCheck;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.OutputText;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.demo.DemoModel;
import io.verillm.exec.AnswerGenerator.Generated;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.SamplingGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A cache file in vLLM's default layout is mapped, committed where it lies, challenged, opened and
 * verified: once as the engine left it, once with values changed.
 *
 * <p>Run it with the class path of this module, for instance from an IDE: no arguments. Keys are
 * made up; the steps are those of {@code verillm prove --capture kv}.
 */
public final class VllmCacheFile {
  private static final String NETWORK = "example";
  private static final TraceProfile PROFILE = TraceProfile.keysAndValues(DType.F32);
  private static final int TOKENS = 48;

  private final SigningKey client = SigningKey.generate(new SecureRandom());
  private final SigningKey prover = SigningKey.generate(new SecureRandom());
  private final SigningKey verifier = SigningKey.generate(new SecureRandom());
  private final SigningKey beacon = SigningKey.generate(new SecureRandom());
  private final Models.LoadedModel model;

  VllmCacheFile(Models.LoadedModel model) {
    this.model = model;
  }

  /** Runs the example. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("verillm-cache");
    try (Models.LoadedModel model = Models.load(DemoModel.MAIN.copyTo(folder.resolve("model")))) {
      VllmCacheFile example = new VllmCacheFile(model);
      for (float factor : new float[] {1, 1.01f}) {
        Path file = folder.resolve("cache-" + factor + ".safetensors");
        Verdict verdict = example.verify(file, factor);
        System.out.println(
            file + ", values times " + factor + ": " + verdict.kind() + " " + verdict.reasonName());
        verdict.findings().checks().forEach(check -> System.out.println("  " + check));
      }
    }
  }

  /**
   * Orders an answer, lets the engine write its cache, and judges it.
   *
   * @param factor of one value of each token in the last layer; 1 leaves the cache alone
   */
  Verdict verify(Path file, float factor) throws IOException, MalformedMessageException {
    JobOrder order = order();
    SeedProof seed = SeedProof.prove(prover, order.digest());
    TraceId id =
        TraceId.compute(
            order.digest(),
            prover.verifyingKey().toByteArray(),
            TraceRole.PROVER,
            PROFILE.digest());
    JobSecret secret = JobSecret.random(new SecureRandom());

    // The engine: answers, and leaves its cache in a file.
    Generated generated =
        new SamplingGenerator(model.executor(), model.tokenizer())
            .generate(
                order,
                seed.seed(prover.verifyingKey(), order.digest()).orElseThrow(),
                new TraceRecorder(
                    PROFILE, model.executor().dimensions(), id, secret, new MemoryTrace()),
                progress -> {});
    int[] tokens = order.prompt().concat(generated.output()).toArray();
    int[] fed = Arrays.copyOf(tokens, tokens.length - 1);
    PagedCache engine = new PagedCache(model.executor().config(), fed.length);
    model
        .executor()
        .prefill(
            fed,
            new LayerRange(0, model.executor().dimensions().layers()),
            null,
            engine,
            LogitsSink.none());
    engine.nudge(model.executor().dimensions().layers() - 1, factor);
    engine.write(file);

    // The prover: maps the file and commits to the rows where they lie.
    KvCache cache = KvCacheFile.open(file);
    CommittedCache trace = new CommittedCache(cache, model.executor().dimensions(), id, secret);
    for (int token : fed) {
      trace.commit(token);
    }
    trace.commitUnfed(tokens[tokens.length - 1]);
    Answer answer =
        new Answer(
            generated.output(),
            OutputText.delivered(generated.output(), order.sampling(), model.tokenizer()),
            salt(),
            salt());
    Receipt receipt = receipt(order, generated, answer, seed, trace);

    // The client acknowledges; then randomness draws cells, and the prover opens them.
    VrfRandomness source = new VrfRandomness(beacon.verifyingKey());
    ReceiptAck ack = new ReceiptAck(receipt.digest(), source.id(), 7);
    RandomnessValue value = VrfRandomness.evaluate(beacon, ack.challengeRound());
    Challenge challenge =
        new Challenge(
            order.digest(),
            receipt.digest(),
            Optional.of(ack.digest()),
            value,
            SamplingPlan.ofCells(32).challengePlan());
    SignedMessage opening =
        Opening.of(challenge, source, receipt, answer, trace).sign(prover, NETWORK);

    // The verifier: has these messages and the model, and not the file.
    VerificationPolicy policy =
        VerificationPolicy.builder(NETWORK)
            .trustModel(model.executor().modelDigest(), model.executor().dimensions())
            .knowProfile(PROFILE)
            .admitSource(source)
            .build();
    return ReceiptVerifier.of(policy)
        .withReplay(
            new PrefillReplay(model.executor()).withCheck(new CacheCheck(CacheBook.empty())))
        .withTokenizer(model.tokenizer())
        .verify(
            new Submission(
                Optional.of(order.sign(client, NETWORK).encode()),
                Optional.of(receipt.sign(prover, NETWORK).encode()),
                Optional.of(ack.sign(client, NETWORK).encode()),
                Optional.of(challenge.sign(verifier, NETWORK).encode()),
                Optional.of(opening.encode()),
                Optional.empty()));
  }

  private static byte[] salt() {
    byte[] salt = new byte[TokenIds.SALT_LENGTH];
    new SecureRandom().nextBytes(salt);
    return salt;
  }

  private JobOrder order() {
    byte[] request = "And God said".getBytes(StandardCharsets.UTF_8);
    return new JobOrder(
        prover.verifyingKey(),
        model.executor().modelDigest(),
        model.tokenizer().digest(),
        Digest32.sha256(),
        Digest32.sha256(request),
        TokenIds.of(model.tokenizer().promptPrefix())
            .concat(TokenIds.of(model.tokenizer().encode("And God said", false))),
        SamplingManifest.builder(TOKENS)
            .minTokens(TOKENS)
            .temperatureMicros(SamplingManifest.ONE)
            .eosIds(List.of(1))
            .build(),
        PROFILE.digest(),
        EvidenceLevel.CACHE,
        Digest32.sha256(salt()),
        Optional.empty(),
        System.currentTimeMillis() + 600_000);
  }

  private Receipt receipt(
      JobOrder order, Generated generated, Answer answer, SeedProof seed, CommittedCache trace) {
    return new Receipt(
        order.digest(),
        order.requestBody(),
        answer.responseDigest(),
        answer.promptDigest(order.prompt()),
        order.prompt().size(),
        answer.outputDigest(),
        generated.output().size(),
        generated.finish(),
        order.model(),
        model.executor().describe(),
        PROFILE.digest(),
        trace.head(),
        seed,
        new ChainPosition(0, 0, ChainPosition.NONE),
        List.of());
  }
}
