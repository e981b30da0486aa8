package io.verillm.stats.robust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Interval;
import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Checks B1, B2, B6, B7 and D11. */
class RobustVectorsTest {
  private static final Offset<Double> TIGHT = within(1e-9);
  private static final double[] DATA = {2.1, 2.3, 2.2, 2.5, 2.4, 2.2, 2.3, 9.7, 2.6, 2.35};
  private static final double[] SCORES = {
    .31, .12, .55, .48, .22, .91, .67, .05, .73, .38, .44, .81, .27, .60, .19, .95, .34, .52, .70
  };

  @Test
  void robust_fixedData_match() {
    assertThat(RobustStatistics.median(DATA)).isCloseTo(2.325, TIGHT);
    assertThat(RobustStatistics.mad(DATA)).isCloseTo(.125, TIGHT);
    assertThat(1.4826022185056018 * RobustStatistics.mad(DATA)).isCloseTo(.1853252773, TIGHT);
    assertThat(RobustStatistics.zScore(9.7, DATA)).isCloseTo(39.79489527, within(1e-8));
    assertThat(RobustStatistics.trimmedMean(.1, DATA)).isCloseTo(2.35625, TIGHT);
    assertThat(RobustStatistics.trimmedMean(.2, DATA)).isCloseTo(2.3416666667, TIGHT);
    assertThat(RobustStatistics.winsorisedMean(.1, DATA)).isCloseTo(2.365, TIGHT);
    assertThat(RobustStatistics.hodgesLehmann(DATA)).isCloseTo(2.35, TIGHT);
    assertThat(RobustStatistics.interquartileRange(DATA)).isCloseTo(.25, TIGHT);
  }

  @Test
  void moments_fixedData_match() {
    Moments m = Moments.of(DATA);
    assertThat(m.mean()).isCloseTo(3.065, TIGHT);
    assertThat(m.standardDeviation()).isCloseTo(2.3359568584, TIGHT);
    assertThat((9.7 - m.mean()) / m.standardDeviation()).isCloseTo(2.8404, within(5e-5));
    assertThat(m.skewness()).isCloseTo(2.6468691559, TIGHT);
    assertThat(m.skewnessCorrected()).isCloseTo(3.1388007004, TIGHT);
    assertThat(m.excessKurtosis()).isCloseTo(5.0492094829, TIGHT);
    assertThat(m.excessKurtosisCorrected()).isCloseTo(9.8905667645, TIGHT);
  }

  /** Check B1. */
  @Test
  void moments_streamedOrMerged_equalTwoPasses() {
    SplitMix64 random = new SplitMix64(2);
    double[] v = new double[10_000];
    Arrays.setAll(v, i -> random.nextExponential());
    // Two passes in 60 digits, so that what differs is the one pass alone.
    MathContext digits = new MathContext(60);
    BigDecimal exactMean =
        Arrays.stream(v)
            .mapToObj(BigDecimal::new)
            .reduce(BigDecimal.ZERO, BigDecimal::add)
            .divide(BigDecimal.valueOf(v.length), digits);
    double mean = exactMean.doubleValue();
    double[] central = new double[5];
    for (int k = 2; k <= 4; k++) {
      BigDecimal sum = BigDecimal.ZERO;
      for (double x : v) {
        sum = sum.add(new BigDecimal(x).subtract(exactMean).pow(k, digits), digits);
      }
      central[k] = sum.doubleValue();
    }
    Moments stream = Moments.of(v);
    Moments left = new Moments();
    Moments right = new Moments();
    for (int from = 0; from < v.length; from += 1000) {
      left.merge(Moments.of(Arrays.copyOfRange(v, from, from + 1000)));
      Moments head = Moments.of(Arrays.copyOfRange(v, v.length - from - 1000, v.length - from));
      head.merge(right); // grows from the other end, merged the other way round
      right = head;
    }
    for (Moments m : new Moments[] {stream, left, right}) {
      assertThat(m.count()).isEqualTo(v.length);
      assertThat(m.mean()).isCloseTo(mean, within(1e-12 * mean));
      double variance = central[2] / (v.length - 1);
      assertThat(m.variance()).isCloseTo(variance, within(1e-12 * variance));
      double skewness = Math.sqrt(v.length) * central[3] / Math.pow(central[2], 1.5);
      assertThat(m.skewness()).isCloseTo(skewness, within(1e-12 * skewness));
      double kurtosis = v.length * central[4] / central[2] / central[2] - 3;
      assertThat(m.excessKurtosis()).isCloseTo(kurtosis, within(1e-12 * kurtosis));
    }
  }

