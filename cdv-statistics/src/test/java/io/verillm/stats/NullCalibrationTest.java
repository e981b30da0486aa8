package io.verillm.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.stats.gaia.GaiaRound;
import io.verillm.stats.language.BorderInputTest;
import io.verillm.stats.language.LogProbabilityTracking;
import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.RankUniformity;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.panel.EvidencePanel;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.sequential.Calibrator;
import io.verillm.stats.sequential.GridEProcess;
import io.verillm.stats.sequential.MeanBetting;
import io.verillm.stats.sequential.OneSidedBetaMixture;
import io.verillm.stats.sequential.PValueCombination;
import io.verillm.stats.sequential.TwoSampleBetting;
import io.verillm.stats.twosample.AndersonDarling;
import io.verillm.stats.twosample.Contingency;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.EnergyDistance;
import io.verillm.stats.twosample.KSampleAndersonDarling;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import io.verillm.stats.twosample.MannWhitney;
import io.verillm.stats.twosample.MonteCarloNull;
import io.verillm.stats.twosample.Wasserstein;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Check D3: P(p <= alpha) <= alpha + 3 SE for every p-value, P(E >= 1/alpha) for every e-value. */
class NullCalibrationTest {
  private static final double[] LEVELS = {.001, .01, .05};
  private static final SplitConformal CVM =
      new MonteCarloNull(2, 50_000).law(30, CramerVonMises::uniformStatistic);

  record Null(String name, ToDoubleFunction<SplitMix64> pValue) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static double[] g(SplitMix64 r, int n) {
    return Samples.gaussian(r, n);
  }

  private static double[] coarse(SplitMix64 r, int n) {
    double[] v = new double[n];
    java.util.Arrays.setAll(v, i -> r.nextInt(4));
    return v;
  }

  private static PermutationTest perms(SplitMix64 r) {
    return PermutationTest.of(r.nextLong(), 999).stoppingAfter(60);
  }

  private static int[] tokens(SplitMix64 r) {
    int[] t = new int[8];
    java.util.Arrays.setAll(t, i -> r.nextInt(4));
    return t;
  }

  private static <T> PromptSamples<T> samples(
      SplitMix64 r, int prompts, int n, int m, java.util.function.Function<SplitMix64, T> draw) {
    List<List<T>> a = new ArrayList<>();
    List<List<T>> b = new ArrayList<>();
    for (int s = 0; s < prompts; s++) {
      a.add(Stream.generate(() -> draw.apply(r)).limit(n).toList());
      b.add(Stream.generate(() -> draw.apply(r)).limit(m).toList());
    }
    return new PromptSamples<>(a, b);
  }

  private static Map<String, Double> row(SplitMix64 r) {
    Map<String, Double> row = new HashMap<>();
    for (int k = 0; k < 6; k++) {
      if (r.nextInt(4) > 0 || k == 0) {
        row.put("t" + k, -r.nextDouble() - k);
      }
    }
    return row;
  }

