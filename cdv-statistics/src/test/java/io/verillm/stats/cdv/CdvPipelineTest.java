package io.verillm.stats.cdv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.QuantileSketch;
import io.verillm.stats.sequential.EvidenceLevel;
import io.verillm.stats.twosample.EnergyDistance;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The chain observation → summary → comparison → calibration → monitor → selection → vote. */
class CdvPipelineTest {
  private static final Set<String> STRATA = Set.of("a", "b");
  private static final int VALUES = 60;
  private static final Summariser<Double, QuantileSketch> QUANTILES = Summarisers.quantiles(100, 8);

  private static CdvPipeline scalar() {
    double[] honest =
        Arrays.stream(Samples.gaussian(new SplitMix64(5), 4000)).map(Math::abs).toArray();
    return new CdvPipeline(
        "absolute",
        new PeerComparator((a, b) -> Math.abs(a[0] - b[0])),
        HonestCalibration.frozen(honest, .01),
        .05,
        3);
  }

  private static EpochReport advance(
      CdvPipeline pipeline, Map<String, double[]> profiles, Optional<double[]> trusted) {
    return pipeline.advance(0, "value", profiles, trusted);
  }

  @Test
  void calibration_thresholdAndTolerance_comeFromDifferentHalves() {
    HonestCalibration calibration = scalar().calibration();
    assertThat(calibration.threshold()).isCloseTo(2.576, within(.25));
    assertThat(calibration.tolerated()).isBetween(.01, .035);
    assertThat(calibration.next(9, 9, 9)).isSameAs(calibration); // frozen
    assertThatThrownBy(() -> calibration.flags(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> HonestCalibration.frozen(new double[199], .01))
        .hasMessageContaining("honestScores needs at least 200");
  }

  /** The rate that evidence is measured against must hold for the lowest threshold ever used. */
  @Test
  void calibration_adaptive_paysForItsSlackAndStaysInside() {
    double[] honest =
        Arrays.stream(Samples.gaussian(new SplitMix64(5), 4000)).map(Math::abs).toArray();
    HonestCalibration frozen = HonestCalibration.frozen(honest, .01);
    HonestCalibration moving = HonestCalibration.adaptive(honest, .01, .05, .1, .4);
    assertThat(moving.tolerated()).isGreaterThan(frozen.tolerated());
    double[] quiet = new double[50];
    HonestCalibration low = moving;
    HonestCalibration high = moving;
    double[] loud = quiet.clone();
    Arrays.fill(loud, 100);
    for (int i = 0; i < 50; i++) {
      low = low.next(quiet);
      high = high.next(loud);
    }
    assertThat(low.threshold()).isCloseTo(frozen.threshold() - .4, within(1e-12));
    assertThat(high.threshold()).isCloseTo(frozen.threshold() + .4, within(1e-12));
    double lowest = low.threshold();
    long above = Arrays.stream(honest).skip(2000).filter(v -> v > lowest).count();
    assertThat(low.tolerated()).isGreaterThan(above / 2000.0);
  }

  @Test
  void pipeline_oneFlag_isNeverSubstantial() {
    Map<String, double[]> profiles = new LinkedHashMap<>();
    for (int i = 0; i < 9; i++) {
      profiles.put("n" + i, new double[] {i == 0 ? 1e6 : 0});
    }
    EpochReport report = advance(scalar(), profiles, Optional.of(new double[] {0}));
    assertThat(report.nodes().get(0).flagged()).isTrue();
    assertThat(report.nodes().get(0).level()).isNotEqualTo(EvidenceLevel.SUBSTANTIAL);
    assertThat(report.nodes().get(0).selected()).isFalse();
    assertThat(report.consensusReliable()).isTrue();
    assertThat(report.reference()).isEqualTo(Reference.TRUSTED_LOCAL);
  }

  @Test
  void pipeline_badInput_isRefusedByName() {
    Map<String, double[]> two = Map.of("a", new double[1], "b", new double[1]);
    assertThatThrownBy(() -> advance(scalar(), two, Optional.empty()))
        .hasMessageContaining("profiles");
    Map<String, double[]> nan = new HashMap<>(two);
    nan.put("c", new double[] {Double.NaN});
    assertThatThrownBy(() -> advance(scalar(), nan, Optional.empty()))
        .hasMessageContaining("profile of c[0]");
    nan.put("c", new double[2]);
    assertThatThrownBy(() -> advance(scalar(), nan, Optional.empty()))
        .hasMessageContaining("another length");
    assertThatThrownBy(
            () -> advance(scalar(), Map.of("", new double[1]), Optional.of(new double[1])))
        .hasMessageContaining("node is empty");
  }

  /** Every node's peers are a uniform draw: over seeds each other node is met equally often. */
  @Test
  void peers_manySeeds_everyOtherNodeEquallyOften() {
    int nodes = 150;
    List<double[]> profiles = IntStream.range(0, nodes).mapToObj(i -> new double[] {i}).toList();
    int[] met = new int[nodes];
    int seeds = 400;
    for (int seed = 0; seed < seeds; seed++) {
      var comparator =
          new PeerComparator(
              (a, b) -> {
                if (a[0] == 7) {
                  met[(int) b[0]]++;
                }
                return 1;
              });
      assertThat(comparator.toPeers(profiles, seed)).containsOnly(1);
    }
    assertThat(met[7]).isZero();
    double expected = seeds * 101 / 149.0;
    double deviation = Math.sqrt(seeds * (101 / 149.0) * (48 / 149.0));
    for (int i = 0; i < nodes; i++) {
      if (i != 7) {
        assertThat((double) met[i]).isCloseTo(expected, within(5 * deviation));
      }
    }
  }

  /** With few nodes the ring is all others: the median can be computed by hand. */
  @Test
  void peers_fewNodes_areAllOthers() {
    double[] values = {0, 1, 3, 7, 100};
    var comparator = new PeerComparator((a, b) -> Math.abs(a[0] - b[0]));
    double[] apart =
        comparator.toPeers(Arrays.stream(values).mapToObj(v -> new double[] {v}).toList(), 9);
    assertThat(apart).containsExactly(7, 6, 4, 7, 99); // upper median of four distances
  }

  private static void observe(
      EpochSummary<Double, QuantileSketch> epoch, String node, int stream, double spread) {
    SplitMix64 random = SplitMix64.stream(71 + epoch.epoch(), stream);
    for (String stratum : STRATA.stream().sorted().toList()) {
      for (int k = 0; k < VALUES; k++) {
        epoch.add(
            new NodeObservation<>(
                node,
                stratum + k,
                stratum,
                Modality.LOGPROBS,
                epoch.epoch(),
                spread * random.nextGaussian()));
      }
    }
  }

  private static double[] honestScores() {
    double[] scores = new double[600];
    for (int c = 0; c < scores.length; c++) {
      EpochSummary<Double, QuantileSketch> one =
          new EpochSummary<>(QUANTILES, Modality.LOGPROBS, 0, STRATA);
      for (int i = 0; i < 12; i++) {
        observe(one, "h" + i, 1_000_000 + 50 * c + i, 1);
      }
      scores[c] =
          new PeerComparator(EnergyDistance::euclidean)
              .toPeers(List.copyOf(one.profiles(VALUES).values()), c)[0];
    }
    return scores;
  }

  /** Same mean, other spread: the whole chain finds it, and the vote follows. */
  @Test
  void chain_attackersWithAnotherSpread_areSelectedAndVotedOn() {
    HonestCalibration calibration = HonestCalibration.frozen(honestScores(), .02);
    Map<String, CdvPipeline> validators = new LinkedHashMap<>();
    for (String name : List.of("v1", "v2", "v3")) {
      validators.put(
          name,
          new CdvPipeline(
              "euclidean", new PeerComparator(EnergyDistance::euclidean), calibration, .05, 11));
    }
    ConsensusRound.Outcome outcome = null;
    for (int t = 0; t < 8; t++) {
      ConsensusRound round = new ConsensusRound(t, Map.of("v1", 40L, "v2", 35L, "v3", 25L));
      EpochSummary<Double, QuantileSketch> epoch =
          new EpochSummary<>(QUANTILES, Modality.LOGPROBS, t, STRATA);
      EpochSummary<Double, QuantileSketch> elsewhere =
          new EpochSummary<>(QUANTILES, Modality.LOGPROBS, t, STRATA);
      for (int i = 0; i < 30; i++) {
        observe(i % 2 == 0 ? epoch : elsewhere, "n" + i, i, i < 4 ? 3 : 1);
      }
      epoch.merge(elsewhere);
      validators.forEach(
          (name, pipeline) ->
              round.submit(name, pipeline.advance(epoch, VALUES, Optional.empty())));
      outcome = round.close();
      assertThat(outcome.contradicting()).isEmpty();
    }
    for (int i = 0; i < 30; i++) {
      assertThat(outcome.decisions().get("n" + i))
          .as("n" + i)
          .isEqualTo(
              i < 4 ? WeightedVote.Decision.ELIGIBLE_FOR_SLASHING : WeightedVote.Decision.KEEP);
    }
  }

  @Test
  void summary_mergedParts_equalTheWhole() {
    EpochSummary<Double, QuantileSketch> whole =
        new EpochSummary<>(QUANTILES, Modality.SCALAR, 2, Set.of("s"));
    EpochSummary<Double, QuantileSketch> left =
        new EpochSummary<>(QUANTILES, Modality.SCALAR, 2, Set.of("s"));
    EpochSummary<Double, QuantileSketch> right =
        new EpochSummary<>(QUANTILES, Modality.SCALAR, 2, Set.of("s"));
    for (int i = 0; i < 50; i++) {
      var seen = new NodeObservation<>("n", "t" + i, "s", Modality.SCALAR, 2, i * 1.0);
      whole.add(seen);
      (i < 20 ? left : right).add(seen);
    }
    left.merge(right);
    assertThat(left.profiles(50).get("n")).containsExactly(whole.profiles(50).get("n"));
    assertThatThrownBy(() -> left.merge(right)).hasMessageContaining("seen by both");
    assertThat(left.profiles(50).get("n")).containsExactly(whole.profiles(50).get("n"));
  }

  @Test
  void summary_thinOrIncompleteNodes_areLeftOutNotJudged() {
    EpochSummary<Double, QuantileSketch> epoch =
        new EpochSummary<>(QUANTILES, Modality.LOGPROBS, 0, STRATA);
    observe(epoch, "full", 1, 1);
    epoch.add(new NodeObservation<>("thin", "t", "a", Modality.LOGPROBS, 0, 1e9));
    epoch.add(new NodeObservation<>("thin", "u", "b", Modality.LOGPROBS, 0, 1e9));
    epoch.add(new NodeObservation<>("half", "t", "a", Modality.LOGPROBS, 0, 1e9));
    assertThat(epoch.profiles(VALUES)).containsOnlyKeys("full");
    assertThat(epoch.profiles(1)).containsOnlyKeys("full", "thin");
    assertThat(epoch.observedNodes()).isEqualTo(3);
  }

  @Test
  void summary_foreignObservations_areRefusedByName() {
    EpochSummary<Double, QuantileSketch> epoch =
        new EpochSummary<>(QUANTILES, Modality.LOGPROBS, 4, STRATA);
    var good = new NodeObservation<>("n", "t", "a", Modality.LOGPROBS, 4, 1.0);
    epoch.add(good);
    assertThatThrownBy(() -> epoch.add(good)).hasMessageContaining("was seen before");
    assertThatThrownBy(
            () -> epoch.add(new NodeObservation<>("n", "u", "a", Modality.LOGPROBS, 5, 1.0)))
        .hasMessageContaining("epoch 5");
    assertThatThrownBy(
            () -> epoch.add(new NodeObservation<>("n", "u", "z", Modality.LOGPROBS, 4, 1.0)))
        .hasMessageContaining("unknown stratum z");
    assertThatThrownBy(
            () -> epoch.add(new NodeObservation<>("n", "u", "a", Modality.SCALAR, 4, 1.0)))
        .hasMessageContaining("SCALAR");
    assertThatThrownBy(
            () -> epoch.add(new NodeObservation<>("m", "u", "a", Modality.LOGPROBS, 4, Double.NaN)))
        .hasMessageContaining("payload is not finite");
    assertThat(epoch.observedNodes()).isEqualTo(1); // nothing of a refused observation stays
    assertThatThrownBy(() -> new EpochSummary<>(QUANTILES, Modality.TENSOR, 0, STRATA))
        .hasMessageContaining("does not accept TENSOR");
    assertThatThrownBy(() -> new EpochSummary<>(QUANTILES, Modality.SCALAR, 0, Set.of()))
        .hasMessageContaining("strata");
    assertThatThrownBy(() -> new NodeObservation<>("", "t", "s", Modality.SCALAR, 0, 1.0))
        .hasMessageContaining("node is empty");
  }

  /** Moments are the published summary; a change that keeps both passes them, not quantiles. */
  @Test
  void momentSummary_sameMomentsOtherLaw_isBlindWhereQuantilesSee() {
    var moments = Summarisers.moments();
    var sketch = QUANTILES.empty();
    var other = QUANTILES.empty();
    var a = moments.empty();
    var b = moments.empty();
    for (int i = 0; i < 1000; i++) {
      double two = i % 2 == 0 ? 1 : -1;
      double three = i % 8 == 0 ? 2 : i % 8 == 1 ? -2 : 0; // also mean 0 and variance 1
      moments.add(a, two);
      moments.add(b, three);
      QUANTILES.add(sketch, two);
      QUANTILES.add(other, three);
    }
    assertThat(EnergyDistance.euclidean(moments.profile(a), moments.profile(b))).isLessThan(1e-12);
    assertThat(EnergyDistance.euclidean(QUANTILES.profile(sketch), QUANTILES.profile(other)))
        .isGreaterThan(1);
    var whole = moments.empty();
    moments.merge(whole, a);
    assertThat(moments.profile(whole)).containsExactly(moments.profile(a));
    assertThat(moments.count(whole)).isEqualTo(1000);
  }

  @Test
  void vectorMean_mergedParts_equalTheWhole() {
    var mean = Summarisers.vectorMean(2);
    var all = mean.empty();
    var part = mean.empty();
    mean.add(all, new double[] {1, 2});
    mean.add(part, new double[] {3, 4});
    mean.add(part, new double[] {5, 9});
    mean.merge(all, part);
    assertThat(mean.profile(all)).containsExactly(new double[] {3, 5}, within(1e-12));
    mean.merge(all, mean.empty());
    assertThat(mean.count(all)).isEqualTo(3);
    assertThatThrownBy(() -> mean.add(all, new double[] {1})).hasMessageContaining("payload");
    assertThatThrownBy(() -> mean.profile(mean.empty())).hasMessageContaining("has none");
  }

  @Test
  void report_sameData_isRecomputedBitForBit() {
    Map<String, double[]> profiles = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      profiles.put("n" + i, Samples.gaussian(new SplitMix64(i), 3));
    }
    Map<String, double[]> reversed = new LinkedHashMap<>();
    profiles.keySet().stream()
        .sorted(java.util.Comparator.reverseOrder())
        .forEach(name -> reversed.put(name, profiles.get(name).clone()));
    EpochReport one = advance(scalar(), profiles, Optional.empty());
    assertThat(advance(scalar(), profiles, Optional.empty())).isEqualTo(one);
    assertThat(advance(scalar(), reversed, Optional.empty()).recomputation())
        .isEqualTo(one.recomputation());
    profiles.get("n3")[1] = Math.nextUp(profiles.get("n3")[1]);
    assertThat(advance(scalar(), profiles, Optional.empty()).recomputation())
        .isNotEqualTo(one.recomputation());
    assertThat(one.recomputation().statistic()).isEqualTo("value absolute");
  }
}
