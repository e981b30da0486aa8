package io.verillm.stats.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Check D8 and the anytime guarantees of check D7. */
class SequentialVectorsTest {
  private static final Offset<Double> TIGHT = within(1e-9);

  @Test
  void sprt_publishedPlan_match() {
    Sprt sprt = new Sprt(.02, .10, .01, .05);
    assertThat(sprt.upperBoundary()).isCloseTo(4.5538768916, TIGHT);
    assertThat(sprt.lowerBoundary()).isCloseTo(-2.9856819377, TIGHT);
    assertThat(sprt.flagStep()).isCloseTo(1.6094379124, TIGHT);
    assertThat(sprt.quietStep()).isCloseTo(-0.0851578083, TIGHT);
    assertThat(sprt.expectedAuditsHonest()).isCloseTo(56.8, within(0.05));
    assertThat(sprt.expectedAuditsDeviating()).isCloseTo(49.5, within(0.05));
    assertThat(sprt.decide(4.55)).isEqualTo(Sprt.Decision.CONTINUE);
    assertThat(sprt.decide(4.56)).isEqualTo(Sprt.Decision.DEVIATES);
    assertThat(sprt.decide(-2.99)).isEqualTo(Sprt.Decision.HONEST);
  }

  @Test
  void sprt_smallestFixedDesign_needs116Audits() {
    int n = 1;
    int reject;
    while (true) {
      reject = 0;
      while (1 - cdf(n, .02, reject - 1) > .01) {
        reject++;
      }
      if (cdf(n, .10, reject - 1) <= .05) {
        break;
      }
      n++;
    }
    assertThat(n).isEqualTo(116);
    assertThat(reject).isEqualTo(7);
  }

  private static double cdf(int n, double p, int k) {
    return new BinomialDistribution(null, n, p).cumulativeProbability(k);
  }

  @Test
  void twoSidedMixture_publishedValues_match() {
    assertThat(new TwoSidedBetaMixture(.02, 1, 1).e(5, 50)).isCloseTo(7.1783507337, TIGHT);
    assertThat(new TwoSidedBetaMixture(.02, .5, .5).e(5, 50)).isCloseTo(7.5562773889, TIGHT);
    assertThat(new TwoSidedBetaMixture(.02, 1, 1).e(1, 50)).isCloseTo(0.0527657499, TIGHT);
    assertThat(new TwoSidedBetaMixture(.02, 1, 1).e(0, 50)).isCloseTo(0.0538426020, TIGHT);
  }

  /** The defect: a node without a single flag is accused of being too good. */
  @Test
  void twoSidedMixture_noFlags_accusesAfter786Audits() {
    TwoSidedBetaMixture published = new TwoSidedBetaMixture(.02, 1, 1);
    assertThat(published.e(0, 785)).isLessThan(1e4);
    assertThat(published.e(0, 786)).isGreaterThanOrEqualTo(1e4);
  }

  @Test
  void oneSidedMixture_noFlagsInAMillionAudits_neverExceedsOne() {
    for (double p0 : new double[] {1e-4, .02, .3}) {
      OneSidedBetaMixture uniform = OneSidedBetaMixture.uniform(p0);
      OneSidedBetaMixture jeffreys = OneSidedBetaMixture.of(p0, .5, .5);
      GridEProcess grid = new GridEProcess(p0);
      double before = 0;
      assertThat(uniform.logE(0, 0)).isCloseTo(0, TIGHT);
      for (int n = 1; n <= 1_000_000; n++) {
        grid.update(false);
        double log = grid.logE();
        if (!(log < before)) {
          throw new AssertionError("grid wealth rose without a flag at " + n + ": " + log);
        }
        before = log;
        if (n < 3000 || n % 5000 == 0) {
          assertThat(uniform.logE(0, n)).isNegative().isFinite();
          assertThat(jeffreys.logE(0, n)).isNegative().isFinite();
        }
      }
    }
  }

