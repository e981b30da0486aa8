package io.verillm.exec;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.ReceiptJournal;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.TraceFileWriter;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Answers orders as a prover: generates, records, signs, and leaves files that can be challenged.
 *
 * <p>Stopped at any moment it leaves either no receipt or a valid one: the trace and the answer are
 * complete under their final names before the receipt is signed, the journal holds the receipt
 * before its file appears, and asking again for the same order gives the same receipt. One order at
 * a time; not thread-safe.
 */
public final class Prover {
  /** File name of the trace, which only the prover may read. */
  public static final String TRACE_FILE = "trace.vtrace";

  /** File name of the answer for the client. */
  public static final String ANSWER_FILE = "answer.cbor";

  /** File name of the delivered bytes. */
  public static final String RESPONSE_FILE = "response.txt";

  /** File name of the {@link io.verillm.core.trace.HeadChain} for the client. */
  public static final String HEADS_FILE = "heads.cbor";

  /** Positions from one signed head to the next. */
  public static final int HEAD_EVERY = 32;

  private final SigningKey key;
  private final String networkId;
  private final Digest32 model;
  private final Tokenizer tokenizer;
  private final TraceProfile profile;
  private final ReceiptJournal journal;
  private final AnswerRecording recording;
  private final SecureRandom random = new SecureRandom();

  /**
   * Makes a prover.
   *
   * @param model digest of the weights as they are served
   * @param profile trace profile to record; orders for another one are refused
   */
  public Prover(
      SigningKey key,
      String networkId,
      Digest32 model,
      AnswerGenerator generator,
      Tokenizer tokenizer,
      TraceProfile profile,
      ReceiptJournal journal) {
    this(
        key,
        networkId,
        model,
        tokenizer,
        profile,
        journal,
        new AnswerRecording(key, model, generator, tokenizer, profile)
            .signingHeads(HEAD_EVERY, networkId));
  }

  private Prover(
      SigningKey key,
      String networkId,
      Digest32 model,
      Tokenizer tokenizer,
      TraceProfile profile,
      ReceiptJournal journal,
      AnswerRecording recording) {
    this.key = key;
    this.networkId = networkId;
    this.model = model;
    this.tokenizer = tokenizer;
    this.profile = profile;
    this.journal = Objects.requireNonNull(journal, "journal");
    this.recording = recording;
  }

  private Prover with(AnswerRecording other) {
    return new Prover(key, networkId, model, tokenizer, profile, journal, other);
  }

  /** As {@link AnswerRecording#hashingOn}. */
  public Prover hashingOn(Executor executor) {
    return with(recording.hashingOn(executor));
  }

  /** As {@link AnswerRecording#hashingInPlace}. */
  public Prover hashingInPlace(CommitKernels kernels) {
    return with(recording.hashingInPlace(kernels));
  }

  /** As {@link AnswerRecording#committingTensors}. */
  public Prover committingTensors(Function<TraceId, List<TensorCommitment>> source) {
    return with(recording.committingTensors(source));
  }

  /**
   * Answers the order in a job's folder and writes trace, answer, response, heads and receipt
   * beside it.
   *
   * @param progress called with the number of output tokens so far
   * @return the signed receipt; the one from before if the order was answered already
   * @throws IllegalArgumentException if this prover cannot take the order; the message says why
   * @throws MalformedMessageException if the order cannot be read
   */
  public SignedMessage answer(Path folder, IntConsumer progress)
      throws IOException, MalformedMessageException {
    SignedMessage message =
        SignedMessage.decode(Files.readAllBytes(folder.resolve(Submission.ORDER_FILE)));
    JobOrder order = accept(message);
    Optional<SignedMessage> earlier = journal.receiptFor(message.id());
    if (earlier.isPresent()) {
      AtomicFile.write(folder.resolve(Submission.RECEIPT_FILE), earlier.get().encode());
      return earlier.get();
    }
    journal.recover(key, networkId);
    ChainPosition position = journal.reserve();

    // A trace without a receipt is what an interrupted run left; nobody was promised it.
    Files.deleteIfExists(folder.resolve(TRACE_FILE));
    AnswerRecording.Recorded recorded;
    try (TraceFileWriter trace = TraceFileWriter.create(folder.resolve(TRACE_FILE))) {
      recorded = recording.record(order, JobSecret.random(random), trace, position, progress);
      trace.finish();
    }
    Answer answer = recorded.answer();
    AtomicFile.write(folder.resolve(ANSWER_FILE), answer.encode());
    AtomicFile.write(folder.resolve(RESPONSE_FILE), answer.response());
    AtomicFile.write(folder.resolve(HEADS_FILE), recorded.heads().orElseThrow().encode());
    SignedMessage signed = recorded.receipt().sign(key, networkId);
    journal.close(signed);
    AtomicFile.write(folder.resolve(Submission.RECEIPT_FILE), signed.encode());
    return signed;
  }

  private JobOrder accept(SignedMessage message) throws MalformedMessageException {
    if (message.type() != MessageType.ORDER || !message.verify(networkId)) {
      throw new IllegalArgumentException(
          "the order is not signed for network " + networkId + "; ask the client for a new one");
    }
    JobOrder order = JobOrder.decode(message.payload());
    if (!order.node().equals(key.verifyingKey())) {
      throw new IllegalArgumentException(
          "the order is for node "
              + order.node().shortHex()
              + ", this key is "
              + key.verifyingKey().shortHex());
    }
    if (!order.model().equals(model)) {
      throw new IllegalArgumentException(
          "the order is for model " + order.model().shortHex() + ", loaded is " + model.shortHex());
    }
    if (!order.profile().equals(profile.digest())) {
      throw new IllegalArgumentException("the order asks for another trace profile");
    }
    if (!order.tokenizer().equals(tokenizer.digest())) {
      throw new IllegalArgumentException("the order asks for another tokenizer");
    }
    order
        .sampling()
        .unsupportedFeature()
        .ifPresent(
            feature -> {
              throw new IllegalArgumentException("the order asks for " + feature);
            });
    return order;
  }
}
