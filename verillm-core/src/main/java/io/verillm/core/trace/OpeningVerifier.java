package io.verillm.core.trace;

import io.verillm.core.trace.OpeningOutcome.Kind;
import io.verillm.core.trace.OpeningOutcome.Mismatch;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One walk over an opening, step by step as {@link TraceOpening#verify} lists them. */
final class OpeningVerifier {
  private final TraceOpening opening;
  private final TraceHead head;
  private final TraceId expected;
  private final TraceLayout layout;

  OpeningVerifier(TraceOpening opening, TraceHead head, TraceId expected, TraceLayout layout) {
    this.opening = opening;
    this.head = head;
    this.expected = expected;
    this.layout = layout;
  }

  OpeningOutcome verify() {
    if (opening.leafCount() != head.leafCount()) {
      return new Mismatch(Kind.LEAF_COUNT, -1, -1);
    }
    if (!opening.id().equals(expected)) {
      return new Mismatch(Kind.LEAF_ZERO, -1, -1);
    }
    for (OpenedPosition position : opening.positions()) {
      Kind wrong = checkEntry(position.entry());
      if (wrong != null) {
        return new Mismatch(wrong, position.entry().position(), -1);
      }
    }
    if (!logHolds()) {
      return new Mismatch(Kind.LOG_PATH, -1, -1);
    }
    for (OpenedPosition position : opening.positions()) {
      Mismatch wrong = checkRows(position);
      if (wrong != null) {
        return wrong;
      }
    }
    return new OpeningOutcome.Verified(layout, opening.positions());
  }

  private @Nullable Kind checkEntry(PositionEntry entry) {
    if (entry.leafIndex() >= head.leafCount()) {
      return Kind.POSITION_RANGE;
    }
    if (entry.tokenId() >= layout.dimensions().vocabulary()) {
      return Kind.TOKEN_RANGE;
    }
    boolean unfed = entry.tokenRoot() == null && !entry.loaded();
    return unfed && entry.leafIndex() != head.leafCount() - 1 ? Kind.UNFED_INSIDE : null;
  }

  private boolean logHolds() {
    List<Digest32> leaves = new ArrayList<>();
    leaves.add(TraceLog.leafZeroHash(expected));
    for (OpenedPosition position : opening.positions()) {
      leaves.add(position.entry().leafHash());
    }
    return opening
        .logProof()
        .verify(head.leafCount(), TraceOpening.logIndices(opening.positions()), leaves, head.root())
        .isVerified();
  }

  private @Nullable Mismatch checkRows(OpenedPosition position) {
    int at = position.entry().position();
    Digest32 root = position.entry().tokenRoot();
    if (position.rows().isEmpty() || root == null) {
      return null; // an opened position without a root has no rows, its constructor saw to that
    }
    for (OpenedRow opened : position.rows()) {
      Kind wrong = checkShape(opened);
      if (wrong != null) {
        return new Mismatch(wrong, at, opened.rowIndex());
      }
    }
    List<Digest32> leaves = new ArrayList<>();
    for (OpenedRow opened : position.rows()) {
      addLeaves(at, opened, leaves);
    }
    boolean holds =
        position
            .tokenProof()
            .verify(
                layout.leavesPerToken(),
                TraceOpening.leafIndices(layout, position.rows()),
                leaves,
                root)
            .isVerified();
    return holds ? null : new Mismatch(Kind.TOKEN_PATH, at, -1);
  }

  private @Nullable Kind checkShape(OpenedRow opened) {
    if (opened.rowIndex() >= layout.rows().size()) {
      return Kind.ROW_INDEX;
    }
    TraceLayout.Row row = layout.row(opened.rowIndex());
    if (opened.dataLength() != row.rowBytes()) {
      return Kind.ROW_SHAPE;
    }
    return opened.saltLength() == row.chunks() * ChunkLeaf.SALT_BYTES ? null : Kind.SALT_LENGTH;
  }

  private void addLeaves(int position, OpenedRow opened, List<Digest32> leaves) {
    TraceLayout.Row row = layout.row(opened.rowIndex());
    for (int chunk = 0; chunk < row.chunks(); chunk++) {
      leaves.add(
          ChunkLeaf.hash(
              opened.chunk(layout, row, chunk),
              opened.salt(chunk),
              row.key(),
              row.dtype(),
              position,
              chunk,
              row.rowBytes()));
    }
  }
}
