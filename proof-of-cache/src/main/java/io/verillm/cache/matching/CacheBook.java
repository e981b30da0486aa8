package io.verillm.cache.matching;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.ProfileBook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cache calibrations that a verifier uses: signed by a calibrator of its policy, large enough,
 * and able to reject 4-bit weights, by the same measures as {@link ProfileBook}. What is not in the
 * book is uncalibrated. Immutable; thread-safe.
 */
@CheckReturnValue
public final class CacheBook {
  /**
   * Fewest honest sequences of an admissible calibration: of four, one gives centres and scales,
   * and the other three leave as many scores as an activation profile needs.
   */
  public static final int SEQUENCES = CacheCalibration.sequencesFor(CalibrationProfile.SEQUENCES);

  private record Key(Digest32 model, Digest32 traceProfile, Digest32 prover, Digest32 verifier) {}

  private final Map<Key, List<CacheCalibration>> calibrations;
  private final double alpha;
  private final double borderline;

  private CacheBook(
      Map<Key, List<CacheCalibration>> calibrations, double alpha, double borderline) {
    this.calibrations = Map.copyOf(calibrations);
    this.alpha = alpha;
    this.borderline = borderline;
  }

  /** A book without calibrations: every pair but a canonical one is uncalibrated. */
  public static CacheBook empty() {
    return new CacheBook(Map.of(), 1e-5, 1e-3);
  }

  /**
   * A book of one calibration that nobody signed and whose power is not known yet: for measuring
   * just that. Verdicts by it are for nobody else.
   */
  public static CacheBook unchecked(CacheCalibration one, double alpha, double borderline) {
    return new CacheBook(Map.of(key(one.scope()), List.of(one)), alpha, borderline);
  }

  /**
   * Reads signed calibrations.
   *
   * @param messages encoded messages; of two for one pair and one rule of draws the later one
   *     counts
   * @throws MalformedMessageException if one is no cache calibration, not signed by a calibrator of
   *     the policy, or not admissible; the message says why
   */
  public static CacheBook read(VerificationPolicy policy, List<byte[]> messages)
      throws MalformedMessageException {
    Map<Key, List<CacheCalibration>> found = new HashMap<>();
    for (byte[] bytes : messages) {
      SignedMessage message = SignedMessage.decode(bytes);
      if (message.type() != MessageType.CACHE_CALIBRATION || !message.verify(policy.networkId())) {
        throw refused("it is not a cache calibration signed for network " + policy.networkId());
      }
      if (!policy.isCalibrator(message.signer())) {
        throw refused(
            "its signer " + message.signer().shortHex() + " is no calibrator of the policy");
      }
      CacheCalibration calibration = CacheCalibration.decode(message.payload());
      Optional<String> objection = inadmissible(calibration);
      if (objection.isPresent()) {
        throw refused(objection.get());
      }
      List<CacheCalibration> pair =
          found.computeIfAbsent(key(calibration.scope()), key -> new ArrayList<>());
      pair.removeIf(one -> one.scope().drawn().equals(calibration.scope().drawn()));
      pair.add(calibration);
    }
    return new CacheBook(found, policy.alpha(), policy.borderline());
  }

  /**
   * Returns why a calibration must not be used, or nothing: too few scores, or no power against
   * 4-bit weights.
   */
  public static Optional<String> inadmissible(CacheCalibration calibration) {
    if (calibration.sequences() < CalibrationProfile.SEQUENCES) {
      return Optional.of(
          calibration.sequences() + " scores, " + CalibrationProfile.SEQUENCES + " are needed");
    }
    Optional<Power> int4 =
        calibration.power().stream().filter(one -> one.deviation().equals(Power.INT4)).findFirst();
    if (int4.isEmpty() || !(int4.get().lowerBound() >= ProfileBook.LEAST_POWER)) {
      return Optional.of(
          "it does not show that 4-bit weights are rejected with probability "
              + ProfileBook.LEAST_POWER
              + int4.map(p -> ": " + p.detected() + " of " + p.requests()).orElse(""));
    }
    return Optional.empty();
  }

  private static MalformedMessageException refused(String why) {
    return new MalformedMessageException("cache-calibration", 0, why);
  }

  private static Key key(CacheCalibration.Scope scope) {
    return new Key(
        scope.model(), scope.traceProfile(), scope.prover().digest(), scope.verifier().digest());
  }

  /** The calibrations for a request's pair of classes, by whatever rule their cells were drawn. */
  List<CacheCalibration> find(ReplaySubject subject, ExecutionClass verifier) {
    return calibrations.getOrDefault(
        new Key(
            subject.order().model(),
            subject.receipt().profile(),
            subject.receipt().executionClass().digest(),
            verifier.digest()),
        List.of());
  }

  /** The policy's level of rejection. */
  public double alpha() {
    return alpha;
  }

  /** The policy's level of acceptance. */
  public double borderline() {
    return borderline;
  }
}
