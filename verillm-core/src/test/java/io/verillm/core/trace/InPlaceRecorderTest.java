package io.verillm.core.trace;

import static io.verillm.core.trace.TraceFixtures.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CommitKernels;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rows that stay where the engine has them make the trace that pushed ones make. */
class InPlaceRecorderTest {
  private static final int POSITIONS = 20;

  /** The plain-Java kernels, counting by name what a device would be asked for. */
  private static CommitKernels counting(Map<String, Integer> calls) {
    CommitKernels java = new JavaCommitKernels();
    return (CommitKernels)
        Proxy.newProxyInstance(
            CommitKernels.class.getClassLoader(),
            new Class<?>[] {CommitKernels.class},
            (proxy, method, arguments) -> {
              calls.merge(method.getName(), 1, Integer::sum);
              return method.invoke(java, arguments);
            });
  }

  /** An engine's memory: a buffer per row of the layout, rows 3 bytes farther apart than long. */
  private static final class Engine {
    private final List<ByteBuffer> memory = new ArrayList<>();
    private final List<BufferView> views = new ArrayList<>();

    Engine(int capacity) {
      for (TraceLayout.Row row : LAYOUT.rows()) {
        int stride = row.rowBytes() + 3;
        ByteBuffer buffer = ByteBuffer.allocateDirect(capacity * stride);
        memory.add(buffer);
        views.add(BufferView.ofHost(buffer, capacity, row.rowBytes(), stride));
      }
    }

    void compute(int position) {
      byte[] all = TraceFixtures.rowBytes(LAYOUT, position);
      for (TraceLayout.Row row : LAYOUT.rows()) {
        memory
            .get(row.index())
            .put(position * (row.rowBytes() + 3), all, row.byteOffset(), row.rowBytes());
      }
    }
  }

  private static TraceRecorder recorder(TraceStore store, CommitKernels kernels) {
    return TraceRecorder.inPlace(
        TraceFixtures.PROFILE,
        TraceFixtures.DIMENSIONS,
        TraceFixtures.ID,
        TraceFixtures.SECRET,
        store,
        kernels);
  }

  /** Five positions at once, as a prompt is, then one by one, then the unfed one. */
  private static void run(TraceRecorder recorder, Engine engine) {
    recorder.feed(10, 11, 12, 13, 14);
    for (int position = 0; position < 5; position++) {
      engine.compute(position);
    }
    recorder.acceptInPlace(0, 5, engine.views);
    for (int position = 5; position < POSITIONS - 1; position++) {
      recorder.feed(10 + position);
      engine.compute(position);
      recorder.acceptInPlace(position, 1, engine.views);
    }
  }

  private static TraceRecorder pushed(TraceStore store) {
    TraceRecorder recorder = TraceFixtures.recorder(store);
    for (int position = 0; position < POSITIONS - 1; position++) {
      recorder.push(position, 10 + position, TraceFixtures.rows(LAYOUT, position));
    }
    recorder.pushUnfed(POSITIONS - 1, 99);
    return recorder;
  }

  @Test
  void trace_inPlace_isTheOneOfPushedRows() {
    MemoryTrace expected = new MemoryTrace();
    TraceRecorder serial = pushed(expected);
    Map<String, Integer> calls = new HashMap<>();
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = recorder(store, counting(calls));
    run(recorder, new Engine(POSITIONS));
    assertThat(calls).as("one per step").isEqualTo(Map.of("commitRows", POSITIONS - 5));
    assertThat(store.positions()).isZero();
    recorder.pushUnfed(POSITIONS - 1, 99);
    assertThat(recorder.head()).isEqualTo(serial.head());
    assertThat(recorder.since(7)).isEqualTo(serial.since(7));
    assertThat(calls).as("one per kind of row").containsEntry("gatherRows", LAYOUT.rows().size());
    assertThat(store.positions()).isEqualTo(POSITIONS);
    for (int position = 0; position < POSITIONS; position++) {
      assertThat(store.entry(position)).isEqualTo(expected.entry(position));
      if (position < POSITIONS - 1) {
        assertThat(store.rows(position)).isEqualTo(expected.rows(position));
      }
    }
  }

