package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.stats.internal.Require;
import io.verillm.stats.robust.ClopperPearson;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What honest runs of one model look like when one class of prover is judged by one class of
 * verifier.
 *
 * <p>It belongs to exactly that model, trace profile and pair of classes, and to the conditions of
 * its runs. It binds its calibrator's word, the receipts of its runs and their scores; it does not
 * prove that the runs were honest. That is what {@link #confirmations}, the {@link #anchor} and
 * {@link #power} are for: a profile that was made too wide cannot reject 4-bit weights. Immutable.
 *
 * @param model digest of the weights
 * @param traceProfile digest of the trace profile
 * @param prover class of the prover, recorded from what ran
 * @param verifier class of the verifier
 * @param conditions under which the runs were made
 * @param statistics one per statistic, with distinct names and as many scores each as there are
 *     receipts
 * @param receipts ids of the runs' receipts, distinct
 * @param confirmations what other executors measured on the same runs
 * @param power detection of known deviations at the default levels
 * @param anchor id of the frozen profile that this one may loosen by a stated step only
 * @param corpus digest of the prompts
 * @param madeAtMillis time of signing, Unix milliseconds
 */
@CheckReturnValue
public record CalibrationProfile(
    Digest32 model,
    Digest32 traceProfile,
    ExecutionClass prover,
    ExecutionClass verifier,
    Conditions conditions,
    List<StatisticCalibration> statistics,
    List<Digest32> receipts,
    List<Confirmation> confirmations,
    List<Power> power,
    Optional<Digest32> anchor,
    Digest32 corpus,
    long madeAtMillis) {
  /** Sequences for which the largest exceeds the 99.9 % quantile with 95 % confidence. */
  public static final int SEQUENCES = 2995;

  /** Ending of the names of statistics that are logarithms to base 2 of a distance. */
  public static final String OCTAVES = "/log2-distance";

  private static final long HALF_AN_OCTAVE = 500_000;

  /** Copies the lists; refuses what does not fit together. */
  public CalibrationProfile {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(traceProfile, "traceProfile");
    Objects.requireNonNull(prover, "prover");
    Objects.requireNonNull(verifier, "verifier");
    Objects.requireNonNull(conditions, "conditions");
    Objects.requireNonNull(anchor, "anchor");
    Objects.requireNonNull(corpus, "corpus");
    statistics = List.copyOf(statistics);
    receipts = List.copyOf(receipts);
    confirmations = List.copyOf(confirmations);
    power = List.copyOf(power);
    Require.atLeast(statistics.size(), 1, "statistics");
    Set<String> names = new HashSet<>();
    for (StatisticCalibration statistic : statistics) {
      Require.that(
          names.add(statistic.name()), "statistic " + statistic.name() + " is there twice");
      Require.that(
          statistic.sequences() == receipts.size(),
          statistic.sequences() + " scores of " + receipts.size() + " runs");
    }
    // The same run twice would count one sequence as two.
    Require.that(new HashSet<>(receipts).size() == receipts.size(), "a receipt is there twice");
    Require.that(
        confirmations.stream().noneMatch(c -> c.executor().equals(verifier)),
        "an executor cannot confirm itself");
  }

  /** The same profile with confirmations and power figures, and its time of signing. */
  public CalibrationProfile with(
      List<Confirmation> newConfirmations, List<Power> newPower, long nowMillis) {
    return new CalibrationProfile(
        model,
        traceProfile,
        prover,
        verifier,
        conditions,
        statistics,
        receipts,
        newConfirmations,
        newPower,
        anchor,
        corpus,
        nowMillis);
  }

  /** The statistic of a name. */
  public Optional<StatisticCalibration> statistic(String name) {
    return statistics.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /**
   * How far apart the medians of two executors that agree may lie, in millionths: an interquartile
   * range, and half an octave for the distances of a prover in F32.
   *
   * <p>Such a prover rounds no more than the executors that measure it do, so that an executor's
   * own order of additions moves the distances by a few tenths of an octave. The interquartile
   * range shrinks with the number of opened elements and does not bound that. An executor that
   * computes another model finds distances that are many octaves larger.
   */
  public long agreement(StatisticCalibration statistic) {
    boolean roundsLikeAVerifier = prover.dtype().equals("F32");
    return roundsLikeAVerifier && statistic.name().endsWith(OCTAVES)
        ? Math.max(statistic.spread(), HALF_AN_OCTAVE)
        : statistic.spread();
  }

  /** Number of runs. */
  public int sequences() {
    return receipts.size();
  }

  /**
   * Returns the confidence with which the largest honest score exceeds the q-quantile, free of any
   * model: 1 − q^N.
   */
  public double confidenceOf(double q) {
    return ClopperPearson.maximumCovers(q, receipts.size());
  }

  /** The payload: canonical CBOR, see {@code docs/wire.cddl}. */
  public byte[] encode() {
    return ProfileCodec.encode(this);
  }

  /**
   * Reads a payload; tails are fitted again.
   *
   * @throws MalformedMessageException if the bytes are not exactly one canonical profile
   */
  public static CalibrationProfile decode(byte[] payload) throws MalformedMessageException {
    return ProfileCodec.decode(payload);
  }

  /** The id: SHA-256 of the payload. */
  public Digest32 id() {
    return Digest32.sha256(encode());
  }

  /** Signs with the calibrator's key. */
  public SignedMessage sign(SigningKey calibrator, String networkId) {
    return SignedMessage.sign(calibrator, MessageType.CALIBRATION, encode(), networkId);
  }
}
