package io.verillm.stats.multiplicity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.internal.Special;
import io.verillm.stats.random.SplitMix64;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Checks D9 and D10. */
class MultiplicityVectorsTest {
  private static final double[] P = {
    .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528,
    .7590, 1.0
  };

  private static long count(boolean[] rejected) {
    long n = 0;
    for (boolean r : rejected) {
      n += r ? 1 : 0;
    }
    return n;
  }

  @Test
  void adjustments_publishedExample_rejectAsPrinted() {
    assertThat(count(Adjustment.BENJAMINI_HOCHBERG.rejected(.05, P))).isEqualTo(4);
    assertThat(count(Adjustment.BONFERRONI.rejected(.05, P))).isEqualTo(3);
    assertThat(count(Adjustment.HOLM.rejected(.05, P))).isEqualTo(3);
    assertThat(count(Adjustment.BENJAMINI_YEKUTIELI.rejected(.05, P))).isEqualTo(3);
    double[] bh = Adjustment.BENJAMINI_HOCHBERG.adjusted(P);
    double[] expected = {.0015, .003, .0095, .035625, .0603};
    for (int i = 0; i < expected.length; i++) {
      assertThat(bh[i]).isCloseTo(expected[i], within(1e-12));
    }
    double harmonic = Adjustment.BENJAMINI_YEKUTIELI.adjusted(P)[0] / bh[0];
    assertThat(harmonic).isCloseTo(3.3182289932, within(1e-9));
  }

  @Test
  void adjustments_anyOrderAndTies_followTheSortedValues() {
    double[] shuffled = {.04, .01, .04, .5, .01};
    for (Adjustment a : Adjustment.values()) {
      double[] adjusted = a.adjusted(shuffled);
      assertThat(adjusted[0]).isEqualTo(adjusted[2]);
      assertThat(adjusted[1]).isEqualTo(adjusted[4]).isLessThanOrEqualTo(adjusted[0]);
      assertThat(adjusted[3]).isBetween(.5, 1.0);
    }
    assertThat(Adjustment.HOLM.adjusted(shuffled)[0]).isCloseTo(.12, within(1e-12));
    assertThatThrownBy(() -> Adjustment.HOLM.adjusted(.1, Double.NaN)).hasMessageContaining("p[1]");
  }

  @Test
  void eBh_publishedExample_rejectsThree() {
    double[] e = {250, 90, 40, 12, 8, 3, 1, .5, .2, .1};
    boolean[] rejected = EBenjaminiHochberg.rejected(e, .1);
    assertThat(count(rejected)).isEqualTo(3);
    assertThat(rejected[2]).isTrue();
    assertThat(EBenjaminiHochberg.threshold(e, .1)).isCloseTo(100.0 / 3, within(1e-9));
  }

  @Test
  void eBh_nobodyOrInfinite_behaves() {
    assertThat(count(EBenjaminiHochberg.rejected(new double[] {1, 1, 1}, .1))).isZero();
    double[] infinite = {Double.POSITIVE_INFINITY, 0, 0};
    assertThat(count(EBenjaminiHochberg.rejected(infinite, .1))).isOne();
    assertThatThrownBy(() -> EBenjaminiHochberg.rejected(new double[] {1, Double.NaN}, .1))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> EBenjaminiHochberg.rejected(new double[] {-1}, .1))
        .hasMessageContaining("negative");
  }

  /** The definition, with a full sort, on values around the thresholds. */
  @Test
  void eBh_randomValues_equalsTheDefinition() {
    for (int r = 0; r < 2000; r++) {
      SplitMix64 random = SplitMix64.stream(3, r);
      int n = 1 + random.nextInt(12);
      double[] e = new double[n];
      Arrays.setAll(e, i -> Math.floor(40 * random.nextDouble() / (.05 + random.nextDouble())) / 2);
      double[] sorted = e.clone();
      Arrays.sort(sorted);
      int rejected = 0;
      for (int k = 1; k <= n; k++) {
        rejected = sorted[n - k] >= n / (.1 * k) ? k : rejected;
      }
      assertThat(count(EBenjaminiHochberg.rejected(e, .1))).isEqualTo(rejected);
    }
  }

  @Test
  void lordPlusPlus_publishedSequence_levelsAndRejections() {
    double[] p = {.0001, .3, .002, .04, .0005, .6, 1e-7, .2};
    double[] levels = {
      .00133792, .00162887, .00053877, .00045390, .00038081, .00032587, .00028413, .00292746
    };
    LordPlusPlus lord = new LordPlusPlus(.05, .025);
    StringBuilder rejected = new StringBuilder();
    for (int i = 0; i < p.length; i++) {
      assertThat(lord.nextLevel()).isCloseTo(levels[i], within(1e-8));
      if (lord.test(p[i])) {
        rejected.append(i + 1).append(' ');
      }
    }
    assertThat(rejected.toString()).isEqualTo("1 7 ");
  }

  @Test
  void alphaInvesting_publishedSequence_wealthAndRejections() {
    double[] p = {.0001, .3, .002, .04, .0005, .6, 1e-7, .2};
    double[] wealth = {
      .075,
      .0360389610,
      .0860389610,
      .1360389610,
      .1860389610,
      .0834794478,
      .1334794479,
      .0619670031
    };
    AlphaInvesting investing = new AlphaInvesting(.025, .05);
    StringBuilder rejected = new StringBuilder();
    for (int i = 0; i < p.length; i++) {
      if (investing.test(p[i])) {
        rejected.append(i + 1).append(' ');
      }
      assertThat(investing.wealth()).isCloseTo(wealth[i], within(1e-8));
    }
    assertThat(rejected.toString()).isEqualTo("1 3 4 5 7 ");
  }

  /** Check D10: 1000 nodes, 20 deviate by 3.5 standard deviations. */
  @Test
  void thousandNodes_falseDiscoveriesAndPower_asTabulated() {
    int rounds = 600;
    double[][] table = {{.713, .969}, {.008, .346}, {.048, .609}, {.008, .346}};
    double[] fdr = new double[4];
    double[] power = new double[4];
    for (int r = 0; r < rounds; r++) {
      SplitMix64 random = SplitMix64.stream(55, r);
      double[] p = new double[1000];
      Arrays.setAll(p, i -> Special.normalTail(random.nextGaussian() + (i < 20 ? 3.5 : 0)));
      boolean[] plain = new boolean[1000];
      for (int i = 0; i < 1000; i++) {
        plain[i] = p[i] <= .05;
      }
      boolean[][] decisions = {
        plain,
        Adjustment.BONFERRONI.rejected(.05, p),
        Adjustment.BENJAMINI_HOCHBERG.rejected(.05, p),
        Adjustment.BENJAMINI_YEKUTIELI.rejected(.05, p)
      };
      for (int m = 0; m < 4; m++) {
        long right = count(Arrays.copyOf(decisions[m], 20));
        long all = count(decisions[m]);
        fdr[m] += all == 0 ? 0 : (all - right) / (double) all / rounds;
        power[m] += right / 20.0 / rounds;
      }
    }
    for (int m = 0; m < 4; m++) {
      assertThat(fdr[m]).isCloseTo(table[m][0], within(.01));
      assertThat(power[m]).isCloseTo(table[m][1], within(.01));
    }
  }
}