  /** For s = 0 and a uniform law the integral is elementary: (1-p0)/(n+1) relative to (1-p0). */
  @Test
  void oneSidedMixture_elementaryCases_match() {
    OneSidedBetaMixture uniform = OneSidedBetaMixture.uniform(.02);
    for (long n : new long[] {1, 50, 786, 1_000_000}) {
      assertThat(uniform.e(0, n)).isCloseTo(1.0 / (n + 1), within(1e-12));
    }
    // all flags: ∫_{p0}^1 p^n dp / ((1-p0) p0^n)
    double expected = (1 - Math.pow(.02, 4)) / 4 / (.98 * Math.pow(.02, 3));
    assertThat(uniform.e(3, 3)).isCloseTo(expected, within(1e-8 * expected));
  }

  /** Simpson's rule as an independent definition, on both sides of the numerical switch. */
  @Test
  void oneSidedMixture_numericalIntegral_agrees() {
    for (double[] c :
        new double[][] {{5, 50}, {1, 50}, {20, 60}, {1, 51}, {40, 2000}, {60, 2000}}) {
      double p0 = .02;
      int steps = 200_000;
      double h = (1 - p0) / steps;
      double sum = 0;
      for (int i = 0; i <= steps; i++) {
        double p = Math.min(1 - 1e-15, p0 + i * h);
        double ratio =
            Math.exp(c[0] * Math.log(p / p0) + (c[1] - c[0]) * Math.log((1 - p) / (1 - p0)));
        sum += ratio * (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2);
      }
      double integral = sum * h / 3 / (1 - p0);
      assertThat(OneSidedBetaMixture.uniform(p0).e((long) c[0], (long) c[1]))
          .isCloseTo(integral, within(1e-8 * integral));
    }
  }

  /** E[E_n] by summing over all outcomes: exact, so the bound is not a simulation. */
  @Test
  void oneSidedMixture_everyHonestRate_hasExpectationAtMostOne() {
    OneSidedBetaMixture e = OneSidedBetaMixture.of(.05, .5, 2);
    for (double rate : new double[] {0, .001, .02, .0499, .05}) {
      for (int n : new int[] {1, 7, 40, 200}) {
        BinomialDistribution law = new BinomialDistribution(null, n, rate);
        double mean = 0;
        for (int s = 0; s <= n; s++) {
          mean += law.probability(s) * e.e(s, n);
        }
        assertThat(mean).isLessThan(1 + 1e-9);
        if (rate == .05) {
          assertThat(mean).isCloseTo(1, within(1e-9));
        }
      }
    }
  }

  /** The supermartingale step itself: from any state the next expectation is not larger. */
  @Test
  void gridEProcess_fromAnyState_doesNotGainOnAverage() {
    SplitMix64 random = new SplitMix64(4);
    for (int r = 0; r < 300; r++) {
      double p0 = .001 + .4 * random.nextDouble();
      int length = random.nextInt(60);
      long bits = random.nextLong();
      double now = grid(p0, bits, length, -1);
      double up = grid(p0, bits, length, 1);
      double down = grid(p0, bits, length, 0);
      double rate = p0 * random.nextDouble();
      assertThat(rate * up + (1 - rate) * down).isLessThanOrEqualTo(now * (1 + 1e-12));
      assertThat(p0 * up + (1 - p0) * down).isCloseTo(now, within(1e-12 * now));
    }
  }

  private static double grid(double p0, long bits, int length, int last) {
    GridEProcess e = new GridEProcess(p0);
    for (int i = 0; i < length; i++) {
      e.update((bits >>> (i & 63) & 1) == 1);
    }
    if (last >= 0) {
      e.update(last == 1);
    }
    return e.e();
  }

