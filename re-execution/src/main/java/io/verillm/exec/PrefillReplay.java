package io.verillm.exec;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.ReplayCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.calibration.ProfileBook;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Re-executes an answer by one prefill and lets every check look at it: by default the activation
 * check and the token check.
 *
 * <p>If the receipt's class and this executor's are both canonical, every bit and every token must
 * agree, and the first that does not is a rejection. Any other pair is judged with a calibration;
 * without one the result is {@link io.verillm.core.verdict.Shortfall#UNCALIBRATED}. Source: VeriLLM
 * (arXiv 2509.24257), prefill-only re-execution; the token check is this project's addition.
 *
 * <p>It does not prove that positions whose rows were not opened were computed as they should be,
 * only that their tokens are the right ones. Thread-safe if the executor is.
 */
public final class PrefillReplay implements ReplayCheck {
  private final ModelExecutor executor;
  private final List<PrefillCheck> checks;

  /** Makes a replay on a loaded model; the executor is not closed by it. */
  public PrefillReplay(ModelExecutor executor) {
    this(
        executor,
        List.of(new ActivationCheck(ProfileBook.empty()), new TokenCheck(ProfileBook.empty())));
  }

  private PrefillReplay(ModelExecutor executor, List<PrefillCheck> checks) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.checks = List.copyOf(checks);
  }

  /** The same replay with one more check on the same prefill, or another one of the same name. */
  public PrefillReplay withCheck(PrefillCheck added) {
    List<PrefillCheck> all = new ArrayList<>(checks);
    all.removeIf(check -> check.check() == added.check());
    all.add(added);
    return new PrefillReplay(executor, all);
  }

  /** The same replay, judging classes that are not canonical by these profiles. */
  public PrefillReplay withCalibration(ProfileBook book) {
    return withCheck(new ActivationCheck(book)).withCheck(new TokenCheck(book));
  }

  @Override
  public Digest32 modelDigest() {
    return executor.modelDigest();
  }

  @Override
  public ModelDimensions dimensions() {
    return executor.dimensions();
  }

  @Override
  public Replay replay(ReplaySubject subject) {
    ExecutionClass verifier = executor.describe();
    List<PrefillCheck.Run> runs =
        checks.stream().map(check -> check.begin(subject, verifier)).toList();
    executor.prefill(
        subject.fedTokens().toArray(),
        new LayerRange(0, executor.dimensions().layers()),
        null,
        new SharedRows(runs.stream().map(PrefillCheck.Run::rows).toList()),
        new SharedLogits(runs.stream().map(PrefillCheck.Run::logits).toList()));
    List<CheckResult> results = new ArrayList<>();
    List<CellDifference> cells = new ArrayList<>();
    int replayed = 0;
    for (PrefillCheck.Run run : runs) {
      results.add(run.result());
      cells.addAll(run.cells());
      replayed = Math.max(replayed, run.tokensReplayed());
    }
    return new Replay(results, cells, replayed, List.of(verifier.toString()));
  }

  /** One prefill's rows for every check that wants them. */
  private record SharedRows(List<CaptureSink> sinks) implements CaptureSink {
    @Override
    public boolean wants(RowKey key) {
      return sinks.stream().anyMatch(sink -> sink.wants(key));
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      for (CaptureSink sink : sinks) {
        if (sink.wants(key)) {
          sink.accept(key, firstPosition, rows);
        }
      }
    }
  }

  /** One prefill's logits for every check that wants them; none may write to them. */
  private record SharedLogits(List<LogitsSink> sinks) implements LogitsSink {
    @Override
    public boolean wants(int position) {
      return sinks.stream().anyMatch(sink -> sink.wants(position));
    }

    @Override
    public void accept(int position, float[] logits) {
      for (LogitsSink sink : sinks) {
        if (sink.wants(position)) {
          sink.accept(position, logits);
        }
      }
    }
  }
}
