package io.verillm.core.verdict;

import io.verillm.core.order.OutputText;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.FinishReason;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whether generation ended where the order says: at the first end-of-sequence token, at the first
 * complete stop string, or at the maximum, and neither before nor after.
 */
final class FinishRule {
  private FinishRule() {}

  static CheckResult check(
      SamplingManifest manifest,
      FinishReason claimed,
      TokenIds output,
      Optional<Tokenizer> tokenizer,
      int promptTokens) {
    int last = output.size() - 1;
    for (int i = 0; i < last; i++) {
      if (manifest.eosIds().contains(output.get(i))) {
        return late(promptTokens + i + 1, "output goes on after an end-of-sequence token");
      }
    }
    OptionalInt stop = OptionalInt.empty();
    if (!manifest.stops().isEmpty()) {
      if (tokenizer.isEmpty()) {
        return new CheckResult.Unavailable(
            CheckName.FINISH,
            Cause.CHECK_UNAVAILABLE,
            "the order has stop strings and no tokenizer was given");
      }
      stop = OutputText.firstStop(output, manifest, tokenizer.get());
      if (stop.isPresent() && stop.getAsInt() <= last) {
        return late(promptTokens + stop.getAsInt(), "output goes on after a stop string");
      }
    }
    boolean holds =
        switch (claimed) {
          case EOS -> manifest.eosIds().contains(output.get(last));
          case STOP -> stop.isPresent();
          case LENGTH -> output.size() == manifest.maxTokens();
        };
    return holds
        ? new CheckResult.Held(CheckName.FINISH, "generation ended by " + claimed)
        : new CheckResult.Failed(
            CheckName.FINISH,
            Reason.EARLY_STOP,
            Location.ofToken(promptTokens + last),
            "generation stopped after "
                + output.size()
                + " tokens claiming "
                + claimed
                + ", which the tokens do not show");
  }

  private static CheckResult late(int position, String statement) {
    return new CheckResult.Failed(
        CheckName.FINISH, Reason.LATE_STOP, Location.ofToken(position), statement);
  }
}
