package io.verillm.cache.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.challenge.CellRule;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.stats.random.SplitMix64;
import io.verillm.stats.robust.ClopperPearson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheCalibrationTest {
  private static final Digest32 MODEL = Digest32.sha256(new byte[] {1});
  private static final int CELLS = 16;

  private static final DrawnCells DRAWN =
      new DrawnCells(
          CELLS,
          new CellRule(40, 30, List.of(new CellRule.Depth(2, 3), new CellRule.Depth(5, 1))),
          4);

  private static final CacheCalibration.Scope SCOPE =
      new CacheCalibration.Scope(
          MODEL, MODEL, executionClass("a"), executionClass("b"), CELLS, 512, Optional.of(DRAWN));

  private static final byte[] ENCODED = calibration(1200, 2).encode();

  private static ExecutionClass executionClass(String arithmetic) {
    return new ExecutionClass("engine", "1", arithmetic, "BF16", "java", "cpu", "1");
  }

  /** Log-normal errors that grow with the layer, as relative errors of honest classes do. */
  private static List<CellError> sequence(SplitMix64 random, double factor) {
    List<CellError> errors = new ArrayList<>();
    double shared = 0.1 * random.nextGaussian();
    for (int i = 0; i < CELLS; i++) {
      int layer = 1 + random.nextInt(5);
      KvPart part = random.nextInt(2) == 0 ? KvPart.KEY : KvPart.VALUE;
      double error = 0.004 * layer * Math.exp(shared + 0.15 * random.nextGaussian()) * factor;
      errors.add(new CellError(layer, part, i, error));
    }
    return errors;
  }

  private static CacheCalibration calibration(int sequences, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    List<List<CellError>> honest = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      honest.add(sequence(random, 1));
    }
    return CacheCalibration.fit(SCOPE, honest);
  }

  /** Check A9: independent Gaussian rows of 1024 values. */
  @Test
  void a9_relative_independentRows_isRootTwo() {
    SplitMix64 random = new SplitMix64(9);
    for (int trial = 0; trial < 200; trial++) {
      float[] x = new float[1024];
      float[] y = new float[1024];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
        y[i] = (float) random.nextGaussian();
      }
      // ±.03 is about one standard error of a pair at this width; the mean is far inside.
      assertThat(CellError.relative(x, y, 1024)).isCloseTo(1.414, within(0.15));
    }
    double mean = 0;
    for (int trial = 0; trial < 200; trial++) {
      float[] x = new float[1024];
      float[] y = new float[1024];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
        y[i] = (float) random.nextGaussian();
      }
      mean += CellError.relative(x, y, 1024) / 200;
    }
    assertThat(mean).isCloseTo(1.414, within(0.03));
  }

  /** Check A10: equal rows give 0; what cannot be compared gives nothing to conclude from. */
  @Test
  void a10_relative_specialValues_areDefined() {
    float[] row = {1, -2, 3, 0.5f, 7};
    assertThat(CellError.relative(row, row.clone(), 5)).isZero();
    assertThat(CellError.relative(new float[5], new float[5], 5)).isZero();
    float[] tiny = {Float.MIN_VALUE, -Float.MIN_VALUE, 0, 1e-40f, 0};
    assertThat(CellError.relative(tiny, tiny.clone(), 5)).isZero();
    assertThat(CellError.relative(new float[] {-0f, 0f}, new float[] {0f, -0f}, 2)).isZero();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] broken = row.clone();
      broken[3] = bad;
      assertThat(new CellError(1, KvPart.KEY, 0, CellError.relative(broken, row, 5)).isUsable())
          .isFalse();
      assertThat(new CellError(1, KvPart.KEY, 0, CellError.relative(row, broken, 5)).isUsable())
          .isFalse();
      assertThat(new CellError(1, KvPart.KEY, 0, CellError.relative(broken, broken, 5)).isUsable())
          .isFalse();
    }
    assertThat(new CellError(1, KvPart.KEY, 0, CellError.relative(row, new float[5], 5)).isUsable())
        .isFalse();
    float[] huge = {3e38f, 3e38f, 0, 0, 0};
    assertThat(CellError.relative(huge, row, 5)).isBetween(1e36, 1e39);
    CacheCalibration calibration = calibration(1200, 1);
    List<CellError> errors = new ArrayList<>(sequence(new SplitMix64(2), 1));
    errors.set(3, new CellError(1, KvPart.KEY, 0, Double.POSITIVE_INFINITY));
    assertThatThrownBy(() -> calibration.score(errors))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void relative_anyWidth_equalsThePlainSum() {
    SplitMix64 random = new SplitMix64(3);
    for (int width : new int[] {1, 2, 3, 4, 5, 7, 64, 1023}) {
      float[] x = new float[width + 2];
      float[] y = new float[width + 2];
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < width; i++) {
        x[i] = (float) random.nextGaussian();
        y[i] = (float) random.nextGaussian();
        difference += (x[i] - (double) y[i]) * (x[i] - (double) y[i]);
        norm += (double) y[i] * y[i];
      }
      assertThat(CellError.relative(x, y, width))
          .isCloseTo(Math.sqrt(difference / norm), within(1e-12));
    }
  }

  /**
   * The p-value is valid: over fresh calibrations and fresh honest requests, at most a share α
   * falls to α or below. Bound: the lower 10⁻⁴ Clopper-Pearson limit of the found rate lies below
   * α.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.02, 0.001})
  void pValue_honestRequests_fallToAlphaAtMostThatOften(double alpha) {
    int trials = 4_000;
    int low = 0;
    SplitMix64 random = new SplitMix64(77);
    List<CacheCalibration> calibrations = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calibrations.add(calibration(2000, 1000 + i));
    }
    for (int t = 0; t < trials; t++) {
      CacheCalibration calibration = calibrations.get(t % 20);
      low += calibration.pValue(calibration.score(sequence(random, 1))) <= alpha ? 1 : 0;
    }
    assertThat(ClopperPearson.lowerBound(low, trials, 0.9999)).isLessThan(alpha);
  }

  @Test
  void pValue_largerErrors_fallBelowTheRejectionLevel() {
    CacheCalibration calibration = calibration(2000, 5);
    SplitMix64 random = new SplitMix64(6);
    assertThat(calibration.pValue(calibration.score(sequence(random, 3)))).isLessThan(1e-3);
    assertThat(calibration.pValue(calibration.score(sequence(random, 10)))).isLessThan(1e-9);
    // Rows that agree far better than the declared class does were not computed by it.
    assertThat(calibration.pValue(calibration.score(sequence(random, 0.01)))).isLessThan(1e-3);
    assertThat(CacheDecision.of(1e-3, 1e-3, 0.05)).isEqualTo(CacheDecision.REJECT);
    assertThat(CacheDecision.of(0.0011, 1e-3, 0.05)).isEqualTo(CacheDecision.INCONCLUSIVE);
    assertThat(CacheDecision.of(0.05, 1e-3, 0.05)).isEqualTo(CacheDecision.INCONCLUSIVE);
    assertThat(CacheDecision.of(0.051, 1e-3, 0.05)).isEqualTo(CacheDecision.PLAUSIBLE);
    assertThatThrownBy(() -> CacheDecision.of(0, 1e-3, 0.05))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CacheDecision.of(Double.NaN, 1e-3, 0.05))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** One wrong cell of sixteen drowns in a trimmed mean and not in the largest. */
  @Test
  void pValue_oneWrongCell_showsInTheLargest() {
    CacheCalibration calibration = calibration(2000, 5);
    List<CellError> errors = new ArrayList<>(sequence(new SplitMix64(8), 1));
    CellError one = errors.get(4);
    errors.set(4, new CellError(one.layer(), one.part(), one.position(), 1.4));
    CacheScore score = calibration.score(errors);
    assertThat(score.mean()).isLessThan(2);
    assertThat(calibration.pValue(score)).isLessThan(1e-3);
  }

  /** Classes that agree to the bit have no scale of their own; a small error is then far away. */
  @Test
  void fit_noNoiseAtAll_stillRecognisesAnError() {
    List<List<CellError>> exact = new ArrayList<>();
    for (int s = 0; s < 1200; s++) {
      List<CellError> errors = new ArrayList<>();
      for (int i = 0; i < CELLS; i++) {
        errors.add(new CellError(1 + i % 5, i % 2 == 0 ? KvPart.KEY : KvPart.VALUE, i, 0));
        errors.add(new CellError(1 + i % 5, i % 2 == 1 ? KvPart.KEY : KvPart.VALUE, i, 0));
      }
      exact.add(errors);
    }
    CacheCalibration calibration = CacheCalibration.fit(SCOPE, exact);
    assertThat(calibration.pValue(calibration.score(exact.get(0)))).isEqualTo(1);
    CacheScore score = calibration.score(sequence(new SplitMix64(1), 0.1));
    assertThat(calibration.pValue(score)).isLessThan(1e-6);
  }

  @Test
  void score_fewerRowsOrUnknownLayer_isRefused() {
    CacheCalibration calibration = calibration(1200, 1);
    List<CellError> errors = sequence(new SplitMix64(2), 1);
    assertThatThrownBy(() -> calibration.score(errors.subList(0, CELLS - 1)))
        .isInstanceOf(IllegalArgumentException.class);
    List<CellError> elsewhere = new ArrayList<>(errors);
    elsewhere.set(0, new CellError(6, KvPart.KEY, 0, 0.01));
    assertThatThrownBy(() -> calibration.score(elsewhere))
        .hasMessageContaining("was not calibrated");
    assertThatThrownBy(() -> CacheCalibration.fit(SCOPE, Collections.nCopies(399, errors)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CellError(1, KvPart.KEY, 0, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decode_encoded_judgesTheSame() throws Exception {
    CacheCalibration calibration = calibration(1200, 12);
    CacheCalibration read = CacheCalibration.decode(calibration.encode());
    assertThat(read.id()).isEqualTo(calibration.id());
    SplitMix64 random = new SplitMix64(4);
    for (double factor : new double[] {1, 1, 1.2, 2, 5}) {
      CacheScore score = calibration.score(sequence(random, factor));
      assertThat(read.pValue(score)).isEqualTo(calibration.pValue(score));
    }
    assertThat(read.matchThreshold(3, KvPart.KEY))
        .isEqualTo(calibration.matchThreshold(3, KvPart.KEY));
    assertThat(read.scope()).isEqualTo(SCOPE);
  }

  /** The rule stands in the bytes: another one is another calibration. */
  @Test
  void id_anotherRule_isAnotherCalibration() {
    CacheCalibration calibration = calibration(400, 12);
    Set<Digest32> ids = new HashSet<>(Set.of(calibration.id()));
    CellRule rule = DRAWN.rule();
    List<CellRule.Depth> law = rule.law();
    for (DrawnCells other :
        List.of(
            new DrawnCells(CELLS + 1, rule, 4),
            new DrawnCells(CELLS, rule, 5),
            new DrawnCells(CELLS, new CellRule(41, 30, law), 4),
            new DrawnCells(CELLS, new CellRule(40, 31, law), 4),
            new DrawnCells(CELLS, new CellRule(40, 30, law.subList(0, 1)), 4))) {
      assertThat(ids.add(rebound(calibration, Optional.of(other)).id())).as("%s", other).isTrue();
    }
    assertThat(ids.add(rebound(calibration, Optional.empty()).id())).isTrue();
  }

  private static CacheCalibration rebound(CacheCalibration from, Optional<DrawnCells> drawn) {
    CacheCalibration.Scope scope =
        new CacheCalibration.Scope(
            MODEL, MODEL, executionClass("a"), executionClass("b"), CELLS, 512, drawn);
    return new CacheCalibration(
        scope, from.laws(), from.mean().scores(), from.largest().scores(), List.of());
  }

  private static void assertMalformed(byte[] bytes, String field) {
    assertThatThrownBy(() -> CacheCalibration.decode(bytes))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(field);
  }

  /** The last field is [16, 40, 30, [[2, 3], [5, 1]], 4]: 14 bytes after its key. */
  @Test
  void decode_ruleOutOfRangeOrMissing_isMalformed() throws Exception {
    byte[] good = calibration(400, 12).encode();
    int at = good.length - 15;
    assertThat(good[at]).isEqualTo((byte) 12);
    assertThat(good[at + 1]).isEqualTo((byte) 0x85);
    byte[] noCells = good.clone();
    noCells[at + 2] = 0;
    assertMalformed(noCells, "0 cells");
    byte[] fewer = good.clone();
    fewer[at + 1] = (byte) 0x84;
    assertMalformed(fewer, "cache-calibration.drawn");
    byte[] noLast = good.clone();
    noLast[at + 6] = 0; // after 24 40: 24 30 would be one byte
    assertMalformed(noLast, "");
    byte[] descending = good.clone();
    descending[good.length - 3] = 2;
    assertMalformed(descending, "ascending");
    byte[] weightless = good.clone();
    weightless[good.length - 2] = 0;
    assertMalformed(weightless, "weight 0");
    byte[] longSketch = Arrays.copyOf(good, good.length + 1);
    longSketch[good.length - 1] = 24;
    longSketch[good.length] = 65;
    assertMalformed(longSketch, "cache-calibration.sketch");
    assertMalformed(Arrays.copyOf(good, good.length - 1), "");
    byte[] first = good.clone();
    first[2] = 1; // claims to be of version 1
    assertMalformed(first, "version 1 has 11");
    byte[] third = good.clone();
    third[2] = 3;
    assertMalformed(third, "3, known are 1 and 2");
    byte[] old = rebound(calibration(400, 12), Optional.empty()).encode();
    assertThat(CacheCalibration.decode(old).encode()).isEqualTo(old);
    byte[] claimsTwo = old.clone();
    claimsTwo[2] = 2;
    assertMalformed(claimsTwo, "version 2 has 12");
    byte[] trailing = Arrays.copyOf(old, old.length + 1);
    assertMalformed(trailing, "");
  }

  @Test
  void drawnCells_outOfRange_areRefused() {
    for (int[] bad :
        new int[][] {{0, 0}, {-1, 0}, {DrawnCells.MAX_CELLS + 1, 0}, {1, -1}, {1, 65}}) {
      assertThatThrownBy(() -> new DrawnCells(bad[0], CellRule.DEFAULT, bad[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Property(tries = 1000)
  void decode_anyDamage_onlyTheDocumentedExceptionEscapes(
      @ForAll @IntRange(max = 1 << 20) int at, @ForAll @IntRange(max = 255) int value) {
    byte[] bytes = ENCODED.clone();
    bytes[at % bytes.length] = (byte) value;
    try {
      CacheCalibration read = CacheCalibration.decode(bytes);
      assertThat(read.encode()).isEqualTo(bytes);
    } catch (MalformedMessageException expected) {
      assertThat(expected.field()).isNotEmpty();
    }
  }
}