  @Test
  void moments_shiftByABillion_keepTheVariance() {
    double[] steps = {1, 2, 3, 4, 5, 6, 7, 8};
    Moments plain = Moments.of(steps);
    Moments far = Moments.of(Arrays.stream(steps).map(v -> v + 1e9).toArray());
    assertThat(far.variance()).isCloseTo(plain.variance(), within(1e-12 * plain.variance()));
    assertThat(far.excessKurtosis()).isCloseTo(plain.excessKurtosis(), within(1e-12));
  }

  @Test
  void moments_nonFiniteAndEmpty_areCountedOrRefused() {
    Moments m = Moments.of(1, Double.NaN, 2, Double.POSITIVE_INFINITY);
    assertThat(m.nonFinite()).isEqualTo(2);
    assertThat(m.mean()).isEqualTo(1.5);
    assertThatThrownBy(() -> new Moments().mean()).hasMessageContaining("1 finite");
    assertThatThrownBy(() -> Moments.of(1).variance()).hasMessageContaining("2 finite");
    assertThat(Moments.of(3, 3, 3).skewness()).isZero();
    Moments empty = new Moments();
    empty.merge(Moments.of(1, 2, 3));
    empty.merge(new Moments());
    assertThat(empty.mean()).isEqualTo(2);
  }

  @Test
  void zScore_zeroMad_fallsBackToTheSmallestGapThenToExactMatching() {
    assertThat(RobustStatistics.zScore(3, 1, 1, 1, 1, 2)).isEqualTo(2);
    assertThat(RobustStatistics.zScore(1, 1, 1, 1)).isZero();
    assertThat(RobustStatistics.zScore(1.5, 1, 1, 1)).isInfinite();
  }

  @Test
  void qn_normalSample_estimatesTheDeviation() {
    assertThat(RobustStatistics.qn(Samples.gaussian(new SplitMix64(6), 2000)))
        .isCloseTo(1, within(.08));
    assertThatThrownBy(() -> RobustStatistics.qn(1))
        .hasMessageContaining("values needs at least 2");
  }

  @Test
  void geometricMedian_minorityAtInfinity_staysWithTheMajority() {
    double[][] points = new double[11][];
    for (int i = 0; i < 11; i++) {
      points[i] = i < 6 ? new double[] {i % 3, i / 3} : new double[] {1e9, -1e9};
    }
    double[] centre = GeometricMedian.of(points);
    assertThat(Math.abs(centre[0]) + Math.abs(centre[1])).isLessThan(50);
    double[] square = GeometricMedian.of(new double[][] {{0, 0}, {0, 2}, {2, 0}, {2, 2}});
    assertThat(square[0]).isCloseTo(1, TIGHT);
    double[] pair = GeometricMedian.of(new double[][] {{3, 4}, {3, 4}, {9, 9}});
    assertThat(pair[0]).isCloseTo(3, TIGHT);
    assertThat(pair[1]).isCloseTo(4, TIGHT);
  }

