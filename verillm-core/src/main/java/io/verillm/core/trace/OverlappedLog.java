package io.verillm.core.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
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
  static final int MOST_WAITING = 16;

  /** Positions that make a task. */
  private static final int WORTH_A_TASK = 8;

  private record Position(int position, int tokenId, @Nullable TokenRows rows, boolean loaded) {}

  private final PositionLog log;
  private final Consumer<TokenRows> recycle;
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Position> waiting = new ArrayDeque<>();
  private boolean scheduled;
  private boolean working;
  private @Nullable Throwable failure;

  OverlappedLog(PositionLog log, Consumer<TokenRows> recycle, Executor executor) {
    this.log = log;
    this.recycle = recycle;
    this.executor = executor;
  }

  /** Queues the next position. */
  void keep(int position, int tokenId, @Nullable TokenRows rows, boolean loaded) {
    drain(MOST_WAITING - 1);
    boolean schedule;
    lock.lock();
    try {
      waiting.add(new Position(position, tokenId, rows, loaded));
      boolean worth = waiting.size() >= WORTH_A_TASK || log.givesHeadAfter(position);
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
      log.keep(next.position(), next.tokenId(), next.rows(), next.loaded());
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
}
