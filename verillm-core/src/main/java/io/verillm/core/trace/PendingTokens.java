package io.verillm.core.trace;

import io.verillm.core.tensor.TensorView;
import java.util.ArrayList;
import java.util.List;

/**
 * Announced positions whose rows are still coming in, oldest first. Buffers are reused. Belongs to
 * one thread, but for {@link #recycle}.
 */
final class PendingTokens {
  private static final int MAX_SPARE = OverlappedLog.MOST_WAITING;

  private final TraceLayout layout;
  private final List<TokenRows> tokens = new ArrayList<>();
  private final List<TokenRows> spare = new ArrayList<>();
  private int first;

  PendingTokens(TraceLayout layout) {
    this.layout = layout;
  }

  int size() {
    return tokens.size() - first;
  }

  void announce(int tokenId) {
    TokenRows token = takeSpare();
    token.tokenId = tokenId;
    tokens.add(token);
  }

  private TokenRows takeSpare() {
    synchronized (spare) {
      if (!spare.isEmpty()) {
        return spare.remove(spare.size() - 1);
      }
    }
    return new TokenRows(layout.bytesPerToken());
  }

  /** Takes one row of shape [width] for the {@code index}-th pending position. */
  void put(int index, TraceLayout.Row row, TensorView view) {
    if (view.shape().rank() != 1 || view.shape().dimension(0) != row.width()) {
      throw new IllegalArgumentException(
          row.key() + " needs shape [" + row.width() + "], got " + view.shape());
    }
    TokenRows token = tokens.get(first + index);
    if (token.present.get(row.index())) {
      throw new IllegalStateException(row.key() + " came twice");
    }
    ExactNarrowing.copy(view, row.dtype(), token.bytes(), row.byteOffset());
    token.present.set(row.index());
  }

  /** The ids of the oldest tokens. */
  int[] firstTokens(int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = tokens.get(first + i).tokenId;
    }
    return ids;
  }

  boolean firstHasRows() {
    return size() > 0 && !tokens.get(first).present.isEmpty();
  }

  boolean firstIsComplete() {
    return size() > 0 && tokens.get(first).present.cardinality() == layout.rows().size();
  }

  RowKey firstMissing() {
    return layout.row(tokens.get(first).present.nextClearBit(0)).key();
  }

  /** Removes the oldest position; whoever takes it gives it back with {@link #recycle}. */
  TokenRows takeFirst() {
    TokenRows token = tokens.get(first);
    first++;
    if (first == tokens.size()) {
      tokens.clear();
      first = 0;
    } else if (first > 1024 && first > tokens.size() / 2) {
      tokens.subList(0, first).clear();
      first = 0;
    }
    return token;
  }

  /** Takes back a buffer that nobody reads any more; may be called by any thread. */
  void recycle(TokenRows token) {
    token.present.clear();
    synchronized (spare) {
      if (spare.size() < MAX_SPARE) {
        spare.add(token);
      }
    }
  }
}
