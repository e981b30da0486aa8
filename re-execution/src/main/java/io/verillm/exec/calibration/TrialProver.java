package io.verillm.exec.calibration;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.AnswerRecording;
import io.verillm.exec.BatchingExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Answers the orders of a trial in memory, several at a time, and opens what it is asked for. It is
 * for measuring; {@link io.verillm.exec.Prover} keeps the files that somebody who is paid needs.
 */
public final class TrialProver implements AutoCloseable {
  private final SigningKey key;
  private final Digest32 model;
  private final Tokenizer tokenizer;
  private final TraceProfile profile;
  private final List<BatchingExecutor> batches;
  private final ExecutorService threads;

  /**
   * @param batches executors whose decode steps the answers share; may be empty
   * @param atOnce answers that are worked on together
   */
  public TrialProver(
      SigningKey key,
      Digest32 model,
      Tokenizer tokenizer,
      TraceProfile profile,
      List<BatchingExecutor> batches,
      int atOnce) {
    this.key = key;
    this.model = model;
    this.tokenizer = tokenizer;
    this.profile = profile;
    this.batches = List.copyOf(batches);
    this.threads = Executors.newFixedThreadPool(atOnce);
  }

  /** An answer that waits for its challenge. */
  public record Answered(SignedMessage receipt, Answer answer, MemoryTrace trace) {}

  /**
   * Answers orders, at most as many as the prover works on at once.
   *
   * @param generators the generator for the i-th order; each is used by one thread
   */
  public List<Answered> answer(List<JobOrder> orders, IntFunction<AnswerGenerator> generators) {
    batches.forEach(batch -> batch.expect(orders.size()));
    List<Future<Answered>> pending = new ArrayList<>();
    for (int i = 0; i < orders.size(); i++) {
      JobOrder order = orders.get(i);
      AnswerGenerator generator = generators.apply(i);
      pending.add(threads.submit(() -> answer(order, generator)));
    }
    List<Answered> answers = new ArrayList<>();
    for (Future<Answered> one : pending) {
      try {
        answers.add(one.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("a trial's answer failed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    return answers;
  }

  private Answered answer(JobOrder order, AnswerGenerator generator) {
    batches.forEach(BatchingExecutor::join);
    try {
      MemoryTrace trace = new MemoryTrace();
      AnswerRecording.Recorded recorded =
          new AnswerRecording(key, model, generator, tokenizer, profile)
              .record(
                  order,
                  JobSecret.copyOf(order.nonce().toByteArray()),
                  trace,
                  new ChainPosition(0, 0, ChainPosition.NONE),
                  ignored -> {});
      return new Answered(
          recorded.receipt().sign(key, TrialOrders.NETWORK), recorded.answer(), trace);
    } finally {
      batches.forEach(BatchingExecutor::leave);
    }
  }

  /** Opens an answer, signed. */
  public byte[] open(Answered answered, Receipt receipt, Challenge challenge, VrfRandomness source)
      throws IOException {
    return Opening.of(challenge, source, receipt, answered.answer(), answered.trace())
        .sign(key, TrialOrders.NETWORK)
        .encode();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
