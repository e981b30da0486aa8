package io.verillm.network.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.network.Jobs;
import io.verillm.network.RowChanger;
import io.verillm.network.worker.WorkedOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentParallelReplayTest {
  @TempDir static Path folder;

  private static Jobs jobs;
  private static ExecutorService pool;

  @BeforeAll
  static void load() throws Exception {
    jobs = new Jobs(folder, TraceProfile.dispute(DType.F32));
    pool = Executors.newFixedThreadPool(3);
  }

  @AfterAll
  static void close() {
    pool.shutdownNow();
    jobs.close();
  }

  private static Verdict judge(Jobs of, WorkedOrder job, int segments, ChallengePlan plan)
      throws Exception {
    return ReceiptVerifier.of(of.policy())
        .withReplay(
            new SegmentParallelReplay(
                List.of(of.model.executor()), segments, PrefillReplay::new, pool))
        .verify(of.submission(job, plan));
  }

  private static Verdict judge(ModelExecutor prover, int segments) throws Exception {
    return judge(jobs, jobs.work(jobs.sampling(prover)), segments, ChallengePlan.EVERYTHING);
  }

  @Test
  void even_anyCounts_coversEveryLayerOnceInOrder() {
    for (int layers = 1; layers <= 12; layers++) {
      for (int segments = 1; segments <= layers; segments++) {
        int next = 0;
        for (LayerRange range : LayerSegments.even(layers, segments)) {
          assertThat(range.first()).isEqualTo(next);
          assertThat(range.end() - range.first())
              .isBetween(layers / segments, (layers + segments - 1) / segments);
          next = range.end();
        }
        assertThat(next).isEqualTo(layers);
      }
    }
    assertThatThrownBy(() -> LayerSegments.even(4, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LayerSegments.even(4, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5})
  void replay_honestAnswer_isAcceptedWithTheCellsOfOnePrefill(int segments) throws Exception {
    WorkedOrder job = jobs.work(jobs.sampling(jobs.model.executor()));
    Verdict verdict = judge(jobs, job, segments, ChallengePlan.EVERYTHING);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    Verdict whole =
        ReceiptVerifier.of(jobs.policy())
            .withReplay(new PrefillReplay(jobs.model.executor()))
            .verify(jobs.submission(job, ChallengePlan.EVERYTHING));
    assertThat(verdict.findings().cells()).isEqualTo(whole.findings().cells()).isNotEmpty();
    assertThat(verdict.findings().providers()).anyMatch(name -> name.contains("segments"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5})
  void replay_otherWeights_isRejected(int segments) throws Exception {
    try (Models.LoadedModel other = jobs.otherModel()) {
      assertThat(judge(other.executor(), segments)).isInstanceOf(Verdict.Rejected.class);
    }
  }

  /** A lie about one boundary shows although the upper segment starts from that very lie. */
  @ParameterizedTest
  @CsvSource({"1, 2", "2, 3", "3, 4", "4, 4", "2, 5"})
  void replay_oneBoundaryStateChanged_isFoundAtThatRow(int layer, int segments) throws Exception {
    RowKey key = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, layer);
    Verdict verdict = judge(new RowChanger(jobs.model.executor(), key, 3, 1.5f), segments);
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    assertThat(((Verdict.Rejected) verdict).reason()).isEqualTo(Reason.ACTIVATION_MISMATCH);
    assertThat(verdict.findings().location()).contains(new Location(OptionalInt.of(layer), 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void replay_oneCachedValueChanged_isFoundInsideItsSegment(int layer) throws Exception {
    RowKey key = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, layer);
    Verdict verdict = judge(new RowChanger(jobs.model.executor(), key, 5, 0.5f), 5);
    assertThat(verdict.findings().location()).contains(new Location(OptionalInt.of(layer), 5));
  }

  @Test
  void replay_boundariesNotFullyOpened_isOnePrefillAndStillAccepts() throws Exception {
    WorkedOrder job = jobs.work(jobs.sampling(jobs.model.executor()));
    Verdict verdict = judge(jobs, job, 4, new ChallengePlan(9, Integer.MAX_VALUE));
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(verdict.findings().providers()).contains("layers in segments [0..4]");
  }

  @Test
  void replay_profileWithFewBoundaries_usesThoseThatThereAre() throws Exception {
    Jobs standard = new Jobs(folder.resolve("standard"), TraceProfile.standard(DType.F32));
    try (standard) {
      WorkedOrder job = standard.work(standard.sampling(standard.model.executor()));
      Verdict verdict = judge(standard, job, 4, ChallengePlan.EVERYTHING);
      assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
      assertThat(verdict.findings().providers()).contains("layers in segments [0..4]");
    }
  }

  @Test
  void replay_failingSegment_isNeverHeldAgainstTheProver() throws Exception {
    WorkedOrder job = jobs.work(jobs.sampling(jobs.model.executor()));
    ExecutorService broken = Executors.newSingleThreadExecutor();
    broken.shutdown();
    Verdict verdict =
        ReceiptVerifier.of(jobs.policy())
            .withReplay(
                new SegmentParallelReplay(
                    List.of(jobs.model.executor()), 4, PrefillReplay::new, broken))
            .verify(jobs.submission(job, ChallengePlan.EVERYTHING));
    assertThat(verdict).isInstanceOf(Verdict.Abstained.class);
  }

  @Test
  void construct_executorsOfTwoModels_areRefused() throws Exception {
    try (Models.LoadedModel other = jobs.otherModel()) {
      assertThatThrownBy(
              () ->
                  new SegmentParallelReplay(
                      List.of(jobs.model.executor(), other.executor()),
                      2,
                      PrefillReplay::new,
                      pool))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
