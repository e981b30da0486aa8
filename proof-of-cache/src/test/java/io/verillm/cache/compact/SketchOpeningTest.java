package io.verillm.cache.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.cache.layout.KvPart;
import io.verillm.cache.sampling.SamplingPlan;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.KernelSelection;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.stats.random.SplitMix64;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SketchOpeningTest {
  private static final int WIDTH = 64;
  private static final ModelDimensions MODEL = new ModelDimensions(5, 16, WIDTH, WIDTH, 99, 200);
  private static final TraceId ID = new TraceId(seed(0));
  private static final Digest32 RECEIPT = seed(1);
  private static final Digest32 CHALLENGE = seed(2);

  private final MemoryTrace trace = new MemoryTrace();
  private final SketchKernel kernel = kernel(seed(3), 4);
  private SortedMap<Integer, List<Integer>> drawn;
  private TraceRecorder recorder;

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static SketchKernel kernel(Digest32 value, int outputs) {
    return new SketchKernel(
        KernelSelection.load().require("java").comparison(), value, RECEIPT, outputs);
  }

  private static float[] row(SplitMix64 random) {
    float[] row = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      row[i] = (float) random.nextGaussian();
    }
    return row;
  }

  @BeforeEach
  void record() {
    recorder =
        new TraceRecorder(
            TraceProfile.standard(DType.F32), MODEL, ID, JobSecret.copyOf(new byte[32]), trace);
    SplitMix64 random = new SplitMix64(4);
    for (int p = 0; p < 60; p++) {
      Map<RowKey, TensorView> rows = new HashMap<>();
      trace
          .layout()
          .rows()
          .forEach(
              each ->
                  rows.put(
                      each.key(),
                      TensorView.copyOf(
                          Shape.of(each.width()),
                          java.util.Arrays.copyOf(row(random), each.width()))));
      recorder.push(p, p % 99, rows);
    }
    drawn =
        SamplingPlan.of(40, 1, io.verillm.core.challenge.CellRule.DEFAULT)
            .challengePlan()
            .draw(seed(5), trace.layout(), 60);
  }

  private OpeningOutcome.Verified opened(SortedMap<Integer, List<Integer>> request)
      throws Exception {
    return (OpeningOutcome.Verified)
        TraceOpening.open(trace, request).verify(recorder.head(), ID, trace.layout());
  }

  @Test
  void wrongSpot_honestSketches_areReproduced() throws Exception {
    SketchOpening opening = SketchOpening.of(CHALLENGE, kernel, trace, drawn);
    assertThat(opening.message().values().length).isEqualTo(40 * 2 * 4 * 2); // 16 bytes per cell
    SketchOpening read = SketchOpening.of(Sketches.decode(opening.message().encode()));
    assertThat(read.message().digest()).isEqualTo(opening.message().digest());
    SortedMap<Integer, List<Integer>> spots = read.message().spots(seed(6), drawn, 3);
    assertThat(spots).hasSize(3);
    assertThat(read.message().spots(seed(7), drawn, 3)).isNotEqualTo(spots);
    assertThat(read.wrongSpot(kernel, drawn, spots, opened(spots))).isEmpty();
  }

  @Test
  void of_drawnRowThatWasLoaded_isRefused() throws Exception {
    Map<RowKey, TensorView> rows = new HashMap<>();
    for (TraceLayout.Row row : trace.layout().rows()) {
      rows.put(row.key(), trace.row(0, row.index()));
    }
    recorder.pushLoaded(60, 1, rows);
    SortedMap<Integer, List<Integer>> last = new TreeMap<>(drawn);
    assertThat(SketchOpening.of(CHALLENGE, kernel, trace, last).message().rows()).isEqualTo(80);
    last.put(60, drawn.get(drawn.lastKey()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SketchOpening.of(CHALLENGE, kernel, trace, last))
        .withMessageContaining("position 60 was loaded");
  }

  /** Every sketch changed in one bit: each spot shows it. Another key: likewise. */
  @Test
  void wrongSpot_changedSketchOrOtherKey_isFound() throws Exception {
    SketchOpening opening = SketchOpening.of(CHALLENGE, kernel, trace, drawn);
    byte[] bytes = opening.message().encode();
    for (int i = 0; i < 40 * 2; i++) {
      bytes[bytes.length - 1 - 8 * i] ^= 1;
    }
    SketchOpening lied = SketchOpening.of(Sketches.decode(bytes));
    SortedMap<Integer, List<Integer>> spots = lied.message().spots(seed(6), drawn, 1);
    assertThat(lied.wrongSpot(kernel, drawn, spots, opened(spots))).isPresent();
    spots = opening.message().spots(seed(6), drawn, 1);
    assertThat(opening.wrongSpot(kernel(seed(8), 4), drawn, spots, opened(spots))).isPresent();
  }

  /** m lied positions of n escape k spots as the formula says, over many later rounds. */
  @Test
  void escape_simulation_agrees() throws Exception {
    SketchOpening opening = SketchOpening.of(CHALLENGE, kernel, trace, drawn);
    List<Integer> positions = new ArrayList<>(drawn.keySet());
    int escaped = 0;
    int rounds = 20_000;
    for (int s = 0; s < rounds; s++) {
      SortedMap<Integer, List<Integer>> spots = opening.message().spots(seed(1000 + s), drawn, 3);
      escaped += spots.keySet().stream().noneMatch(positions.subList(0, 10)::contains) ? 1 : 0;
    }
    double formula = Sketches.escape(40, 10, 3);
    assertThat(formula).isCloseTo(30.0 * 29 * 28 / (40 * 39 * 38), within(1e-12));
    assertThat(escaped / (double) rounds)
        .isCloseTo(formula, within(5 * Math.sqrt(formula * (1 - formula) / rounds)));
  }

  @Test
  void wrongSpot_spotNotOpened_isRefused() throws Exception {
    SketchOpening opening = SketchOpening.of(CHALLENGE, kernel, trace, drawn);
    SortedMap<Integer, List<Integer>> spots = opening.message().spots(seed(6), drawn, 3);
    SortedMap<Integer, List<Integer>> fewer = new java.util.TreeMap<>(spots);
    fewer.remove(spots.firstKey());
    OpeningOutcome.Verified opened = opened(fewer);
    assertThatThrownBy(() -> opening.wrongSpot(kernel, drawn, spots, opened))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Over keys, the mean square of the sketch error is the square of the rows' error. */
  @Test
  void error_overManyKeys_isUnbiased() {
    SplitMix64 random = new SplitMix64(9);
    float[] own = row(random);
    for (double relative : new double[] {0.003, 0.03, 1}) {
      float[] claimed = own.clone();
      float[] noise = row(random);
      for (int i = 0; i < WIDTH; i++) {
        claimed[i] += (float) (relative * noise[i]);
      }
      double exact = io.verillm.cache.matching.CellError.relative(claimed, own, WIDTH);
      double mean = 0;
      int keys = 4_000;
      for (int s = 0; s < keys; s++) {
        SketchKernel each = kernel(seed(s), 4);
        short[] sketch = each.sketch(KvPart.KEY, TensorView.copyOf(Shape.of(WIDTH), claimed));
        double error = each.error(KvPart.KEY, sketch, TensorView.copyOf(Shape.of(WIDTH), own));
        mean += error * error / keys;
      }
      // A sketch of four signs has a relative variance of about 1/2; halves add about 3e-8.
      assertThat(mean / (exact * exact)).isCloseTo(1, within(5 * Math.sqrt(0.5 / keys) + 0.01));
    }
  }

  /** Who knows the key can hide: the reason why it comes after the commitment. */
  @Test
  void sketch_knownKey_canBeEvaded() {
    // With all signs equal for two elements, moving weight between them changes nothing.
    float[] own = row(new SplitMix64(10));
    TensorView view = TensorView.copyOf(Shape.of(WIDTH), own);
    SketchKernel one = kernel(seed(3), 1);
    short before = one.sketch(KvPart.KEY, view)[0];
    int hidden = 0;
    for (int i = 1; i < WIDTH; i++) {
      for (int sign : new int[] {-1, 1}) {
        float[] changed = own.clone();
        changed[0] += 8;
        changed[i] += 8 * sign;
        short after = one.sketch(KvPart.KEY, TensorView.copyOf(Shape.of(WIDTH), changed))[0];
        hidden += after == before ? 1 : 0;
      }
    }
    assertThat(hidden).isEqualTo(WIDTH - 1); // one of the two signs hides every time
  }

  @Test
  void errors_ofThePrefill_leaveOutLayerZero() throws Exception {
    SketchOpening opening = SketchOpening.of(CHALLENGE, kernel, trace, drawn);
    SketchOpening.Errors errors = opening.errors(kernel, drawn, trace.layout());
    RowKey zero = new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 0);
    assertThat(errors.wants(zero)).isFalse();
    for (int layer = 1; layer < 5; layer++) {
      for (TensorKind kind : new TensorKind[] {TensorKind.KEY, TensorKind.VALUE}) {
        RowKey key =
            new RowKey(
                kind, kind == TensorKind.KEY ? HookPoint.AFTER_ROPE : HookPoint.AS_CACHED, layer);
        if (errors.wants(key)) {
          for (int p = 0; p < 60; p++) {
            TensorView row = trace.row(p, trace.layout().indexOf(key).getAsInt());
            errors.accept(key, p, TensorView.copyOf(Shape.of(1, WIDTH), row.toFloats()));
          }
        }
      }
    }
    assertThat(errors.errors()).hasSize(80).allMatch(error -> error.error() == 0);
  }

  @Test
  void decode_damaged_isMalformed() throws Exception {
    byte[] good = SketchOpening.of(CHALLENGE, kernel, trace, drawn).message().encode();
    for (int length = 0; length < good.length; length += 17) {
      byte[] cut = java.util.Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Sketches.decode(cut)).isInstanceOf(MalformedMessageException.class);
    }
    byte[] version = good.clone();
    version[1] = 2;
    assertThatThrownBy(() -> Sketches.decode(version))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void form_inTheReceipt_saysWhich() throws Exception {
    for (EvidenceForm form :
        List.of(
            EvidenceForm.ROWS,
            new EvidenceForm(EvidenceForm.Kind.SKETCHES, 4, Optional.empty()),
            new EvidenceForm(EvidenceForm.Kind.TOP_K, 128, Optional.of(seed(1))))) {
      assertThat(EvidenceForm.of(form.toCommitment())).isEqualTo(form);
    }
    assertThatThrownBy(() -> new EvidenceForm(EvidenceForm.Kind.TOP_K, 128, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EvidenceForm.of(new TensorCommitment("other", new byte[3])))
        .isInstanceOf(MalformedMessageException.class);
    assertThatThrownBy(
            () -> EvidenceForm.of(new TensorCommitment(EvidenceForm.SCHEME, new byte[3])))
        .isInstanceOf(MalformedMessageException.class);
  }
}
