package io.verillm.stats.gaia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Samples;
import io.verillm.stats.cdv.EpochReport;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.twosample.KolmogorovSmirnov;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Checks C1 to C6 and the scenario of F.C. (C7 needs vectors that are not ours to ship.) */
class GaiaVectorsTest {
  private static final Offset<Double> TIGHT = within(1e-9);
  private static final double[][] A = {{1, 0, 0}, {.9, .1, 0}, {1.1, -.1, 0}};
  private static final double[][] B = {{.5, .5, 0}, {.6, .4, .1}, {.4, .6, -.1}};

  @Test
  void centroids_tinyVector_match() { // check C1
    CentroidComparison c = CentroidComparison.of(A, B);
    assertThat(c.distance()).isCloseTo(.7071067812, TIGHT);
    assertThat(c.firstMeanStd()).isCloseTo(.0544331054, TIGHT);
    assertThat(c.firstScatter()).isCloseTo(.0666666667, TIGHT);
    assertThat(c.firstScatter() * Math.sqrt(3)).isCloseTo(.1154700538, TIGHT);
    assertThat(c.secondMeanStd()).isCloseTo(.0816496581, TIGHT);
    assertThat(c.secondScatter()).isCloseTo(.0816496581, TIGHT);
    assertThat(c.secondScatter() * Math.sqrt(3)).isCloseTo(.1414213562, TIGHT);
    assertThat(c.distance() / c.secondScatter()).isCloseTo(8.660254038, TIGHT);
    assertThat(c.distance() / c.kappa()).isCloseTo(.1290994449, TIGHT);
    assertThat(c.kappa()).isCloseTo(5.477225575, TIGHT);
    assertThat(c.pseudoF()).isCloseTo(30, TIGHT);
    var test =
        GaiaRound.energyTest(
            List.<double[][]>of(A), List.<double[][]>of(B), PermutationTest.of(1, 1));
    assertThat(test.exceedances()).isEqualTo(2);
    assertThat(test.evaluated()).isEqualTo(20);
  }

  private static double[][] cloud(SplitMix64 random, int n, int d) {
    double[][] points = new double[n][];
    for (int i = 0; i < n; i++) {
      points[i] = Samples.gaussian(random, d);
    }
    return points;
  }

  /** Checks C2, C3 and C4: identical models, and the published ratio is far from one. */
  @Test
  void publishedRatio_identicalModels_isTwentyAndAlwaysFires() {
    double[][] table = {{5, 19.6, .5}, {25, 8.0, .2}};
    for (double[] row : table) {
      double ratio = 0;
      double kappa = 0;
      int fired = 0;
      int repetitions = 100;
      for (int r = 0; r < repetitions; r++) {
        SplitMix64 random = SplitMix64.stream(13, r);
        int n = (int) row[0];
        CentroidComparison c = CentroidComparison.of(cloud(random, n, 768), cloud(random, n, 768));
        ratio += c.distance() / ((c.firstScatter() + c.secondScatter()) / 2) / repetitions;
        kappa += c.kappa() / repetitions;
        fired += c.publishedSeparated() ? 1 : 0;
      }
      assertThat(ratio).isCloseTo(row[1], within(row[2]));
      assertThat(kappa).isCloseTo(1, within(.02));
      assertThat(fired).isEqualTo(repetitions);
    }
  }

  /** Check C6. */
  @Test
  void constantAnswers_contributeNothing() {
    double[][] same = {{1, 0}, {1, 0}, {1, 0}};
    CentroidComparison c = CentroidComparison.of(same, same);
    assertThat(c.kappa()).isZero();
    assertThat(c.pseudoF()).isZero();
    assertThat(c.publishedSeparated()).isFalse();
    var alone =
        GaiaRound.energyTest(
            List.<double[][]>of(same), List.<double[][]>of(same), PermutationTest.of(1, 99));
    assertThat(alone.observed()).isZero();
    assertThat(alone.pValue()).isEqualTo(1);
    SplitMix64 random = new SplitMix64(3);
    double[][] x = cloud(random, 3, 2);
    double[][] y = cloud(random, 3, 2);
    double with =
        GaiaRound.energyTest(List.of(x, same), List.of(y, same), PermutationTest.of(1, 9))
            .observed();
    double without =
        GaiaRound.energyTest(
                List.<double[][]>of(x), List.<double[][]>of(y), PermutationTest.of(1, 9))
            .observed();
    assertThat(with).isCloseTo(without, within(1e-12));
    double[][] elsewhere = {{0, 1}, {0, 1}};
    assertThat(CentroidComparison.of(same, elsewhere).kappa()).isInfinite();
  }

