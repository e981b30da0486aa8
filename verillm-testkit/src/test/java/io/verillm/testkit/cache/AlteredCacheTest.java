package io.verillm.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.matching.CellError;
import io.verillm.core.canonical.CanonicalKernels;
import io.verillm.core.canonical.SplitKKernels;
import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.DType;
import io.verillm.exec.ModelFolder;
import io.verillm.exec.RandomModel;
import io.verillm.exec.TransformerExecutor;
import io.verillm.testkit.AlteredCacheKernels;
import io.verillm.testkit.GarbageRowsExecutor;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the engines of the cache study deviate in what they say, and in nothing else. */
class AlteredCacheTest {
  private static final int POSITIONS = 24;
  private static final int LAYERS = 3;
  private static final int[] TOKENS = new Random(5).ints(POSITIONS, 2, 300).toArray();

  @TempDir private static Path scratch;
  private static ModelFolder model;
  private static CacheRows honest;

  @BeforeAll
  static void run() throws Exception {
    model = ModelFolder.open(RandomModel.of("llama").sizes(LAYERS, 64, 128).writeTo(scratch));
    honest = rows(new SplitKKernels());
  }

  private static CacheRows rows(ArithmeticKernels kernels) throws Exception {
    try (TransformerExecutor executor = TransformerExecutor.load(model, kernels)) {
      CacheRows rows = new CacheRows(executor.dimensions(), POSITIONS);
      executor.prefill(TOKENS, new LayerRange(0, LAYERS), null, rows, LogitsSink.none());
      return rows;
    }
  }

  /** Largest relative error of a layer's rows from a position on. */
  private static double error(CacheRows one, CacheRows other, int layer, int from) {
    double largest = 0;
    for (KvPart part : KvPart.values()) {
      for (int p = from; p < POSITIONS; p++) {
        float[] row = one.row(part, layer, p);
        largest = Math.max(largest, CellError.relative(row, other.row(part, layer, p), row.length));
      }
    }
    return largest;
  }

  @Test
  void fp8_committedRows_areTheUnroundedOnesAndShowInTheLayersAbove() throws Exception {
    for (AlteredCacheKernels kernels :
        new AlteredCacheKernels[] {
          AlteredCacheKernels.fp8(new SplitKKernels()),
          AlteredCacheKernels.unscaled(new SplitKKernels(), DType.F8_E4M3),
          AlteredCacheKernels.unscaled(new SplitKKernels(), DType.F8_E5M2)
        }) {
      CacheRows altered = rows(kernels);
      assertThat(error(altered, honest, 0, 0)).isZero();
      // e4m3 rounds to 1 in 16 at worst, e5m2 to 1 in 8
      assertThat(error(altered, honest, 1, 0)).isBetween(1e-4, 0.3);
      assertThat(error(altered, honest, 2, 0)).isBetween(1e-4, 0.5);
    }
  }

  @Test
  void unscaled_typeThatHoldsEveryValue_changesNothing() throws Exception {
    CacheRows same = rows(AlteredCacheKernels.unscaled(new SplitKKernels(), DType.BF16));
    for (int layer = 0; layer < LAYERS; layer++) {
      assertThat(error(same, honest, layer, 0)).isZero();
    }
  }

  @Test
  void evicting_untilSomethingIsEvicted_changesNothing() throws Exception {
    CacheRows wide = rows(AlteredCacheKernels.truncated(new SplitKKernels(), POSITIONS));
    assertThat(error(wide, honest, 2, 0)).isZero();
    CacheRows window = rows(AlteredCacheKernels.truncated(new SplitKKernels(), 8));
    CacheRows sinks = rows(AlteredCacheKernels.evicting(new SplitKKernels(), 2, 6));
    for (CacheRows evicted : new CacheRows[] {window, sinks}) {
      for (KvPart part : KvPart.values()) {
        assertThat(evicted.row(part, 2, 7)).isEqualTo(honest.row(part, 2, 7));
      }
      assertThat(error(evicted, honest, 0, 0)).isZero();
      assertThat(error(evicted, honest, 1, 8)).isGreaterThan(0.01);
    }
    assertThat(error(window, sinks, 1, 8)).isGreaterThan(0.001);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlteredCacheKernels.truncated(new SplitKKernels(), 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlteredCacheKernels.evicting(new SplitKKernels(), -1, 4));
  }

  /** The definition decodes one position at a time. */
  @Test
  void attention_severalRows_areThoseOfSingleSteps() throws Exception {
    AlteredCacheKernels kernels = AlteredCacheKernels.evicting(new SplitKKernels(), 1, 5);
    CacheRows whole = rows(kernels);
    try (TransformerExecutor executor = TransformerExecutor.load(model, kernels)) {
      CacheRows steps = new CacheRows(executor.dimensions(), POSITIONS);
      try (DecodeSession session = executor.openSession(POSITIONS, steps)) {
        for (int token : TOKENS) {
          executor.decodeStep(session, token);
        }
      }
      for (int layer = 0; layer < LAYERS; layer++) {
        assertThat(error(steps, whole, layer, 0)).isZero();
      }
    }
  }

  /** Another order of additions is honest and differs, by no more than bfloat16 rounds. */
  @Test
  void rounded_otherOrderOfAdditions_isNearAndNotEqual() throws Exception {
    CacheRows rounded = rows(new RoundedKernels(CanonicalKernels.singleThreaded()));
    assertThat(error(rounded, honest, 2, 0)).isBetween(1e-5, 0.05);
  }

  @Test
  void share_hitsOfRequests_hasItsInterval() {
    assertThat(CacheStudyTables.share(150, 150)).isEqualTo("100.00 (97.57–100.00)");
    assertThat(CacheStudyTables.share(0, 1000)).isEqualTo("0.00 (0.00–0.37)");
    assertThat(CacheStudyTables.share(1, 2)).isEqualTo("50.00 (1.26–98.74)");
  }

  /** Independent directions of equal length lie √2 apart; the tokens are the model's own. */
  @Test
  void garbage_rowsAreNoiseOfTheirLengthAndLogitsAreRight() throws Exception {
    try (TransformerExecutor executor = TransformerExecutor.load(model, new SplitKKernels())) {
      GarbageRowsExecutor garbage = new GarbageRowsExecutor(executor);
      CacheRows decoded = new CacheRows(executor.dimensions(), POSITIONS);
      float[] logits = new float[0];
      float[] right = new float[0];
      try (DecodeSession lying = garbage.openSession(POSITIONS, decoded);
          DecodeSession own =
              executor.openSession(POSITIONS, new CacheRows(executor.dimensions(), POSITIONS))) {
        for (int token : TOKENS) {
          logits = garbage.decodeStep(lying, token);
          right = executor.decodeStep(own, token);
        }
      }
      assertThat(logits).isEqualTo(right);
      CacheRows prefilled = new CacheRows(executor.dimensions(), POSITIONS);
      garbage.prefill(TOKENS, new LayerRange(0, LAYERS), null, prefilled, LogitsSink.none());
      for (int layer = 0; layer < LAYERS; layer++) {
        assertThat(error(decoded, honest, layer, 0)).isBetween(1.3, 1.9);
        assertThat(error(prefilled, decoded, layer, 0)).isLessThan(0.1);
      }
    }
  }
}
