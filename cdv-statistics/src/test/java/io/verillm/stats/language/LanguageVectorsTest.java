package io.verillm.stats.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.PValueMethod;
import io.verillm.stats.Samples;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.twosample.CramerVonMises;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Vectors of D.3 to D.5, checks D2 (MMD), D5, D6, D13, D14, and each published defect. */
class LanguageVectorsTest {
  private static final Offset<Double> TIGHT = within(1e-9);
  private static final PermutationTest EXACT = PermutationTest.of(1, 1);

  private static int[] digits(int number) {
    return Integer.toString(number).chars().toArray();
  }

  private static PromptSamples<int[]> onePrompt(List<int[]> a, List<int[]> b) {
    return new PromptSamples<>(List.of(a), List.of(b));
  }

  @Test
  void mmdHamming_publishedSequences_match() {
    var samples =
        onePrompt(
            List.of(digits(1234), digits(1235), digits(1299)),
            List.of(digits(1734), digits(8734), digits(1794)));
    MmdTest test = MmdTest.of(samples, TokenKernel.hamming(4));
    assertThat(test.statistic()).isCloseTo(0.4722222222, TIGHT);
    var p = test.test(EXACT);
    assertThat(p.method()).isEqualTo(PValueMethod.EXACT);
    assertThat(p.exceedances()).isEqualTo(2);
    assertThat(p.evaluated()).isEqualTo(20);
  }

  /** The straightforward definition, pair by pair, against the cached form. */
  @Test
  void mmd_severalPrompts_equalsTheDefinition() {
    SplitMix64 random = new SplitMix64(3);
    List<List<int[]>> a = new ArrayList<>();
    List<List<int[]>> b = new ArrayList<>();
    for (int s = 0; s < 4; s++) {
      a.add(answers(random, 2 + s));
      b.add(answers(random, 5 - s));
    }
    for (TokenKernel kernel :
        List.of(
            TokenKernel.hamming(6),
            TokenKernel.oneHot(),
            TokenKernel.spectrum(2),
            TokenKernel.allSubstrings(3))) {
      double[] sum = new double[3];
      double[] pairs = new double[3];
      for (int s = 0; s < 4; s++) {
        List<int[]> x = a.get(s);
        List<int[]> y = b.get(s);
        for (int i = 0; i < x.size(); i++) {
          for (int j = 0; j < x.size(); j++) {
            add(sum, pairs, 0, i != j, kernel, x.get(i), x.get(j));
          }
          for (int[] other : y) {
            add(sum, pairs, 2, true, kernel, x.get(i), other);
          }
        }
        for (int i = 0; i < y.size(); i++) {
          for (int j = 0; j < y.size(); j++) {
            add(sum, pairs, 1, i != j, kernel, y.get(i), y.get(j));
          }
        }
      }
      double expected = sum[0] / pairs[0] + sum[1] / pairs[1] - 2 * sum[2] / pairs[2];
      assertThat(MmdTest.of(new PromptSamples<>(a, b), kernel).statistic())
          .isCloseTo(expected, within(1e-12));
    }
  }

  private static void add(
      double[] sum, double[] pairs, int at, boolean use, TokenKernel kernel, int[] x, int[] y) {
    if (use) {
      sum[at] += kernel.gram(List.of(x, y))[1];
      pairs[at]++;
    }
  }

