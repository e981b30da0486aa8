package io.verillm.cache.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.verillm.cache.layout.KvCache;
import io.verillm.cache.layout.KvLayout;
import io.verillm.cache.layout.KvLayouts;
import io.verillm.cache.layout.KvMemory;
import io.verillm.cache.layout.KvPart;
import io.verillm.cache.layout.KvPool;
import io.verillm.cache.layout.VllmOrder;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.OpenedPosition;
import io.verillm.core.trace.OpenedRow;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.wire.Digest32;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommittedCacheTest {
  private static final int LAYERS = 3;
  private static final int WIDTH = 16;
  private static final ModelDimensions MODEL =
      new ModelDimensions(LAYERS, 32, WIDTH, WIDTH, 99, 64);
  private static final TraceId ID = new TraceId(Digest32.sha256(new byte[] {1}));
  private static final JobSecret SECRET = JobSecret.copyOf(new byte[32]);

  private final byte[] memory = new byte[LAYERS * 9 * 2 * 4 * 2 * 8 * 2];

  private KvCache cache(int positions, int... table) throws Exception {
    KvLayout layout =
        KvLayouts.vllm(
            new KvLayouts.Sizes(DType.BF16, LAYERS, 2, 8, positions), VllmOrder.LBHNC, 9, 4, table);
    return KvCache.bind(layout, Map.of(KvLayouts.BUFFER, KvMemory.of(ByteBuffer.wrap(memory))));
  }

  private void fill() {
    new Random(4).nextBytes(memory);
    for (int i = 1; i < memory.length; i += 2) {
      memory[i] &= 0x3F; // no infinities or NaN
    }
  }

  private static TraceHead commit(CommittedCache trace, int positions) {
    for (int p = 0; p < positions; p++) {
      trace.commit(p + 1);
    }
    trace.commitUnfed(50);
    return trace.head();
  }

  /** The recorder, which copies every row, is the independent second way to the same head. */
  @Test
  void head_readInPlace_isTheRecordersHead() throws Exception {
    fill();
    KvCache cache = cache(10, 7, 2, 5);
    CommittedCache inPlace = new CommittedCache(cache, MODEL, ID, SECRET);
    TraceHead head = commit(inPlace, 10);

    MemoryTrace copy = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(CommittedCache.profile(cache.layout()), MODEL, ID, SECRET, copy);
    for (int p = 0; p < 10; p++) {
      Map<RowKey, TensorView> rows = new HashMap<>();
      for (int layer = 0; layer < LAYERS; layer++) {
        for (KvPart part : KvPart.values()) {
          byte[] bytes = new byte[cache.rowBytes()];
          cache.gather(part, layer, p, bytes, 0);
          rows.put(
              key(part, layer), TensorView.of(DType.BF16, Shape.of(WIDTH), ByteBuffer.wrap(bytes)));
        }
      }
      recorder.push(p, p + 1, rows);
    }
    recorder.pushUnfed(10, 50);
    assertThat(head).isEqualTo(recorder.head());
    Map<Integer, List<Integer>> request = Map.of(3, List.of(1, 4), 9, List.of(0, 5));
    assertThat(TraceOpening.open(inPlace, request)).isEqualTo(TraceOpening.open(copy, request));
  }

  private static RowKey key(KvPart part, int layer) {
    return part == KvPart.KEY
        ? new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, layer)
        : new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer);
  }

  @Test
  void commit_whileTheCacheGrows_isTheSameHead() throws Exception {
    fill();
    CommittedCache whole = new CommittedCache(cache(10, 7, 2, 5), MODEL, ID, SECRET);
    CommittedCache growing = new CommittedCache(cache(4, 7), MODEL, ID, SECRET);
    for (int p = 0; p < 10; p++) {
      if (p == 4) {
        growing.useCache(cache(8, 7, 2));
      }
      if (p == 8) {
        growing.useCache(cache(10, 7, 2, 5));
      }
      growing.commit(p + 1);
    }
    growing.commitUnfed(50);
    assertThat(growing.head()).isEqualTo(commit(whole, 10));
  }

  @Test
  void commit_outOfTurn_isRefused() throws Exception {
    fill();
    CommittedCache trace = new CommittedCache(cache(4, 7), MODEL, ID, SECRET);
    assertThatThrownBy(() -> trace.commit(99)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> trace.commit(-1)).isInstanceOf(IllegalArgumentException.class);
    commit(trace, 4);
    assertThatThrownBy(() -> trace.commit(1)).isInstanceOf(IllegalStateException.class);
    CommittedCache another = new CommittedCache(cache(4, 7), MODEL, ID, SECRET);
    for (int p = 0; p < 4; p++) {
      another.commit(1);
    }
    assertThatThrownBy(() -> another.commit(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new CommittedCache(
                    cache(4, 7), new ModelDimensions(2, 32, WIDTH, WIDTH, 99, 64), ID, SECRET))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void open_rowChangedAfterCommitment_isRefused() throws Exception {
    fill();
    CommittedCache trace = new CommittedCache(cache(10, 7, 2, 5), MODEL, ID, SECRET);
    commit(trace, 10);
    Map<Integer, List<Integer>> request = Map.of(5, List.of(0));
    assertThat(TraceOpening.open(trace, request).positions()).hasSize(1);
    memory[(2 * 2 * 4 + 1) * 16 * 2] ^= 1; // layer 0, block 2, head 0, token 1: position 5
    assertThatThrownBy(() -> TraceOpening.open(trace, request))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void commit_evictedPositions_countAsUnchecked() throws Exception {
    fill();
    KvLayout window =
        cache(10, 7, 2, 5).layout().toBuilder().firstValid(6).blocks(4, -1, 2, 5).build();
    KvCache cache =
        KvCache.bind(window, Map.of(KvLayouts.BUFFER, KvMemory.of(ByteBuffer.wrap(memory))));
    CommittedCache trace = new CommittedCache(cache, MODEL, ID, SECRET);
    commit(trace, 10);
    assertThat(trace.entry(5).loaded()).isTrue();
    assertThat(trace.entry(5).tokenRoot()).isNull();
    assertThat(trace.entry(6).loaded()).isFalse();
    assertThat(trace.entry(6).tokenRoot()).isNotNull();
  }

  @Test
  void commit_loadedBlock_isFlagged() throws Exception {
    fill();
    KvLayout loaded = cache(10, 7, 2, 5).layout().toBuilder().loadedBlock(2).build();
    KvCache cache =
        KvCache.bind(loaded, Map.of(KvLayouts.BUFFER, KvMemory.of(ByteBuffer.wrap(memory))));
    CommittedCache trace = new CommittedCache(cache, MODEL, ID, SECRET);
    commit(trace, 10);
    for (int p = 0; p < 10; p++) {
      assertThat(trace.entry(p).loaded()).isEqualTo(p >= 4 && p < 8);
    }
  }

  /** Check A6: any byte, id, type or request changed, and the proof fails. */
  @Test
  void a6_verify_anythingChanged_fails() throws Exception {
    fill();
    CommittedCache trace = new CommittedCache(cache(10, 7, 2, 5), MODEL, ID, SECRET);
    TraceHead head = commit(trace, 10);
    TraceLayout layout = trace.layout();
    TraceOpening good = TraceOpening.open(trace, Map.of(3, List.of(1, 4), 9, List.of(5)));
    assertThat(good.verify(head, ID, layout)).isInstanceOf(OpeningOutcome.Verified.class);

    // another request
    assertMismatch(good, head, new TraceId(Digest32.sha256(new byte[] {2})), layout);
    // another type, width kept in bytes
    TraceLayout asHalf =
        TraceLayout.of(
            CommittedCache.profile(
                KvLayouts.vllm(
                    new KvLayouts.Sizes(DType.F16, LAYERS, 2, 8, 4), VllmOrder.LBHNC, 9, 4, 7)),
            MODEL);
    assertMismatch(good, head, ID, asHalf);
    // every byte of a row and of its salt
    OpenedPosition first = good.positions().get(0);
    OpenedRow row = first.rows().get(0);
    for (int i = 0; i < row.dataLength() + row.saltLength(); i++) {
      byte[] data = row.data();
      byte[] salts = row.salts();
      if (i < data.length) {
        data[i] ^= 0x10;
      } else {
        salts[i - data.length] ^= 0x10;
      }
      OpenedRow changed = OpenedRow.copyOf(row.rowIndex(), data, salts);
      assertMismatch(
          replaced(
              good,
              new OpenedPosition(
                  first.entry(), List.of(changed, first.rows().get(1)), first.tokenProof())),
          head,
          ID,
          layout);
    }
    // another row id, another position, another token
    OpenedRow renamed = OpenedRow.copyOf(2, row.data(), row.salts());
    assertMismatch(
        replaced(
            good,
            new OpenedPosition(
                first.entry(), List.of(renamed, first.rows().get(1)), first.tokenProof())),
        head,
        ID,
        layout);
    PositionEntry entry = first.entry();
    for (PositionEntry other :
        List.of(
            new PositionEntry(4, entry.tokenId(), entry.tokenRoot(), false),
            new PositionEntry(3, 5, entry.tokenRoot(), false),
            new PositionEntry(3, entry.tokenId(), entry.tokenRoot(), true))) {
      assertMismatch(
          replaced(good, new OpenedPosition(other, first.rows(), first.tokenProof())),
          head,
          ID,
          layout);
    }
  }

  private static TraceOpening replaced(TraceOpening good, OpenedPosition first) {
    List<OpenedPosition> positions = new ArrayList<>(good.positions());
    positions.set(0, first);
    return new TraceOpening(good.id(), good.leafCount(), positions, good.logProof());
  }

  private static void assertMismatch(
      TraceOpening opening, TraceHead head, TraceId id, TraceLayout layout) {
    assertThat(opening.verify(head, id, layout)).isInstanceOf(OpeningOutcome.Mismatch.class);
  }

  /** Garbage included; a token costs its log entry whatever it has in the cache. */
  @Test
  void commit_nineTimesTheCells_allocatesNoMorePerToken() throws Exception {
    assertThat(allocatedPerToken(36) - allocatedPerToken(4)).isLessThan(200);
  }

  private static long allocatedPerToken(int layers) throws Exception {
    int tokens = 512;
    KvLayout layout =
        KvLayouts.huggingFace(new KvLayouts.Sizes(DType.BF16, layers, 2, 8, tokens), 1, 0, tokens);
    Map<String, KvMemory> memory = new HashMap<>();
    for (KvPool pool : layout.pools()) {
      ByteBuffer bytes = ByteBuffer.allocate(2 * layers * tokens * WIDTH * 2);
      memory.computeIfAbsent(pool.tensor(), name -> KvMemory.of(bytes));
    }
    CommittedCache trace =
        new CommittedCache(
            KvCache.bind(layout, memory),
            new ModelDimensions(layers, 32, WIDTH, WIDTH, 99, tokens),
            ID,
            SECRET);
    int measured = 100; // a list and a tree that double beyond it do so for both
    for (int i = 0; i < tokens - measured; i++) {
      trace.commit(1);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < measured; i++) {
      trace.commit(1);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / measured;
  }
}
