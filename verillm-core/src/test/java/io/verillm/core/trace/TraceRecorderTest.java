package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.tree.ReferenceTree;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceRecorderTest {
  private static final TraceLayout LAYOUT = TraceFixtures.LAYOUT;
  private static final RowKey KEY_0 = LAYOUT.row(0).key();
  private final MemoryTrace store = new MemoryTrace();
  private final TraceRecorder recorder = TraceFixtures.recorder(store);

  @Test
  void head_afterPushes_equalsTheLogByDefinition() {
    TraceSalts salts = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    List<Digest32> leaves = new ArrayList<>();
    leaves.add(TraceLog.leafZeroHash(TraceFixtures.ID));
    for (int position = 0; position < 5; position++) {
      recorder.push(position, 50 + position, TraceFixtures.rows(LAYOUT, position));
      Digest32 root =
          TokenTreeReference.root(
              LAYOUT, salts, position, TraceFixtures.rowBytes(LAYOUT, position));
      leaves.add(new PositionEntry(position, 50 + position, root, false).leafHash());
      assertThat(recorder.head())
          .isEqualTo(new TraceHead(ReferenceTree.root(leaves), position + 2));
    }
    recorder.pushUnfed(5, 99);
    leaves.add(new PositionEntry(5, 99, null, false).leafHash());
    assertThat(recorder.head()).isEqualTo(new TraceHead(ReferenceTree.root(leaves), 7));
    assertThat(store.head()).isEqualTo(recorder.head());
    assertThat(store.rows(2)).isEqualTo(ByteBuffer.wrap(TraceFixtures.rowBytes(LAYOUT, 2)));
  }

  @Test
  void accept_layerByLayer_givesTheSameTraceAsPush() {
    recorder.feed(20, 21, 22);
    recorder.feed(23);
    for (TraceLayout.Row row : LAYOUT.rows()) {
      assertThat(recorder.wants(row.key())).isTrue();
      assertThat(recorder.positions()).isZero();
      recorder.accept(row.key(), 1, stacked(row, 1, 3));
      recorder.accept(row.key(), 0, stacked(row, 0, 1));
    }
    assertThat(recorder.positions()).isEqualTo(4);
    assertThat(recorder.incomplete()).isZero();
    for (int position = 4; position < 7; position++) { // decode steps
      recorder.feed(20 + position);
      for (TraceLayout.Row row : LAYOUT.rows()) {
        recorder.accept(row.key(), position, stacked(row, position, 1));
      }
    }
    TraceRecorder pushed = TraceFixtures.recorder(new MemoryTrace());
    for (int position = 0; position < 7; position++) {
      pushed.push(position, 20 + position, TraceFixtures.rows(LAYOUT, position));
    }
    assertThat(recorder.head()).isEqualTo(pushed.head());
  }

  @Test
  void head_tokenOrRowOrFlagOrSecretChanged_isAnother() {
    recorder.push(0, 5, TraceFixtures.rows(LAYOUT, 0));
    Digest32 root = recorder.head().root();
    TraceRecorder other = TraceFixtures.recorder(new MemoryTrace());
    other.push(0, 6, TraceFixtures.rows(LAYOUT, 0));
    assertThat(other.head().root()).isNotEqualTo(root);
    other = TraceFixtures.recorder(new MemoryTrace());
    other.push(0, 5, TraceFixtures.rows(LAYOUT, 1));
    assertThat(other.head().root()).isNotEqualTo(root);
    other = TraceFixtures.recorder(new MemoryTrace());
    other.pushLoaded(0, 5, TraceFixtures.rows(LAYOUT, 0));
    assertThat(other.head().root()).isNotEqualTo(root);
    other =
        new TraceRecorder(
            TraceFixtures.PROFILE,
            TraceFixtures.DIMENSIONS,
            TraceFixtures.ID,
            JobSecret.copyOf(new byte[32]),
            new MemoryTrace());
    other.push(0, 5, TraceFixtures.rows(LAYOUT, 0));
    assertThat(other.head().root()).isNotEqualTo(root);
  }

  @Test
  void onHead_everyTwo_givesLinkedHeads() {
    List<TraceHead> heads = new ArrayList<>();
    TraceHead begun = recorder.head();
    recorder.onHead(
        2,
        (head, sincePrevious) -> {
          TraceHead previous = heads.isEmpty() ? begun : heads.get(heads.size() - 1);
          assertThat(
                  sincePrevious.verify(
                      previous.leafCount(), previous.root(), head.leafCount(), head.root()))
              .isEqualTo(ProofOutcome.VERIFIED);
          heads.add(head);
        });
    TraceFixtures.fill(recorder, 9);
    assertThat(heads).extracting(TraceHead::leafCount).containsExactly(3L, 5L, 7L, 9L);
    for (TraceHead head : heads) {
      assertThat(
              recorder
                  .since(head.leafCount())
                  .verify(
                      head.leafCount(),
                      head.root(),
                      recorder.head().leafCount(),
                      recorder.head().root()))
          .isEqualTo(ProofOutcome.VERIFIED);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.since(11));
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.onHead(0, (head, since) -> {}));
    assertThatIllegalStateException().isThrownBy(() -> recorder.onHead(2, (head, since) -> {}));
  }

  @Test
  void push_outOfOrder_isRefusedAndNothingKept() {
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.push(1, 5, TraceFixtures.rows(LAYOUT, 1)));
    recorder.push(0, 5, TraceFixtures.rows(LAYOUT, 0));
    TraceHead head = recorder.head();
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.push(0, 5, TraceFixtures.rows(LAYOUT, 0)));
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushUnfed(2, 5));
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushLoaded(0, 5));
    assertThat(recorder.head()).isEqualTo(head);
    assertThat(store.positions()).isEqualTo(1);
  }

  @Test
  void push_badRows_areRefusedAndAGoodPushStillWorks() {
    Map<RowKey, TensorView> missing = new HashMap<>(TraceFixtures.rows(LAYOUT, 0));
    missing.remove(KEY_0);
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.push(0, 5, missing));
    Map<RowKey, TensorView> unwanted = new HashMap<>(TraceFixtures.rows(LAYOUT, 0));
    unwanted.put(new RowKey(TensorKind.KEY, HookPoint.BEFORE_ROPE, 0), unwanted.get(KEY_0));
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.push(0, 5, unwanted));
    refusedRow(TensorView.copyOf(Shape.of(2), new float[2]));
    refusedRow(TensorView.copyOf(Shape.of(4), new float[4]));
    refusedRow(TensorView.copyOf(Shape.of(3, 1), new float[3]));
    refusedRow(TensorView.copyOf(Shape.of(2, 3), new float[6]));
    refusedRow(TensorView.of(DType.I32, Shape.of(3), ByteBuffer.allocate(12)));
    refusedRow(TensorView.of(DType.BF16, Shape.of(3), ByteBuffer.allocate(6)));
    assertThat(store.positions()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recorder.push(0, -1, TraceFixtures.rows(LAYOUT, 0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recorder.push(0, 100, TraceFixtures.rows(LAYOUT, 0)));
    recorder.push(0, 99, TraceFixtures.rows(LAYOUT, 0));
    TraceRecorder fresh = TraceFixtures.recorder(new MemoryTrace());
    fresh.push(0, 99, TraceFixtures.rows(LAYOUT, 0));
    assertThat(recorder.head()).isEqualTo(fresh.head());
  }

  private void refusedRow(TensorView row) {
    Map<RowKey, TensorView> rows = new HashMap<>(TraceFixtures.rows(LAYOUT, 0));
    rows.put(KEY_0, row);
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.push(0, 5, rows));
  }

  @Test
  void accept_unannouncedOrTwiceOrUnknown_isRefused() {
    TraceLayout.Row row = LAYOUT.row(0);
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.accept(KEY_0, 0, stacked(row, 0, 1)));
    recorder.feed(1, 2);
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.accept(KEY_0, 0, stacked(row, 0, 3)));
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.accept(KEY_0, -1, stacked(row, 0, 1)));
    recorder.accept(KEY_0, 0, stacked(row, 0, 1));
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.accept(KEY_0, 0, stacked(row, 0, 1)));
    RowKey unknown = new RowKey(TensorKind.KEY, HookPoint.BEFORE_ROPE, 0);
    assertThat(recorder.wants(unknown)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> recorder.accept(unknown, 0, stacked(row, 0, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> recorder.accept(KEY_0, 1, TensorView.copyOf(Shape.of(1, 2), new float[2])));
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.push(0, 5, TraceFixtures.rows(LAYOUT, 0)));
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushUnfed(0, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> recorder.feed(100));
    assertThat(recorder.incomplete()).isEqualTo(2);
  }

  @Test
  void anything_afterTheUnfedToken_isRefused() {
    recorder.pushUnfed(0, 5);
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushUnfed(1, 5));
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushLoaded(1, 5));
    assertThatIllegalStateException().isThrownBy(() -> recorder.feed(5));
    assertThatIllegalStateException()
        .isThrownBy(() -> recorder.push(1, 5, TraceFixtures.rows(LAYOUT, 1)));
  }

  @Test
  void push_beyondTheModelsLength_isRefused() {
    for (int position = 0; position < 64; position++) {
      recorder.pushLoaded(position, 1);
    }
    assertThatIllegalStateException().isThrownBy(() -> recorder.pushLoaded(64, 1));
  }

  @Test
  void push_storeFails_endsTheTrace() {
    TraceRecorder failing =
        TraceFixtures.recorder(
            new TraceStore() {
              @Override
              public void begin(TraceId id, TraceLayout layout, JobSecret secret) {}

              @Override
              public void append(PositionEntry entry, ByteBuffer rows) throws IOException {
                throw new IOException("disk full");
              }
            });
    org.assertj.core.api.Assertions.assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> failing.pushLoaded(0, 1));
    assertThatIllegalStateException().isThrownBy(() -> failing.pushLoaded(0, 1));
    assertThat(failing.head().leafCount()).isEqualTo(1);
  }

  private static TensorView stacked(TraceLayout.Row row, int first, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * row.rowBytes());
    for (int i = 0; i < count; i++) {
      bytes.put(TraceFixtures.rowBytes(LAYOUT, first + i), row.byteOffset(), row.rowBytes());
    }
    return TensorView.of(row.dtype(), Shape.of(count, row.width()), bytes.flip());
  }
}
