package io.verillm.exec.calibration;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The client, the beacon and the challenger of a trial: they send what they would send over a
 * network, with keys that follow from the trial's seed and so are nobody's secret. Immutable;
 * thread-safe.
 */
public final class TrialOrders {
  /** Network id of trials, so that no trial's message counts anywhere else. */
  public static final String NETWORK = "verillm-trial";

  private static final long DEADLINE = 4_102_444_800_000L; // 2100-01-01

  private final TrialPlan plan;
  private final Digest32 model;
  private final ModelDimensions dimensions;
  private final Tokenizer tokenizer;
  private final List<Integer> eosIds;
  private final TraceProfile profile;
  private final SigningKey client;
  private final SigningKey beacon;
  private final SigningKey challenger;
  private final SigningKey prover;

  /**
   * @param model digest of the ordered model
   * @param eosIds end tokens, held back until an answer is complete
   */
  public TrialOrders(
      TrialPlan plan,
      Digest32 model,
      ModelDimensions dimensions,
      Tokenizer tokenizer,
      List<Integer> eosIds,
      TraceProfile profile) {
    this.plan = plan;
    this.model = model;
    this.dimensions = dimensions;
    this.tokenizer = tokenizer;
    this.eosIds = List.copyOf(eosIds);
    this.profile = profile;
    this.client = SigningKey.fromSeed(plan.random("client key", 0).toByteArray());
    this.beacon = SigningKey.fromSeed(plan.random("beacon key", 0).toByteArray());
    this.challenger = SigningKey.fromSeed(plan.random("challenger key", 0).toByteArray());
    this.prover = SigningKey.fromSeed(proverSeed().toByteArray());
  }

  /** The same client, prover and settings with other prompts and nonces. */
  TrialOrders withSeed(String seed) {
    return new TrialOrders(plan.withSeed(seed), model, dimensions, tokenizer, eosIds, profile);
  }

  /** The plan. */
  public TrialPlan plan() {
    return plan;
  }

  /** Key of the trial's prover. */
  public SigningKey prover() {
    return prover;
  }

  /** Seed of that key, for the process that answers. */
  public Digest32 proverSeed() {
    return plan.random("prover key", 0);
  }

  /** The trace profile that orders ask for. */
  public TraceProfile profile() {
    return profile;
  }

  /** Digest of the ordered model. */
  public Digest32 model() {
    return model;
  }

  /** What a verifier of this trial trusts. */
  public VerificationPolicy.Builder policy() {
    return VerificationPolicy.builder(NETWORK)
        .trustModel(model, dimensions)
        .knowProfile(profile)
        .admitSource(new VrfRandomness(beacon.verifyingKey()));
  }

  /** The order of an index. */
  public JobOrder order(int index) {
    byte[] request = plan.random("request", index).toByteArray();
    return new JobOrder(
        prover.verifyingKey(),
        model,
        tokenizer.digest(),
        Digest32.sha256(),
        Digest32.sha256(request),
        prompt(index),
        plan.settings(index, eosIds),
        profile.digest(),
        EvidenceLevel.CACHE,
        plan.random("nonce", index),
        Optional.empty(),
        DEADLINE);
  }

  /** Begins as the tokenizer begins prompts, then tokens of the vocabulary without order. */
  private TokenIds prompt(int index) {
    byte[] bytes = plan.random("prompt", index).toByteArray();
    long state = 0;
    for (int i = 0; i < 8; i++) {
      state = state << 8 | (bytes[i] & 0xFF);
    }
    SplittableRandom random = new SplittableRandom(state);
    int length = random.nextInt(plan.shortestPrompt(), plan.longestPrompt() + 1);
    TokenIds prefix = TokenIds.of(tokenizer.promptPrefix());
    int[] tokens = new int[Math.max(1, length - prefix.size())];
    for (int i = 0; i < tokens.length; i++) {
      do {
        tokens[i] = random.nextInt(dimensions.vocabulary());
      } while (eosIds.contains(tokens[i]));
    }
    return prefix.concat(TokenIds.of(tokens));
  }

  /** Digest of the prompts of the first {@code count} orders. */
  public Digest32 corpus(int count) {
    CborWriter out = new CborWriter().array(count);
    for (int i = 0; i < count; i++) {
      int[] prompt = prompt(i).toArray();
      out.array(prompt.length);
      for (int token : prompt) {
        out.unsigned(token);
      }
    }
    return Digest32.sha256(out.toByteArray());
  }

  /** An order as the client signs it. */
  public SignedMessage sign(JobOrder order) {
    return order.sign(client, NETWORK);
  }

  /** The client's acknowledgement of a receipt. */
  public ReceiptAck ack(int index, SignedMessage receipt) {
    return new ReceiptAck(receipt.id(), source().id(), index);
  }

  /** The challenge that follows from an ack. */
  public Challenge challenge(JobOrder order, ReceiptAck ack) {
    return new Challenge(
        order.digest(),
        ack.receipt(),
        Optional.of(ack.digest()),
        VrfRandomness.evaluate(beacon, ack.challengeRound()),
        plan.challenge(order.prompt().size() + plan.outputTokens() - 1, dimensions.layers()));
  }

  /** A challenge as the challenger signs it. */
  public SignedMessage sign(Challenge challenge) {
    return challenge.sign(challenger, NETWORK);
  }

  /** The source of the challenges' randomness. */
  public VrfRandomness source() {
    return new VrfRandomness(beacon.verifyingKey());
  }

  /** Public key of the beacon. */
  public VerifyingKey beaconKey() {
    return beacon.verifyingKey();
  }

  /** Everything that a verifier is given. */
  public Submission submission(JobOrder order, SignedMessage receipt, int index, byte[] opening) {
    ReceiptAck ack = ack(index, receipt);
    return new Submission(
        Optional.of(sign(order).encode()),
        Optional.of(receipt.encode()),
        Optional.of(ack.sign(client, NETWORK).encode()),
        Optional.of(sign(challenge(order, ack)).encode()),
        Optional.of(opening),
        Optional.empty());
  }
}
