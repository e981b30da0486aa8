package io.verillm.stats.panel;

import io.verillm.stats.language.LogProbabilityTracking;
import io.verillm.stats.language.MmdTest;
import io.verillm.stats.language.PromptSamples;
import io.verillm.stats.language.RankUniformity;
import io.verillm.stats.language.SeededMargin;
import io.verillm.stats.language.TokenKernel;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.SplitConformal;
import io.verillm.stats.twosample.CramerVonMises;
import io.verillm.stats.twosample.MonteCarloNull;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The reference arena of D.10: 25 prompts, 20 positions, 50 tokens, logits 2·N(0, 1). */
final class Arena {
  static final int PROMPTS = 25;
  static final int POSITIONS = 20;
  static final int TOKENS = 50;

  /** The rows of the table. */
  enum Provider {
    HONEST,
    NOISE_02,
    NOISE_10,
    NOISE_40,
    TEMPERATURE,
    SMALL_MODEL,
    MIXED
  }

  /** The p-values of one trial. */
  record Trial(double mmd, double rut, double lt, double difr, double meanMargin, boolean panel) {}

  private static final SplitConformal RUT_LAW =
      new MonteCarloNull(9, 20_000).law(100, CramerVonMises::uniformStatistic);

  private final double[][] z = new double[PROMPTS * POSITIONS][TOKENS];
  private final double[][] other = new double[PROMPTS * POSITIONS][TOKENS];
  private final double temperature;
  private final double mixing;
  private final SplitMix64 random;

  Arena(Provider provider, long seed) {
    random = SplitMix64.stream(seed, provider.ordinal());
    temperature = provider == Provider.TEMPERATURE ? 1.1 : 1;
    mixing = provider == Provider.MIXED ? .2 : 1;
    for (int c = 0; c < z.length; c++) {
      for (int v = 0; v < TOKENS; v++) {
        z[c][v] = 2 * random.nextGaussian();
        other[c][v] =
            switch (provider) {
              case HONEST, TEMPERATURE -> z[c][v];
              case NOISE_02 -> z[c][v] + .02 * random.nextGaussian();
              case NOISE_10 -> z[c][v] + .10 * random.nextGaussian();
              case NOISE_40 -> z[c][v] + .40 * random.nextGaussian();
              case SMALL_MODEL, MIXED -> .6 * z[c][v] + 1.6 * random.nextGaussian();
            };
      }
    }
  }

  private double[][] routed() {
    return random.nextDouble() < mixing ? other : z;
  }

  private static double[][] cumulative(double[][] logits, double temperature) {
    double[][] cdf = new double[logits.length][TOKENS];
    for (int c = 0; c < logits.length; c++) {
      double sum = 0;
      for (int v = 0; v < TOKENS; v++) {
        sum += Math.exp(logits[c][v] / temperature);
        cdf[c][v] = sum;
      }
    }
    return cdf;
  }

  private int[] answer(int prompt, double[][] cdf) {
    int[] tokens = new int[POSITIONS];
    for (int t = 0; t < POSITIONS; t++) {
      double[] row = cdf[prompt * POSITIONS + t];
      int at = Arrays.binarySearch(row, random.nextDouble() * row[TOKENS - 1]);
      tokens[t] = Math.min(TOKENS - 1, at < 0 ? -at - 1 : at);
    }
    return tokens;
  }

