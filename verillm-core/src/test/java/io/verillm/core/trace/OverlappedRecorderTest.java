package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.tree.ProofOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever does the hashing, the trace is the one that the serial recorder makes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OverlappedRecorderTest {
  private static final int POSITIONS = 60;

  private static TraceRecorder overlapped(TraceStore store, Executor executor) {
    return TraceRecorder.overlapped(
        TraceFixtures.PROFILE,
        TraceFixtures.DIMENSIONS,
        TraceFixtures.ID,
        TraceFixtures.SECRET,
        store,
        executor);
  }

  private static void assertSameTrace(Executor executor) {
    MemoryTrace serialStore = new MemoryTrace();
    TraceRecorder serial = TraceFixtures.recorder(serialStore);
    TraceFixtures.fill(serial, POSITIONS);
    MemoryTrace store = new MemoryTrace();
    TraceRecorder recorder = overlapped(store, executor);
    TraceFixtures.fill(recorder, POSITIONS);
    assertThat(recorder.positions()).isEqualTo(POSITIONS);
    assertThat(recorder.head()).isEqualTo(serial.head());
    assertThat(recorder.since(20)).isEqualTo(serial.since(20));
    assertThat(store.positions()).isEqualTo(POSITIONS);
    for (int position = 0; position < POSITIONS; position++) {
      assertThat(store.entry(position)).isEqualTo(serialStore.entry(position));
      if (store.entry(position).tokenRoot() != null) {
        assertThat(store.rows(position)).isEqualTo(serialStore.rows(position));
      }
    }
  }

  @Test
  void head_oneThread_isTheSerialOne() {
    withPool(1, OverlappedRecorderTest::assertSameTrace);
  }

  @Test
  void head_fourThreads_isTheSerialOne() {
    withPool(4, OverlappedRecorderTest::assertSameTrace);
  }

  @Test
  void head_callerRuns_isTheSerialOne() {
    assertSameTrace(Runnable::run);
  }

  @Test
  void head_executorNeverRuns_isTheSerialOne() {
    assertSameTrace(task -> {});
  }

  @Test
  void head_executorRefuses_isTheSerialOne() {
    assertSameTrace(
        task -> {
          throw new RejectedExecutionException("closed");
        });
  }

  @Test
  void push_fromTheOnlyThreadOfTheExecutor_doesNotHang() {
    withPool(
        1,
        pool -> {
          try {
            pool.submit(() -> assertSameTrace(pool)).get(50, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void head_afterItReturns_nothingIsStillBeingKept() {
    withPool(
        2,
        pool -> {
          AtomicInteger kept = new AtomicInteger();
          TraceRecorder recorder = overlapped(new CountingStore(kept, Integer.MAX_VALUE), pool);
          for (int round = 1; round <= POSITIONS; round++) {
            recorder.push(round - 1, 5, TraceFixtures.rows(TraceFixtures.LAYOUT, round - 1));
            assertThat(recorder.head().positions()).isEqualTo(round);
            assertThat(kept.get()).isEqualTo(round);
          }
        });
  }

  @Test
  void push_storeFails_surfacesAndTheTraceIsUnusable() {
    for (Executor executor : List.<Executor>of(Runnable::run, task -> {})) {
      TraceRecorder recorder = overlapped(new CountingStore(new AtomicInteger(), 10), executor);
      assertThatThrownBy(
              () -> {
                TraceFixtures.fill(recorder, POSITIONS);
                recorder.head();
              })
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("disk full");
      assertThatThrownBy(recorder::head).isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(() -> recorder.since(1)).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void onHead_otherThread_hearsEveryHeadInOrder() {
    withPool(
        1,
        pool -> {
          TraceRecorder recorder = overlapped(new MemoryTrace(), pool);
          List<TraceHead> heads = new ArrayList<>();
          heads.add(recorder.head());
          recorder.onHead(
              7,
              (head, sincePrevious) -> {
                TraceHead previous = heads.get(heads.size() - 1);
                if (sincePrevious.verify(
                        previous.leafCount(), previous.root(), head.leafCount(), head.root())
                    != ProofOutcome.VERIFIED) {
                  throw new AssertionError("heads are not linked");
                }
                heads.add(head);
              });
          TraceFixtures.fill(recorder, POSITIONS);
          TraceHead last = recorder.head();
          assertThat(heads).hasSize(1 + POSITIONS / 7);
          assertThat(last.positions()).isEqualTo(POSITIONS);
        });
  }

  @Test
  void push_manyPositions_makesFewTasks() {
    AtomicInteger tasks = new AtomicInteger();
    TraceRecorder recorder =
        overlapped(
            new MemoryTrace(),
            task -> {
              tasks.incrementAndGet();
              task.run();
            });
    TraceFixtures.fill(recorder, POSITIONS);
    assertThat(tasks.get()).isBetween(POSITIONS / 32, POSITIONS / 16);
  }

  @Test
  void onHead_everyThirdPosition_isGivenAtOnce() {
    TraceRecorder recorder = overlapped(new MemoryTrace(), Runnable::run);
    List<Long> heads = new ArrayList<>();
    recorder.onHead(3, (head, sincePrevious) -> heads.add(head.positions()));
    for (int position = 0; position < 9; position++) {
      recorder.push(position, 5, TraceFixtures.rows(TraceFixtures.LAYOUT, position));
      assertThat(heads).hasSize((position + 1) / 3);
    }
    assertThat(heads).containsExactly(3L, 6L, 9L);
  }

  private static void withPool(int threads, java.util.function.Consumer<ExecutorService> use) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      use.accept(pool);
    } finally {
      pool.shutdownNow();
    }
  }

  private record CountingStore(AtomicInteger kept, int most) implements TraceStore {
    @Override
    public void begin(TraceId id, TraceLayout layout, JobSecret secret) {}

    @Override
    public void append(PositionEntry entry, @Nullable ByteBuffer rows) throws IOException {
      if (kept.incrementAndGet() > most) {
        throw new IOException("disk full");
      }
    }
  }
}
