package io.verillm.exec;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the decode steps of several threads together, as a server does: a step starts when every
 * thread that is expected is waiting for one. Gives the bits of the executor below; the canonical
 * one's do not depend on what steps happen to share a batch.
 *
 * <p>{@link #expect} announces threads; each calls {@link #join} before its first step and {@link
 * #leave} after its last. Steps of threads that did not join run alone. A failure reaches every
 * thread of the batch. Thread-safe.
 */
public final class BatchingExecutor implements ModelExecutor {
  private final SharedStepExecutor executor;
  private final Object lock = new Object();
  private final ThreadLocal<Boolean> joined = ThreadLocal.withInitial(() -> false);
  private List<Step> waiting = new ArrayList<>();
  private int members;

  private static final class Step {
    private final DecodeSession session;
    private final int token;
    private float @Nullable [] logits;
    private @Nullable RuntimeException failure;

    Step(DecodeSession session, int token) {
      this.session = session;
      this.token = token;
    }
  }

  /**
   * Makes a batching view; closing it closes nothing.
   *
   * @param executor takes steps of as many threads as will join
   */
  public BatchingExecutor(SharedStepExecutor executor) {
    this.executor = executor;
  }

  /** Says how many threads will join, so that the first of them waits for the last. */
  public void expect(int threads) {
    synchronized (lock) {
      members += threads;
    }
  }

  /** Takes the calling thread, which was expected, into the batch. */
  public void join() {
    joined.set(true);
  }

  /** Takes the calling thread out, after its last step. */
  public void leave() {
    joined.remove();
    synchronized (lock) {
      members--;
      runIfComplete();
    }
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    if (!joined.get()) {
      return executor.decodeStep(session, token);
    }
    Step step = new Step(session, token);
    synchronized (lock) {
      waiting.add(step);
      runIfComplete();
      while (step.logits == null && step.failure == null) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted in a batch", e);
        }
      }
    }
    if (step.failure != null) {
      throw new IllegalStateException("the batch failed", step.failure);
    }
    float[] logits = step.logits;
    return logits == null ? new float[0] : logits;
  }

  /** The last thread to arrive computes for all, under the lock: the others only wait. */
  private void runIfComplete() {
    if (waiting.isEmpty() || waiting.size() < members) {
      return;
    }
    List<Step> batch = waiting;
    waiting = new ArrayList<>();
    try {
      float[][] logits =
          executor.decodeStep(
              batch.stream().map(step -> step.session).toList(),
              batch.stream().mapToInt(step -> step.token).toArray());
      for (int i = 0; i < logits.length; i++) {
        batch.get(i).logits = logits[i];
      }
    } catch (RuntimeException e) {
      batch.forEach(step -> step.failure = e);
    }
    lock.notifyAll();
  }

  @Override
  public ExecutionClass describe() {
    return executor.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return executor.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return executor.modelDigest();
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    executor.prefill(tokens, layers, boundaryStates, capture, logits);
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return executor.openSession(capacity, capture);
  }

  @Override
  public LayerResult layer(
      int layer,
      int firstPosition,
      TensorView inputRows,
      TensorView keyRows,
      TensorView valueRows) {
    return executor.layer(layer, firstPosition, inputRows, keyRows, valueRows);
  }

  @Override
  public void close() {}
}
