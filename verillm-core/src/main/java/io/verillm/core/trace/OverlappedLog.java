package io.verillm.core.trace;

import io.verillm.core.spi.BufferView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Positions that wait for a {@link PositionLog}, which one task at a time works off. The pushing
 * thread waits only when the queue is full or a result is asked for, and works itself if no task
 * runs then: an executor without a free thread costs the overlap, but never hangs.
 *
 * <p>Waking another thread costs more than hashing a small position, so several wait before a task
 * is made, unless a head is due.
 */
final class OverlappedLog {
  /** Most positions that wait; each holds the bytes of one token. */
  static final int MOST_WAITING = 32;

  /** Positions that make a task. */
  private static final int WORTH_A_TASK = 16;

  /** Its rows are in a buffer of ours, or where the engine has them, or there are none. */
  private record Position(
      int position,
      int tokenId,
      @Nullable TokenRows rows,
      @Nullable List<BufferView> inPlace,
      boolean loaded) {}

  private final TraceLayout layout;
  private final PositionLog log;
  private final TokenRows read;
  private final Consumer<TokenRows> recycle;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Position> waiting = new ArrayDeque<>();
  private boolean scheduled;
  private boolean working;
  private @Nullable Throwable failure;

  OverlappedLog(
      TraceLayout layout, PositionLog log, Consumer<TokenRows> recycle, Executor executor) {
    this.layout = layout;
    this.log = log;
    this.read = new TokenRows(layout.bytesPerToken());
    this.recycle = recycle;
    this.executor = executor;
  }

  /** Queues the next position. */
  void keep(int position, int tokenId, @Nullable TokenRows rows, boolean loaded) {
    queue(new Position(position, tokenId, rows, null, loaded));
  }

  /**
   * Queues the next position.
   *
   * @param rows one view per row of the layout, over the whole sequence; read until {@link #settle}
   */
  void keepInPlace(int position, int tokenId, List<BufferView> rows) {
    queue(new Position(position, tokenId, null, rows, /* loaded= */ false));
  }

  private void queue(Position next) {
    drain(MOST_WAITING - 1);
    boolean schedule;
    lock.lock();
    try {
      waiting.add(next);
      boolean worth = waiting.size() >= WORTH_A_TASK || log.givesHeadAfter(next.position());
      schedule = worth && !scheduled;
      scheduled |= schedule;
    } finally {
      lock.unlock();
    }
    if (schedule) {
      try {
        executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        // A closed executor costs the overlap, not the trace.
        work();
      }
    }
  }

  /** Returns once everything queued is kept. */
  void settle() {
    drain(0);
  }

  /** Waits until at most {@code most} positions wait and, for 0, none is being kept. */
  private void drain(int most) {
    boolean interrupted = false;
    lock.lock();
    try {
      while (failure == null && (waiting.size() > most || (most == 0 && working))) {
        if (!working) {
          keepOldest();
          continue;
        }
        try {
          changed.await();
        } catch (InterruptedException e) {
          interrupted = true; // half a trace is no answer to an interrupt; the caller hears of it
        }
      }
      Throwable seen = failure;
      if (seen != null) {
        throw new UncheckedIOException(
            new IOException("the trace could not be kept: " + seen, seen));
      }
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void work() {
    lock.lock();
    try {
      while (!working && failure == null && !waiting.isEmpty()) {
        keepOldest();
      }
      scheduled = false;
    } finally {
      lock.unlock();
    }
  }

  /** Keeps the oldest position; called with the lock held, which is free meanwhile. */
  private void keepOldest() {
    Position next = waiting.remove();
    working = true;
    lock.unlock();
    Throwable thrown = null;
    try {
      List<BufferView> views = next.inPlace();
      TokenRows rows = views == null ? next.rows() : read(views, next.position());
      log.keep(next.position(), next.tokenId(), rows, next.loaded());
      if (next.rows() != null) {
        recycle.accept(next.rows());
      }
    } catch (RuntimeException | Error e) {
      thrown = e;
    } finally {
      lock.lock();
      working = false;
      failure = thrown;
      changed.signalAll();
    }
  }

  /** Copies a position's rows out of the engine's memory; whoever works is the only one. */
  private TokenRows read(List<BufferView> views, int position) {
    byte[] bytes = read.bytes();
    for (TraceLayout.Row row : layout.rows()) {
      views.get(row.index()).row(position).get(bytes, row.byteOffset(), row.rowBytes());
    }
    return read;
  }
}
