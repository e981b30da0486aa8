package io.verillm.exec.torch;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Keeps the two thread pools at the size that a run asks for. They belong to the process: runs of
 * one size go on side by side, a run of another size waits for them to end. Thread-safe.
 */
final class ThreadPools {
  private final Object lock = new Object();
  private final Map<Thread, Integer> depths = new HashMap<>();
  private final IntConsumer resize;
  private int size;

  /**
   * @param resize sets both pools; called on the thread that is about to run, before it runs
   */
  ThreadPools(IntConsumer resize) {
    this.resize = resize;
  }

  /**
   * Waits until the pools may have this size and sets it.
   *
   * @return closed by the same thread when its run has ended
   * @throws IllegalStateException if this thread is inside a run of another size, from a sink
   */
  Pin enter(int threads) {
    Thread me = Thread.currentThread();
    boolean interrupted = false;
    synchronized (lock) {
      if (depths.containsKey(me) && size != threads) {
        throw new IllegalStateException(
            "a run with " + threads + " threads inside a run with " + size);
      }
      while (!depths.isEmpty() && size != threads) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      size = threads;
      depths.merge(me, 1, Integer::sum);
    }
    if (interrupted) {
      me.interrupt();
    }
    Pin pin = new Pin(me);
    try {
      resize.accept(threads);
    } catch (RuntimeException | Error e) {
      pin.close();
      throw e;
    }
    return pin;
  }

  /** A run's claim on the size of the pools. */
  final class Pin implements AutoCloseable {
    private final Thread owner;

    private Pin(Thread owner) {
      this.owner = owner;
    }

    @Override
    public void close() {
      synchronized (lock) {
        depths.computeIfPresent(owner, (thread, depth) -> depth == 1 ? null : depth - 1);
        if (depths.isEmpty()) {
          lock.notifyAll();
        }
      }
    }
  }
}
