package io.verillm.cli.report;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Opened rows of one answer: which agreed with the re-execution, and how far the others are off.
 *
 * @param prover whose answer
 * @param layers row labels from top to bottom, such as "L2 key"; distinct
 * @param positions number of token positions on the horizontal axis, at least 1
 * @param firstOutputPosition where the prompt ends, if known
 * @param cells at most one per layer and position; what is missing counts as not opened
 */
public record HeatMap(
    String prover,
    List<String> layers,
    int positions,
    OptionalInt firstOutputPosition,
    List<Cell> cells) {

  /** What happened to a row. */
  public enum State {
    /** The challenge did not ask for it: nothing is known about it. */
    NOT_OPENED,
    /** Every element is equal, bit for bit. */
    EQUAL,
    /** Elements differ, inside the calibrated tolerance. */
    TOLERATED,
    /** Elements differ, outside the tolerance. */
    DIFFERS
  }

  /**
   * One row of one token.
   *
   * @param layer one of the map's layer labels
   * @param position token position from 0
   * @param unequalFraction share of unequal elements in [0, 1]
   * @param state what happened to it
   * @param note shown with the cell, such as the token's text; may be empty
   */
  public record Cell(String layer, int position, double unequalFraction, State state, String note) {
    /** Checks the fields; a fraction outside [0, 1], NaN included, is refused. */
    public Cell {
      Objects.requireNonNull(layer, "layer");
      Objects.requireNonNull(state, "state");
      Objects.requireNonNull(note, "note");
      if (!(unequalFraction >= 0 && unequalFraction <= 1)) {
        throw new IllegalArgumentException("fraction " + unequalFraction + " is not in [0, 1]");
      }
      if (state == State.EQUAL && unequalFraction != 0) {
        throw new IllegalArgumentException("an equal row has no unequal element");
      }
    }

    /** Returns a cell without a note. */
    public static Cell of(String layer, int position, double unequalFraction, State state) {
      return new Cell(layer, position, unequalFraction, state, "");
    }
  }

  /** Checks that every cell is inside the map and that none is given twice. */
  public HeatMap {
    Objects.requireNonNull(prover, "prover");
    Objects.requireNonNull(firstOutputPosition, "firstOutputPosition");
    layers = List.copyOf(layers);
    cells = List.copyOf(cells);
    Set<String> known = new HashSet<>(layers);
    if (known.isEmpty() || known.size() != layers.size() || positions < 1) {
      throw new IllegalArgumentException("a heat map needs distinct layers and a position");
    }
    Set<List<Object>> seen = new HashSet<>();
    for (Cell cell : cells) {
      if (!known.contains(cell.layer()) || cell.position() < 0 || cell.position() >= positions) {
        throw new IllegalArgumentException(
            "cell " + cell.layer() + " at " + cell.position() + " is outside the map");
      }
      if (!seen.add(List.of(cell.layer(), cell.position()))) {
        throw new IllegalArgumentException(
            "cell " + cell.layer() + " at " + cell.position() + " is given twice");
      }
    }
  }

  long count(State state) {
    return cells.stream().filter(c -> c.state() == state).count();
  }
}
