package io.verillm.network.dispute;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.verdict.CellDifference;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;

/**
 * The challenger's side of a dispute: runs the lower half of what is in dispute from committed
 * states, looks whether it arrives at the states that were shown, and so on. In all it computes at
 * most two prefills.
 *
 * <p>In exact arithmetic it always ends with a step that does not follow, if there was a difference
 * at all: if the lower half arrives, the fault is above it. With a tolerance it may find none.
 * Belongs to one dispute and one thread.
 */
public final class BisectionChallenger {
  private final ModelExecutor executor;
  private final StepReplay replay;
  private final JobOrder order;
  private final Receipt receipt;
  private TensorView lowerStates = TensorView.copyOf(Shape.of(0, 1), new float[0]);

  /**
   * Makes a challenger.
   *
   * @param executor the ordered model; not closed by it
   * @param limit exact for a receipt in canonical arithmetic
   */
  public BisectionChallenger(
      ModelExecutor executor, StepLimit limit, JobOrder order, Receipt receipt) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.replay = new StepReplay(executor, limit);
    this.order = Objects.requireNonNull(order, "order");
    this.receipt = Objects.requireNonNull(receipt, "receipt");
  }

  /**
   * Opens a dispute about a row that an end-to-end comparison found different: of all of them the
   * one with the fewest layers below it.
   */
  public Optional<BisectionMove.Open> open(Iterable<CellDifference> cells) {
    Optional<CellDifference> lowest = Optional.empty();
    Comparator<CellDifference> byHeight =
        Comparator.comparingInt(BisectionChallenger::layersBelow)
            .thenComparingInt(CellDifference::position);
    for (CellDifference cell : cells) {
      if (cell.unequal() > 0 && (lowest.isEmpty() || byHeight.compare(cell, lowest.get()) < 0)) {
        lowest = Optional.of(cell);
      }
    }
    return lowest.map(
        cell ->
            new BisectionMove.Open(
                receipt.digest(), Math.max(1, layersBelow(cell)), cell.position() + 1));
  }

  /** Opens a dispute about a token that was not drawn as ordered. */
  public BisectionMove.Open openDraw(int tokenPosition) {
    return new BisectionMove.Open(
        receipt.digest(), executor.dimensions().layers() + 1, tokenPosition);
  }

  private static int layersBelow(CellDifference cell) {
    boolean input =
        cell.key().kind() == TensorKind.HIDDEN && cell.key().hook() == HookPoint.BLOCK_INPUT;
    return input ? cell.key().layer() : cell.key().layer() + 1;
  }

  /**
   * Answers a state that waits for the challenger.
   *
   * @throws IllegalStateException if it does not
   */
  public BisectionMove answer(BisectionState state) {
    OpeningOutcome.Verified rows = state.shown().orElseThrow(IllegalStateException::new);
    return switch (state.awaited()) {
      case CHOICE -> choose(state, rows);
      case CLAIM -> claim(state, rows);
      default -> throw new IllegalStateException("the dispute waits for " + state.awaited());
    };
  }

  private BisectionMove choose(BisectionState state, OpeningOutcome.Verified rows) {
    boolean above =
        replay.arrives(lowerStates, rows, state.lower(), state.middle(), state.positions());
    if (above) {
      lowerStates =
          StepReplay.stack(
              rows, BisectionRows.statesBelow(rows.layout(), state.middle()), 0, state.positions());
    }
    return new BisectionMove.Choose(state.dispute(), state.moves(), above);
  }

  private BisectionMove claim(BisectionState state, OpeningOutcome.Verified rows) {
    Optional<Integer> position;
    if (state.lower() == executor.dimensions().layers()) {
      Optional<SamplingSeed> seed = receipt.seedProof().seed(order.node(), order.digest());
      position =
          seed.isEmpty()
              ? Optional.of(state.positions() - 1)
              : replay.wrongDraw(rows, order, seed.get(), 0, state.positions());
    } else {
      position =
          replay
              .layer(rows, state.lower(), 0, state.positions())
              .map(StepReplay.RowFault::position);
    }
    return position
        .<BisectionMove>map(at -> new BisectionMove.Claim(state.dispute(), state.moves(), at))
        .orElseGet(() -> new BisectionMove.Withdraw(state.dispute(), state.moves()));
  }
}
