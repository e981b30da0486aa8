package io.verillm.stats.gaia;

import io.verillm.stats.cdv.EpochReport;
import io.verillm.stats.cdv.NodeReport;
import io.verillm.stats.cdv.Recomputation;
import io.verillm.stats.cdv.Reference;
import io.verillm.stats.cdv.SequentialMonitor;
import io.verillm.stats.internal.Require;
import io.verillm.stats.permutation.PermutationResult;
import io.verillm.stats.permutation.PermutationTest;
import io.verillm.stats.permutation.StratifiedDesign;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.sequential.EvidenceLevel;
import io.verillm.stats.twosample.EnergyDistance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gaia's domain check, corrected: each node against the others on the same questions.
 *
 * <p>Statistic: energy distance summed over questions, labels permuted within questions, whole
 * answers as units, add-one p-value. The pool leaves the node out and holds at most {@value #PEERS}
 * other nodes drawn from the seed. A p-value of at most {@value #FLAG_LEVEL} flags; flags enter an
 * e-process against the tolerated rate {@value #TOLERATED}, which leaves room for a pool that is
 * itself slightly contaminated; e-BH decides over nodes. Questions with constant answers on both
 * sides contribute 0. One object belongs to one thread.
 *
 * <p>Peer comparison is sound only with an honest majority. With a trusted reference the peers'
 * pool is compared with it first, and a deviating pool is reported as unreliable consensus.
 */
public final class GaiaRound {
  /** Largest number of other nodes in a pool. */
  public static final int PEERS = 8;

  /** Level of a single flag. */
  public static final double FLAG_LEVEL = 0.01;

  /** Flag rate of honest nodes that evidence is measured against. */
  public static final double TOLERATED = 0.03;

  private final long seed;
  private final double q;
  private final int draws;
  private final SequentialMonitor monitor = new SequentialMonitor(TOLERATED);
  private long epoch;

  /**
   * Starts without evidence.
   *
   * @param seed of pools and relabellings
   * @param q false discovery rate over nodes
   * @param draws relabellings per test, at least 199
   */
  public GaiaRound(long seed, double q, int draws) {
    this.seed = seed;
    this.q = Require.open01(q, "q");
    this.draws = Require.atLeast(draws, 199, "draws");
  }

  /**
   * Takes one epoch into account.
   *
   * @param answers node → question → embeddings of its answers; the same questions in the same
   *     order for all nodes, at least three nodes
   * @param trusted question → embeddings of trusted answers, if there are any
   */
  public EpochReport advance(
      Map<String, List<double[][]>> answers, Optional<List<double[][]>> trusted) {
    Require.atLeast(answers.size(), 3, "answers");
    List<String> names = new ArrayList<>(answers.keySet());
    List<List<double[][]>> values = new ArrayList<>(answers.values());
    boolean reliable = true;
    if (trusted.isPresent()) {
      int deviating = 0;
      int looked = Math.min(4 * PEERS, values.size());
      for (int i : SplitMix64.stream(seed + epoch, -1).distinct(values.size(), looked)) {
        deviating += test(values.get(i), trusted.get(), i).pValue() <= FLAG_LEVEL ? 1 : 0;
      }
      reliable = 2 * deviating < looked;
    }
    double[] statistic = new double[names.size()];
    boolean[] flagged = new boolean[names.size()];
    for (int i = 0; i < names.size(); i++) {
      List<double[][]> reference = trusted.isPresent() ? trusted.get() : pool(values, i);
      PermutationResult result = test(values.get(i), reference, i);
      statistic[i] = result.observed();
      flagged[i] = result.pValue() <= FLAG_LEVEL;
      monitor.observe(names.get(i), flagged[i]);
    }
    Map<String, double[]> data = new LinkedHashMap<>();
    answers.forEach((node, questions) -> data.put(node, flat(questions)));
    trusted.ifPresent(questions -> data.put("", flat(questions)));
    return report(
        names,
        statistic,
        flagged,
        reliable,
        trusted.isPresent(),
        Recomputation.of("energy by question, " + draws + " relabellings", data, seed));
  }

  private static double[] flat(List<double[][]> questions) {
    return questions.stream().flatMap(Arrays::stream).flatMapToDouble(Arrays::stream).toArray();
  }

  private EpochReport report(
      List<String> names,
      double[] statistic,
      boolean[] flagged,
      boolean reliable,
      boolean trusted,
      Recomputation recomputation) {
    Map<String, Boolean> selected = monitor.selected(q);
    List<NodeReport> nodes = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      double logE = monitor.logE(names.get(i));
      nodes.add(
          new NodeReport(
              names.get(i),
              statistic[i],
              flagged[i],
              logE,
              EvidenceLevel.ofLogE(logE),
              selected.getOrDefault(names.get(i), false)));
    }
    Reference reference = trusted ? Reference.TRUSTED_LOCAL : Reference.PEER_CONSENSUS;
    return new EpochReport(epoch++, reference, FLAG_LEVEL, reliable, recomputation, nodes);
  }

  private PermutationResult test(List<double[][]> node, List<double[][]> reference, int stream) {
    long testSeed = seed * 31 + epoch * 1_000_003L + stream;
    return energyTest(node, reference, PermutationTest.of(testSeed, draws));
  }

  /**
   * Returns the stratified energy test of two sides.
   *
   * @param first question → embeddings of side one
   * @param second the same questions, side two
   */
  public static PermutationResult energyTest(
      List<double[][]> first, List<double[][]> second, PermutationTest permutations) {
    Require.that(first.size() == second.size(), "first and second differ in their questions");
    int[] n = first.stream().mapToInt(a -> a.length).toArray();
    int[] m = second.stream().mapToInt(a -> a.length).toArray();
    StratifiedDesign design = StratifiedDesign.of(n, m);
    double[][] items = new double[design.size()][];
    for (int s = 0; s < n.length; s++) {
      System.arraycopy(first.get(s), 0, items, design.offset(s), n[s]);
      System.arraycopy(second.get(s), 0, items, design.offset(s) + n[s], m[s]);
    }
    return EnergyDistance.of(design, items).test(permutations);
  }

  private List<double[][]> pool(List<List<double[][]>> values, int except) {
    int others = values.size() - 1;
    int[] chosen =
        SplitMix64.stream(seed + epoch, except).distinct(others, Math.min(PEERS, others));
    List<double[][]> pool = new ArrayList<>();
    for (int s = 0; s < values.get(except).size(); s++) {
      List<double[]> answers = new ArrayList<>();
      for (int peer : chosen) {
        answers.addAll(List.of(values.get(peer >= except ? peer + 1 : peer).get(s)));
      }
      pool.add(answers.toArray(double[][]::new));
    }
    return pool;
  }
}