  @Test
  void onHead_inPlace_hearsTheSerialHeads() {
    List<TraceHead> serialHeads = new ArrayList<>();
    TraceRecorder serial = TraceFixtures.recorder(new MemoryTrace());
    serial.onHead(4, (head, since) -> serialHeads.add(head));
    for (int position = 0; position < POSITIONS - 1; position++) {
      serial.push(position, 10 + position, TraceFixtures.rows(LAYOUT, position));
    }
    List<TraceHead> heads = new ArrayList<>();
    TraceRecorder recorder = recorder(new MemoryTrace(), new JavaCommitKernels());
    recorder.onHead(4, (head, since) -> heads.add(head));
    run(recorder, new Engine(POSITIONS));
    assertThat(heads).isEqualTo(serialHeads).hasSize((POSITIONS - 1) / 4);
  }

  @Test
  void pushUnfed_rowsChangedSince_isRefusedAndEndsTheTrace() {
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = recorder(store, new JavaCommitKernels());
    Engine engine = new Engine(POSITIONS);
    run(recorder, engine);
    ByteBuffer first = engine.memory.get(0);
    int stride = first.capacity() / POSITIONS;
    first.put(9 * stride, (byte) (first.get(9 * stride) ^ 1));
    assertThatThrownBy(() -> recorder.pushUnfed(POSITIONS - 1, 99))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("position 9");
    assertUnusable(recorder);
    assertThat(store.positions()).as("those before are kept, once").isEqualTo(9);
  }

  /** No receipt can come of a trace whose rows were not all kept. */
  private static void assertUnusable(TraceRecorder recorder) {
    assertThatThrownBy(recorder::head).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(() -> recorder.since(1)).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(recorder::releaseInPlace).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(() -> recorder.pushUnfed(POSITIONS - 1, 99))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void pushUnfed_deviceFails_endsTheTraceAndReadsNoMore() {
    AtomicInteger gathers = new AtomicInteger();
    CommitKernels java = new JavaCommitKernels();
    CommitKernels lost =
        (CommitKernels)
            Proxy.newProxyInstance(
                CommitKernels.class.getClassLoader(),
                new Class<?>[] {CommitKernels.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("gatherRows")) {
                    gathers.incrementAndGet();
                    throw new AcceleratorException("the device is lost");
                  }
                  return method.invoke(java, arguments);
                });
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = recorder(store, lost);
    run(recorder, new Engine(POSITIONS));
    assertThatThrownBy(() -> recorder.pushUnfed(POSITIONS - 1, 99))
        .isInstanceOf(AcceleratorException.class);
    assertUnusable(recorder);
    assertThat(gathers.get()).isEqualTo(1);
    assertThat(store.positions()).isZero();
  }

  @Test
  void acceptInPlace_otherSequence_fetchesFromTheFirstOne() {
    MemoryTrace expected = new MemoryTrace();
    TraceRecorder serial = TraceFixtures.recorder(expected);
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = recorder(store, new JavaCommitKernels());
    for (int part = 0; part < 2; part++) {
      Engine engine = new Engine(4);
      for (int position = 2 * part; position < 2 * part + 2; position++) {
        serial.push(position, 10, TraceFixtures.rows(LAYOUT, position));
        recorder.feed(10);
        engine.compute(position);
        recorder.acceptInPlace(position, 1, engine.views);
      }
      assertThat(store.positions()).isEqualTo(2 * part);
    }
    recorder.fetchRows();
    assertThat(recorder.head()).isEqualTo(serial.head());
    assertThat(store.rows(1)).isEqualTo(expected.rows(1));
    assertThat(store.rows(3)).isEqualTo(expected.rows(3));
  }

  @Test
  void accept_engineThatDoesNotKeepRows_pushesThem() {
    Map<String, Integer> calls = new HashMap<>();
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = recorder(store, counting(calls));
    TraceFixtures.fill(recorder, POSITIONS);
    assertThat(calls).isEmpty();
    assertThat(recorder.head()).isEqualTo(TraceFixtures.trace(POSITIONS).head());
    assertThat(store.positions()).isEqualTo(POSITIONS);
  }

