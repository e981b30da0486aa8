package io.verillm.network.flow;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Checks opened rows against a committed head and compares those of two parties. */
final class OpenedRows {
  private OpenedRows() {}

  /** Checks rows against a party's head, without asking whether all that was drawn is there. */
  static OpeningOutcome verify(
      JobContext context,
      TraceHead head,
      VerifyingKey party,
      TraceRole role,
      TraceOpening opening) {
    TraceId id =
        TraceId.compute(
            context.orderMessage().id(), party.toByteArray(), role, context.order().profile());
    return opening.verify(head, id, context.layout());
  }

  /** What is wrong with a prover's rows, empty if nothing is. */
  static Optional<String> faultOfProver(
      JobContext context,
      Receipt receipt,
      TraceOpening opening,
      SortedMap<Integer, List<Integer>> drawn) {
    OpeningOutcome outcome =
        verify(context, receipt.head(), context.prover(), TraceRole.PROVER, opening);
    if (outcome instanceof OpeningOutcome.Mismatch mismatch) {
      return Optional.of(words(mismatch));
    }
    return missing((OpeningOutcome.Verified) outcome, drawn).map(OpenedRows::words);
  }

  /**
   * What was drawn and is not there. A position that was loaded from a cache may have no rows; its
   * entry says so and counts as unchecked.
   */
  static Optional<OpeningOutcome.Mismatch> missing(
      OpeningOutcome.Verified rows, SortedMap<Integer, List<Integer>> drawn) {
    SortedMap<Integer, List<Integer>> asked = new TreeMap<>(drawn);
    asked.replaceAll(
        (position, indices) ->
            rows.entry(position).filter(OpenedRows::hasNoRows).isPresent() ? List.of() : indices);
    return rows.missing(asked);
  }

  private static boolean hasNoRows(PositionEntry entry) {
    return entry.tokenRoot() == null && entry.loaded();
  }

  static String words(OpeningOutcome.Mismatch mismatch) {
    return mismatch.kind() + " at position " + mismatch.position() + ", row " + mismatch.rowIndex();
  }

  /**
   * Whether two parties' rows are those of one computation: the same tokens were fed at every
   * position that both opened, and every row that both opened is close.
   */
  static boolean agree(
      FragmentComparison comparison, OpeningOutcome.Verified left, OpeningOutcome.Verified right) {
    List<PositionEntry> entries = new ArrayList<>(left.entries());
    for (PositionEntry entry : entries) {
      Optional<PositionEntry> other = right.entry(entry.position());
      if (other.isEmpty()) {
        continue;
      }
      if (other.get().tokenId() != entry.tokenId()) {
        return false;
      }
      boolean close =
          left.rowsAt(entry.position()).stream()
              .allMatch(
                  key ->
                      left.row(entry.position(), key)
                          .flatMap(
                              a ->
                                  right
                                      .row(entry.position(), key)
                                      .map(b -> comparison.close(key, a, b)))
                          .orElse(true));
      if (!close) {
        return false;
      }
    }
    return true;
  }
}
