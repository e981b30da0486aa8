package io.verillm.network.beacon;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses who checks BLS signatures. Thread-safe. */
public final class BlsVerifiers {
  private static final Logger LOG = LoggerFactory.getLogger(BlsVerifiers.class);

  private BlsVerifiers() {}

  /** Holds the choice, made once on first use. */
  private static final class Best {
    static final BlsVerifier CHOSEN = choose();

    private static BlsVerifier choose() {
      Optional<BlsVerifier> found = blst();
      if (found.isPresent()) {
        return found.get();
      }
      LOG.info("blst is not usable here; BLS signatures are checked in plain Java, slower");
      return new BouncyCastleVerifier();
    }
  }

  /** The fastest one that works here; says once if that is not blst. */
  public static BlsVerifier best() {
    return Best.CHOSEN;
  }

  /** blst, if jblst is on the class path, loads on this platform and passes a known answer. */
  public static Optional<BlsVerifier> blst() {
    try {
      BlsVerifier blst = new BlstVerifier();
      return KnownRound.isJudgedRight(blst) ? Optional.of(blst) : Optional.empty();
    } catch (LinkageError | RuntimeException e) {
      // No class, no library for this platform, or a library that does not work: not usable.
      LOG.debug("blst is not usable: {}", e.toString());
      return Optional.empty();
    }
  }
}
