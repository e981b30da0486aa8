package io.verillm.exec;

import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.GumbelNoise;
import io.verillm.core.sampling.SamplingStep;
import io.verillm.core.sampling.TokenMargin;
import io.verillm.core.sampling.TokenSampler;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.RowDifference;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.verdict.CellDifference;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplayCheck;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Re-executes an answer by one prefill and compares both what was committed and what was drawn.
 *
 * <p>If the receipt's class and this executor's are both canonical, every bit and every token must
 * agree, and the first that does not is a rejection. For any other pair a difference proves nothing
 * without a calibration: the result is {@link Shortfall#UNCALIBRATED}. Source: VeriLLM (arXiv
 * 2509.24257), prefill-only re-execution; the token check is this project's addition.
 *
 * <p>It does not prove that positions whose rows were not opened were computed as they should be,
 * only that their tokens are the right ones. Thread-safe if the executor is.
 */
public final class PrefillReplay implements ReplayCheck {
  private final ModelExecutor executor;

  /** Makes a check on a loaded model; the executor is not closed by it. */
  public PrefillReplay(ModelExecutor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
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
    ExecutionClass claimed = subject.receipt().executionClass();
    boolean exact = claimed.isCanonical() && executor.describe().isCanonical();
    RowComparison rows = new RowComparison(subject.opened(), !exact);
    TokenReplay tokens = new TokenReplay(subject);
    executor.prefill(
        subject.fedTokens().toArray(),
        new LayerRange(0, executor.dimensions().layers()),
        null,
        rows,
        tokens);
    List<CellDifference> cells = rows.cells();
    if (cells.size() != rows.expected()) {
      throw new IllegalStateException(
          "the executor gave " + cells.size() + " of " + rows.expected() + " opened rows");
    }
    return new Replay(
        List.of(activations(rows, cells, exact, claimed), tokens.result(exact, claimed)),
        cells,
        tokens.replayed,
        List.of(executor.describe().toString()));
  }

  private CheckResult activations(
      RowComparison rows, List<CellDifference> cells, boolean exact, ExecutionClass claimed) {
    Optional<CellDifference> first = cells.stream().filter(cell -> cell.unequal() > 0).findFirst();
    long differing = cells.stream().filter(cell -> cell.unequal() > 0).count();
    if (first.isEmpty()) {
      return new CheckResult.Held(
          CheckName.ACTIVATIONS, "all " + cells.size() + " opened rows agree bit for bit");
    }
    CellDifference cell = first.get();
    String what =
        differing
            + " of "
            + cells.size()
            + " opened rows differ from re-execution, first at layer "
            + cell.key().layer()
            + " ("
            + cell.key().kind()
            + "), token "
            + cell.position()
            + ": "
            + cell.unequal()
            + " of "
            + cell.elements()
            + " elements";
    return exact
        ? new CheckResult.Failed(
            CheckName.ACTIVATIONS,
            Reason.ACTIVATION_MISMATCH,
            Location.ofRow(cell.key().layer(), cell.position()),
            what)
        : new CheckResult.Undecided(
            CheckName.ACTIVATIONS,
            Shortfall.UNCALIBRATED,
            what + uncalibrated(claimed) + rows.published());
  }

  private String uncalibrated(ExecutionClass claimed) {
    return "; no calibration covers class "
        + claimed.arithmetic()
        + " judged by "
        + executor.describe().arithmetic();
  }

  /** Compares each opened row with the row that the prefill gives, bit for bit. */
  private static final class RowComparison implements CaptureSink {
    private final OpeningOutcome.Verified opened;
    private final Set<RowKey> wanted = new HashSet<>();
    private final Map<Integer, Set<RowKey>> expectedAt = new HashMap<>();
    private final List<CellDifference> cells = new ArrayList<>();
    private final boolean keepsValues;
    private final List<float[]> claimedValues = new ArrayList<>();
    private final List<float[]> rerunValues = new ArrayList<>();
    private int expected;

    RowComparison(OpeningOutcome.Verified opened, boolean keepsValues) {
      this.opened = opened;
      this.keepsValues = keepsValues;
      for (PositionEntry entry : opened.entries()) {
        if (entry.loaded()) {
          continue;
        }
        Set<RowKey> keys = new HashSet<>(opened.rowsAt(entry.position()));
        expectedAt.put(entry.position(), keys);
        wanted.addAll(keys);
        expected += keys.size();
      }
    }

    int expected() {
      return expected;
    }

