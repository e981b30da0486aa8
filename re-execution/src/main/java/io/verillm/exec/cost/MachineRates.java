package io.verillm.exec.cost;

import io.verillm.core.canonical.CanonicalGemm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The two rates of a machine that the law needs, both as one measurement found them.
 *
 * @param readBytesPerSecond memory read by the threads together
 * @param productFlops floating-point operations per second in large matrix products, a
 *     multiplication and an addition being two
 */
public record MachineRates(double readBytesPerSecond, double productFlops) {
  private static final int READ_BYTES = 64 << 20; // beyond the caches, twice per thread
  private static final int TRIES = 5;
  private static final int ROWS = 256;
  private static final int INPUTS = 1024;
  private static final int OUTPUTS = 2048;

  /** Refuses rates that are not positive. */
  public MachineRates {
    if (!(readBytesPerSecond > 0) || !(productFlops > 0)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "rates %g and %g", readBytesPerSecond, productFlops));
    }
  }

  /** Bytes per second that {@code threads} threads read from memory: the best of a few tries. */
  public static double readRate(int threads) {
    return best(
        threads,
        2.0 * READ_BYTES,
        () -> {
          byte[] one = new byte[READ_BYTES];
          byte[] other = new byte[READ_BYTES];
          return () -> {
            if (!Arrays.equals(one, other)) {
              throw new AssertionError("zeros differ");
            }
          };
        });
  }

  /** Operations per second of canonical products on {@code threads} threads. */
  public static double canonicalProductRate(int threads) {
    return best(
        threads,
        2.0 * ROWS * INPUTS * OUTPUTS,
        () -> {
          float[][] x = new float[ROWS][INPUTS];
          float[][] w = new float[INPUTS][OUTPUTS];
          float[][] y = new float[ROWS][OUTPUTS];
          return () -> CanonicalGemm.multiply(x, 0, ROWS, w, INPUTS, y, 0, OUTPUTS);
        });
  }

  /** Work of all threads together over the time until the last has done its part. */
  private static double best(int threads, double work, Callable<Runnable> prepare) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Runnable> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        parts.add(prepare.call());
      }
      double best = 0;
      for (int attempt = 0; attempt < TRIES; attempt++) {
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (Runnable part : parts) {
          running.add(pool.submit(part));
        }
        for (Future<?> one : running) {
          one.get();
        }
        best = Math.max(best, threads * work / ((System.nanoTime() - start) * 1e-9));
      }
      return best;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a measurement failed", e.getCause());
    } catch (Exception e) {
      throw new IllegalStateException("a measurement failed", e);
    } finally {
      pool.shutdown();
    }
  }
}
