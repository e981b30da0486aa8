package io.verillm.exec.calibration;

import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingStep;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplayCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import io.verillm.exec.ActivationCheck;
import io.verillm.exec.ActivationScores;
import io.verillm.exec.TokenScores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Measures an honest run in place of judging it. The rest of the verification runs as ever, so that
 * a run whose signatures or openings do not hold never becomes a calibration. Used once.
 */
final class ScoringReplay implements ReplayCheck {
  private final ModelExecutor verifier;
  private final List<float[]> proverLogits;
  private final Optional<PrefillCheck> cache;
  private final ActivationScores activations = new ActivationScores();
  private final TokenScores tokens = new TokenScores();
  private double largestDifference;

  /**
   * @param proverLogits logits from which the prover drew each output token, in order
   * @param cache a check that measures the cache's rows, which are then not measured here
   */
  ScoringReplay(ModelExecutor verifier, List<float[]> proverLogits, Optional<PrefillCheck> cache) {
    this.verifier = verifier;
    this.proverLogits = proverLogits;
    this.cache = cache;
  }

  ActivationScores activations() {
    return activations;
  }

  TokenScores tokens() {
    return tokens;
  }

  /** ε of the sequence: the largest difference of any logit, in millionths, rounded up. */
  long largestDifferenceMicros() {
    return (long) Math.ceil(largestDifference * 1e6);
  }

  @Override
  public Digest32 modelDigest() {
    return verifier.modelDigest();
  }

  @Override
  public ModelDimensions dimensions() {
    return verifier.dimensions();
  }

  @Override
  public Replay replay(ReplaySubject subject) {
    int prompt = subject.order().prompt().size();
    int[] all = subject.order().prompt().concat(subject.output()).toArray();
    TokenSampler sampler =
        new TokenSampler(subject.order().sampling(), new GumbelNoise(subject.seed(), 0));
    Optional<PrefillCheck.Run> beside =
        cache.map(check -> check.begin(subject, verifier.describe()));
    CaptureSink cells = beside.map(PrefillCheck.Run::rows).orElse(CaptureSink.none());
    Map<RowKey, Set<Integer>> wanted = new HashMap<>();
    for (PositionEntry entry : subject.opened().entries()) {
      for (RowKey key : subject.opened().rowsAt(entry.position())) {
        if (beside.isEmpty() || !ActivationCheck.isLeftToCache(key)) {
          wanted.computeIfAbsent(key, ignored -> new HashSet<>()).add(entry.position());
        }
      }
    }
    verifier.prefill(
        subject.fedTokens().toArray(),
        new LayerRange(0, verifier.dimensions().layers()),
        null,
        new CaptureSink() {
          @Override
          public boolean wants(RowKey key) {
            return wanted.containsKey(key) || cells.wants(key);
          }

          @Override
          public void accept(RowKey key, int firstPosition, TensorView rows) {
            if (cells.wants(key)) {
              cells.accept(key, firstPosition, rows);
            }
            for (int position : wanted.getOrDefault(key, Set.of())) {
              int at = position - firstPosition;
              if (at >= 0 && at < rows.shape().dimension(0)) {
                TensorView claimed = subject.opened().row(position, key).orElseThrow();
                activations.add(
                    key,
                    RowDifference.compare(
                        claimed,
                        FloatTensors.ofFloats(
                            claimed.dtype(), claimed.shape(), rows.row(at).toFloats())));
              }
            }
          }
        },
        new LogitsSink() {
          @Override
          public boolean wants(int position) {
            return position >= prompt - 1;
          }

          @Override
          public void accept(int position, float[] logits) {
            float[] theirs = proverLogits.get(position - prompt + 1);
            for (int i = 0; i < logits.length; i++) {
              largestDifference =
                  Math.max(largestDifference, Math.abs((double) logits[i] - theirs[i]));
            }
            SamplingStep step = sampler.step(logits, all, prompt, position + 1);
            tokens.add(
                step.drawn() == all[position + 1] ? 0 : step.margin(all[position + 1]).value(),
                position + 1);
          }
        });
    List<CheckResult> results =
        new ArrayList<>(
            List.of(
                new CheckResult.Held(CheckName.ACTIVATIONS, "measured"),
                new CheckResult.Held(CheckName.TOKENS, "measured")));
    beside.map(PrefillCheck.Run::result).ifPresent(results::add);
    return new Replay(
        results, List.of(), subject.output().size(), List.of(verifier.describe().toString()));
  }
}