  private static double energySize(int repetitions, List<Double> pValues) {
    int hits = 0;
    for (int r = 0; r < repetitions; r++) {
      SplitMix64 random = SplitMix64.stream(17, r);
      List<double[][]> a = new ArrayList<>();
      List<double[][]> b = new ArrayList<>();
      for (int s = 0; s < 20; s++) {
        a.add(cloud(random, 5, 16));
        b.add(cloud(random, 5, 16));
      }
      double p = GaiaRound.energyTest(a, b, PermutationTest.of(r, 199)).pValue();
      pValues.add(p + (random.nextDouble() - 1) / 200); // spreads the grid of 200 values evenly
      hits += p <= .05 ? 1 : 0;
    }
    return hits / (double) repetitions;
  }

  @Test
  void energyTest_identicalModels_keepsItsSizeAndIsUniform() { // check C5, shortened
    List<Double> p = new ArrayList<>();
    assertThat(energySize(300, p)).isLessThanOrEqualTo(Samples.sizeBound(.05, 300));
    double[] values = p.stream().mapToDouble(v -> v).toArray();
    assertThat(KolmogorovSmirnov.oneSample(values, v -> v).pValue()).isGreaterThan(.01);
  }

  @Tag("long")
  @Test
  void energyTest_tenThousandRepetitions_keepsItsSizeAndIsUniform() {
    List<Double> p = new ArrayList<>();
    double size = energySize(10_000, p);
    double[] values = p.stream().mapToDouble(v -> v).toArray();
    double uniform = KolmogorovSmirnov.oneSample(values, v -> v).pValue();
    System.out.printf("Gaia energy test size %.4f, KS p %.3f%n", size, uniform);
    assertThat(size).isLessThanOrEqualTo(.05 + 2 * Math.sqrt(.05 * .95 / 10_000));
    assertThat(uniform).isGreaterThan(.01);
  }

  /** Answers of one node: kind 0 honest, 1 smaller model, 2 other knowledge base on half. */
  private static List<double[][]> node(
      SplitMix64 random, double[][] truth, double[][] smaller, double[][] other, int kind) {
    List<double[][]> answers = new ArrayList<>();
    for (int s = 0; s < truth.length; s++) {
      double[][] cloud = cloud(random, 5, truth[s].length);
      for (double[] answer : cloud) {
        for (int k = 0; k < answer.length; k++) {
          answer[k] += truth[s][k];
          answer[k] += kind == 1 ? smaller[s][k] : kind == 2 && s % 2 == 0 ? other[s][k] : 0;
        }
      }
      answers.add(cloud);
    }
    return answers;
  }

  private static double[][] shifts(SplitMix64 random, int questions, int d, double kappa) {
    // kappa² = 1 + δ² n / (2 τ²) with τ² = d and n = 5
    double delta = Math.sqrt((kappa * kappa - 1) * 2 * d / 5);
    double[][] shift = cloud(random, questions, d);
    for (double[] row : shift) {
      double norm = 0;
      for (double v : row) {
        norm += v * v;
      }
      for (int k = 0; k < d; k++) {
        row[k] *= delta / Math.sqrt(norm);
      }
    }
    return shift;
  }

  private static EpochReport[] scenario(
      long seed, int nodes, int small, int otherBase, boolean trusted, int epochs) {
    SplitMix64 random = new SplitMix64(seed);
    GaiaRound round = new GaiaRound(seed, .05, 199);
    EpochReport[] reports = new EpochReport[epochs];
    double[][] smaller = shifts(random, 20, 12, 1.9); // 9B against 27B, table C.4
    double[][] other = shifts(random, 20, 12, 1.9);
    for (int t = 0; t < epochs; t++) {
      double[][] truth = cloud(random, 20, 12);
      Map<String, List<double[][]>> answers = new LinkedHashMap<>();
      for (int i = 0; i < nodes; i++) {
        int kind = i < small ? 1 : i < small + otherBase ? 2 : 0;
        answers.put("n" + i, node(random, truth, smaller, other, kind));
      }
      Optional<List<double[][]>> reference =
          trusted ? Optional.of(node(random, truth, smaller, other, 0)) : Optional.empty();
      reports[t] = round.advance(answers, reference);
    }
    return reports;
  }