  /** Check D7: 5000 looks, alpha .01; the fixed-n binomial test peeked at 2000 times fails. */
  @Test
  void eProcess_fiveThousandLooks_keepsItsLevelWherePeekingDoesNot() {
    int nodes = 2000;
    int[] critical = new int[2001];
    for (int n = 1; n <= 2000; n++) {
      critical[n] = n == 1 ? 1 : critical[n - 1];
      while (1 - cdf(n, .02, critical[n] - 1) > .01) {
        critical[n]++;
      }
    }
    OneSidedBetaMixture mixture = OneSidedBetaMixture.uniform(.02);
    int falseMixture = 0;
    int falseGrid = 0;
    int falsePeek = 0;
    for (int node = 0; node < nodes; node++) {
      SplitMix64 random = SplitMix64.stream(31, node);
      GridEProcess grid = new GridEProcess(.02);
      int flags = 0;
      boolean mixtureHit = false;
      boolean gridHit = false;
      boolean peekHit = false;
      for (int n = 1; n <= 5000; n++) {
        boolean flagged = random.nextDouble() < .02;
        flags += flagged ? 1 : 0;
        grid.update(flagged);
        if (flagged) { // E can only rise at a flag
          mixtureHit |= mixture.e(flags, n) >= 100;
          gridHit |= grid.e() >= 100;
        }
        peekHit |= n <= 2000 && flags >= critical[n];
      }
      falseMixture += mixtureHit ? 1 : 0;
      falseGrid += gridHit ? 1 : 0;
      falsePeek += peekHit ? 1 : 0;
    }
    assertThat(falseMixture / (double) nodes).isLessThanOrEqualTo(Samples.sizeBound(.01, nodes));
    assertThat(falseGrid / (double) nodes).isLessThanOrEqualTo(Samples.sizeBound(.01, nodes));
    assertThat(falsePeek / (double) nodes).isCloseTo(.0895, within(.0255)); // four standard errors
  }

  @Test
  void gridEProcess_deviatingNode_isFoundSoon() {
    int[] stops = new int[401];
    for (int r = 0; r < stops.length; r++) {
      SplitMix64 random = SplitMix64.stream(12, r);
      GridEProcess e = new GridEProcess(.02);
      while (e.e() < 100) {
        e.update(random.nextDouble() < .10);
      }
      stops[r] = (int) e.audits();
    }
    java.util.Arrays.sort(stops);
    assertThat(stops[200]).isBetween(40, 90); // the two-sided mixture's median is 70
  }

  @Test
  void gridEProcess_extremeWealth_rescalesWithoutOverflow() {
    GridEProcess e = new GridEProcess(1e-4);
    for (int i = 0; i < 2000; i++) {
      e.update(true);
    }
    assertThat(e.logE()).isBetween(2000 * Math.log(9000), 2000 * Math.log(10_000));
    assertThat(e.e()).isInfinite();
  }

  @Test
  void meanBetting_publishedValues_match() {
    double[] x = {.9, .2, .8, .7, .95, .6, .85, .4, .9, .75};
    MeanBetting half = MeanBetting.fixed(.5, .5);
    MeanBetting one = MeanBetting.fixed(.5, 1);
    for (double v : x) {
      half.update(v);
      one.update(v);
    }
    assertThat(half.wealth()).isCloseTo(2.5009863731, TIGHT);
    assertThat(one.wealth()).isCloseTo(5.1847245450, TIGHT);
    assertThatThrownBy(() -> MeanBetting.fixed(.5, 2)).hasMessageContaining("lambda");
    assertThatThrownBy(() -> one.update(Double.NaN)).hasMessageContaining("x must lie in [0, 1]");
  }

  @Test
  void meanBetting_tolerance_sparesBenignAndFindsReal() {
    int benign = 0;
    int real = 0;
    for (int r = 0; r < 500; r++) {
      SplitMix64 random = SplitMix64.stream(19, r);
      MeanBetting b = MeanBetting.adaptive(.1);
      MeanBetting d = MeanBetting.adaptive(.1);
      boolean benignHit = false;
      for (int t = 0; t < 300; t++) {
        b.update(random.nextDouble() < .1 ? 1 : 0);
        d.update(random.nextDouble() < .25 ? 1 : 0);
        benignHit |= b.wealth() >= 20;
      }
      benign += benignHit ? 1 : 0;
      real += d.wealth() >= 20 ? 1 : 0;
    }
    assertThat(benign / 500.0).isLessThanOrEqualTo(Samples.sizeBound(.05, 500));
    assertThat(real).isGreaterThan(490);
  }

