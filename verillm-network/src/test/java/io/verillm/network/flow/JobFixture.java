package io.verillm.network.flow;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Opening;
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
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Micros;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import io.verillm.network.message.BeaconSchedule;
import io.verillm.network.message.Commitment;
import io.verillm.network.message.Finding;
import io.verillm.network.message.Fragments;
import io.verillm.network.message.JobDeadlines;
import io.verillm.network.message.JobMoney;
import io.verillm.network.message.JobTerms;
import io.verillm.network.message.Randomness;
import io.verillm.network.message.Reveal;
import io.verillm.network.message.TermsAcceptance;
import io.verillm.network.message.Vote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;

/** A job with made-up rows between parties with seeded keys: the same fixture, the same bytes. */
final class JobFixture {
  static final String NETWORK = "test";
  static final SigningKey CLIENT = key(1);
  static final SigningKey PROVER = key(2);
  static final SigningKey BEACON = key(3);
  static final SigningKey WITNESS = key(4);
  static final SigningKey LOG = key(5);
  static final SigningKey STRANGER = key(6);
  static final ModelDimensions DIMENSIONS = new ModelDimensions(3, 8, 4, 4, 100, 64);
  static final TraceProfile PROFILE = TraceProfile.standard(DType.F32);
  static final TraceLayout LAYOUT = TraceLayout.of(PROFILE, DIMENSIONS);
  static final TokenIds PROMPT = TokenIds.of(7, 8, 9);
  static final TokenIds OUTPUT = TokenIds.of(20, 21, 22, 23, 1);
  static final int WORKERS = 24;
  static final long GENESIS = 1_000_000;
  static final long PERIOD = 3_000;
  static final long START = 2_000_000;
  static final VrfRandomness SOURCE = new VrfRandomness(BEACON.verifyingKey());
  static final BeaconSchedule SCHEDULE = new BeaconSchedule(SOURCE.id(), GENESIS, PERIOD);
  static final JobMoney MONEY =
      new JobMoney(Micros.of(1_000_000), Micros.of(10_000), Micros.of(80_000));

  final Map<VerifyingKey, SigningKey> keys = new HashMap<>();
  final StakeTable stakes;
  final JobOrder order;
  final SignedMessage orderMessage;
  final JobTerms terms;
  final SignedMessage termsMessage;
  final JobContext context;
  final MemoryTrace proverTrace;
  final Receipt receipt;
  final SignedMessage receiptMessage;
  final Answer answer =
      new Answer(OUTPUT, "text".getBytes(StandardCharsets.UTF_8), new byte[16], new byte[16]);

  JobFixture() {
    this(0, 3, 7);
  }

  JobFixture(int nonce, int committee, int second) {
    this(nonce, committee, second, MONEY);
  }

  JobFixture(int nonce, int committee, int second, JobMoney money) {
    this(nonce, committee, second, money, List.of(LOG));
  }

  JobFixture(int nonce, int committee, int second, JobMoney money, List<SigningKey> logs) {
    List<Staker> stakers = new ArrayList<>();
    stakers.add(new Staker(PROVER.verifyingKey(), "prover", Micros.ofUnits(100)));
    for (int i = 0; i < WORKERS; i++) {
      SigningKey worker = key(100 + i);
      keys.put(worker.verifyingKey(), worker);
      stakers.add(new Staker(worker.verifyingKey(), "owner-" + i, Micros.ofUnits(50 + i)));
    }
    stakes = StakeTable.of(stakers);
    order =
        new JobOrder(
            PROVER.verifyingKey(),
            digest("model"),
            digest("tokenizer"),
            Digest32.sha256(),
            digest("request"),
            PROMPT,
            SamplingManifest.builder(8).eosIds(List.of(1)).build(),
            PROFILE.digest(),
            EvidenceLevel.CACHE,
            digest("nonce " + nonce),
            Optional.empty(),
            1_900_000_000_000L);
    orderMessage = order.sign(CLIENT, NETWORK);
    terms =
        new JobTerms(
            order.digest(),
            SCHEDULE,
            new ChallengePlan(4, 2),
            committee,
            second,
            JobDeadlines.each(60_000),
            money,
            stakes.digest(),
            List.of(WITNESS.verifyingKey()),
            logs.stream().map(SigningKey::verifyingKey).toList());
    termsMessage = terms.sign(CLIENT, NETWORK);
    context = context(orderMessage, termsMessage, stakes);
    proverTrace = trace(PROVER.verifyingKey(), TraceRole.PROVER, 0, order.digest());
    receipt = receipt(order, proverTrace);
    receiptMessage = receipt.sign(PROVER, NETWORK);
  }

