package io.verillm.cache.proving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.cache.layout.KvPart;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.random.SplitMix64;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CellSearchTest {
  private static final int LAYERS = 4;
  private static final int POSITIONS = 24;
  private static final int WIDTH = 48;

  /** Rows of a sequence: [part][layer][position][width]. */
  private static float[][][][] rows(SplitMix64 random) {
    float[][][][] rows = new float[2][LAYERS][POSITIONS][WIDTH];
    for (float[][][] part : rows) {
      for (float[][] layer : part) {
        for (float[] row : layer) {
          for (int i = 0; i < WIDTH; i++) {
            row[i] = (float) random.nextGaussian();
          }
        }
      }
    }
    return rows;
  }

  private static UnnamedCell cell(float[][][][] rows, CellId id) {
    return new UnnamedCell(rows[0][id.layer()][id.position()], rows[1][id.layer()][id.position()]);
  }

  /** Streams a sequence as an executor does: block by block, keys before values. */
  private static List<Optional<CellId>> search(
      float[][][][] rows, List<UnnamedCell> items, double threshold, int block) {
    try (CellSearch search =
        new CellSearch(items, HookPoint.AFTER_ROPE, (layer, part) -> threshold)) {
      for (int first = 0; first < POSITIONS; first += block) {
        int count = Math.min(block, POSITIONS - first);
        for (int layer = 0; layer < LAYERS; layer++) {
          for (KvPart part : KvPart.values()) {
            RowKey key = key(part, layer);
            if (search.wants(key)) {
              float[] flat = new float[count * WIDTH];
              for (int p = 0; p < count; p++) {
                System.arraycopy(rows[part.index()][layer][first + p], 0, flat, p * WIDTH, WIDTH);
              }
              search.accept(key, first, TensorView.copyOf(Shape.of(count, WIDTH), flat));
            }
          }
        }
      }
      return search.answer();
    }
  }

  private static RowKey key(KvPart part, int layer) {
    return part == KvPart.KEY
        ? new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer)
        : new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer);
  }

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  /** Check A11: honest noise of up to 2 %, hard decoys; exact ids in every one of 10⁴ items. */
  @Test
  void a11_answer_honestNoise_isPerfect() {
    SplitMix64 random = new SplitMix64(11);
    for (int trial = 0; trial < 1_250; trial++) {
      float[][][][] own = rows(random);
      WorkChallenge.Builder builder = WorkChallenge.builder();
      for (int i = 0; i < 8; i++) {
        CellId id = new CellId((trial + 3 * i) % POSITIONS, 1 + (trial + i) % (LAYERS - 1));
        double noise = 0.02 * random.nextDouble();
        UnnamedCell claimed = Decoys.perturbed(cell(own, id), noise, random.nextLong());
        builder.real(id, claimed);
        // Twice the largest honest noise and more; and real rows in a wrong pair.
        builder.decoy(Decoys.perturbed(claimed, 0.05, random.nextLong()));
        CellId next = new CellId((id.position() + 1) % POSITIONS, id.layer());
        builder.decoy(Decoys.mixed(claimed, cell(own, next)));
      }
      WorkChallenge challenge = builder.build(seed(trial));
      List<Optional<CellId>> answer = search(own, challenge.items(), 0.025, 1 + trial % POSITIONS);
      assertThat(challenge.assess(answer).isPerfect()).as("trial " + trial).isTrue();
    }
  }

  /** fp8 rounding is a decoy of its own relative size; a threshold below it tells it apart. */
  @Test
  void answer_fp8Rounding_isToldApartBelowItsSize() {
    SplitMix64 random = new SplitMix64(12);
    float[][][][] own = rows(random);
    CellId id = new CellId(5, 2);
    UnnamedCell rounded = Decoys.rounded(cell(own, id));
    double size = io.verillm.cache.matching.CellError.relative(rounded.key(), own[0][2][5], WIDTH);
    assertThat(size).isBetween(0.01, 0.04);
    assertThat(search(own, List.of(rounded), 0.01, 7)).containsExactly(Optional.empty());
    assertThat(search(own, List.of(rounded), 0.05, 7)).containsExactly(Optional.of(id));
  }

  @Test
  void answer_layerZero_isNeverSearched() {
    float[][][][] own = rows(new SplitMix64(13));
    UnnamedCell zero = new UnnamedCell(own[0][0][3], own[1][0][3]);
    assertThat(search(own, List.of(zero), 0.1, 24)).containsExactly(Optional.empty());
  }

  /** A verifier that does nothing, or guesses, is seen; so is one that answers every item. */
  @Test
  void assess_lazyAnswers_areSeen() {
    float[][][][] own = rows(new SplitMix64(14));
    WorkChallenge.Builder builder = WorkChallenge.builder();
    List<CellId> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      CellId id = new CellId(i, 1 + i % 3);
      ids.add(id);
      builder.real(id, cell(own, id)).decoy(Decoys.perturbed(cell(own, id), 0.3, i));
    }
    WorkChallenge challenge = builder.build(seed(3));
    List<Optional<CellId>> nothing = Collections.nCopies(12, Optional.empty());
    assertThat(challenge.assess(nothing)).isEqualTo(new WorkChallenge.Assessment(0, 6, 0));
    List<Optional<CellId>> everything = Collections.nCopies(12, Optional.of(ids.get(0)));
    assertThat(challenge.assess(everything)).isEqualTo(new WorkChallenge.Assessment(1, 5, 6));
    assertThat(challenge.assess(search(own, challenge.items(), 0.1, 24)).isPerfect()).isTrue();
    assertThatThrownBy(() -> challenge.assess(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WorkChallenge.builder().build(seed(1)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                WorkChallenge.builder()
                    .real(ids.get(0), cell(own, ids.get(0)))
                    .real(ids.get(0), cell(own, ids.get(0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** (N − s)! / N! for the ids, and the choice of the real ones, against exact integers. */
  @Test
  void guessLog2_smallCase_isTheExactCount() {
    float[][][][] own = rows(new SplitMix64(15));
    WorkChallenge.Builder builder = WorkChallenge.builder();
    for (int i = 0; i < 3; i++) {
      CellId id = new CellId(i, 1 + i % 2);
      builder.real(id, cell(own, id)).decoy(cell(own, new CellId(9, 3)));
    }
    WorkChallenge challenge = builder.build(seed(1));
    long candidates = 24L * 3;
    double ways = 20 * (72.0 * 71 * 70); // C(6, 3) · 72! / 69!
    assertThat(challenge.guessLog2(candidates))
        .isCloseTo(-Math.log(ways) / Math.log(2), within(1e-9));
    double fewer = 20 * (24.0 * 23) * 24; // two cells in layer 1, one in layer 2
    assertThat(challenge.guessLog2KnowingLayers(24))
        .isCloseTo(-Math.log(fewer) / Math.log(2), within(1e-9));
    // A guesser of one id among 72 is right once in 72 times.
    WorkChallenge one =
        WorkChallenge.builder().real(new CellId(4, 2), cell(own, new CellId(4, 2))).build(seed(1));
    SplitMix64 random = new SplitMix64(5);
    int right = 0;
    for (int i = 0; i < 72_000; i++) {
      CellId guess = new CellId(random.nextInt(24), 1 + random.nextInt(3));
      right += one.assess(List.of(Optional.of(guess))).isPerfect() ? 1 : 0;
    }
    assertThat(right / 72_000.0)
        .isCloseTo(
            Math.pow(2, one.guessLog2(candidates)), within(5 * Math.sqrt(1 / 72.0 / 72_000)));
  }

  @Test
  void accept_valuesBeforeKeysOrOtherWidth_isRefused() {
    float[][][][] own = rows(new SplitMix64(16));
    try (CellSearch search =
        new CellSearch(
            List.of(cell(own, new CellId(1, 1))), HookPoint.AFTER_ROPE, (layer, part) -> 0.1)) {
      TensorView rows = TensorView.copyOf(Shape.of(1, WIDTH), own[1][1][0]);
      assertThatThrownBy(() -> search.accept(key(KvPart.VALUE, 1), 0, rows))
          .isInstanceOf(IllegalStateException.class);
      TensorView narrow = TensorView.copyOf(Shape.of(1, 4), new float[4]);
      assertThatThrownBy(() -> search.accept(key(KvPart.KEY, 1), 0, narrow))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(search.wants(new RowKey(TensorKind.KEY, HookPoint.BEFORE_ROPE, 1))).isFalse();
      assertThat(search.wants(key(KvPart.KEY, 0))).isFalse();
    }
  }
}