  private static List<int[]> answers(SplitMix64 random, int n) {
    List<int[]> result = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int[] tokens = new int[random.nextInt(7)];
      Arrays.setAll(tokens, k -> random.nextInt(3));
      result.add(tokens);
    }
    return result;
  }

  @Test
  void kernels_knownPairs_match() {
    assertThat(pair(TokenKernel.hamming(4), new int[] {1, 2}, new int[] {1, 3, 5}))
        .isEqualTo(0.5); // position 0 and the shared padding
    assertThat(pair(TokenKernel.spectrum(2), new int[] {1, 2, 1, 2}, new int[] {1, 2}))
        .isCloseTo(2 / Math.sqrt(5), TIGHT);
    assertThat(pair(TokenKernel.allSubstrings(2), new int[] {1, 2}, new int[] {1}))
        .isCloseTo(1 / Math.sqrt(3), TIGHT);
    assertThat(pair(TokenKernel.oneHot(), new int[] {1, 2}, new int[] {1, 2})).isEqualTo(1);
    assertThat(pair(TokenKernel.oneHot(), new int[] {1, 2}, new int[] {2, 1})).isZero();
    assertThat(pair(TokenKernel.spectrum(3), new int[] {1}, new int[] {1, 2, 3})).isZero();
    assertThat(pair(TokenKernel.spectrum(3), new int[0], new int[0])).isEqualTo(1);
  }

  private static double pair(TokenKernel kernel, int[] a, int[] b) {
    return kernel.gram(List.of(a, b))[1];
  }

  /** Check D2 for MMD: swapping the samples or the order of answers changes nothing. */
  @Test
  void mmd_relabellingAndRowOrder_changeNothing() {
    SplitMix64 random = new SplitMix64(12);
    List<int[]> a = answers(random, 7);
    List<int[]> b = answers(random, 5);
    List<int[]> reversed = new ArrayList<>(a);
    java.util.Collections.reverse(reversed);
    for (TokenKernel kernel : List.of(TokenKernel.hamming(6), TokenKernel.spectrum(2))) {
      double statistic = MmdTest.of(onePrompt(a, b), kernel).statistic();
      double p = MmdTest.of(onePrompt(a, b), kernel).test(EXACT).pValue();
      assertThat(MmdTest.of(onePrompt(b, a), kernel).statistic())
          .isCloseTo(statistic, within(1e-15));
      assertThat(MmdTest.of(onePrompt(reversed, b), kernel).statistic())
          .isCloseTo(statistic, within(1e-15));
      assertThat(MmdTest.of(onePrompt(b, a), kernel).test(EXACT).pValue()).isEqualTo(p);
      assertThat(MmdTest.of(onePrompt(reversed, b), kernel).test(EXACT).pValue()).isEqualTo(p);
    }
  }

  /** Check D13: the U-statistic may be negative, and p does not clip it. */
  @Test
  void mmd_equalSamplesInAnotherOrder_isNegativeWithPOne() {
    List<int[]> a = List.of(digits(1111), digits(2222), digits(3333));
    List<int[]> b = List.of(digits(3333), digits(1111), digits(2222));
    MmdTest test = MmdTest.of(onePrompt(a, b), TokenKernel.hamming(4));
    assertThat(test.statistic()).isNegative();
    assertThat(test.test(EXACT).pValue()).isEqualTo(1);
  }

  @Test
  void mmd_strippedLeadingSpace_rejectsRawButNotCanonicalText() {
    SplitMix64 random = new SplitMix64(14);
    List<String> plain = new ArrayList<>();
    List<String> stripped = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      plain.add(" the answer is " + random.nextInt(10));
      stripped.add("the answer is " + random.nextInt(10));
    }
    PermutationTest permutations = PermutationTest.of(4, 999);
    assertThat(textTest(plain, stripped, false).test(permutations).pValue()).isEqualTo(0.001);
    assertThat(textTest(plain, stripped, true).test(permutations).pValue()).isGreaterThan(0.05);
    assertThat(CanonicalText.of("  e\u0301\n\t x\u00a0y ")).isEqualTo("\u00e9 x y");
  }

  private static MmdTest textTest(List<String> a, List<String> b, boolean canonical) {
    java.util.function.Function<String, int[]> codes =
        t -> CanonicalText.codePoints(canonical ? CanonicalText.of(t) : t);
    return MmdTest.of(
        onePrompt(a.stream().map(codes).toList(), b.stream().map(codes).toList()),
        TokenKernel.hamming(20));
  }

  @Test
  void compositeNull_oneAdmissibleReferenceFits_doesNotReject() {
    assertThat(MmdTest.compositeNull(List.of(.001, .4))).isEqualTo(.4);
    assertThatThrownBy(() -> MmdTest.compositeNull(List.of())).hasMessageContaining("pValues");
  }

  @Test
  void mmd_tooFewAnswers_isRefused() {
    assertThatThrownBy(
            () ->
                MmdTest.of(
                    onePrompt(List.of(digits(1)), List.of(digits(2), digits(3))),
                    TokenKernel.oneHot()))
        .hasMessageContaining("two answers");
    assertThatThrownBy(
            () -> MmdTest.of(onePrompt(List.of(), List.of(digits(2))), TokenKernel.oneHot()))
        .hasMessageContaining("first sample is empty");
  }

  @Test
  void rank_publishedExample_bothForms() {
    double[] references = {1.0, 1.2, 1.2, 1.5, 1.9};
    assertThat(RankUniformity.publishedRank(1.2, references, .25)).isCloseTo(.30, TIGHT);
    assertThat(RankUniformity.rank(1.2, references, .25)).isCloseTo(.2916666667, TIGHT);
    assertThat(RankUniformity.meanLogRank(new int[] {1, 2, 4})).isCloseTo(Math.log(2), TIGHT);
    assertThat(RankUniformity.rankOf(new double[] {.1, 3, 2}, 2)).isEqualTo(2);
    assertThatThrownBy(() -> RankUniformity.rank(1, references, 1.0))
        .hasMessageContaining("randomiser");
    assertThatThrownBy(() -> RankUniformity.rank(1, new double[0], .5))
        .hasMessageContaining("references");
  }

  /** Exactly uniform: over all positions among m + 1 and a grid of U, ranks fill [0, 1) evenly. */
  @Test
  void rank_exchangeableScore_isExactlyUniform() {
    double[] references = {1, 2, 3, 4};
    List<Double> ranks = new ArrayList<>();
    for (double s : new double[] {.5, 1.5, 2.5, 3.5, 4.5}) {
      for (int u = 0; u < 10; u++) {
        ranks.add(RankUniformity.rank(s, references, (u + .5) / 10));
      }
    }
    for (int i = 0; i < 50; i++) {
      assertThat(ranks.get(i)).isCloseTo((i + .5) / 50, within(1e-12));
    }
  }

  /** Check D5, shortened: 95 % point of the test at n = 100 is .4609. */
  @Test
  void rankTest_fewReferences_publishedFailsWhereCorrectedHolds() {
    assertThat(rankSize(5, 2000, false)).isGreaterThan(.9);
    // 4 standard errors at 2000 repetitions
    assertThat(rankSize(5, 2000, true)).isCloseTo(.05, within(.0195));
  }

  private static double rankSize(int m, int repetitions, boolean corrected) {
    int hits = 0;
    for (int r = 0; r < repetitions; r++) {
      SplitMix64 random = SplitMix64.stream(71 + m, r);
      double[] ranks = new double[100];
      for (int i = 0; i < 100; i++) {
        double[] references = Samples.uniform(random, m);
        double s = random.nextDouble();
        double u = random.nextDouble();
        ranks[i] =
            corrected
                ? RankUniformity.rank(s, references, u)
                : RankUniformity.publishedRank(s, references, u);
      }
      hits += CramerVonMises.uniformStatistic(ranks) >= .4609 ? 1 : 0;
    }
    return hits / (double) repetitions;
  }

  @Tag("long")
  @Test
  void rankTest_twentyThousandRepetitions_sizesAsTabulated() {
    double[][] table = {{5, .931}, {10, .182}, {20, .075}, {100, .050}};
    for (double[] row : table) {
      double published = rankSize((int) row[0], 20_000, false);
      double corrected = rankSize((int) row[0], 20_000, true);
      System.out.printf(
          "RUT m=%d published %.4f corrected %.4f%n", (int) row[0], published, corrected);
      assertThat(corrected).isCloseTo(.05, within(.006));
      assertThat(published).isCloseTo(row[1], within(.012));
    }
  }

  private static List<Map<String, Double>> rows(double[]... rows) {
    List<Map<String, Double>> result = new ArrayList<>();
    for (double[] row : rows) {
      result.add(Map.of("a", row[0], "b", row[1], "c", row[2]));
    }
    return result;
  }

  @Test
  void logProbabilities_publishedRows_match() {
    var samples =
        new PromptSamples<>(
            List.of(
                rows(
                    new double[] {-.10, -2.5, -4},
                    new double[] {-.12, -2.4, -4.1},
                    new double[] {-.11, -2.45, -4.05})),
            List.of(
                rows(
                    new double[] {-.20, -2, -4},
                    new double[] {-.22, -2.1, -3.9},
                    new double[] {-.21, -2.05, -3.95})));
    LogProbabilityTracking test = LogProbabilityTracking.of(samples);
    assertThat(test.statistic()).isCloseTo(.2, TIGHT);
    assertThat(test.test(EXACT).exceedances()).isEqualTo(2);
  }

  @Test
  void logProbabilities_missingToken_isFilledWithItsRowsMinimum() {
    var samples =
        new PromptSamples<Map<String, Double>>(
            List.of(List.of(Map.of("a", -1.0, "b", -3.0))),
            List.of(List.of(Map.of("a", -1.0, "c", -2.0))));
    // b: |-3 - (-2)| = 1, c: |-3 - (-2)| = 1, a: 0
    assertThat(LogProbabilityTracking.of(samples).statistic()).isCloseTo(2.0 / 3, TIGHT);
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, .5}) {
      var broken =
          new PromptSamples<Map<String, Double>>(
              List.of(List.of(Map.of("a", bad))), List.of(List.of(Map.of("a", -1.0))));
      assertThatThrownBy(() -> LogProbabilityTracking.of(broken)).hasMessageContaining("'a'");
    }
  }

  /** Check D6: five balanced border inputs, unchanged model. */
  @Test
  void borderInputs_unchangedModel_exactTestHoldsWhereTheSupportRuleFails() {
    int repetitions = 2000;
    int exact = 0;
    int published = 0;
    int single = 0;
    for (int r = 0; r < repetitions; r++) {
      SplitMix64 random = SplitMix64.stream(81, r);
      List<List<String>> reference = new ArrayList<>();
      List<List<String>> monitor = new ArrayList<>();
      for (int s = 0; s < 5; s++) {
        reference.add(coins(random, 50));
        monitor.add(coins(random, 3));
      }
      BorderInputTest all = BorderInputTest.of(new PromptSamples<>(reference, monitor));
      exact += all.test(PermutationTest.of(r, 199)).pValue() <= .05 ? 1 : 0;
      published += all.publishedSupportsDiffer() ? 1 : 0;
      single +=
          BorderInputTest.of(new PromptSamples<>(reference.subList(0, 1), monitor.subList(0, 1)))
                  .publishedSupportsDiffer()
              ? 1
              : 0;
    }
    assertThat(exact / (double) repetitions)
        .isLessThanOrEqualTo(Samples.sizeBound(.05, repetitions));
    assertThat(single / (double) repetitions).isCloseTo(.25, within(.04));
    assertThat(published / (double) repetitions).isCloseTo(.76, within(.04));
    assertThat(BorderInputTest.publishedFalseAlarm(3)).isEqualTo(.25);
    assertThat(BorderInputTest.publishedFalseAlarm(10)).isCloseTo(.00195, within(5e-6));
  }

  private static List<String> coins(SplitMix64 random, int n) {
    List<String> tosses = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      tosses.add(random.nextInt(2) == 0 ? "yes" : "no");
    }
    return tosses;
  }

  @Test
  void borderInputs_shiftedBalance_isFound() {
    List<String> half = new ArrayList<>(java.util.Collections.nCopies(25, "a"));
    half.addAll(java.util.Collections.nCopies(25, "b"));
    List<String> mostly = new ArrayList<>(java.util.Collections.nCopies(19, "a"));
    mostly.add("b");
    BorderInputTest test = BorderInputTest.of(new PromptSamples<>(List.of(half), List.of(mostly)));
    assertThat(test.statistic()).isCloseTo(.45, TIGHT);
    assertThat(test.test(PermutationTest.of(2, 1999)).pValue()).isLessThan(.01);
    assertThat(test.publishedSupportsDiffer()).isFalse();
  }

  /** Vector of D.5 and check D14. */
  @Test
  void seededMargin_publishedExample_match() {
    double[] z = {2, 1, .5, -.3};
    double[] e = {.9, .2, 1.5, .05};
    double[] g = Arrays.stream(e).map(SeededMargin::gumbel).toArray();
    double[] expected = {.1053605157, 1.6094379124, -.4054651081, 2.9957322736};
    double[] atOne = {.5903717579, .0862943611, 2.6011973817, 0};
    double[] atSeven = {.0528542, 0, 1.9104, .3296};
    assertThat(SeededMargin.winner(z, g, 1, v -> true)).isEqualTo(3);
    assertThat(SeededMargin.winner(z, g, .7, v -> true)).isEqualTo(1);
    assertThat(SeededMargin.winner(z, g, 0, v -> true)).isZero();
    for (int c = 0; c < 4; c++) {
      assertThat(g[c]).isCloseTo(expected[c], TIGHT);
      assertThat(SeededMargin.margin(z, g, 1, v -> true, c)).isCloseTo(atOne[c], TIGHT);
      assertThat(SeededMargin.margin(z, g, .7, v -> true, c)).isCloseTo(atSeven[c], within(5e-5));
      assertThat(SeededMargin.margin(z, g, 0, v -> true, c)).isEqualTo(2 - z[c]);
      assertThat(SeededMargin.margin(z, g, 1e-12, v -> true, c)).isCloseTo(2 - z[c], TIGHT);
    }
    assertThat(SeededMargin.margin(z, g, 1, v -> v < 2, 3)).isInfinite();
    assertThat(SeededMargin.margin(z, g, 1, v -> v < 2, 1)).isZero();
    assertThatThrownBy(() -> SeededMargin.winner(z, g, 1, v -> false))
        .hasMessageContaining("support");
    assertThatThrownBy(() -> SeededMargin.margin(z, g, 1, v -> true, 4))
        .hasMessageContaining("claimed");
    assertThatThrownBy(() -> SeededMargin.margin(z, g, Double.NaN, v -> true, 1))
        .hasMessageContaining("temperature");
  }

  @Test
  void seededMargin_randomTokens_isZeroExactlyForTheWinner() {
    SplitMix64 random = new SplitMix64(91);
    for (int r = 0; r < 500; r++) {
      double[] z = Samples.gaussian(random, 20);
      double[] g = new double[20];
      Arrays.setAll(g, i -> SeededMargin.gumbel(random.nextExponential()));
      double tau = random.nextInt(3) * .6;
      int winner = SeededMargin.winner(z, g, tau, v -> true);
      for (int c = 0; c < 20; c++) {
        double m = SeededMargin.margin(z, g, tau, v -> true, c);
        assertThat(m == 0).isEqualTo(c == winner);
        assertThat(m).isNotNegative();
      }
    }
  }

  @Test
  void margins_oneSwappedToken_drownsInTheMeanButNotInTheCount() {
    double[] margins = new double[500];
    margins[77] = Double.POSITIVE_INFINITY;
    assertThat(SeededMargin.meanClipped(margins, .5)).isEqualTo(.001);
    assertThat(SeededMargin.extremeCount(margins, 5)).isOne();
    assertThatThrownBy(() -> SeededMargin.meanClipped(new double[] {Double.NaN}, .5))
        .hasMessageContaining("NaN");
  }

  @Test
  void fingerprint_distances_keepLengthOnAverage() {
    float[] x = new float[256];
    float[] y = new float[256];
    x[3] = 2;
    y[200] = 1;
    double sum = 0;
    for (int seed = 0; seed < 2000; seed++) {
      ActivationFingerprint f = ActivationFingerprint.of(seed, 256, 8);
      double d = ActivationFingerprint.distance(f.project(x), f.project(y));
      sum += d * d / 2000;
    }
    assertThat(sum).isCloseTo(5, within(.25)); // SE = 5·√(2/8)/√2000 = .056
    ActivationFingerprint f = ActivationFingerprint.of(1, 256, 8);
    assertThatThrownBy(() -> f.project(new float[3])).hasMessageContaining("256");
    x[0] = Float.NaN;
    assertThatThrownBy(() -> f.project(x)).hasMessageContaining("not finite");
  }
}