  static Stream<Null> pValues() {
    return Stream.of(
        new Null("ks", r -> KolmogorovSmirnov.twoSample(g(r, 20), g(r, 25)).pValue()),
        new Null(
            "ks ties", r -> KolmogorovSmirnov.twoSample(coarse(r, 12), coarse(r, 15)).pValue()),
        new Null(
            "ks one-sided",
            r -> KolmogorovSmirnov.twoSample(g(r, 20), g(r, 25), Alternative.LESS).pValue()),
        new Null(
            "ks one-sample",
            r -> KolmogorovSmirnov.oneSample(Samples.uniform(r, 25), v -> v).pValue()),
        new Null("cvm exact", r -> CramerVonMises.twoSampleExact(g(r, 8), g(r, 8)).pValue()),
        new Null(
            "cvm permutation",
            r -> CramerVonMises.twoSamplePermutation(g(r, 20), g(r, 20), perms(r)).pValue()),
        new Null(
            "cvm uniform",
            r -> CVM.pValue(CramerVonMises.uniformStatistic(Samples.uniform(r, 30)))),
        new Null(
            "ad uniform", r -> AndersonDarling.uniformAsymptotic(Samples.uniform(r, 30)).pValue()),
        new Null(
            "ad k-sample",
            r ->
                KSampleAndersonDarling.permutation(
                        new double[][] {g(r, 6), g(r, 7), g(r, 8)},
                        KSampleAndersonDarling.Ties.MIDRANK,
                        r.nextLong(),
                        999)
                    .pValue()),
        new Null(
            "mann-whitney",
            r -> MannWhitney.test(g(r, 12), g(r, 14), Alternative.TWO_SIDED).pValue()),
        new Null(
            "mann-whitney ties",
            r -> MannWhitney.exact(coarse(r, 10), coarse(r, 12), Alternative.GREATER).pValue()),
        new Null(
            "mann-whitney normal",
            r -> MannWhitney.normal(g(r, 40), g(r, 40), Alternative.TWO_SIDED).pValue()),
        new Null(
            "cvm two-sample limit",
            r -> CramerVonMises.twoSampleAsymptotic(g(r, 60), g(r, 60)).pValue()),
        new Null("chi-square permutation", NullCalibrationTest::contingency),
        new Null(
            "composite null of two kernels",
            r -> {
              var drawn = samples(r, 3, 5, 5, NullCalibrationTest::tokens);
              return MmdTest.compositeNull(
                  List.of(
                      MmdTest.of(drawn, TokenKernel.hamming(8)).test(perms(r)).pValue(),
                      MmdTest.of(drawn, TokenKernel.spectrum(1)).test(perms(r)).pValue()));
            }),
        new Null("gaia energy", NullCalibrationTest::gaia),
        new Null(
            "cauchy, equal inputs",
            r -> {
              double p = r.nextOpenDouble();
              return PValueCombination.cauchy(p, p, p);
            }),
        new Null(
            "stouffer",
            r ->
                PValueCombination.stouffer(
                    r.nextOpenDouble(), r.nextOpenDouble(), r.nextOpenDouble())),
        new Null("wasserstein", r -> Wasserstein.test(g(r, 12), g(r, 12), perms(r)).pValue()),
        new Null("energy", r -> EnergyDistance.of(g(r, 15), g(r, 15)).test(perms(r)).pValue()),
        new Null(
            "mmd hamming",
            r ->
                MmdTest.of(samples(r, 4, 6, 6, NullCalibrationTest::tokens), TokenKernel.hamming(8))
                    .test(perms(r))
                    .pValue()),
        new Null(
            "mmd spectrum",
            r ->
                MmdTest.of(
                        samples(r, 2, 5, 7, NullCalibrationTest::tokens), TokenKernel.spectrum(2))
                    .test(perms(r))
                    .pValue()),
        new Null(
            "log-probability tracking",
            r ->
                LogProbabilityTracking.of(samples(r, 1, 10, 10, NullCalibrationTest::row))
                    .test(perms(r))
                    .pValue()),
        new Null(
            "border inputs",
            r ->
                BorderInputTest.of(samples(r, 5, 20, 5, x -> x.nextInt(2) == 0 ? "a" : "b"))
                    .test(perms(r))
                    .pValue()),
        new Null("rank uniformity", NullCalibrationTest::ranks),
        new Null("conformal", r -> SplitConformal.of(g(r, 1999)).pValue(r.nextGaussian())),
        new Null(
            "harmonic mean, equal inputs",
            r -> {
              double p = r.nextOpenDouble();
              return PValueCombination.harmonicMean(p, p, p);
            }),
        new Null(
            "fisher",
            r ->
                PValueCombination.fisher(
                    r.nextOpenDouble(), r.nextOpenDouble(), r.nextOpenDouble())));
  }

  private static double gaia(SplitMix64 r) {
    List<double[][]> a = new ArrayList<>();
    List<double[][]> b = new ArrayList<>();
    for (int question = 0; question < 4; question++) {
      a.add(new double[][] {g(r, 6), g(r, 6), g(r, 6)});
      b.add(new double[][] {g(r, 6), g(r, 6), g(r, 6)});
    }
    return GaiaRound.energyTest(a, b, perms(r)).pValue();
  }

  /** An e-value under its null. */
  record NullE(String name, ToDoubleFunction<SplitMix64> eValue) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<NullE> eValues() {
    return Stream.of(
        new NullE(
            "one-sided mixture, 200 audits",
            r -> OneSidedBetaMixture.uniform(.05).e(flags(r, 200, .05), 200)),
        new NullE(
            "grid, 200 audits",
            r -> {
              GridEProcess e = new GridEProcess(.05);
              for (int i = 0; i < 200; i++) {
                e.update(r.nextDouble() < .05);
              }
              return e.e();
            }),
        new NullE(
            "betting on a mean, 200 values",
            r -> {
              MeanBetting bet = MeanBetting.adaptive(.3);
              for (int i = 0; i < 200; i++) {
                bet.update(r.nextDouble() * .6);
              }
              return bet.wealth();
            }),
        new NullE(
            "two-sample betting, 100 pairs",
            r -> {
              var bet = new TwoSampleBetting<Integer>((a, b) -> a.equals(b) ? 1 : 0, 0);
              for (int i = 0; i < 100; i++) {
                bet.update(r.nextInt(4), r.nextInt(4));
              }
              return bet.wealth();
            }),
        new NullE("calibrator, power", r -> Calibrator.power(.5).applyTo(r.nextOpenDouble())),
        new NullE(
            "calibrator, inverse root", r -> Calibrator.inverseRoot().applyTo(r.nextOpenDouble())),
        new NullE("calibrator, mixture", r -> Calibrator.mixture().applyTo(r.nextOpenDouble())),
        new NullE("calibrator, aimed", r -> Calibrator.aimedAt(.01, 2).applyTo(r.nextOpenDouble())),
        new NullE("panel of two", NullCalibrationTest::panel));
  }

