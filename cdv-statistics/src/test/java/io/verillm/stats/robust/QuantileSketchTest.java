package io.verillm.stats.robust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.twosample.Wasserstein;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class QuantileSketchTest {
  private static double rankError(QuantileSketch sketch, double[] sorted) {
    double worst = 0;
    for (double p : new double[] {.001, .01, .05, .25, .5, .75, .95, .99, .999}) {
      int at = Arrays.binarySearch(sorted, sketch.quantile(p));
      double rank = (at < 0 ? -at - 1 : at) / (double) sorted.length;
      worst = Math.max(worst, Math.abs(rank - p));
    }
    return worst;
  }

  /** A sorted array is the definition; the sketch and ten merged parts stay near it. */
  private static void compare(int n, double bound) {
    double[] values = Samples.gaussian(new SplitMix64(n), n);
    QuantileSketch whole = QuantileSketch.of(200, values);
    QuantileSketch merged = new QuantileSketch(200);
    for (int part = 0; part < 10; part++) {
      merged.merge(
          QuantileSketch.of(
              200, Arrays.copyOfRange(values, part * (n / 10), (part + 1) * (n / 10))));
    }
    Arrays.sort(values);
    double error = rankError(whole, values);
    double mergedError = rankError(merged, values);
    System.out.printf("sketch of %d values: rank error %.5f, merged %.5f%n", n, error, mergedError);
    assertThat(error).isLessThan(bound);
    assertThat(mergedError).isLessThan(bound);
    assertThat(merged.count()).isEqualTo(n);
  }

  @Test
  void quantiles_hundredThousandValues_areNearTheSortedOnes() {
    compare(100_000, .005);
  }

  @Tag("long")
  @Test
  void quantiles_tenMillionValues_areNearTheSortedOnes() {
    compare(10_000_000, .005);
  }

  @Test
  void sketch_sameInputsWithTies_givesSameBits() {
    double[][] profiles = new double[2][];
    for (int r = 0; r < 2; r++) {
      SplitMix64 random = new SplitMix64(4);
      QuantileSketch sketch = new QuantileSketch(50);
      for (int i = 0; i < 50_000; i++) {
        sketch.add(random.nextInt(30));
      }
      profiles[r] = sketch.profile(64);
    }
    assertThat(profiles[0]).containsExactly(profiles[1]);
  }

  /** Around the number of values kept one by one: what a plain digest would say. */
  @Test
  void quantile_aroundTheKeptValues_equalsThePlainDigest() {
    for (int n : new int[] {1, 2, 8, 9, 127, 128, 129, 500}) {
      double[] values = Samples.gaussian(new SplitMix64(n), n);
      var plain = new com.tdunning.math.stats.MergingDigest(60);
      for (double v : values) {
        plain.add(v);
      }
      QuantileSketch sketch = QuantileSketch.of(60, values);
      QuantileSketch merged = QuantileSketch.of(60, Arrays.copyOf(values, n / 2));
      merged.merge(QuantileSketch.of(60, Arrays.copyOfRange(values, n / 2, n)));
      assertThat(sketch.count()).isEqualTo(n);
      assertThat(merged.count()).isEqualTo(n);
      for (double p : new double[] {0, .01, .3, .5, .99, 1}) {
        assertThat(sketch.quantile(p)).isEqualTo(plain.quantile(p));
        if (n <= 250) { // halves are still kept one by one: nothing is lost by merging
          assertThat(merged.quantile(p)).isEqualTo(sketch.quantile(p));
        }
      }
    }
  }

  @Test
  void profile_twoSamples_approximateWasserstein() {
    double[] x = Samples.gaussian(new SplitMix64(1), 5000);
    double[] y =
        Arrays.stream(Samples.gaussian(new SplitMix64(2), 5000)).map(v -> v + .5).toArray();
    double[] a = QuantileSketch.of(200, x).profile(256);
    double[] b = QuantileSketch.of(200, y).profile(256);
    double mean = 0;
    for (int k = 0; k < 256; k++) {
      mean += Math.abs(a[k] - b[k]) / 256;
    }
    assertThat(mean).isCloseTo(Wasserstein.distance(x, y), within(.01));
  }

  @Test
  void sketch_oneValueAndAllTies_areExact() {
    QuantileSketch one = QuantileSketch.of(100, 7);
    QuantileSketch ties = QuantileSketch.of(100, 3, 3, 3, 3);
    for (double p : new double[] {0, .3, 1}) {
      assertThat(one.quantile(p)).isEqualTo(7);
      assertThat(ties.quantile(p)).isEqualTo(3);
    }
    assertThat(ties.cdf(2.9)).isZero();
    assertThat(ties.cdf(3.1)).isEqualTo(1);
    assertThat(QuantileSketch.of(100, 1, 2, 3, 4, 5).quantile(.5)).isEqualTo(3);
  }

  @Test
  void sketch_nonFiniteEmptyAndForeign_areCountedOrRefused() {
    QuantileSketch sketch = QuantileSketch.of(100, 1, Double.NaN, Double.NEGATIVE_INFINITY);
    assertThat(sketch.nonFinite()).isEqualTo(2);
    assertThat(sketch.count()).isEqualTo(1);
    QuantileSketch empty = new QuantileSketch(100);
    assertThatThrownBy(() -> empty.quantile(.5)).hasMessageContaining("has none");
    empty.merge(new QuantileSketch(100));
    empty.merge(sketch);
    assertThat(empty.nonFinite()).isEqualTo(2);
    assertThat(empty.quantile(.5)).isEqualTo(1);
    assertThatThrownBy(() -> empty.merge(new QuantileSketch(50)))
        .hasMessageContaining("compressions differ");
    assertThatThrownBy(() -> new QuantileSketch(19)).hasMessageContaining("compression");
    assertThatThrownBy(() -> sketch.quantile(1.1)).hasMessageContaining("p must lie");
    assertThatThrownBy(() -> sketch.cdf(Double.NaN)).hasMessageContaining("x is NaN");
  }
}
