package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.calibration.StatisticCalibration.Side;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StatisticCalibrationTest {
  private static StatisticCalibration of(Side side, long... scores) {
    return StatisticCalibration.of("s", side, 1_000, scores);
  }

  /** (1 + number at least as large) / (n + 1), by hand. */
  @Test
  void pValue_insideTheData_isConformal() {
    long[] scores = new long[199];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = 1_000L * (i + 1);
    }
    StatisticCalibration one = of(Side.UPPER, scores);
    assertThat(one.pValue(0)).isEqualTo(1);
    assertThat(one.pValue(100_000)).isEqualTo((1 + 100) / 200.0);
    assertThat(one.pValue(100_001)).isEqualTo((1 + 99) / 200.0);
    assertThat(of(Side.BOTH, scores).pValue(50_000)).isEqualTo(2 * (1 + 50) / 200.0);
    assertThat(of(Side.BOTH, scores).pValue(100_000)).isEqualTo(1);
  }

  /** The order of the runs says nothing: whole sequences are exchangeable. */
  @Test
  void of_anyOrder_isTheSame() {
    long[] scores = Profiles.scores(3, 300, 1);
    long[] reversed = scores.clone();
    for (int i = 0; i < scores.length; i++) {
      reversed[i] = scores[scores.length - 1 - i];
    }
    assertThat(of(Side.BOTH, reversed)).isEqualTo(of(Side.BOTH, scores));
  }

  /**
   * Rows of a sequence share their sequence's level. Taken as units they promise a false alarm in a
   * hundred and give many; whole sequences keep the promise. 400 calibrations of 1000 sequences of
   * 10 rows, one new sequence each: at p ≤ 0.05, 20 are expected, more than 38 have probability
   * 1e-4.
   */
  @Test
  void pValue_dependentRows_holdsForSequencesOnly() {
    SplitMix64 random = new SplitMix64(17);
    int bySequence = 0;
    int byRow = 0;
    for (int trial = 0; trial < 400; trial++) {
      long[] means = new long[1000];
      double[] rows = new double[10_000];
      for (int s = 0; s < means.length; s++) {
        double level = random.nextGaussian();
        double sum = 0;
        for (int r = 0; r < 10; r++) {
          rows[10 * s + r] = level + random.nextGaussian();
          sum += rows[10 * s + r];
        }
        means[s] = Math.round(1e6 * sum / 10);
      }
      double level = random.nextGaussian();
      double sum = 0;
      for (int r = 0; r < 10; r++) {
        sum += level + random.nextGaussian();
      }
      bySequence += of(Side.UPPER, means).pValue(Math.round(1e6 * sum / 10)) <= 0.05 ? 1 : 0;
      // The mean of 10 rows against what independent rows would make of it: σ = √2, 1.645 for 5 %.
      double pooled = Arrays.stream(rows).average().orElseThrow();
      byRow += sum / 10 - pooled > 1.645 * Math.sqrt(2.0 / 10) ? 1 : 0;
    }
    assertThat(bySequence).isLessThanOrEqualTo(38);
    assertThat(byRow).isGreaterThan(60); // 97 expected: the true spread is 2.3 times the assumed
  }

  @Test
  void pValue_beyondTheData_fallsAndNeverReachesZero() {
    StatisticCalibration one = of(Side.UPPER, Profiles.scores(5, 3000, 1));
    double before = 1;
    for (long micros = 1_300_000; micros < 4_000_000; micros += 100_000) {
      double p = one.pValue(micros);
      assertThat(p).isPositive().isLessThanOrEqualTo(before);
      before = p;
    }
    assertThat(before).isLessThan(1e-5);
  }

  /** The law is an upper bound: at 4.5 σ a normal score has 3.4e-6, at 3.09 σ 1e-3. */
  @Test
  void pValue_normalScores_isNeverSmallerThanTheTruth() {
    for (int seed = 0; seed < 20; seed++) {
      StatisticCalibration one = of(Side.UPPER, Profiles.scores(seed, 3000, 1));
      assertThat(one.pValue(1_450_000)).isGreaterThan(3.4e-6);
      assertThat(one.pValue(1_309_000)).isGreaterThan(1e-3 / 3);
    }
  }

  @Test
  void pValue_tooQuiet_countsOnTwoSidedStatisticsOnly() {
    long[] scores = Profiles.scores(5, 3000, 1);
    long quiet = 0;
    assertThat(of(Side.BOTH, scores).pValue(quiet)).isLessThan(2e-5);
    assertThat(of(Side.UPPER, scores).pValue(quiet)).isEqualTo(1);
    assertThat(of(Side.BOTH, scores).pValue(2_000_000)).isLessThan(2e-5);
  }

  /** The first score that is beyond the threshold and the last that is not. */
  @Test
  void thresholds_anyLevel_arePValuesInverted() {
    StatisticCalibration both = of(Side.BOTH, Profiles.scores(5, 2000, 1));
    for (double level : new double[] {0.2, 1e-2, 1e-4, 1e-7, 1e-9}) {
      long high = both.highThreshold(level);
      long low = both.lowThreshold(level);
      assertThat(both.pValue(high)).isLessThanOrEqualTo(level);
      assertThat(both.pValue(high - 1)).isGreaterThan(level);
      assertThat(both.pValue(low)).isLessThanOrEqualTo(level);
      assertThat(both.pValue(low + 1)).isGreaterThan(level);
    }
  }

  /** Ties at one value show no spread: the resolution keeps a neighbour from being impossible. */
  @Test
  void pValue_allScoresEqual_needsMoreThanTheResolution() {
    long[] zeros = new long[3000];
    StatisticCalibration one = of(Side.UPPER, zeros);
    assertThat(one.pValue(0)).isEqualTo(1);
    assertThat(one.pValue(1_000)).isGreaterThan(0.01);
    assertThat(one.pValue(100_000)).isLessThan(1e-5);
  }

  @Test
  void of_unusableScores_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> of(Side.UPPER, new long[99]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StatisticCalibration.of("", Side.UPPER, 1, new long[100]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StatisticCalibration.of("s", Side.UPPER, 0, new long[100]));
    long[] far = new long[100];
    far[3] = Long.MIN_VALUE;
    assertThatIllegalArgumentException().isThrownBy(() -> of(Side.UPPER, far));
    // A law with tail 1/x has no mean: nothing can be said beyond the data.
    long[] pareto = new long[3000];
    for (int i = 0; i < pareto.length; i++) {
      pareto[i] = Math.round(1e6 / ((i + 0.5) / pareto.length));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(Side.UPPER, pareto))
        .withMessageContaining("too heavy");
  }

  /** Excess over the 90 % quantile of an exponential law is that law again: shape 0, same mean. */
  @Test
  void fit_exponentialScores_findsTheLaw() {
    SplitMix64 random = new SplitMix64(23);
    long[] scores = new long[50_000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.round(-1e6 * Math.log(random.nextDouble() + 1e-18));
    }
    TailModel tail = of(Side.UPPER, scores).upperTail();
    // k = 5000: standard errors √(4/3k) = 0.016 of the shape, 0.014 of the mean, four of each; the
    // resolution of 0.001 adds as much to the mean.
    assertThat(tail.fittedShape()).isCloseTo(0, within(0.065));
    assertThat(tail.fittedMean() / 1e6).isCloseTo(1.001, within(0.057));
    assertThat(tail.shape()).isGreaterThanOrEqualTo(tail.fittedShape());
    assertThat(tail.share()).isCloseTo(0.1, within(1e-4));
    assertThat(tail.distance()).isLessThan(1.63 / Math.sqrt(5000)); // Kolmogorov's 1 % point
  }

  /** Uniform excess: shape −1 is fitted, and never used: no score is called impossible. */
  @Test
  void fit_boundedScores_usesNoFinalEnd() {
    SplitMix64 random = new SplitMix64(29);
    long[] scores = new long[5000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.round(1e6 * random.nextDouble());
    }
    StatisticCalibration one = of(Side.UPPER, scores);
    assertThat(one.upperTail().fittedShape()).isLessThan(-0.7);
    assertThat(one.upperTail().shape()).isNotNegative();
    assertThat(one.pValue(1_100_000)).isGreaterThan(1e-3);
  }

  /**
   * 95 % zeros and an exponential law: the law is found, at its share, and zeros are no excess. 150
   * excesses: standard errors 0.094 of the shape and 0.082 of the mean, four of each.
   */
  @Test
  void fit_mostlyZeros_findsTheLawOfTheOthers() {
    SplitMix64 random = new SplitMix64(41);
    long[] scores = new long[3000];
    for (int i = 0; i < 150; i++) {
      scores[i] = 1 + Math.round(-1e6 * Math.log(random.nextDouble() + 1e-18));
    }
    TailModel tail = of(Side.UPPER, scores).upperTail();
    assertThat(tail.excesses()).isEqualTo(150);
    assertThat(tail.share()).isCloseTo(151 / 3001.0, within(1e-12));
    assertThat(tail.fittedShape()).isCloseTo(0, within(0.38));
    assertThat(tail.fittedMean() / 1e6).isCloseTo(1, within(0.33));
  }

  /** A generalised Pareto law of shape 0.2 by inversion. */
  @Test
  void fit_heavyScores_findsTheShape() {
    SplitMix64 random = new SplitMix64(31);
    long[] scores = new long[50_000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.round(1e6 * (Math.pow(random.nextDouble() + 1e-18, -0.2) - 1) / 0.2);
    }
    assertThat(of(Side.UPPER, scores).upperTail().fittedShape()).isCloseTo(0.2, within(0.08));
  }
}