  static JobContext context(SignedMessage order, SignedMessage terms, StakeTable stakes) {
    try {
      return JobContext.of(
          NETWORK, order, terms, stakes, SOURCE, LAYOUT, FragmentComparison.exact());
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  Receipt receipt(JobOrder ordered, MemoryTrace trace) {
    return new Receipt(
        ordered.digest(),
        ordered.requestBody(),
        answer.responseDigest(),
        answer.promptDigest(ordered.prompt()),
        PROMPT.size(),
        answer.outputDigest(),
        OUTPUT.size(),
        FinishReason.EOS,
        ordered.model(),
        new ExecutionClass(
            "fixture", "1", ExecutionClass.CANONICAL_ARITHMETIC, "F32", "java", "cpu", "1"),
        ordered.profile(),
        trace.head(),
        SeedProof.copyOf(new byte[80]),
        new ChainPosition(0, 0, ChainPosition.NONE),
        List.of());
  }

  /** A receipt for this order that names another model than the ordered one. */
  SignedMessage otherModel() {
    return changed(digest("another model"), receipt.head());
  }

  /** A receipt whose trace is one leaf longer than its tokens. */
  SignedMessage otherLength() {
    TraceHead head = receipt.head();
    return changed(receipt.model(), new TraceHead(head.root(), head.leafCount() + 1));
  }

  private SignedMessage changed(Digest32 model, TraceHead head) {
    Receipt r = receipt;
    return new Receipt(
            r.order(),
            r.requestBody(),
            r.response(),
            r.prompt(),
            r.promptTokens(),
            r.output(),
            r.outputTokens(),
            r.finish(),
            model,
            r.executionClass(),
            r.profile(),
            head,
            r.seedProof(),
            r.position(),
            List.of())
        .sign(PROVER, NETWORK);
  }

  static SigningKey key(int seed) {
    return SigningKey.fromSeed(
        ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putInt(seed).array());
  }

  static Digest32 digest(String text) {
    return Digest32.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A trace whose rows depend on {@code model} only: 0 is the right one. */
  MemoryTrace trace(VerifyingKey party, TraceRole role, int model, Digest32 orderDigest) {
    return trace(
        TraceId.compute(orderDigest, party.toByteArray(), role, PROFILE.digest()), party, model);
  }

  MemoryTrace trace(TraceId id, VerifyingKey party, int model) {
    MemoryTrace trace = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(
            PROFILE,
            DIMENSIONS,
            id,
            JobSecret.copyOf(Digest32.sha256(party.toByteArray()).toByteArray()),
            trace);
    int positions = PROMPT.size() + OUTPUT.size();
    for (int position = 0; position < positions; position++) {
      int token =
          position < PROMPT.size() ? PROMPT.get(position) : OUTPUT.get(position - PROMPT.size());
      if (position == positions - 1) {
        recorder.pushUnfed(position, token);
      } else {
        recorder.push(position, token, rows(position, model));
      }
    }
    return trace;
  }

  private static Map<RowKey, TensorView> rows(int position, int model) {
    byte[] all = new byte[LAYOUT.bytesPerToken()];
    Random random = new Random(1000L * model + position);
    ByteBuffer values = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      values.putFloat((float) random.nextGaussian());
    }
    Map<RowKey, TensorView> rows = new LinkedHashMap<>();
    for (TraceLayout.Row row : LAYOUT.rows()) {
      rows.put(
          row.key(),
          TensorView.of(
              row.dtype(),
              Shape.of(row.width()),
              ByteBuffer.wrap(all, row.byteOffset(), row.rowBytes())));
    }
    return rows;
  }

  SignedMessage acceptance() {
    return new TermsAcceptance(context.job()).sign(PROVER, NETWORK);
  }

  SignedMessage ack(SigningKey signer, long roundSeen) {
    return new ReceiptAck(receiptMessage.id(), SOURCE.id(), roundSeen).sign(signer, NETWORK);
  }

  SignedMessage randomness(long round) {
    return new Randomness(context.job(), VrfRandomness.evaluate(BEACON, round))
        .sign(STRANGER, NETWORK);
  }

  SignedMessage challenge(long roundSeen) {
    ReceiptAck ack = new ReceiptAck(receiptMessage.id(), SOURCE.id(), roundSeen);
    return new Challenge(
            order.digest(),
            receiptMessage.id(),
            Optional.of(ack.digest()),
            VrfRandomness.evaluate(BEACON, ack.challengeRound()),
            terms.plan())
        .sign(STRANGER, NETWORK);
  }

  SignedMessage opening(SignedMessage challenge) {
    try {
      return Opening.of(Challenge.decode(challenge.payload()), SOURCE, receipt, answer, proverTrace)
          .sign(PROVER, NETWORK);
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TraceOpening open(MemoryTrace trace, SortedMap<Integer, List<Integer>> rows) {
    try {
      return TraceOpening.open(trace, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SignedMessage fragments(JobState state) {
    return new Fragments(context.job(), state.round(), open(proverTrace, state.rows()))
        .sign(PROVER, NETWORK);
  }

  /** One committee member: what it computed, and what it says. */
  final class Member {
    final SigningKey key;
    final MemoryTrace trace;
    final Vote vote;
    final int round;

    Member(VerifyingKey seat, int round, int model, Vote vote) {
      this.key = keys.get(seat);
      this.trace = trace(seat, TraceRole.VERIFIER, model, order.digest());
      this.vote = vote;
      this.round = round;
    }

    Finding finding() {
      return new Finding(trace.head(), vote, digest("verdict"), digest("salt " + key));
    }

    SignedMessage commitment() {
      return new Commitment(
              context.job(), round, finding().commitment(context.job(), round, key.verifyingKey()))
          .sign(key, NETWORK);
    }

    SignedMessage reveal(SortedMap<Integer, List<Integer>> rows) {
      return new Reveal(context.job(), round, finding(), Optional.of(open(trace, rows)))
          .sign(key, NETWORK);
    }
  }
}
