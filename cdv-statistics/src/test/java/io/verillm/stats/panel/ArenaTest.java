package io.verillm.stats.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.robust.SplitConformal;
import java.util.EnumMap;
import java.util.Map;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Check D12, power floors, and the fused panel. */
class ArenaTest {
  private static final Map<Arena.Provider, double[]> TABLE = new EnumMap<>(Arena.Provider.class);

  static { // MMD, corrected RUT, LT, DiFR, mean clipped margin
    TABLE.put(Arena.Provider.HONEST, new double[] {.042, .075, .033, .050, .00018});
    TABLE.put(Arena.Provider.NOISE_02, new double[] {.025, .042, .992, .367, .00032});
    TABLE.put(Arena.Provider.NOISE_10, new double[] {.050, .083, 1.00, 1.00, .00420});
    TABLE.put(Arena.Provider.NOISE_40, new double[] {.975, .158, 1.00, 1.00, .0514});
    TABLE.put(Arena.Provider.TEMPERATURE, new double[] {.150, 1.00, 1.00, 1.00, .00914});
    TABLE.put(Arena.Provider.SMALL_MODEL, new double[] {1.00, 1.00, 1.00, 1.00, .296});
    TABLE.put(Arena.Provider.MIXED, new double[] {.575, .933, .242, .992, .0592});
  }

  /** Power of MMD, RUT, LT, DiFR and panel, then the mean margin. */
  private static double[] measure(
      Arena.Provider provider, int trials, SplitConformal honest, int draws, long seed) {
    double[] power = new double[6];
    for (int i = 0; i < trials; i++) {
      Arena.Trial t = new Arena(provider, seed + i).run(honest, draws, seed + i);
      power[0] += t.mmd() <= .05 ? 1.0 / trials : 0;
      power[1] += t.rut() <= .05 ? 1.0 / trials : 0;
      power[2] += t.lt() <= .05 ? 1.0 / trials : 0;
      power[3] += t.difr() <= .05 ? 1.0 / trials : 0;
      power[4] += t.panel() ? 1.0 / trials : 0;
      power[5] += t.meanMargin() / trials;
    }
    return power;
  }

  /**
   * Twelve trials a row: a power near 1 fails with probability below 1e-4 when fewer than the
   * binomial bound of the tabulated value minus .02 succeed; sizes likewise from above.
   */
  @Test
  void arena_twelveTrials_keepsBinomialBoundsOfTheTable() {
    SplitConformal honest = Arena.honestMargins(199, 40_000);
    int trials = 12;
    for (Arena.Provider provider : Arena.Provider.values()) {
      double[] power = measure(provider, trials, honest, 99, 500);
      double[] expected = TABLE.get(provider);
      for (int test = 0; test < 4; test++) {
        int hits = (int) Math.round(power[test] * trials);
        assertThat(hits)
            .as(provider + " test " + test)
            .isBetween(
                quantile(trials, Math.max(0, expected[test] - .1), 1e-4),
                quantile(trials, Math.min(1, expected[test] + .1), 1 - 1e-4));
      }
      double best =
          Math.max(Math.max(expected[0], expected[1]), Math.max(expected[2], expected[3]));
      int panel = (int) Math.round(power[4] * trials);
      if (provider == Arena.Provider.HONEST) {
        assertThat(panel).isLessThanOrEqualTo(quantile(trials, .05, 1 - 1e-4));
      } else {
        assertThat(panel).isGreaterThanOrEqualTo(quantile(trials, best - .05, 1e-4));
      }
    }
  }

  private static int quantile(int trials, double p, double level) {
    return new BinomialDistribution(null, trials, p).inverseCumulativeProbability(level);
  }

  @Tag("long")
  @Test
  void arena_fullTable_withinATenthAndOrdered() {
    SplitConformal honest = Arena.honestMargins(2000, 90_000);
    int trials = 400;
    Map<Arena.Provider, double[]> measured = new EnumMap<>(Arena.Provider.class);
    for (Arena.Provider provider : Arena.Provider.values()) {
      double[] p = measure(provider, trials, honest, 99, 7000);
      measured.put(provider, p);
      System.out.printf(
          "arena %-12s MMD %.3f RUT %.3f LT %.3f DiFR %.3f panel %.3f mean margin %.5f%n",
          provider, p[0], p[1], p[2], p[3], p[4], p[5]);
    }
    measured.forEach(
        (provider, power) -> {
          double[] expected = TABLE.get(provider);
          for (int test = 0; test < 4; test++) {
            assertThat(power[test])
                .as(provider + " test " + test)
                .isCloseTo(expected[test], within(.1));
          }
          assertThat(power[5]).isCloseTo(expected[4], within(.1 * expected[4] + .00003));
          double best = Math.max(Math.max(power[0], power[1]), Math.max(power[2], power[3]));
          if (provider == Arena.Provider.HONEST) {
            assertThat(power[4]).isLessThanOrEqualTo(.05 + 3 * .0109); // its own test is sharper
          } else {
            assertThat(power[4]).as(provider + " panel").isGreaterThanOrEqualTo(best - .05);
          }
        });
    assertThat(measured.get(Arena.Provider.NOISE_40)[0]).isGreaterThanOrEqualTo(.90);
    assertThat(measured.get(Arena.Provider.TEMPERATURE)[1]).isGreaterThanOrEqualTo(.90);
    assertThat(measured.get(Arena.Provider.MIXED)[1]).isGreaterThanOrEqualTo(.90);
    assertThat(measured.get(Arena.Provider.NOISE_02)[2]).isGreaterThanOrEqualTo(.95);
    assertThat(measured.get(Arena.Provider.NOISE_10)[3]).isGreaterThanOrEqualTo(.95);
    assertThat(measured.get(Arena.Provider.MIXED)[3]).isGreaterThanOrEqualTo(.95);
  }

  @Tag("long")
  @Test
  void panel_twoThousandHonestTrials_holdsItsSize() {
    double[] p =
        measure(Arena.Provider.HONEST, 2000, Arena.honestMargins(2000, 90_000), 99, 200_000);
    System.out.printf(
        "honest size, 2000 trials: MMD %.4f RUT %.4f LT %.4f DiFR %.4f panel %.4f%n",
        p[0], p[1], p[2], p[3], p[4]);
    assertThat(p[4]).isLessThanOrEqualTo(.06);
  }

  @Test
  void panel_withoutAnyTest_refusesToPass() {
    assertThatThrownBy(() -> EvidencePanel.aimedAt(.05, 1, 99).evaluate())
        .hasMessageContaining("nothing was observed");
  }

  @Test
  void panel_fusedValue_isTheMeanOfItsMembers() {
    SplitConformal honest =
        SplitConformal.of(new io.verillm.stats.random.SplitMix64(1).nextDouble(), 2, 3);
    PanelResult result =
        EvidencePanel.aimedAt(.5, 1, 99).score("a", 0, honest).score("b", 99, honest).evaluate();
    assertThat(result.members()).hasSize(2);
    assertThat(result.members().get(0).eValue()).isZero();
    assertThat(result.members().get(1).result().pValue()).isEqualTo(.25);
    assertThat(result.eValue()).isZero(); // .25 lies above .8·.5/2
    assertThat(result.rejects()).isFalse();
  }
}
