package io.verillm.exec.calibration;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.exec.ActivationCheck;
import io.verillm.exec.BatchingExecutor;
import io.verillm.exec.PrefillReplay;
import io.verillm.exec.SamplingGenerator;
import io.verillm.exec.SharedStepExecutor;
import io.verillm.exec.TokenScores;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Confirmation;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.ProfileBook;
import io.verillm.stats.calibration.StatisticCalibration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a calibration profile from honest runs: orders are answered by the prover's executor,
 * challenged, opened, verified, and measured on the verifier's executor.
 *
 * <p>It measures what ran. Whether the prover's executor is what its class says is the calibrator's
 * word, which a second executor confirms on the same runs. Used by one thread.
 */
public final class CalibrationRun {
  /** Smallest mean excess of a tail of an activation score: a hundredth of an octave. */
  private static final long ACTIVATION_RESOLUTION = 10_000;

  private final TrialOrders orders;
  private final Tokenizer tokenizer;
  private final ModelExecutor prover;
  private final ModelExecutor verifier;
  private final int atOnce;
  private final Optional<PrefillCheck> cache;

  /**
   * @param atOnce answers that are worked on together
   */
  public CalibrationRun(
      TrialOrders orders,
      Tokenizer tokenizer,
      ModelExecutor prover,
      ModelExecutor verifier,
      int atOnce) {
    this(orders, tokenizer, prover, verifier, atOnce, Optional.empty());
  }

  private CalibrationRun(
      TrialOrders orders,
      Tokenizer tokenizer,
      ModelExecutor prover,
      ModelExecutor verifier,
      int atOnce,
      Optional<PrefillCheck> cache) {
    this.orders = orders;
    this.tokenizer = tokenizer;
    this.prover = prover;
    this.verifier = verifier;
    this.atOnce = atOnce;
    this.cache = cache;
  }

  /**
   * The same runs, whose opened cache rows another check measures or judges. A profile of such runs
   * has no statistics of those rows; {@link #power} counts rejections by all checks together.
   *
   * @param check of {@link io.verillm.core.verdict.CheckName#CACHE}; it sees every run, one by one
   */
  public CalibrationRun withCacheCheck(PrefillCheck check) {
    return new CalibrationRun(orders, tokenizer, prover, verifier, atOnce, Optional.of(check));
  }

  private record Scores(Map<String, Long> activations, TokenScores tokens, long difference) {}

  /**
   * Runs and returns the profile, without confirmation and power figures, and unsigned.
   *
   * @param sequences runs; fewer than {@link CalibrationProfile#SEQUENCES} give a profile that no
   *     verifier admits
   * @param progress called with the number of runs so far
   * @throws IllegalStateException if a run does not verify: then something is wrong here, and
   *     nothing is said about tolerance
   */
  public CalibrationProfile run(
      int sequences, Optional<Digest32> anchor, long nowMillis, IntConsumer progress)
      throws IOException, MalformedMessageException {
    List<Digest32> receipts = new ArrayList<>();
    List<Scores> all = new ArrayList<>();
    measureAll(sequences, verifier, receipts, all, progress);
    return new CalibrationProfile(
        orders.model(),
        orders.profile().digest(),
        prover.describe(),
        verifier.describe(),
        orders.plan().conditions(),
        statistics(all),
        receipts,
        List.of(),
        List.of(),
        anchor,
        orders.corpus(sequences),
        nowMillis);
  }

  /**
   * Makes the first runs of a profile again, compares their receipts, and measures them on a second
   * executor.
   *
   * @param second an executor of another class than the verifier's and the prover's
   * @param progress called with the number of runs so far
   * @throws IllegalStateException if a run gives another receipt than the profile names
   */
  public Confirmation confirm(
      CalibrationProfile profile, ModelExecutor second, int sequences, IntConsumer progress)
      throws IOException, MalformedMessageException {
    List<Digest32> receipts = new ArrayList<>();
    List<Scores> again = new ArrayList<>();
    measureAll(sequences, second, receipts, again, progress);
    if (!profile.receipts().subList(0, sequences).equals(receipts)) {
      throw new IllegalStateException("the runs are not the ones of the profile");
    }
    Map<String, long[]> theirs = activations(again);
    theirs.put(
        TokenScores.LARGEST_DIFFERENCE, again.stream().mapToLong(Scores::difference).toArray());
    long largest = 0;
    for (StatisticCalibration statistic : profile.statistics()) {
      long[] scores = theirs.get(statistic.name());
      if (scores != null) {
        Arrays.sort(scores);
        long shift = Math.abs(scores[(scores.length - 1) / 2] - statistic.median());
        largest = Math.max(largest, Math.round(1e6 * shift / profile.agreement(statistic)));
      }
    }
    return new Confirmation(second.describe(), sequences, largest);
  }

