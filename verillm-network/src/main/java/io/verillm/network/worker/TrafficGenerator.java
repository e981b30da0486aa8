package io.verillm.network.worker;

import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.incentives.simulation.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Makes a stream of work items, most of them ordinary turns of conversations, some of them
 * verification, as a scheduler under one policy gives them to workers. Answers come from the model.
 * One thread; equal seeds give equal streams.
 */
public final class TrafficGenerator {
  /** Most turns of a conversation. */
  public static final int MAX_TURNS = 4;

  /** Probability that a user goes on after a turn. */
  static final double CONTINUES = 0.6;

  private static final int WORKERS = 20;
  private static final double MEAN_PAUSE_SECONDS = 30;
  private static final double MEAN_ARRIVAL_SECONDS = 4;
  private static final double BATCH_SECONDS = 60;
  private static final int[] TEMPERATURES = {700_000, 800_000, 1_000_000};
  private static final int[] DECODE = {6, 8, 12};

  private final ModelExecutor model;
  private final List<int[]> texts;
  private final int[] prefix;
  private final TrafficPolicy policy;
  private final SeededRandom random;
  private final List<WorkItem> items = new ArrayList<>();

  private TrafficGenerator(
      ModelExecutor model,
      List<int[]> texts,
      int[] prefix,
      TrafficPolicy policy,
      SeededRandom random) {
    this.model = model;
    this.texts = texts;
    this.prefix = prefix;
    this.policy = policy;
    this.random = random;
  }

  /**
   * One item as its worker sees it, and what it was for.
   *
   * @param verification whether it serves a verification; no worker is told
   * @param worker number of the worker it was given to
   * @param releasedAtSeconds when
   * @param tokens the prefix
   * @param decode tokens to decode more
   * @param temperatureMicros of the order's settings
   * @param envelopeBytes length on the line
   */
  public record WorkItem(
      boolean verification,
      int worker,
      double releasedAtSeconds,
      List<Integer> tokens,
      int decode,
      int temperatureMicros,
      int envelopeBytes) {}

  /**
   * Makes items until there are {@code perClass} of each sort, and then leaves out ordinary ones
   * that came after.
   *
   * @param model answers the conversations; not closed
   * @param texts what users say, as tokens, at least one
   * @param prefix tokens that begin every conversation
   * @param progress called with the number of verification items so far
   * @return in the order of their release
   */
  public static List<WorkItem> generate(
      ModelExecutor model,
      List<int[]> texts,
      int[] prefix,
      TrafficPolicy policy,
      int perClass,
      long seed,
      IntConsumer progress) {
    if (texts.isEmpty() || perClass < 1) {
      throw new IllegalArgumentException("no texts or no items");
    }
    TrafficGenerator generator =
        new TrafficGenerator(
            model, List.copyOf(texts), prefix.clone(), policy, new SeededRandom(seed));
    return generator.run(perClass, progress);
  }

  private List<WorkItem> run(int perClass, IntConsumer progress) {
    double time = 0;
    int verification = 0;
    while (verification < perClass) {
      time += exponential(MEAN_ARRIVAL_SECONDS);
      verification += conversation(time);
      progress.accept(Math.min(verification, perClass));
    }
    items.sort(Comparator.comparingDouble(WorkItem::releasedAtSeconds));
    return List.copyOf(items);
  }

  private double exponential(double mean) {
    return -mean * Math.log1p(-random.nextDouble());
  }

  private int[] text() {
    return texts.get(random.nextInt(texts.size()));
  }

  /** Adds the items of one conversation; returns how many were verification. */
  private int conversation(double start) {
    int turns = 1;
    while (turns < MAX_TURNS && random.happens(CONTINUES)) {
      turns++;
    }
    int temperature = TEMPERATURES[random.nextInt(TEMPERATURES.length)];
    int decode = DECODE[random.nextInt(DECODE.length)];
    Set<Integer> seen = new HashSet<>();
    int worker = fresh(seen);
    double time = start;
    int[] history = join(prefix, text());
    int[] first = history;
    int audited = random.nextInt(turns);
    int verification = 0;
    for (int turn = 0; turn < turns; turn++) {
      if (turn > 0) {
        time += exponential(MEAN_PAUSE_SECONDS);
        worker = policy == TrafficPolicy.NAIVE ? worker : fresh(seen);
      }
      add(false, worker, time, history, decode, temperature);
      int[] answered = join(history, answer(history, decode, temperature));
      int[] next = text();
      if (turn == audited) {
        verification += audit(turn, time, first, answered, next, worker, seen, decode, temperature);
      }
      history = join(answered, next);
    }
    return verification;
  }

