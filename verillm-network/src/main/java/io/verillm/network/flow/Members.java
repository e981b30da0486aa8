package io.verillm.network.flow;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import java.util.Optional;

/** Who belongs to the committee at work. */
final class Members {
  private Members() {}

  /** Refuses what is not of this job's committee at work. */
  static Optional<Effect.Refused> stranger(
      JobContext context, JobData data, SignedMessage message, Digest32 job, int number) {
    if (!job.equals(context.job())) {
      return JobFlow.refuse(message, Refusal.OTHER_JOB, "of another job");
    }
    if (data.rounds.isEmpty() || data.round().number != number) {
      return JobFlow.refuse(
          message, Refusal.OTHER_ROUND, "committee " + number + " is not at work");
    }
    if (data.round().seat(message.signer()).isEmpty()) {
      return JobFlow.refuse(message, Refusal.WRONG_SIGNER, "has no seat");
    }
    return Optional.empty();
  }
}