    /** In the order of positions, then layers, then the layout. */
    List<CellDifference> cells() {
      TraceLayout layout = opened.layout();
      return cells.stream()
          .sorted(
              Comparator.comparingInt(CellDifference::position)
                  .thenComparingInt(cell -> cell.key().layer())
                  .thenComparingInt(cell -> layout.indexOf(cell.key()).orElseThrow()))
          .toList();
    }

    @Override
    public boolean wants(RowKey key) {
      return wanted.contains(key);
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      int count = Math.toIntExact(rows.shape().dimension(0));
      for (int i = 0; i < count; i++) {
        int position = firstPosition + i;
        if (expectedAt.getOrDefault(position, Set.of()).contains(key)) {
          TensorView claimed = opened.row(position, key).orElseThrow();
          RowDifference difference = RowDifference.compare(claimed, inTypeOf(claimed, rows.row(i)));
          cells.add(new CellDifference(key, position, difference.unequal(), difference.elements()));
          if (keepsValues) {
            claimedValues.add(FloatTensors.toFloats(claimed));
            rerunValues.add(FloatTensors.toFloats(rows.row(i)));
          }
        }
      }
    }

    /** VeriLLM's own comparison of the same rows, shown beside ours and never decisive. */
    String published() {
      if (claimedValues.isEmpty()) {
        return "";
      }
      VeriLlmStatistics.Parameters parameters = VeriLlmStatistics.Parameters.published();
      VeriLlmStatistics found =
          VeriLlmStatistics.compare(joined(claimedValues), joined(rerunValues), parameters);
      return String.format(
          Locale.ROOT,
          "; published comparison: P_e %.4f, P_m %.4f, P_w %.4f, mean %.6f, which its thresholds %s",
          found.exponentMismatches(),
          found.largeAmongMismatches(),
          found.smallAmongMatches(),
          found.meanDifference(),
          found.accepts(parameters) ? "accept" : "reject");
    }

    private static float[] joined(List<float[]> rows) {
      int length = rows.stream().mapToInt(row -> row.length).sum();
      float[] all = new float[length];
      int at = 0;
      for (float[] row : rows) {
        System.arraycopy(row, 0, all, at, row.length);
        at += row.length;
      }
      return all;
    }

    /** Executors give F32; a prover may have committed the 16-bit values that it attended to. */
    private static TensorView inTypeOf(TensorView claimed, TensorView rerun) {
      return claimed.dtype() == rerun.dtype()
          ? rerun
          : FloatTensors.ofFloats(claimed.dtype(), rerun.shape(), rerun.toFloats());
    }
  }

  /** Draws every output token again. */
  private final class TokenReplay implements LogitsSink {
    private final int promptTokens;
    private final TokenIds output;
    private final int[] tokens;
    private final TokenSampler sampler;
    private final List<TokenMargin> wrong = new ArrayList<>();
    private int firstWrong = Integer.MAX_VALUE;
    private int replayed;

    TokenReplay(ReplaySubject subject) {
      this.promptTokens = subject.order().prompt().size();
      this.output = subject.output();
      this.tokens = subject.order().prompt().concat(output).toArray();
      this.sampler =
          new TokenSampler(subject.order().sampling(), new GumbelNoise(subject.seed(), 0));
    }

    @Override
    public boolean wants(int position) {
      return position >= promptTokens - 1;
    }

    @Override
    public void accept(int position, float[] logits) {
      int chosen = position + 1;
      SamplingStep step = sampler.step(logits, tokens, promptTokens, chosen);
      replayed++;
      if (step.drawn() != tokens[chosen]) {
        wrong.add(step.margin(tokens[chosen]));
        firstWrong = Math.min(firstWrong, chosen);
      }
    }

    CheckResult result(boolean exact, ExecutionClass claimed) {
      if (wrong.isEmpty()) {
        return new CheckResult.Held(
            CheckName.TOKENS,
            "all " + replayed + " output tokens are the ones that model, settings and seed draw");
      }
      String what =
          wrong.size()
              + " of "
              + replayed
              + " output tokens are not the ones drawn on re-execution, first at token "
              + firstWrong
              + " (margin "
              + String.format(Locale.ROOT, "%.3f", wrong.get(0).value())
              + ")";
      return exact
          ? new CheckResult.Failed(
              CheckName.TOKENS, Reason.TOKEN_MISMATCH, Location.ofToken(firstWrong), what)
          : new CheckResult.Undecided(
              CheckName.TOKENS, Shortfall.UNCALIBRATED, what + uncalibrated(claimed));
    }
  }
}