  private int audit(
      int turn,
      double time,
      int[] first,
      int[] answered,
      int[] next,
      int prover,
      Set<Integer> seen,
      int decode,
      int temperature) {
    if (policy == TrafficPolicy.NAIVE) {
      int verifier = (prover + 1 + random.nextInt(WORKERS - 1)) % WORKERS;
      double batch = (Math.floor(time / BATCH_SECONDS) + 1) * BATCH_SECONDS;
      add(true, verifier, batch, answered, 1, 0);
      return 1;
    }
    double at = time + exponential(MEAN_PAUSE_SECONDS);
    if (random.happens(firstTurnAudits())) {
      add(true, fresh(seen), at, first, decode, temperature);
      return 1;
    }
    // Turn t under audit looks like turn t + 1; kept so that turns are as frequent as in ordinary
    // conversations, which a uniform choice among the turns of one conversation is not.
    if (turn + 1 >= MAX_TURNS || !random.happens(keep(turn))) {
      return 0;
    }
    add(true, fresh(seen), at, join(answered, next), decode, temperature);
    return 1;
  }

  /** Share of first turns among all ordinary turns. */
  static double firstTurns() {
    double sum = 0;
    for (int turn = 0; turn < MAX_TURNS; turn++) {
      sum += Math.pow(CONTINUES, turn);
    }
    return 1 / sum;
  }

  /**
   * Probability that an audit repeats a first turn: such that, of the audits that are kept, as many
   * are first turns as of ordinary turns.
   */
  static double firstTurnAudits() {
    double kept = 0;
    for (int turn = 0; turn + 1 < MAX_TURNS; turn++) {
      kept += chosen(turn) * keep(turn);
    }
    return firstTurns() * kept / (1 - firstTurns() + firstTurns() * kept);
  }

  /**
   * Probability of keeping the audit of a turn: wanted frequency of turn + 1 among later turns over
   * the frequency with which a uniform choice within conversations hits this turn, scaled to at
   * most 1.
   */
  static double keep(int turn) {
    double[] ratio = new double[MAX_TURNS - 1];
    double largest = 0;
    for (int t = 0; t < ratio.length; t++) {
      ratio[t] = Math.pow(CONTINUES, t) / chosen(t);
      largest = Math.max(largest, ratio[t]);
    }
    return ratio[turn] / largest;
  }

  /** Probability that a conversation is audited at this turn. */
  private static double chosen(int turn) {
    double sum = 0;
    for (int turns = turn + 1; turns <= MAX_TURNS; turns++) {
      double length = Math.pow(CONTINUES, turns - 1) * (turns < MAX_TURNS ? 1 - CONTINUES : 1);
      sum += length / turns;
    }
    return sum;
  }

  private int fresh(Set<Integer> seen) {
    int worker;
    do {
      worker = random.nextInt(WORKERS);
    } while (!seen.add(worker));
    return worker;
  }

  private void add(
      boolean verification, int worker, double time, int[] tokens, int decode, int temperature) {
    int bytes =
        policy == TrafficPolicy.NAIVE
            ? 600 + 2 * tokens.length
            : SizeClass.ofPrefix(tokens.length).orElseThrow().envelopeBytes();
    items.add(
        new WorkItem(
            verification,
            worker,
            time,
            Arrays.stream(tokens).boxed().toList(),
            decode,
            temperature,
            bytes));
  }

  private int[] answer(int[] history, int count, int temperature) {
    TokenSampler sampler =
        new TokenSampler(
            SamplingManifest.builder(count).temperatureMicros(temperature).build(),
            new GumbelNoise(
                SamplingSeed.ofKey(random.nextInt(1 << 30), random.nextInt(1 << 30)), 0));
    int[] tokens = Arrays.copyOf(history, history.length + count);
    try (DecodeSession session = model.openSession(tokens.length, CaptureSink.none())) {
      float[] logits = new float[0];
      for (int position = 0; position < tokens.length; position++) {
        if (position >= history.length) {
          tokens[position] = sampler.draw(logits, tokens, history.length, position);
        }
        if (position < tokens.length - 1) {
          logits = model.decodeStep(session, tokens[position]);
        }
      }
    }
    return Arrays.copyOfRange(tokens, history.length, tokens.length);
  }

  private static int[] join(int[] left, int[] right) {
    int[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }
}
