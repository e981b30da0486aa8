package io.verillm.core.canonical;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Independent parts of one operation on a caller's executor.
 *
 * <p>The calling thread works too and takes whatever nobody else has taken, so that a busy or a
 * one-threaded executor delays nothing and cannot dead-lock.
 */
final class Tasks {
  private Tasks() {}

  /** Runs parts 0 .. parts − 1, each once, and returns when all are done. */
  static void run(@Nullable Executor executor, int threads, int parts, IntConsumer part) {
    if (executor == null || threads < 2 || parts < 2) {
      for (int i = 0; i < parts; i++) {
        part.accept(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(parts);
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
            try {
              part.accept(i);
            } catch (RuntimeException | Error e) {
              failure.compareAndSet(null, e);
            } finally {
              done.countDown();
            }
          }
        };
    try {
      for (int i = 1; i < Math.min(threads, parts); i++) {
        executor.execute(worker);
      }
    } catch (RejectedExecutionException e) {
      // the calling thread does the rest
    }
    worker.run();
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new IllegalStateException("a part of the operation failed", first);
    }
  }
}
