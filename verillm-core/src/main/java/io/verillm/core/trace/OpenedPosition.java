package io.verillm.core.trace;

import io.verillm.core.tree.MultiProof;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One position of a {@link TraceOpening}: its log entry, and the rows that were asked for.
 *
 * @param rows ascending by row index, none twice; none at all where only the token is opened
 * @param tokenProof nodes of the token tree beside the leaves of {@code rows}; empty if there are
 *     none
 */
public record OpenedPosition(PositionEntry entry, List<OpenedRow> rows, MultiProof tokenProof) {
  /** Copies and checks the order. */
  public OpenedPosition {
    Objects.requireNonNull(entry, "entry");
    rows = List.copyOf(rows);
    int previous = -1;
    for (OpenedRow row : rows) {
      if (row.rowIndex() <= previous) {
        throw new IllegalArgumentException("rows are not strictly ascending");
      }
      previous = row.rowIndex();
    }
    if (rows.isEmpty() && !tokenProof.nodes().isEmpty()) {
      throw new IllegalArgumentException("a token proof without rows");
    }
    if (!rows.isEmpty() && entry.tokenRoot() == null) {
      throw new IllegalArgumentException("rows of a position without a token root");
    }
  }

  void write(CborWriter out) {
    out.array(3);
    entry.write(out);
    out.array(rows.size());
    for (OpenedRow row : rows) {
      row.write(out);
    }
    tokenProof.write(out);
  }

  static OpenedPosition read(CborReader in) throws MalformedMessageException {
    long start = in.offset();
    in.arrayOf("opened-position", 3);
    PositionEntry entry = PositionEntry.read(in);
    int count = in.array("opened-position.rows", TraceLayout.MAX_LEAVES);
    List<OpenedRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(OpenedRow.read(in));
    }
    MultiProof proof = MultiProof.read(in);
    try {
      return new OpenedPosition(entry, rows, proof);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("opened-position", start, String.valueOf(e.getMessage()));
    }
  }
}
