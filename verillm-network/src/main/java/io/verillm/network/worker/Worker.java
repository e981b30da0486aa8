package io.verillm.network.worker;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.AnswerRecording;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Answers signed orders, whatever they are for, and records the same trace for all of them.
 *
 * <p>It keeps its chain of receipts in memory and is meant for simulations and tests: a node that
 * somebody pays uses {@link io.verillm.exec.Prover}, whose journal survives a crash. Not
 * thread-safe.
 */
public final class Worker {
  private final SigningKey key;
  private final String networkId;
  private final Digest32 model;
  private final AnswerGenerator generator;
  private final Tokenizer tokenizer;
  private final TraceProfile profile;
  private final Supplier<JobSecret> secrets;
  private long sequence;
  private Digest32 previous = ChainPosition.NONE;

  /**
   * Makes a worker.
   *
   * @param model digest of the weights that it says it serves
   * @param secrets a fresh secret per order
   */
  public Worker(
      SigningKey key,
      String networkId,
      Digest32 model,
      AnswerGenerator generator,
      Tokenizer tokenizer,
      TraceProfile profile,
      Supplier<JobSecret> secrets) {
    this.key = Objects.requireNonNull(key, "key");
    this.networkId = Objects.requireNonNull(networkId, "networkId");
    this.model = Objects.requireNonNull(model, "model");
    this.generator = Objects.requireNonNull(generator, "generator");
    this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
    this.profile = Objects.requireNonNull(profile, "profile");
    this.secrets = Objects.requireNonNull(secrets, "secrets");
  }

  /** The key that signs its receipts. */
  public VerifyingKey verifyingKey() {
    return key.verifyingKey();
  }

  /**
   * Answers an order.
   *
   * @throws MalformedMessageException if its payload is no order
   * @throws IllegalArgumentException if it is not signed for this network, or is for another node
   *     or another trace profile
   */
  public WorkedOrder answer(SignedMessage message) throws MalformedMessageException {
    if (message.type() != MessageType.ORDER || !message.verify(networkId)) {
      throw new IllegalArgumentException("not an order signed for network " + networkId);
    }
    JobOrder order = JobOrder.decode(message.payload());
    if (!order.node().equals(verifyingKey()) || !order.profile().equals(profile.digest())) {
      throw new IllegalArgumentException("the order is for another node or trace profile");
    }
    MemoryTrace trace = new MemoryTrace();
    AnswerRecording.Recorded recorded =
        new AnswerRecording(key, model, generator, tokenizer, profile)
            .record(
                order,
                secrets.get(),
                trace,
                new ChainPosition(0, sequence, previous),
                tokens -> {});
    sequence++;
    previous = recorded.receipt().digest();
    return new WorkedOrder(
        message,
        order,
        recorded.receipt().sign(key, networkId),
        recorded.receipt(),
        recorded.answer(),
        trace);
  }
}
