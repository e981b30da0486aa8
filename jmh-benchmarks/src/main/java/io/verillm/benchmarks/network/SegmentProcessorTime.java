package io.verillm.benchmarks.network;

import io.verillm.exec.UnusableModelException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints the processor time of the longest of L = 1, 2, 4 layer segments, see {@link SegmentWork}:
 * median and quartiles of single runs in microseconds, and the ratio of the medians to L = 1.
 *
 * <p>JMH measures elapsed time, which other programs on the machine lengthen. This counts the time
 * that the thread was on a processor; the six cases take turns, so that what still disturbs them,
 * shared caches above all, disturbs all alike. Run it with
 *
 * <pre>java -cp jmh-benchmarks/target/benchmarks.jar \\
 *   io.verillm.benchmarks.network.SegmentProcessorTime [rounds]</pre>
 */
public final class SegmentProcessorTime {
  private static final int[] SEGMENTS = {1, 2, 4};
  private static final int WARM_UP_ROUNDS = 40;

  private SegmentProcessorTime() {}

  /** Takes the number of rounds, 200 if none is given. */
  public static void main(String[] arguments) throws IOException, UnusableModelException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    if (!threads.isCurrentThreadCpuTimeSupported()) {
      throw new IllegalStateException("this JVM does not tell the processor time of a thread");
    }
    List<SegmentWork> works = new ArrayList<>();
    for (boolean logits : new boolean[] {false, true}) {
      for (int segments : SEGMENTS) {
        works.add(new SegmentWork(segments, logits));
      }
    }
    List<long[]> nanos = new ArrayList<>();
    works.forEach(work -> nanos.add(new long[rounds]));
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (int i = 0; i < works.size(); i++) {
        long before = threads.getCurrentThreadCpuTime();
        works.get(i).run();
        long spent = threads.getCurrentThreadCpuTime() - before;
        if (round >= 0) {
          nanos.get(i)[round] = spent;
        }
      }
    }
    System.out.printf("%d runs each, microseconds of processor time%n", rounds);
    System.out.println("projection   L  quartile    median  quartile  median to L = 1");
    for (int i = 0; i < works.size(); i++) {
      java.util.Arrays.sort(nanos.get(i));
      long[] sorted = nanos.get(i);
      long[] whole = nanos.get(i - i % SEGMENTS.length);
      System.out.printf(
          Locale.ROOT,
          "%-10s %3d %9.0f %9.0f %9.0f %10.3f%n",
          i < SEGMENTS.length ? "without" : "with",
          SEGMENTS[i % SEGMENTS.length],
          quantile(sorted, 0.25) / 1e3,
          quantile(sorted, 0.5) / 1e3,
          quantile(sorted, 0.75) / 1e3,
          quantile(sorted, 0.5) / quantile(whole, 0.5));
    }
  }

  /** Linear between neighbours. */
  private static double quantile(long[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