  /** Scenario F.C: 100 nodes, 5 % smaller model, 5 % other knowledge base. */
  @Test
  void domain_fivePercentSmallerModel_isFoundWithinThreeEpochs() {
    EpochReport last = scenario(9, 100, 5, 5, false, 3)[2];
    long right = last.nodes().subList(0, 10).stream().filter(n -> n.selected()).count();
    long wrong = last.nodes().subList(10, 100).stream().filter(n -> n.selected()).count();
    assertThat(last.nodes().subList(0, 5)).allMatch(n -> n.selected());
    assertThat(wrong / (double) Math.max(1, right + wrong)).isLessThanOrEqualTo(.05);
  }

  @Test
  void domain_colludingMajority_isReportedWithATrustedReference() {
    EpochReport report = scenario(10, 40, 22, 0, true, 1)[0];
    assertThat(report.consensusReliable()).isFalse();
    assertThat(scenario(10, 40, 4, 0, true, 1)[0].consensusReliable()).isTrue();
  }

  @Tag("long")
  @Test
  void domain_twentySeeds_falseDiscoveryRateHolds() {
    double fdr = 0;
    int found = 0;
    for (int seed = 0; seed < 20; seed++) {
      EpochReport last = scenario(1000 + seed, 100, 5, 5, false, 3)[2];
      long right = last.nodes().subList(0, 10).stream().filter(n -> n.selected()).count();
      long wrong = last.nodes().subList(10, 100).stream().filter(n -> n.selected()).count();
      found += (int) last.nodes().subList(0, 5).stream().filter(n -> n.selected()).count();
      fdr += wrong / (double) Math.max(1, right + wrong) / 20;
    }
    System.out.printf("Gaia scenario: FDR %.4f, smaller models found %d of 100%n", fdr, found);
    assertThat(fdr).isLessThanOrEqualTo(.05);
    assertThat(found).isEqualTo(100);
  }

  @Test
  void ngramEmbedding_texts_areUnitVectorsThatSeeWording() {
    NGramEmbedding model = new NGramEmbedding(3, 256);
    double[] paris = model.embed("The capital of France is Paris.");
    double[] again = model.embed("  The capital of  France is Paris.\n");
    double[] other = model.embed("Bananas grow on large herbaceous plants.");
    assertThat(paris).containsExactly(again);
    assertThat(dot(paris, paris)).isCloseTo(1, TIGHT);
    assertThat(dot(paris, model.embed("The capital of France is Lyon."))).isGreaterThan(.5);
    assertThat(Math.abs(dot(paris, other))).isLessThan(.3);
    assertThat(dot(model.embed(""), model.embed(""))).isZero();
    assertThat(model.digest()).isEqualTo("ngram-fnv1a-v1:3:256");
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void questionBank_draw_takesTheBetterHalfAndBindsTheCommitments() {
    List<QuestionBank.Question> questions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      questions.add(new QuestionBank.Question("q" + i, i));
    }
    QuestionBank bank = new QuestionBank(questions);
    byte[] vrf = new byte[64];
    var drawn = bank.draw(vrf, 1, List.of(new byte[] {1}), 10);
    assertThat(drawn).hasSize(10).doesNotHaveDuplicates().allMatch(q -> q.discrimination() >= 20);
    assertThat(bank.draw(vrf, 1, List.of(new byte[] {2}), 10)).isNotEqualTo(drawn);
    assertThatThrownBy(() -> bank.draw(vrf, 1, List.of(new byte[] {2}), 41))
        .hasMessageContaining("count");
    assertThatThrownBy(() -> new QuestionBank.Question("x", Double.NaN))
        .hasMessageContaining("NaN");
  }
}