  /**
   * Counts how many requests of a known deviation are rejected. The orders differ from the runs'.
   *
   * @param book with the profile, at the levels in question
   * @param deviation stable name
   * @param deviating what really runs; it claims the prover's class
   */
  public Power power(
      ProfileBook book,
      String deviation,
      ModelExecutor deviating,
      int requests,
      IntConsumer progress)
      throws IOException, MalformedMessageException {
    TrialOrders others = orders.withSeed(orders.plan().seed() + ", " + deviation);
    PrefillReplay replay = new PrefillReplay(verifier).withCalibration(book);
    if (cache.isPresent()) {
      replay =
          replay.withCheck(new ActivationCheck(book).leavingCacheRows()).withCheck(cache.get());
    }
    VerificationPolicy.Builder policy = others.policy().levels(book.alpha(), book.borderline());
    ReceiptVerifier judge = ReceiptVerifier.of(policy.build()).withReplay(replay);
    int[] detected = new int[1];
    answerAll(
        others,
        deviating,
        requests,
        (order, answered, index, opening, tap) -> {
          Verdict verdict =
              judge.verify(others.submission(order, answered.receipt(), index, opening));
          detected[0] += verdict instanceof Verdict.Rejected ? 1 : 0;
          progress.accept(index + 1);
        });
    return new Power(deviation, requests, detected[0]);
  }

  private interface Each {
    void accept(JobOrder order, TrialProver.Answered answered, int index, byte[] opening, Tap tap);
  }

  private void measureAll(
      int sequences,
      ModelExecutor measuring,
      List<Digest32> receipts,
      List<Scores> all,
      IntConsumer progress)
      throws IOException, MalformedMessageException {
    answerAll(
        orders,
        prover,
        sequences,
        (order, answered, index, opening, tap) -> {
          receipts.add(answered.receipt().id());
          all.add(measure(measuring, order, answered, index, opening, tap));
          progress.accept(index + 1);
        });
  }