  @Test
  void acceptInPlace_wrongPositionsOrViews_isRefused() {
    Engine engine = new Engine(POSITIONS);
    TraceRecorder recorder = recorder(new MemoryTrace(), new JavaCommitKernels());
    recorder.feed(1, 2);
    for (int[] wrong : new int[][] {{1, 1}, {0, 3}, {0, 0}, {0, -1}}) {
      assertThatThrownBy(() -> recorder.acceptInPlace(wrong[0], wrong[1], engine.views))
          .isInstanceOf(IllegalStateException.class);
    }
    List<BufferView> few = engine.views.subList(1, engine.views.size());
    assertThatThrownBy(() -> recorder.acceptInPlace(0, 2, few))
        .isInstanceOf(IllegalArgumentException.class);
    List<BufferView> turned = new ArrayList<>(engine.views);
    java.util.Collections.reverse(turned);
    assertThatThrownBy(() -> recorder.acceptInPlace(0, 2, turned))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> recorder.acceptInPlace(0, 2, new Engine(1).views))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(recorder.positions()).isZero();
    TraceRecorder copies = TraceFixtures.recorder(new MemoryTrace());
    copies.feed(1);
    for (BufferView.Kind memory : BufferView.Kind.values()) {
      assertThat(copies.readableInPlace(memory)).isEmpty();
      assertThat(recorder.readableInPlace(memory)).hasSize(LAYOUT.rows().size());
    }
    assertThatThrownBy(() -> copies.acceptInPlace(0, 1, engine.views))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void acceptInPlace_someRowsPushed_isRefused() {
    Engine engine = new Engine(POSITIONS);
    TraceRecorder recorder = recorder(new MemoryTrace(), new JavaCommitKernels());
    recorder.feed(1);
    TraceLayout.Row row = LAYOUT.row(0);
    recorder.accept(
        row.key(),
        0,
        io.verillm.core.tensor.TensorView.of(
            row.dtype(),
            io.verillm.core.tensor.Shape.of(1, row.width()),
            ByteBuffer.allocate(row.rowBytes())));
    assertThatThrownBy(() -> recorder.acceptInPlace(0, 1, engine.views))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pushed");
  }

  private static TraceRecorder overlapped(TraceStore store, Executor executor) {
    return TraceRecorder.overlapped(
        TraceFixtures.PROFILE,
        TraceFixtures.DIMENSIONS,
        TraceFixtures.ID,
        TraceFixtures.SECRET,
        store,
        executor);
  }

  /** Another thread, the calling one, or nobody but whoever waits. */
  @Test
  void trace_readBesideTheEngine_isTheOneOfPushedRows() throws Exception {
    MemoryTrace expected = new MemoryTrace();
    TraceHead head = pushed(expected).head();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      for (Executor executor : List.<Executor>of(thread, Runnable::run, task -> {})) {
        MemoryTrace store = new MemoryTrace();
        TraceRecorder recorder = overlapped(store, executor);
        run(recorder, new Engine(POSITIONS));
        recorder.pushUnfed(POSITIONS - 1, 99);
        recorder.releaseInPlace();
        assertThat(store.positions()).isEqualTo(POSITIONS);
        assertThat(recorder.head()).isEqualTo(head);
        for (int position = 0; position < POSITIONS - 1; position++) {
          assertThat(store.rows(position)).isEqualTo(expected.rows(position));
        }
      }
    } finally {
      thread.shutdownNow();
    }
  }

  /** What a failed run leaves: memory that goes away, and a recorder that must not look again. */
  @Test
  void releaseInPlace_midway_readsEverythingThatWasShown() {
    for (boolean byKernels : new boolean[] {false, true}) {
      MemoryTrace store = new MemoryTrace();
      TraceRecorder recorder =
          byKernels
              ? recorder(store, new JavaCommitKernels())
              : overlapped(store, task -> {}); // no thread is ever free
      Engine engine = new Engine(POSITIONS);
      run(recorder, engine);
      recorder.releaseInPlace();
      assertThat(store.positions()).isEqualTo(POSITIONS - 1);
      for (ByteBuffer freed : engine.memory) {
        freed.put(0, new byte[freed.capacity()]);
      }
      recorder.pushUnfed(POSITIONS - 1, 99);
      assertThat(recorder.head()).isEqualTo(pushed(new MemoryTrace()).head());
    }
  }

  @Test
  void acceptInPlace_deviceMemoryBesideTheEngine_isRefused() {
    TraceRecorder recorder = overlapped(new MemoryTrace(), Runnable::run);
    assertThat(recorder.readableInPlace(BufferView.Kind.DEVICE)).isEmpty();
    assertThat(recorder.readableInPlace(BufferView.Kind.HOST_DIRECT)).isNotEmpty();
    recorder.feed(1);
    List<BufferView> views =
        LAYOUT.rows().stream()
            .map(
                row ->
                    BufferView.ofDevice(
                        64, row.rowBytes(), 1, row.rowBytes(), row.rowBytes(), 0, row))
            .toList();
    assertThatThrownBy(() -> recorder.acceptInPlace(0, 1, views))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DEVICE");
  }
}
