package io.verillm.network.flow;

import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.wire.Digest32;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A round of randomness that was shown to a job: its value, or why it does not count.
 *
 * @param value the checked value; null if it was refused
 * @param refusal why not
 * @param words for people
 */
record Draw(@Nullable Digest32 value, Optional<Refusal> refusal, String words) {
  /** Checks a shown round against the one that is due. */
  static Draw of(JobContext context, RandomnessValue shown, long due) {
    if (!shown.source().equals(context.source().id()) || shown.round() != due) {
      return new Draw(
          null, Optional.of(Refusal.WRONG_ROUND), "only round " + due + " decides here");
    }
    Optional<Digest32> value = context.source().check(shown);
    return value.isPresent()
        ? new Draw(value.get(), Optional.empty(), "")
        : new Draw(null, Optional.of(Refusal.BAD_RANDOMNESS), "the round's proof does not hold");
  }

  Digest32 theValue() {
    return JobData.present(value);
  }
}
