package io.verillm.core.challenge;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import java.util.Optional;

/**
 * A source of challenge randomness that a policy admits. Immutable and thread-safe.
 *
 * <p>Admitting a source is trust: whoever can predict its rounds can prepare for a challenge.
 */
@CheckReturnValue
public interface RandomnessSource {
  /** The source's id, as acks and challenges name it. */
  Digest32 id();

  /** The value of a round, or empty if its proof does not hold. */
  Optional<Digest32> check(RandomnessValue value);
}