  @Test
  void conformal_fixedScores_match() {
    SplitConformal conformal = SplitConformal.of(SCORES);
    assertThat(conformal.threshold(.1)).isEqualTo(.91);
    assertThat(conformal.threshold(.2)).isEqualTo(.73);
    assertThat(conformal.threshold(.05)).isEqualTo(.95);
    assertThat(conformal.threshold(.04)).isInfinite();
    assertThat(conformal.pValue(.80)).isCloseTo(.20, TIGHT);
    assertThat(conformal.pValue(99)).isEqualTo(.05);
    assertThat(conformal.pValue(.81)).isEqualTo(.20); // ties count against rejection
    assertThatThrownBy(() -> conformal.pValue(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> SplitConformal.of(1, Double.NaN)).hasMessageContaining("scores[1]");
  }

  /** Check D11. */
  @Test
  void conformal_freshScores_exceedAtTheLevel() {
    int hits = 0;
    for (int r = 0; r < 20_000; r++) {
      SplitMix64 random = SplitMix64.stream(66, r);
      SplitConformal conformal = SplitConformal.of(Samples.uniform(random, 199));
      hits += random.nextDouble() > conformal.threshold(.05) ? 1 : 0;
    }
    assertThat(hits / 20_000.0).isCloseTo(.05, within(.005));
  }

  @Test
  void clopperPearson_bounds_invertTheBinomial() {
    for (int[] c : new int[][] {{0, 10}, {1, 10}, {5, 50}, {10, 10}, {3, 100_000}}) {
      Interval i = ClopperPearson.interval(c[0], c[1], .95);
      if (c[0] < c[1]) {
        assertThat(new BinomialDistribution(null, c[1], i.upper()).cumulativeProbability(c[0]))
            .isCloseTo(.025, within(1e-9));
      } else {
        assertThat(i.upper()).isEqualTo(1);
      }
      if (c[0] > 0) {
        assertThat(
                1 - new BinomialDistribution(null, c[1], i.lower()).cumulativeProbability(c[0] - 1))
            .isCloseTo(.025, within(1e-9));
      } else {
        assertThat(i.lower()).isZero();
      }
    }
    assertThat(ClopperPearson.upperBound(0, 100, .95)) // the rule of three
        .isCloseTo(1 - Math.pow(.05, .01), within(1e-12));
    assertThatThrownBy(() -> ClopperPearson.upperBound(3, 2, .9)).hasMessageContaining("hits");
  }

  @Test
  void quantileConfidence_maximumAndOrderStatistics_agree() {
    assertThat(ClopperPearson.maximumCovers(.99, 299)).isGreaterThan(.95).isLessThan(.951);
    assertThat(ClopperPearson.sequencesNeeded(.99, .95)).isEqualTo(299);
    assertThat(ClopperPearson.orderStatisticFor(.99, .95, 298)).isEqualTo(-1);
    assertThat(ClopperPearson.orderStatisticFor(.99, .95, 299)).isEqualTo(299);
    long k = ClopperPearson.orderStatisticFor(.9, .95, 200);
    BinomialDistribution below = new BinomialDistribution(null, 200, .9);
    assertThat(below.cumulativeProbability((int) k - 1)).isGreaterThanOrEqualTo(.95);
    assertThat(below.cumulativeProbability((int) k - 2)).isLessThan(.95);
  }

  /** Check B6. */
  @Test
  void adaptiveThreshold_honestStationarity_keepsTheRate() {
    SplitMix64 random = new SplitMix64(10);
    AdaptiveThreshold t =
        AdaptiveThreshold.anchored(Samples.gaussian(random, 2000), .05, .02, .1, .5);
    long flagged = 0;
    for (int epoch = 0; epoch < 500; epoch++) {
      double[] scores = Samples.gaussian(random, 200);
      for (double s : scores) {
        flagged += s > t.threshold() ? 1 : 0;
      }
      t = t.next(scores);
    }
    assertThat(flagged / 100_000.0).isCloseTo(.05, within(.01));
  }

  /** Check B7: the attacker moves .1 σ per epoch and even gets its scores audited as honest. */
  @Test
  void adaptiveThreshold_slowPoisoning_anchorKeepsPower() {
    SplitMix64 random = new SplitMix64(10);
    AdaptiveThreshold t =
        AdaptiveThreshold.anchored(Samples.gaussian(random, 2000), .05, .05, .05, .05);
    double drift = 0;
    for (int epoch = 0; epoch < 30; epoch++) {
      drift += .1;
      double shift = drift;
      t = t.next(Arrays.stream(Samples.gaussian(random, 200)).map(v -> v + shift).toArray());
    }
    int caught = 0;
    for (int i = 0; i < 2000; i++) {
      caught += random.nextGaussian() + 3 > t.threshold() ? 1 : 0;
    }
    assertThat(caught / 2000.0).isGreaterThanOrEqualTo(.9);
    assertThat(t.threshold()).isLessThanOrEqualTo(t.anchor() + .05);
    assertThat(t.next()).isSameAs(t);
  }
}
