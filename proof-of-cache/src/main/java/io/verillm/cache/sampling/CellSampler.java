package io.verillm.cache.sampling;

import io.verillm.core.order.TokenIds;
import io.verillm.core.trace.TraceLayout;
import java.util.List;
import java.util.SortedMap;

/**
 * A way to choose cells. Immutable and thread-safe.
 *
 * <p>Whoever can predict a draw can compute just the cells that will be looked at, so what a draw
 * is worth as evidence hangs on {@link #predictability}.
 */
public interface CellSampler {
  /** Who can know a draw, and when. */
  enum Predictability {
    /** Everyone who has the tokens, the prover while it answers included. */
    ANYONE,
    /** Whoever holds a key, at any time. */
    KEY_HOLDER,
    /** Nobody before the trace was committed. */
    AFTER_COMMITMENT
  }

  /** Who can know a draw. */
  Predictability predictability();

  /**
   * Draws cells.
   *
   * @param fed prompt and answer without the last sampled token: the positions that have rows
   * @param layout rows of a token
   * @return sorted row indices of the layout, by position
   */
  SortedMap<Integer, List<Integer>> draw(TokenIds fed, TraceLayout layout);
}
