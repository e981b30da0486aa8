package io.verillm.stats.compare;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.Interval;
import io.verillm.stats.TestResult;
import io.verillm.stats.internal.Require;
import io.verillm.stats.language.CanonicalText;
import io.verillm.stats.language.LogProbabilityTracking;
import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.RobustStatistics;
import io.verillm.stats.twosample.EnergyDistance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Compares two lists of observations of one kind, stratified by prompt.
 *
 * <p>Tokens and text: Hamming-kernel MMD² (text by code points, canonical form; the raw form is
 * reported beside it). Log-probabilities: mean absolute difference in nats. Embeddings: energy
 * distance summed over prompts. Thread-safe.
 */
@CheckReturnValue
public final class ObservationComparison {
  private static final int LONGEST = 2000;

  private ObservationComparison() {}

  /**
   * Returns the report.
   *
   * @throws IllegalArgumentException if a list is empty, kinds are mixed, no prompt is shared, or
   *     the shared prompts have too few answers for the test
   */
  public static ComparisonReport compare(
      List<Observation> first, List<Observation> second, ComparisonOptions options) {
    Require.atLeast(first.size(), 1, "first observations");
    Require.atLeast(second.size(), 1, "second observations");
    Class<? extends Observation> kind = first.get(0).getClass();
    Map<String, List<Observation>> a = byPrompt(first, kind, "first");
    Map<String, List<Observation>> b = byPrompt(second, kind, "second");
    Set<String> shared = new LinkedHashSet<>(a.keySet());
    shared.retainAll(b.keySet());
    Require.that(!shared.isEmpty(), "first and second share no prompt");
    List<String> unmatched = new ArrayList<>();
    a.keySet().stream().filter(p -> !shared.contains(p)).forEach(unmatched::add);
    b.keySet().stream().filter(p -> !shared.contains(p)).forEach(unmatched::add);
    PromptSamples<Observation> samples =
        new PromptSamples<>(
            shared.stream().map(a::get).toList(), shared.stream().map(b::get).toList());
    return new Run(List.copyOf(shared), samples, options).report(unmatched);
  }

  private static Map<String, List<Observation>> byPrompt(
      List<Observation> observations, Class<? extends Observation> kind, String name) {
    Map<String, List<Observation>> result = new LinkedHashMap<>();
    for (Observation o : observations) {
      Require.that(
          o.getClass() == kind,
          name + " mixes " + o.getClass().getSimpleName() + " with " + kind.getSimpleName());
      result.computeIfAbsent(o.prompt(), p -> new ArrayList<>()).add(o);
    }
    return result;
  }

  /** What a kind of observation is compared by. */
  private record Method(String name, String effectName) {}

  /** A statistic with its test. */
  private interface Statistic {
    double value();

    TestResult test(PermutationTest permutations, String name);

    double[] nullDraws(PermutationTest permutations, int count);

    /** Returns the statistic when item k of the design is replaced by item {@code items[k]}. */
    double resampled(int[] items);
  }

  private static final class Run {
    private final List<String> prompts;
    private final PromptSamples<Observation> samples;
    private final ComparisonOptions options;
    private final Method method;

    Run(List<String> prompts, PromptSamples<Observation> samples, ComparisonOptions options) {
      this.prompts = prompts;
      this.samples = samples;
      this.options = options;
      this.method = methodOf(samples.pooled(0).get(0));
    }

    private static Method methodOf(Observation o) {
      if (o instanceof Observation.LogProbabilities) {
        return new Method("log-probability-tracking", "mean |difference|, nats");
      }
      if (o instanceof Observation.Embedding) {
        return new Method("energy", "energy distance, scaled sum over prompts");
      }
      return new Method("mmd-hamming", "MMD², Hamming kernel");
    }

    ComparisonReport report(List<String> unmatched) {
      PermutationTest permutations = PermutationTest.of(options.seed(), options.draws());
      Statistic statistic = statistic(samples, true);
      TestResult test = statistic.test(permutations, method.name());
      List<TestResult> raw = new ArrayList<>();
      if (samples.pooled(0).get(0) instanceof Observation.Text) {
        raw.add(statistic(samples, false).test(permutations, method.name() + "-raw"));
      }
      List<Double> draws = new ArrayList<>();
      for (double d : statistic.nullDraws(permutations, Math.min(options.draws(), 999))) {
        draws.add(d);
      }
      return new ComparisonReport(
          test.pValue() <= options.alpha()
              ? ComparisonReport.Decision.DIFFERENT
              : ComparisonReport.Decision.NO_EVIDENCE,
          options.alpha(),
          test,
          raw,
          method.effectName(),
          statistic.value(),
          bootstrap(samples, 0),
          effects(),
          draws,
          unmatched);
    }

    private List<PromptEffect> effects() {
      List<PromptEffect> effects = new ArrayList<>();
      for (int s = 0; s < prompts.size(); s++) {
        int n = samples.first().get(s).size();
        int m = samples.second().get(s).size();
        if (n < 2 || m < 2) {
          continue;
        }
        PromptSamples<Observation> one =
            new PromptSamples<>(List.of(samples.first().get(s)), List.of(samples.second().get(s)));
        effects.add(
            new PromptEffect(
                prompts.get(s), n, m, statistic(one, true).value(), bootstrap(one, s + 1)));
      }
      return effects;
    }