  Trial run(SplitConformal honestMargins, int draws, long seed) {
    double[][] reference = cumulative(z, 1);
    double[][] provider = cumulative(other, temperature);
    List<List<int[]>> a = new ArrayList<>();
    List<List<int[]>> b = new ArrayList<>();
    for (int p = 0; p < PROMPTS; p++) {
      List<int[]> first = new ArrayList<>();
      List<int[]> second = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        first.add(answer(p, reference));
        second.add(answer(p, routed() == z ? reference : provider));
      }
      a.add(first);
      b.add(second);
    }
    PromptSamples<int[]> tokens = new PromptSamples<>(a, b);
    double[] ranks = ranks(reference, provider);
    PromptSamples<Map<String, Double>> rows =
        new PromptSamples<>(List.of(rows(false)), List.of(rows(true)));
    double margin = meanMargin();
    double mmd =
        MmdTest.of(tokens, TokenKernel.hamming(POSITIONS))
            .test(PermutationTest.of(seed, draws))
            .pValue();
    double rut = RUT_LAW.pValue(CramerVonMises.uniformStatistic(ranks));
    double lt = LogProbabilityTracking.of(rows).test(PermutationTest.of(seed + 1, draws)).pValue();
    double difr = honestMargins.pValue(margin);
    boolean panel =
        EvidencePanel.aimedAt(.05, seed + 2, 999)
            .tokens(tokens, POSITIONS)
            .ranks(ranks)
            .logProbabilities(rows)
            .score("margin", margin, honestMargins)
            .evaluate()
            .rejects();
    return new Trial(mmd, rut, lt, difr, margin, panel);
  }

  private double[] ranks(double[][] reference, double[][] provider) {
    double[] ranks = new double[4 * PROMPTS];
    double[][] logRank = new double[z.length][TOKENS];
    for (int c = 0; c < z.length; c++) {
      for (int v = 0; v < TOKENS; v++) {
        logRank[c][v] = Math.log(RankUniformity.rankOf(z[c], v));
      }
    }
    for (int p = 0; p < PROMPTS; p++) {
      for (int i = 0; i < 4; i++) { // fresh references for each answer keep the ranks independent
        double[] references = new double[100];
        for (int k = 0; k < 100; k++) {
          references[k] = score(logRank, p, answer(p, reference));
        }
        double s = score(logRank, p, answer(p, routed() == z ? reference : provider));
        ranks[4 * p + i] = RankUniformity.rank(s, references, random.nextDouble());
      }
    }
    return ranks;
  }

  private static double score(double[][] logRank, int prompt, int[] tokens) {
    double sum = 0;
    for (int t = 0; t < POSITIONS; t++) {
      sum += logRank[prompt * POSITIONS + t][tokens[t]];
    }
    return sum / POSITIONS;
  }

  private List<Map<String, Double>> rows(boolean fromProvider) {
    List<Map<String, Double>> rows = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      double[] logits = (fromProvider ? routed() : z)[0];
      double[] l = new double[TOKENS];
      double sum = 0;
      for (int v = 0; v < TOKENS; v++) {
        l[v] = (logits[v] + .02 * random.nextGaussian()) / (fromProvider ? temperature : 1);
        sum += Math.exp(l[v]);
      }
      double[] sorted = l.clone();
      Arrays.sort(sorted);
      Map<String, Double> row = new HashMap<>();
      for (int v = 0; v < TOKENS; v++) {
        if (l[v] >= sorted[TOKENS - 20]) {
          row.put("t" + v, l[v] - Math.log(sum));
        }
      }
      rows.add(row);
    }
    return rows;
  }

  double meanMargin() {
    double[] margins = new double[PROMPTS * POSITIONS];
    double[] g = new double[TOKENS];
    double[] claimed = new double[TOKENS];
    double[] verified = new double[TOKENS];
    for (int p = 0; p < PROMPTS; p++) {
      double[][] model = routed();
      for (int t = 0; t < POSITIONS; t++) {
        int c = p * POSITIONS + t;
        for (int v = 0; v < TOKENS; v++) {
          g[v] = SeededMargin.gumbel(random.nextExponential());
          claimed[v] = model[c][v] + .02 * random.nextGaussian();
          verified[v] = z[c][v];
        }
        int token = SeededMargin.winner(claimed, g, temperature, v -> true);
        margins[c] = SeededMargin.margin(verified, g, 1, v -> true, token);
      }
    }
    return SeededMargin.meanClipped(margins, .5);
  }

  static SplitConformal honestMargins(int count, long seed) {
    double[] scores = new double[count];
    for (int i = 0; i < count; i++) {
      scores[i] = new Arena(Provider.HONEST, seed + i).meanMargin();
    }
    return SplitConformal.of(scores);
  }
}
