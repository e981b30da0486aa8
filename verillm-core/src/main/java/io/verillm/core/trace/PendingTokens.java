package io.verillm.core.trace;

import io.verillm.core.tensor.TensorView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Announced positions whose rows are still coming in, oldest first. Buffers are reused. */
final class PendingTokens {
  private static final class Token {
    final byte[] rows;
    final BitSet present = new BitSet();
    int tokenId;

    Token(int bytes) {
      rows = new byte[bytes];
    }
  }

  private static final int MAX_SPARE = 4;

  private final TraceLayout layout;
  private final List<Token> tokens = new ArrayList<>();
  private final List<Token> spare = new ArrayList<>();
  private int first;

  PendingTokens(TraceLayout layout) {
    this.layout = layout;
  }

  int size() {
    return tokens.size() - first;
  }

  void announce(int tokenId) {
    Token token =
        spare.isEmpty() ? new Token(layout.bytesPerToken()) : spare.remove(spare.size() - 1);
    token.tokenId = tokenId;
    tokens.add(token);
  }

  /** Takes one row of shape [width] for the {@code index}-th pending position. */
  void put(int index, TraceLayout.Row row, TensorView view) {
    if (view.shape().rank() != 1 || view.shape().dimension(0) != row.width()) {
      throw new IllegalArgumentException(
          row.key() + " needs shape [" + row.width() + "], got " + view.shape());
    }
    Token token = tokens.get(first + index);
    if (token.present.get(row.index())) {
      throw new IllegalStateException(row.key() + " came twice");
    }
    ExactNarrowing.copy(view, row.dtype(), token.rows, row.byteOffset());
    token.present.set(row.index());
  }

  boolean firstIsComplete() {
    return size() > 0 && tokens.get(first).present.cardinality() == layout.rows().size();
  }

  RowKey firstMissing() {
    return layout.row(tokens.get(first).present.nextClearBit(0)).key();
  }

  int firstToken() {
    return tokens.get(first).tokenId;
  }

  ByteBuffer firstRows() {
    return ByteBuffer.wrap(tokens.get(first).rows).asReadOnlyBuffer();
  }

  void removeFirst() {
    Token token = tokens.get(first);
    token.present.clear();
    if (spare.size() < MAX_SPARE) {
      spare.add(token);
    }
    first++;
    if (first == tokens.size()) {
      tokens.clear();
      first = 0;
    } else if (first > 1024 && first > tokens.size() / 2) {
      tokens.subList(0, first).clear();
      first = 0;
    }
  }
}
