package io.verillm.core.trace;

import io.verillm.core.tensor.TensorView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What checking a {@link TraceOpening} against a signed head gave. A mismatch says that these bytes
 * are not what was committed; whether that is a fault of the prover, the protocol layer decides.
 */
public sealed interface OpeningOutcome {
  /**
   * Everything in the opening is what was committed. That says nothing about whether a model
   * computed it.
   */
  final class Verified implements OpeningOutcome {
    private final TraceLayout layout;
    private final TreeMap<Integer, OpenedPosition> positions = new TreeMap<>();

    Verified(TraceLayout layout, List<OpenedPosition> opened) {
      this.layout = layout;
      for (OpenedPosition position : opened) {
        positions.put(position.entry().position(), position);
      }
    }

    /** The layout that was checked against. */
    public TraceLayout layout() {
      return layout;
    }

    /** The log entries of all opened positions, ascending. */
    public List<PositionEntry> entries() {
      return positions.values().stream().map(OpenedPosition::entry).toList();
    }

    /** The log entry of a position, if it was opened. */
    public Optional<PositionEntry> entry(int position) {
      return Optional.ofNullable(positions.get(position)).map(OpenedPosition::entry);
    }

    /** The token fed at a position (or sampled last), if it was opened. */
    public OptionalInt token(int position) {
      OpenedPosition opened = positions.get(position);
      return opened == null ? OptionalInt.empty() : OptionalInt.of(opened.entry().tokenId());
    }

    /** A row, shape [width], if it was opened. */
    public Optional<TensorView> row(int position, RowKey key) {
      OpenedPosition opened = positions.get(position);
      OptionalInt index = layout.indexOf(key);
      if (opened == null || index.isEmpty()) {
        return Optional.empty();
      }
      return opened.rows().stream()
          .filter(row -> row.rowIndex() == index.getAsInt())
          .findFirst()
          .map(row -> row.view(layout.row(row.rowIndex())));
    }

    /** The opened rows of a position, in layout order. */
    public List<RowKey> rowsAt(int position) {
      OpenedPosition opened = positions.get(position);
      return opened == null
          ? List.of()
          : opened.rows().stream().map(row -> layout.row(row.rowIndex()).key()).toList();
    }

    /**
     * The first position and row that was asked for and is not here, or nothing. An opening that
     * verifies may still leave out what was asked.
     *
     * @param request rows by position, as in {@link TraceOpening#open}
     */
    public Optional<Mismatch> missing(Map<Integer, List<Integer>> request) {
      for (Map.Entry<Integer, List<Integer>> asked : new TreeMap<>(request).entrySet()) {
        OpenedPosition opened = positions.get(asked.getKey());
        if (opened == null) {
          return Optional.of(new Mismatch(Kind.NOT_OPENED, asked.getKey(), -1));
        }
        for (int rowIndex : asked.getValue()) {
          if (opened.rows().stream().noneMatch(row -> row.rowIndex() == rowIndex)) {
            return Optional.of(new Mismatch(Kind.NOT_OPENED, asked.getKey(), rowIndex));
          }
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Something in the opening is not what was committed, or not what was asked for.
   *
   * @param position where, or −1
   * @param rowIndex which row of the layout, or −1
   */
  record Mismatch(Kind kind, int position, int rowIndex) implements OpeningOutcome {}

  /** What did not match. */
  enum Kind {
    /** The opening speaks of another number of leaves than the head. */
    LEAF_COUNT,
    /** The opening is of another trace: other order, party, role or profile. */
    LEAF_ZERO,
    /** A position is not under the head. */
    POSITION_RANGE,
    /** A token id is not in the model's vocabulary. */
    TOKEN_RANGE,
    /** A position claims that it was never fed, and is not the last one. */
    UNFED_INSIDE,
    /** Leaf 0 and the opened positions do not lead to the head's root. */
    LOG_PATH,
    /** The layout has no such row. */
    ROW_INDEX,
    /** A row does not have the length that the layout gives it. */
    ROW_SHAPE,
    /** There is not exactly one salt per leaf. */
    SALT_LENGTH,
    /** The opened rows do not lead to the token root of their position. */
    TOKEN_PATH,
    /** A position or row that was asked for is not in the opening. */
    NOT_OPENED
  }
}
