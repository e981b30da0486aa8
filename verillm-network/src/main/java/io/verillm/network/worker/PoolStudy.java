package io.verillm.network.worker;

import io.verillm.incentives.simulation.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One pool for both roles against two dedicated pools of the same total size, by simulation of
 * queues: orders arrive at random, each is answered once and then verified by several workers; a
 * queue is served first come first served by whoever is free.
 *
 * <p>The dedicated pools are divided as the mean work of the whole run asks for, which is the best
 * that can be done without knowing the future. It compares these two ways to use workers and says
 * nothing about a given network's hardware. Thread-safe.
 */
public final class PoolStudy {
  private PoolStudy() {}

  /**
   * What is offered.
   *
   * @param workers workers in all, at least 2
   * @param answerSeconds mean time of one answer; single ones are exponentially distributed
   * @param verifySeconds mean time of one verification, likewise
   * @param verifiers verifications per audited answer
   * @param calmAudits share of answers that are audited in calm hours
   * @param busyAudits share that are audited in busy hours, when a dispute or a canary round runs
   * @param hourSeconds length of an hour of either sort; they alternate
   * @param hours how many hours, even
   */
  public record Offer(
      int workers,
      double answerSeconds,
      double verifySeconds,
      int verifiers,
      double calmAudits,
      double busyAudits,
      double hourSeconds,
      int hours) {
    /** Checks the ranges. */
    public Offer {
      boolean positive =
          workers >= 2
              && answerSeconds > 0
              && verifySeconds > 0
              && verifiers >= 1
              && hourSeconds > 0
              && hours >= 2
              && hours % 2 == 0;
      boolean shares = calmAudits >= 0 && calmAudits <= 1 && busyAudits >= 0 && busyAudits <= 1;
      if (!positive || !shares) {
        throw new IllegalArgumentException("an offer is out of range");
      }
    }

    private double meanAudits() {
      return (calmAudits + busyAudits) / 2;
    }

    /** Mean work that one order brings, in worker-seconds. */
    public double workPerOrder() {
      return answerSeconds + meanAudits() * verifiers * verifySeconds;
    }

    /** Workers that the mean work gives to verification, at least one on either side. */
    public int dedicatedVerifiers() {
      double share = meanAudits() * verifiers * verifySeconds / workPerOrder();
      return (int) Math.max(1, Math.min(workers - 1, Math.round(share * workers)));
    }
  }

  /** Mean of replications with its standard error. */
  public record Figure(double mean, double standardError) {
    static Figure of(double[] values) {
      double mean = Arrays.stream(values).average().orElse(0);
      double squares =
          Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
      return new Figure(mean, Math.sqrt(squares / values.length));
    }
  }

  /**
   * One load, one way to use the workers.
   *
   * @param load offered work as a share of what all workers can do, long-run mean
   * @param shared whether the pool is shared
   * @param utilisation share of worker time that was busy
   * @param throughput orders answered and fully verified per second, as a share of what all workers
   *     could do if none were ever idle
   * @param latency mean seconds from an order's arrival to its last verification, of those that
   *     were finished
   */
  public record Point(
      double load, boolean shared, Figure utilisation, Figure throughput, Figure latency) {}

  /**
   * Sweeps the load.
   *
   * @param loads each above 0
   * @param replications at least 2
   */
  public static List<Point> sweep(Offer offer, List<Double> loads, int replications, long seed) {
    if (replications < 2) {
      throw new IllegalArgumentException("an interval needs two replications");
    }
    List<Point> points = new ArrayList<>();
    for (double load : loads) {
      for (boolean shared : new boolean[] {true, false}) {
        double[][] values = new double[3][replications];
        for (int i = 0; i < replications; i++) {
          // The same arrivals and service times for both ways.
          double[] run = run(offer, load, shared, new SeededRandom(seed + i));
          for (int k = 0; k < 3; k++) {
            values[k][i] = run[k];
          }
        }
        points.add(
            new Point(
                load, shared, Figure.of(values[0]), Figure.of(values[1]), Figure.of(values[2])));
      }
    }
    return List.copyOf(points);
  }

  private record Task(double arrival, double service, int order, boolean verification) {}

  private static double[] run(Offer offer, double load, boolean shared, SeededRandom random) {
    double rate = load * offer.workers() / offer.workPerOrder();
    double end = offer.hourSeconds() * offer.hours();
    int dedicated = offer.dedicatedVerifiers();
    Pool answering = new Pool(shared ? offer.workers() : offer.workers() - dedicated);
    Pool verifying = shared ? answering : new Pool(dedicated);
    PriorityQueue<Task> arriving =
        new PriorityQueue<>(
            Comparator.comparingDouble(Task::arrival)
                .thenComparingInt(Task::order)
                .thenComparing(Task::verification));
    List<double[]> orders = new ArrayList<>(); // arrival, last end, verifications outstanding
    for (double t = exponential(random, 1 / rate); t < end; t += exponential(random, 1 / rate)) {
      arriving.add(new Task(t, exponential(random, offer.answerSeconds()), orders.size(), false));
      orders.add(new double[] {t, Double.POSITIVE_INFINITY});
    }
    // What an order brings later is drawn per order, so that both ways get the same work.
    long base = random.nextLong();
    while (!arriving.isEmpty()) {
      Task task = arriving.poll();
      Pool pool = task.verification() ? verifying : answering;
      double done = pool.serve(task.arrival(), task.service(), end);
      double[] order = orders.get(task.order());
      if (task.verification()) {
        order[1] = Math.max(order[1], done);
        continue;
      }
      order[1] = done;
      SeededRandom own = new SeededRandom(base + task.order());
      boolean busyHour = (int) (order[0] / offer.hourSeconds()) % 2 == 1;
      if (own.happens(busyHour ? offer.busyAudits() : offer.calmAudits())) {
        for (int v = 0; v < offer.verifiers(); v++) {
          arriving.add(new Task(done, exponential(own, offer.verifySeconds()), task.order(), true));
        }
      }
    }
    double busy = answering.busy + (shared ? 0 : verifying.busy);
    double finished = 0;
    double latency = 0;
    for (double[] order : orders) {
      if (order[1] <= end) {
        finished++;
        latency += order[1] - order[0];
      }
    }
    return new double[] {
      busy / (offer.workers() * end),
      finished * offer.workPerOrder() / (offer.workers() * end),
      finished == 0 ? 0 : latency / finished
    };
  }

  private static double exponential(SeededRandom random, double mean) {
    return -mean * Math.log1p(-random.nextDouble());
  }

  /** Workers that serve tasks in the order of their arrival. */
  private static final class Pool {
    private final PriorityQueue<Double> freeAt = new PriorityQueue<>();
    private double busy;

    Pool(int workers) {
      for (int i = 0; i < workers; i++) {
        freeAt.add(0.0);
      }
    }

    double serve(double arrival, double service, double end) {
      double start = Math.max(arrival, freeAt.remove());
      double done = start + service;
      freeAt.add(done);
      busy += Math.max(0, Math.min(done, end) - Math.min(start, end));
      return done;
    }
  }
}