  @Test
  void twoSampleBetting_sameAndDifferentLaws_behave() {
    java.util.function.ToDoubleBiFunction<Integer, Integer> same = (a, b) -> a.equals(b) ? 1 : 0;
    int wrong = 0;
    int found = 0;
    int tolerated = 0;
    for (int r = 0; r < 300; r++) {
      SplitMix64 random = SplitMix64.stream(23, r);
      var honest = new TwoSampleBetting<Integer>(same, 0);
      var deviating = new TwoSampleBetting<Integer>(same, 0);
      var tolerant = new TwoSampleBetting<Integer>(same, 0.3);
      boolean hit = false;
      for (int t = 0; t < 200; t++) {
        int x = random.nextInt(4);
        honest.update(x, random.nextInt(4));
        int other = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
        deviating.update(x, other);
        tolerant.update(x, other);
        hit |= honest.wealth() >= 20;
      }
      wrong += hit ? 1 : 0;
      found += deviating.wealth() >= 20 ? 1 : 0;
      tolerated += tolerant.wealth() >= 20 ? 0 : 1;
    }
    assertThat(wrong / 300.0).isLessThanOrEqualTo(Samples.sizeBound(.05, 300));
    assertThat(found).isGreaterThan(285);
    assertThat(tolerated).isGreaterThan(290);
  }

  @Test
  void confidenceSequence_publishedWidths_match() {
    ConfidenceSequence cs = new ConfidenceSequence(1, .01, .05);
    assertThat(cs.halfWidth(100)).isCloseTo(0.3656394871, TIGHT);
    assertThat(cs.halfWidth(1000)).isCloseTo(0.0960640193, TIGHT);
    assertThat(cs.halfWidth(100)).isGreaterThan(0.1959964); // the price of looking any time
  }

  @Test
  void confidenceSequence_allTimes_coversTogether() {
    ConfidenceSequence cs = new ConfidenceSequence(1, .01, .05);
    int missed = 0;
    for (int r = 0; r < 400; r++) {
      SplitMix64 random = SplitMix64.stream(29, r);
      double sum = 0;
      boolean out = false;
      for (int n = 1; n <= 2000; n++) {
        sum += random.nextGaussian();
        out |= !cs.around(sum / n, n).contains(0);
      }
      missed += out ? 1 : 0;
    }
    assertThat(missed / 400.0).isLessThanOrEqualTo(Samples.sizeBound(.05, 400));
  }

  @Test
  void calibrators_publishedValues_match() {
    assertThat(Calibrator.power(.5).applyTo(.01)).isCloseTo(5, TIGHT);
    assertThat(Calibrator.inverseRoot().applyTo(.01)).isCloseTo(9, TIGHT);
    assertThat(Calibrator.mixture().applyTo(.01)).isCloseTo(4.4509922601, TIGHT);
    assertThat(Calibrator.power(.5).applyTo(.001)).isCloseTo(15.8113883, within(1e-7));
    assertThat(Calibrator.inverseRoot().applyTo(.001)).isCloseTo(30.6227766, within(1e-7));
    assertThat(Calibrator.mixture().applyTo(.001)).isCloseTo(20.791133541, TIGHT);
    assertThat(Calibrator.mixture().applyTo(1)).isCloseTo(.5, TIGHT);
    assertThat(Calibrator.mixture().applyTo(1 - 1.01e-4))
        .isCloseTo(Calibrator.mixture().applyTo(1 - 0.99e-4), within(1e-6));
    assertThatThrownBy(() -> Calibrator.inverseRoot().applyTo(0)).hasMessageContaining("(0, 1]");
  }

  /** Integral 1 (or less) and decreasing is what makes a calibrator; the quoted bound fails it. */
  @Test
  void calibrators_integral_isOne() {
    for (Calibrator c :
        new Calibrator[] {
          Calibrator.power(.3),
          Calibrator.inverseRoot(),
          Calibrator.mixture(),
          Calibrator.aimedAt(.05, 4),
          Calibrator.aimedAt(.01, 1)
        }) {
      double integral = integral(c::applyTo);
      assertThat(integral).isBetween(0.97, 1.001); // cut at 1e-17, midpoint rule across a jump
      double last = Double.POSITIVE_INFINITY;
      for (double p = 1e-12; p <= 1; p *= 1.01) {
        assertThat(c.applyTo(p)).isLessThanOrEqualTo(last);
        last = c.applyTo(p);
      }
    }
    assertThat(integral(p -> p < 1 / Math.E ? -1 / (Math.E * p * Math.log(p)) : 1))
        .isGreaterThan(1.5);
  }

  private static double integral(java.util.function.DoubleUnaryOperator f) {
    double sum = 0; // p = exp(-t), dp = p dt
    double dt = 1e-3;
    for (double t = dt / 2; t < 39; t += dt) {
      double p = Math.exp(-t);
      sum += f.applyAsDouble(p) * p * dt;
    }
    return sum;
  }