    /**
     * Interval from resampled answers inside prompts. Repeated answers shift every statistic here
     * upwards, so only the spread around the resampled mean is used.
     */
    private Interval bootstrap(PromptSamples<Observation> of, int stream) {
      Statistic statistic = statistic(of, true);
      StratifiedDesign design = of.design();
      double[] values = new double[options.resamples()];
      double mean = 0;
      for (int r = 0; r < values.length; r++) {
        SplitMix64 random = SplitMix64.stream(options.seed(), (stream + 1L) * 1_000_003L + r);
        values[r] = statistic.resampled(redrawn(design, random));
        mean += values[r] / values.length;
      }
      double centre = statistic.value() + mean;
      double high = RobustStatistics.quantile(0.975, values);
      double low = RobustStatistics.quantile(0.025, values);
      return new Interval(centre - high, centre - low, 0.95);
    }

    private static int[] redrawn(StratifiedDesign design, SplitMix64 random) {
      int[] items = new int[design.size()];
      for (int s = 0; s < design.strata(); s++) {
        int from = design.offset(s);
        int n = design.first(s);
        int m = design.second(s);
        for (int i = 0; i < n + m; i++) {
          items[from + i] = from + (i < n ? random.nextInt(n) : n + random.nextInt(m));
        }
      }
      return items;
    }

    private Statistic statistic(PromptSamples<Observation> of, boolean canonical) {
      Observation example = of.pooled(0).get(0);
      if (example instanceof Observation.LogProbabilities) {
        var tracking =
            LogProbabilityTracking.of(mapped(of, o -> ((Observation.LogProbabilities) o).values()));
        return new Tracked(tracking);
      }
      if (example instanceof Observation.Embedding) {
        return Energy.of(mapped(of, Run::vector));
      }
      PromptSamples<int[]> tokens = mapped(of, o -> tokens(o, canonical));
      int longest = 1;
      for (int[] t : tokens.pooled()) {
        longest = Math.max(longest, Math.min(LONGEST, t.length));
      }
      TokenKernel kernel = TokenKernel.hamming(longest);
      StratifiedDesign design = tokens.design();
      double[][] gram = new double[design.strata()][];
      for (int s = 0; s < gram.length; s++) {
        gram[s] = kernel.gram(tokens.pooled(s));
      }
      return new Kernel(MmdTest.ofGram(design, gram), new PairMatrices(design, gram));
    }

    private static <T> PromptSamples<T> mapped(
        PromptSamples<Observation> samples, Function<Observation, T> function) {
      return new PromptSamples<>(
          samples.first().stream().map(l -> l.stream().map(function).toList()).toList(),
          samples.second().stream().map(l -> l.stream().map(function).toList()).toList());
    }

    private static double[] vector(Observation o) {
      return ((Observation.Embedding) o).components().stream().mapToDouble(v -> v).toArray();
    }

    private static int[] tokens(Observation o, boolean canonical) {
      if (o instanceof Observation.Tokens t) {
        return t.tokens().stream().mapToInt(v -> v).toArray();
      }
      String text = ((Observation.Text) o).text();
      return CanonicalText.codePoints(canonical ? CanonicalText.of(text) : text);
    }
  }

  private record Kernel(MmdTest mmd, PairMatrices pairs) implements Statistic {
    @Override
    public double resampled(int[] items) {
      return pairs.meanDiscrepancy(items);
    }

    @Override
    public double value() {
      return mmd.statistic();
    }

    @Override
    public TestResult test(PermutationTest permutations, String name) {
      return mmd.test(permutations).toTestResult(name);
    }

    @Override
    public double[] nullDraws(PermutationTest permutations, int count) {
      return mmd.nullDraws(permutations, count);
    }
  }

  private record Tracked(LogProbabilityTracking tracking) implements Statistic {
    @Override
    public double resampled(int[] items) {
      return tracking.statisticOf(items);
    }

    @Override
    public double value() {
      return tracking.statistic();
    }

    @Override
    public TestResult test(PermutationTest permutations, String name) {
      return tracking.test(permutations).toTestResult(name);
    }

    @Override
    public double[] nullDraws(PermutationTest permutations, int count) {
      return tracking.nullDraws(permutations, count);
    }
  }

  private record Energy(EnergyDistance energy, PairMatrices pairs) implements Statistic {
    static Energy of(PromptSamples<double[]> samples) {
      StratifiedDesign design = samples.design();
      double[][] items = samples.pooled().toArray(double[][]::new);
      EnergyDistance energy = EnergyDistance.of(design, items);
      return new Energy(energy, PairMatrices.distances(design, items));
    }

    @Override
    public double resampled(int[] items) {
      return pairs.energy(items);
    }

    @Override
    public double value() {
      return energy.scaledStatistic();
    }

    @Override
    public TestResult test(PermutationTest permutations, String name) {
      return energy.test(permutations).toTestResult(name);
    }

    @Override
    public double[] nullDraws(PermutationTest permutations, int count) {
      return energy.nullDraws(permutations, count);
    }
  }
}