  private static long flags(SplitMix64 r, int audits, double rate) {
    long flags = 0;
    for (int i = 0; i < audits; i++) {
      flags += r.nextDouble() < rate ? 1 : 0;
    }
    return flags;
  }

  private static double panel(SplitMix64 r) {
    return EvidencePanel.aimedAt(.05, r.nextLong(), 199)
        .tokens(samples(r, 3, 5, 5, NullCalibrationTest::tokens), 8)
        .score("score", r.nextGaussian(), SplitConformal.of(g(r, 199)))
        .evaluate()
        .eValue();
  }

  /** Markov: P(E >= 1/alpha) <= alpha for whatever has expectation at most one. */
  private static void checkE(NullE law, int repetitions, double errors) {
    double[] hits = new double[3];
    for (int i = 0; i < repetitions; i++) {
      double e = law.eValue().applyAsDouble(SplitMix64.stream(2027, i));
      for (int k = 0; k < 3; k++) {
        hits[k] += e >= (1 - 1e-12) / LEVELS[k] ? 1.0 / repetitions : 0;
      }
    }
    System.out.printf(
        "null e %-32s %6d reps  .001: %.4f  .01: %.4f  .05: %.4f%n",
        law.name(), repetitions, hits[0], hits[1], hits[2]);
    for (int k = 0; k < 3; k++) {
      assertThat(hits[k])
          .as(law.name() + " at " + LEVELS[k])
          .isLessThanOrEqualTo(
              LEVELS[k] + errors * Math.sqrt(LEVELS[k] * (1 - LEVELS[k]) / repetitions) + 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("eValues")
  void eValue_underTheNull_twoHundredRepetitions(NullE law) {
    checkE(law, 200, 5);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("eValues")
  void eValue_underTheNull_tenThousandRepetitions(NullE law) {
    checkE(law, 10_000, 3);
  }

  private static double contingency(SplitMix64 r) {
    long[][] table = new long[2][4];
    for (int i = 0; i < 24; i++) {
      table[i % 2][r.nextInt(4)]++;
    }
    return Contingency.homogeneity(table, Contingency.Statistic.CHI_SQUARE, r.nextLong(), 999)
        .pValue();
  }

  private static double ranks(SplitMix64 r) {
    double[] ranks = new double[30];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = RankUniformity.rank(r.nextInt(6), coarse6(r, 10), r.nextDouble());
    }
    return CVM.pValue(CramerVonMises.uniformStatistic(ranks));
  }

  private static double[] coarse6(SplitMix64 r, int n) {
    double[] v = new double[n];
    java.util.Arrays.setAll(v, i -> r.nextInt(6));
    return v;
  }

  private static void check(Null law, int repetitions, double errors) {
    double[] hits = new double[3];
    double evidence = 0;
    Calibrator calibrator = Calibrator.power(.9);
    for (int i = 0; i < repetitions; i++) {
      double p = law.pValue().applyAsDouble(SplitMix64.stream(2026, i));
      for (int k = 0; k < 3; k++) {
        hits[k] += p <= LEVELS[k] ? 1.0 / repetitions : 0;
      }
      evidence += calibrator.applyTo(Math.max(p, 1e-12)) / repetitions;
    }
    System.out.printf(
        "null %-28s %6d reps  .001: %.4f  .01: %.4f  .05: %.4f  mean e: %.4f%n",
        law.name(), repetitions, hits[0], hits[1], hits[2], evidence);
    for (int k = 0; k < 3; k++) {
      assertThat(hits[k])
          .as(law.name() + " at " + LEVELS[k])
          .isLessThanOrEqualTo(
              LEVELS[k] + errors * Math.sqrt(LEVELS[k] * (1 - LEVELS[k]) / repetitions) + 1e-12);
    }
    // Var of .9 p^-.1 is .0125, so the mean's standard error is .112/√repetitions
    assertThat(evidence).isLessThanOrEqualTo(1 + errors * .112 / Math.sqrt(repetitions));
  }

  /** Gross errors only: about 66 comparisons need bounds of five standard errors. */
  @ParameterizedTest
  @MethodSource("pValues")
  void pValue_underTheNull_twoHundredRepetitions(Null law) {
    check(law, 200, 5);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("pValues")
  void pValue_underTheNull_tenThousandRepetitions(Null law) {
    check(law, 10_000, 3);
  }
}