  private void answerAll(TrialOrders from, ModelExecutor executor, int sequences, Each each)
      throws IOException, MalformedMessageException {
    int step =
        executor instanceof SharedStepExecutor own ? Math.min(atOnce, own.mostSessions()) : 1;
    @Nullable BatchingExecutor batch =
        step > 1 && executor instanceof SharedStepExecutor own ? new BatchingExecutor(own) : null;
    ModelExecutor running = batch == null ? executor : batch;
    // The next answers are made while the last are measured.
    ExecutorService ahead = Executors.newSingleThreadExecutor();
    try (TrialProver answers =
        new TrialProver(
            from.prover(),
            from.model(),
            tokenizer,
            from.profile(),
            batch == null ? List.of() : List.of(batch),
            step)) {
      Future<Group> next = ahead.submit(() -> answer(from, answers, running, 0, sequences, step));
      for (int first = 0; first < sequences; first += step) {
        Group group = next.get();
        int then = first + step;
        if (then < sequences) {
          next = ahead.submit(() -> answer(from, answers, running, then, sequences, step));
        }
        for (int i = 0; i < group.orders().size(); i++) {
          TrialProver.Answered one = group.answered().get(i);
          JobOrder order = group.orders().get(i);
          Receipt receipt = Receipt.decode(one.receipt().payload());
          Challenge challenge = from.challenge(order, from.ack(first + i, one.receipt()));
          byte[] opening = answers.open(one, receipt, challenge, from.source());
          each.accept(order, one, first + i, opening, group.taps().get(i));
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      ahead.shutdownNow();
    }
  }

  private record Group(
      List<JobOrder> orders, List<Tap> taps, List<TrialProver.Answered> answered) {}

  private Group answer(
      TrialOrders from,
      TrialProver answers,
      ModelExecutor running,
      int first,
      int sequences,
      int step) {
    List<JobOrder> group = new ArrayList<>();
    List<Tap> taps = new ArrayList<>();
    for (int i = first; i < Math.min(sequences, first + step); i++) {
      JobOrder order = from.order(i);
      group.add(order);
      taps.add(new Tap(running, order.prompt().size()));
    }
    return new Group(
        group, taps, answers.answer(group, i -> new SamplingGenerator(taps.get(i), tokenizer)));
  }

  private Scores measure(
      ModelExecutor executor,
      JobOrder order,
      TrialProver.Answered answered,
      int index,
      byte[] opening,
      Tap tap) {
    ScoringReplay scoring = new ScoringReplay(executor, tap.logits, cache);
    // How much is opened is the calibrator's choice, and the profile states it.
    VerificationPolicy.Builder policy = orders.policy();
    for (Deviation deviation : Deviation.values()) {
      policy.largestMiss(deviation, 1);
    }
    Verdict verdict =
        ReceiptVerifier.of(policy.build())
            .withReplay(scoring)
            .verify(orders.submission(order, answered.receipt(), index, opening));
    if (!(verdict instanceof Verdict.Accepted)) {
      throw new IllegalStateException(
          "honest run " + index + " does not verify: " + verdict.findings().decisive());
    }
    return new Scores(
        scoring.activations().micros(), scoring.tokens(), scoring.largestDifferenceMicros());
  }

  private static List<StatisticCalibration> statistics(List<Scores> all) {
    Map<String, long[]> activations = activations(all);
    List<StatisticCalibration> statistics = new ArrayList<>();
    activations.forEach(
        (name, scores) ->
            statistics.add(
                StatisticCalibration.of(
                    name, StatisticCalibration.Side.BOTH, ACTIVATION_RESOLUTION, scores)));
    StatisticCalibration epsilon =
        StatisticCalibration.of(
            TokenScores.LARGEST_DIFFERENCE,
            StatisticCalibration.Side.UPPER,
            TokenScores.RESOLUTION,
            all.stream().mapToLong(Scores::difference).toArray());
    statistics.add(epsilon);
    statistics.add(
        StatisticCalibration.of(
            TokenScores.MEAN_ROOT_MARGIN,
            StatisticCalibration.Side.UPPER,
            TokenScores.RESOLUTION,
            all.stream().mapToLong(one -> one.tokens().meanRootMicros()).toArray()));
    statistics.add(
        StatisticCalibration.of(
            TokenScores.LARGEST_MARGIN,
            StatisticCalibration.Side.UPPER,
            TokenScores.RESOLUTION,
            all.stream().mapToLong(one -> one.tokens().largestMicros()).toArray()));
    return statistics;
  }

  private static Map<String, long[]> activations(List<Scores> all) {
    Map<String, long[]> scores = new TreeMap<>();
    for (int i = 0; i < all.size(); i++) {
      int at = i;
      all.get(i)
          .activations()
          .forEach(
              (name, value) ->
                  scores.computeIfAbsent(name, ignored -> new long[all.size()])[at] = value);
    }
    return scores;
  }

  /** Keeps the logits from which output tokens are drawn. Belongs to one answer. */
  private static final class Tap implements ModelExecutor {
    private final ModelExecutor below;
    private final int prompt;
    private final List<float[]> logits = new ArrayList<>();

    Tap(ModelExecutor below, int prompt) {
      this.below = below;
      this.prompt = prompt;
    }

    @Override
    public float[] decodeStep(DecodeSession session, int token) {
      float[] given = below.decodeStep(session, token);
      if (session.length() >= prompt) {
        logits.add(given.clone());
      }
      return given;
    }

    @Override
    public ExecutionClass describe() {
      return below.describe();
    }

    @Override
    public ModelDimensions dimensions() {
      return below.dimensions();
    }

    @Override
    public Digest32 modelDigest() {
      return below.modelDigest();
    }

    @Override
    public void prefill(
        int[] tokens,
        LayerRange layers,
        @Nullable TensorView boundaryStates,
        CaptureSink capture,
        LogitsSink sink) {
      below.prefill(tokens, layers, boundaryStates, capture, sink);
    }

    @Override
    public DecodeSession openSession(int capacity, CaptureSink capture) {
      return below.openSession(capacity, capture);
    }

    @Override
    public LayerResult layer(
        int layer, int firstPosition, TensorView inputs, TensorView keys, TensorView values) {
      return below.layer(layer, firstPosition, inputs, keys, values);
    }

    @Override
    public void close() {}
  }
}
