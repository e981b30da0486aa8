package io.verillm.stats.calibration;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The profiles that a verifier uses: signed by a trusted calibrator, large enough, confirmed, and
 * able to reject 4-bit weights. What is not in the book is uncalibrated. Immutable; thread-safe.
 */
@CheckReturnValue
public final class ProfileBook {
  /** Least lower confidence bound of the detection rate of 4-bit weights. */
  public static final double LEAST_POWER = 0.95;

  /** Largest shift of a median of executors that agree, see {@link Confirmation}. */
  public static final double LARGEST_SHIFT = 1;

  private final Map<Key, List<Entry>> profiles;
  private final double alpha;
  private final double borderline;

  private record Key(Digest32 model, Digest32 traceProfile, Digest32 prover, Digest32 verifier) {}

  /** A profile and its id. */
  public record Entry(Digest32 id, CalibrationProfile profile) {}

  private ProfileBook(Map<Key, List<Entry>> profiles, double alpha, double borderline) {
    this.profiles = Map.copyOf(profiles);
    this.alpha = alpha;
    this.borderline = borderline;
  }

  /** A book without profiles: every class but a canonical pair is uncalibrated. */
  public static ProfileBook empty() {
    return new ProfileBook(Map.of(), 1e-5, 1e-3);
  }

  /**
   * A book of one profile that nobody signed and whose power is not known yet: for measuring just
   * that. Verdicts by it are for nobody else.
   */
  public static ProfileBook unchecked(CalibrationProfile profile, double alpha, double borderline) {
    return new ProfileBook(
        Map.of(
            key(profile.model(), profile.traceProfile(), profile.prover(), profile.verifier()),
            List.of(new Entry(profile.id(), profile))),
        alpha,
        borderline);
  }

  /**
   * Reads signed profiles.
   *
   * @param messages encoded messages; of two for one pair and one length of answer the later counts
   * @throws MalformedMessageException if one is no profile, not signed by a calibrator of the
   *     policy, or not admissible; the message says why
   */
  public static ProfileBook read(VerificationPolicy policy, List<byte[]> messages)
      throws MalformedMessageException {
    Map<Key, List<Entry>> found = new HashMap<>();
    for (byte[] bytes : messages) {
      SignedMessage message = SignedMessage.decode(bytes);
      if (message.type() != MessageType.CALIBRATION || !message.verify(policy.networkId())) {
        throw refused("it is not a calibration signed for network " + policy.networkId());
      }
      if (!policy.isCalibrator(message.signer())) {
        throw refused(
            "its signer " + message.signer().shortHex() + " is no calibrator of the policy");
      }
      CalibrationProfile profile = CalibrationProfile.decode(message.payload());
      Optional<String> objection = inadmissible(profile);
      if (objection.isPresent()) {
        throw refused(objection.get());
      }
      List<Entry> pair =
          found.computeIfAbsent(
              key(profile.model(), profile.traceProfile(), profile.prover(), profile.verifier()),
              ignored -> new ArrayList<>());
      int shortest = profile.conditions().shortestOutput();
      pair.removeIf(entry -> entry.profile().conditions().shortestOutput() == shortest);
      pair.add(new Entry(message.id(), profile));
      pair.sort(Comparator.comparingInt(entry -> entry.profile().conditions().shortestOutput()));
    }
    return new ProfileBook(found, policy.alpha(), policy.borderline());
  }

  /**
   * Returns why a profile must not be used, or nothing: too few runs for 99.9 % at 95 %, no second
   * executor that agrees, or no power against 4-bit weights.
   */
  public static Optional<String> inadmissible(CalibrationProfile profile) {
    if (profile.sequences() < CalibrationProfile.SEQUENCES) {
      return Optional.of(
          profile.sequences() + " runs, " + CalibrationProfile.SEQUENCES + " are needed");
    }
    if (profile.confirmations().isEmpty()) {
      return Optional.of("no second executor confirms it");
    }
    for (Confirmation one : profile.confirmations()) {
      if (one.executor().equals(profile.prover())) {
        return Optional.of("its second executor is the prover's own class");
      }
      if (one.largestShiftMicros() > LARGEST_SHIFT * 1e6) {
        return Optional.of(
            "executor "
                + one.executor()
                + " finds other scores: a median lies "
                + one.largestShiftMicros() / 1e6
                + " times as far away as executors that agree find it");
      }
    }
    Optional<Power> int4 =
        profile.power().stream().filter(one -> one.deviation().equals(Power.INT4)).findFirst();
    if (int4.isEmpty() || !(int4.get().lowerBound() >= LEAST_POWER)) {
      return Optional.of(
          "it does not show that 4-bit weights are rejected with probability "
              + LEAST_POWER
              + int4.map(p -> ": " + p.detected() + " of " + p.requests()).orElse(""));
    }
    return Optional.empty();
  }

  private static MalformedMessageException refused(String why) {
    return new MalformedMessageException("calibration", 0, why);
  }

  private static Key key(
      Digest32 model, Digest32 traceProfile, ExecutionClass prover, ExecutionClass verifier) {
    return new Key(model, traceProfile, prover.digest(), verifier.digest());
  }

  /**
   * The profile for a request and its pair of classes. Of several, the one of the longest answers
   * that are no longer than this one; if this one is shorter than all, the one of the shortest.
   */
  public Optional<Entry> find(ReplaySubject subject, ExecutionClass verifier) {
    return find(
        subject.order().model(),
        subject.receipt().profile(),
        subject.receipt().executionClass(),
        verifier,
        subject.output().size());
  }

  /** As {@link #find(ReplaySubject, ExecutionClass)}. */
  public Optional<Entry> find(
      Digest32 model,
      Digest32 traceProfile,
      ExecutionClass prover,
      ExecutionClass verifier,
      int outputTokens) {
    List<Entry> ascending =
        profiles.getOrDefault(key(model, traceProfile, prover, verifier), List.of());
    Optional<Entry> best = ascending.stream().findFirst();
    for (Entry entry : ascending) {
      if (entry.profile().conditions().shortestOutput() <= outputTokens) {
        best = Optional.of(entry);
      }
    }
    return best;
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
