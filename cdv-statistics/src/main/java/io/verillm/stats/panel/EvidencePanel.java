package io.verillm.stats.panel;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.PValueMethod;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.language.BorderInputTest;
import io.verillm.stats.language.LogProbabilityTracking;
import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.RankUniformity;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.sequential.Calibrator;
import io.verillm.stats.sequential.EValues;
import io.verillm.stats.twosample.EnergyDistance;
import io.verillm.stats.twosample.MonteCarloNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Collects the tests that the observations allow and fuses them.
 *
 * <p>No single test sees everything: ranks see entropy, log-probabilities see a hundredth of a
 * logit, seeded margins see almost all, kernels see what is left. With K members each p-value goes
 * through {@link Calibrator#aimedAt}, so one member with p &le; 0.8·α/K suffices, and the mean of
 * the e-values keeps the level under any dependence. Members are declared before their result is
 * known; which ones to declare may depend on the kind of observation, never on its content. One
 * builder, one thread.
 */
@CheckReturnValue
public final class EvidencePanel {
  private final double alpha;
  private final long seed;
  private final int draws;
  private final List<Supplier<TestResult>> tests = new ArrayList<>();

  private EvidencePanel(double alpha, long seed, int draws) {
    this.alpha = alpha;
    this.seed = seed;
    this.draws = draws;
  }

  /**
   * Returns an empty panel.
   *
   * @param alpha level in (0, 1)
   * @param seed of all relabellings, from the audit's beacon
   * @param draws random relabellings per test; at least 10·K/α, else a member cannot reach its bar
   */
  public static EvidencePanel aimedAt(double alpha, long seed, int draws) {
    Require.open01(alpha, "alpha");
    Require.atLeast(draws, 1, "draws");
    return new EvidencePanel(alpha, seed, draws);
  }

  private PermutationTest permutations() {
    return PermutationTest.of(seed + 0x51ED27L * (tests.size() + 1), draws);
  }

  private EvidencePanel with(Supplier<TestResult> test) {
    tests.add(test);
    return this;
  }

  /** Adds the Hamming-kernel test of answers as tokens, compared up to {@code length} tokens. */
  public EvidencePanel tokens(PromptSamples<int[]> samples, int length) {
    PermutationTest permutations = permutations();
    return with(
        () ->
            MmdTest.of(samples, TokenKernel.hamming(length))
                .test(permutations)
                .toTestResult("mmd-hamming"));
  }

  /**
   * Adds the rank-uniformity test.
   *
   * @param ranks from {@link RankUniformity#rank}, one per independent answer
   */
  public EvidencePanel ranks(double... ranks) {
    MonteCarloNull simulation = new MonteCarloNull(seed, draws);
    return with(() -> RankUniformity.test(ranks, simulation));
  }

  /** Adds log-probability tracking. */
  public EvidencePanel logProbabilities(PromptSamples<Map<String, Double>> samples) {
    PermutationTest permutations = permutations();
    return with(
        () ->
            LogProbabilityTracking.of(samples)
                .test(permutations)
                .toTestResult("log-probability-tracking"));
  }

  /** Adds the border-input test of first tokens. */
  public EvidencePanel borderInputs(PromptSamples<String> samples) {
    PermutationTest permutations = permutations();
    return with(() -> BorderInputTest.of(samples).test(permutations).toTestResult("border-inputs"));
  }

  /** Adds the energy test of embeddings of the answers, stratified by prompt. */
  public EvidencePanel embeddings(PromptSamples<double[]> samples) {
    PermutationTest permutations = permutations();
    return with(
        () ->
            EnergyDistance.of(samples.design(), samples.pooled().toArray(double[][]::new))
                .test(permutations)
                .toTestResult("energy"));
  }

  /**
   * Adds a score with a conformal p-value, such as a mean clipped margin or a cache distance.
   *
   * @param name stable name
   * @param score large is suspicious
   * @param honest scores of honest requests, fresh for this comparison
   */
  public EvidencePanel score(String name, double score, SplitConformal honest) {
    return with(() -> new TestResult(name, score, honest.pValue(score), PValueMethod.EXACT));
  }

  /**
   * Runs all members and fuses them.
   *
   * @throws IllegalArgumentException if no member was added: a panel never passes without a check
   */
  public PanelResult evaluate() {
    Require.that(!tests.isEmpty(), "panel has no test: nothing was observed");
    Calibrator calibrator = Calibrator.aimedAt(alpha, tests.size());
    List<PanelMember> members = new ArrayList<>();
    for (Supplier<TestResult> test : tests) {
      TestResult result = test.get();
      members.add(new PanelMember(result, calibrator.applyTo(result.pValue())));
    }
    double fused = EValues.mean(members.stream().mapToDouble(PanelMember::eValue).toArray());
    return new PanelResult(members, fused, alpha);
  }
}