  @Test
  void calibratorAimed_averageOfFour_rejectsAtOneInAHundred() {
    Calibrator c = Calibrator.aimedAt(.05, 4);
    assertThat(EValues.mean(c.applyTo(.01), 0, 0, 0)).isGreaterThanOrEqualTo(20);
    assertThat(EValues.mean(c.applyTo(.0101), 0, 0, 0)).isLessThan(20);
    assertThat(EValues.mean(c.applyTo(1e-4), 0, 0, 0)).isGreaterThan(90);
  }

  @Test
  void merging_rules_behave() {
    assertThat(EValues.mean(1, 3)).isEqualTo(2);
    assertThat(EValues.weightedMean(new double[] {4, 8}, new double[] {.25, .75})).isEqualTo(7);
    assertThat(EValues.sequentialProduct(2, 0, Double.POSITIVE_INFINITY)).isZero();
    assertThat(EValues.lowerMedian(1, 9, 3, 7)).isEqualTo(3);
    assertThat(EValues.lowerMedian(0, 1e9, 1e9)).isEqualTo(1e9);
    assertThat(EValues.hedged(0, .5)).isEqualTo(.5);
    assertThatThrownBy(() -> EValues.mean(1, Double.NaN)).hasMessageContaining("values[1]");
    assertThatThrownBy(() -> EValues.mean()).hasMessageContaining("values.length");
    assertThatThrownBy(() -> EValues.weightedMean(new double[] {1, 1}, new double[] {.7, .7}))
        .hasMessageContaining("sum to 1");
  }

  @Test
  void pValueCombination_publishedValues_match() {
    double[] p = {.04, .20, .10};
    assertThat(PValueCombination.fisherStatistic(p)).isCloseTo(14.2617976607, TIGHT);
    assertThat(PValueCombination.fisher(p)).isCloseTo(.0268446063, TIGHT);
    assertThat(PValueCombination.stouffer(p)).isCloseTo(.0126571155, TIGHT);
    assertThat(PValueCombination.cauchy(p)).isCloseTo(.0757356899, TIGHT);
    assertThat(PValueCombination.harmonicMeanUncorrected(p)).isCloseTo(.075, TIGHT);
    assertThat(PValueCombination.harmonicMean(p)).isGreaterThan(.2);
    assertThatThrownBy(() -> PValueCombination.fisher(.1, 0)).hasMessageContaining("p[1]");
  }

  @Test
  void changeDetector_honestStream_runsLongerThanPromised() {
    double total = 0;
    int runs = 300;
    for (int r = 0; r < runs; r++) {
      SplitMix64 random = SplitMix64.stream(41, r);
      ChangeDetector sr = ChangeDetector.shiryaevRoberts(.02);
      int n = 0;
      do {
        n++;
      } while (!sr.update(random.nextDouble() < .1 ? 3 : (1 - .3) / .9));
      total += n;
    }
    assertThat(total / runs).isGreaterThan(50 * (1 - 3 / Math.sqrt(runs)));
  }

  @Test
  void changeDetector_lateChange_isFoundAndRestarts() {
    ChangeDetector cusum = ChangeDetector.cusum(.001);
    ChangeDetector sr = ChangeDetector.shiryaevRoberts(.001);
    for (int i = 0; i < 1000; i++) {
      assertThat(cusum.update(.9)).isFalse();
      sr.update(.9);
      assertThat(cusum.statistic()).isLessThanOrEqualTo(sr.statistic() + 1e-12);
    }
    int n = 0;
    do {
      n++;
    } while (!cusum.update(3));
    assertThat(n).isEqualTo(7); // 3^7 > 1000 in spite of the long quiet past
    assertThat(cusum.statistic()).isZero();
    assertThat(cusum.alarms()).isOne();
  }

  @Test
  void auditPlan_publishedCounts_match() {
    double[][] rows = {{.01, 459, 688}, {.05, 90, 135}, {.10, 44, 66}};
    for (double[] row : rows) {
      assertThat(AuditPlan.zeroTolerance(row[0], .99)).isEqualTo((long) row[1]);
      assertThat(AuditPlan.zeroTolerance(row[0], .999)).isEqualTo((long) row[2]);
    }
  }
}
