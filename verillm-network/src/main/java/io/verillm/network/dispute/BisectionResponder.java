package io.verillm.network.dispute;

import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceOpening;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/** The prover's side of a dispute: opens what is due. What it opens discloses content. */
public final class BisectionResponder {
  private final Trace trace;

  /** Makes a responder for one trace. */
  public BisectionResponder(Trace trace) {
    this.trace = Objects.requireNonNull(trace, "trace");
  }

  /**
   * Answers a state that waits for an opening.
   *
   * @throws IllegalStateException if it does not, or the kept rows are not those that were
   *     committed
   * @throws IOException if the trace cannot be read
   */
  public BisectionMove.Show answer(BisectionState state) throws IOException {
    if (state.awaited() != BisectionState.Awaited.SHOW) {
      throw new IllegalStateException("the dispute waits for " + state.awaited());
    }
    SortedMap<Integer, List<Integer>> due =
        BisectionRows.due(trace.layout(), state.lower(), state.upper(), state.positions());
    due.replaceAll(
        (position, rows) -> trace.entry(position).tokenRoot() == null ? List.of() : rows);
    return new BisectionMove.Show(state.dispute(), state.moves(), TraceOpening.open(trace, due));
  }
}
