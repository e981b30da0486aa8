package io.verillm.exec;

import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingStep;
import io.verillm.core.sampling.TokenMargin;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws every output token again from the prefill's logits, the order's settings and the seed.
 *
 * <p>Thread-safe.
 */
public final class TokenCheck implements PrefillCheck {
  /** Makes a check that can judge canonical pairs only. */
  public TokenCheck() {}

  @Override
  public CheckName check() {
    return CheckName.TOKENS;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    return new Redraw(subject, verifier);
  }

  private static final class Redraw implements Run, LogitsSink {
    private final ExecutionClass claimed;
    private final ExecutionClass verifier;
    private final int promptTokens;
    private final TokenIds output;
    private final int[] tokens;
    private final TokenSampler sampler;
    private final List<TokenMargin> wrong = new ArrayList<>();
    private int firstWrong = Integer.MAX_VALUE;
    private int replayed;

    Redraw(ReplaySubject subject, ExecutionClass verifier) {
      this.claimed = subject.receipt().executionClass();
      this.verifier = verifier;
      this.promptTokens = subject.order().prompt().size();
      this.output = subject.output();
      this.tokens = subject.order().prompt().concat(output).toArray();
      this.sampler =
          new TokenSampler(subject.order().sampling(), new GumbelNoise(subject.seed(), 0));
    }

    @Override
    public boolean wants(int position) {
      return position >= promptTokens - 1;
    }

    @Override
    public void accept(int position, float[] logits) {
      int chosen = position + 1;
      SamplingStep step = sampler.step(logits, tokens, promptTokens, chosen);
      replayed++;
      if (step.drawn() != tokens[chosen]) {
        wrong.add(step.margin(tokens[chosen]));
        firstWrong = Math.min(firstWrong, chosen);
      }
    }

    @Override
    public CaptureSink rows() {
      return CaptureSink.none();
    }

    @Override
    public LogitsSink logits() {
      return this;
    }

    @Override
    public int tokensReplayed() {
      return replayed;
    }

    @Override
    public CheckResult result() {
      boolean exact = claimed.isCanonical() && verifier.isCanonical();
      if (wrong.isEmpty()) {
        return new CheckResult.Held(
            CheckName.TOKENS,
            "all " + replayed + " output tokens are the ones that model, settings and seed draw");
      }
      String what =
          wrong.size()
              + " of "
              + replayed
              + " output tokens are not the ones drawn on re-execution, first at token "
              + firstWrong
              + " (margin "
              + String.format(Locale.ROOT, "%.3f", wrong.get(0).value())
              + ")";
      return exact
          ? new CheckResult.Failed(
              CheckName.TOKENS, Reason.TOKEN_MISMATCH, Location.ofToken(firstWrong), what)
          : new CheckResult.Undecided(
              CheckName.TOKENS,
              Shortfall.UNCALIBRATED,
              what + Uncalibrated.pair(claimed, verifier));
    }
  }
}
