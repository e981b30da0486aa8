package io.verillm.core.trace;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.Digest32;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The door for any engine: it takes token ids and rows position by position, commits to them, keeps
 * them in a {@link TraceStore} and gives heads of the growing log.
 *
 * <p>Two ways in, not to be mixed while positions are incomplete. An engine that has all rows of a
 * token at hand calls {@link #push}. An engine that produces rows layer by layer calls {@link
 * #feed} with the tokens it is about to run and passes the recorder as its {@link CaptureSink}; a
 * position is committed once all its rows are there and all earlier positions are committed.
 *
 * <p>Rows must have the type that the profile names. The one exception: F32 rows are taken for a
 * BF16 or F16 profile if every element has that value exactly. Nothing is ever rounded here.
 *
 * <p>The root that comes out binds what was pushed. It does not prove that a model computed it. Not
 * thread-safe.
 */
public final class TraceRecorder implements CaptureSink {
  private final TraceLayout layout;
  private final TraceId id;
  private final TraceStore store;
  private final TokenHasher hasher;
  private final MerkleTree log = new MerkleTree();
  private final PendingTokens pending;
  private int nextPosition;
  private boolean ended;
  private int headEvery;
  private @Nullable Consumer<TraceHead> headListener;

  /**
   * Begins a trace.
   *
   * @throws IllegalArgumentException if the profile does not fit the model
   * @throws UncheckedIOException if the store cannot begin
   */
  public TraceRecorder(
      TraceProfile profile,
      ModelDimensions dimensions,
      TraceId id,
      JobSecret secret,
      TraceStore store) {
    this.layout = TraceLayout.of(profile, dimensions);
    this.id = Objects.requireNonNull(id, "id");
    this.store = Objects.requireNonNull(store, "store");
    this.hasher = new TokenHasher(layout, new TraceSalts(secret, id));
    this.pending = new PendingTokens(layout);
    try {
      store.begin(id, layout, secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    log.append(TraceLog.leafZeroHash(id));
  }

  /**
   * Asks for a head after every {@code everyPositions} positions.
   *
   * @param listener called on the thread that pushes, right after the position is kept
   */
  public void onHead(int everyPositions, Consumer<TraceHead> listener) {
    if (everyPositions < 1) {
      throw new IllegalArgumentException("a head every " + everyPositions + " positions");
    }
    headEvery = everyPositions;
    headListener = Objects.requireNonNull(listener, "listener");
  }

  /** The rows that every position needs. */
  public TraceLayout layout() {
    return layout;
  }

  /** The trace's name. */
  public TraceId id() {
    return id;
  }

  /** Number of committed positions; the next one to push has this number. */
  public int positions() {
    return nextPosition;
  }

  /** Number of positions that {@link #feed} announced and whose rows are not all there. */
  public int incomplete() {
    return pending.size();
  }

  /**
   * Commits one position that the engine computed.
   *
   * @param position must be {@link #positions}
   * @param tokenId token fed at this position, below the model's vocabulary size
   * @param rows exactly the rows of the layout; each of shape [width] or [1, width]
   * @throws IllegalStateException if the position is out of order or the trace has ended
   * @throws IllegalArgumentException if a row is missing, unwanted, of wrong width or wrong type
   * @throws UncheckedIOException if the store fails; the trace is then unusable
   */
  public void push(int position, int tokenId, Map<RowKey, TensorView> rows) {
    pushRows(position, tokenId, rows, false);
  }

  /** As {@link #push}, for a position of a reused prefix: its rows count as unchecked. */
  public void pushLoaded(int position, int tokenId, Map<RowKey, TensorView> rows) {
    pushRows(position, tokenId, rows, true);
  }

  /** Commits a position of a reused prefix whose rows nobody kept. */
  public void pushLoaded(int position, int tokenId) {
    requireNext(position);
    requireToken(tokenId);
    keep(new PositionEntry(position, tokenId, null, true), null);
  }

  /**
   * Commits the last sampled token, which is never fed and has no rows. Ends the trace.
   *
   * @throws IllegalStateException if the position is out of order, rows are outstanding or the
   *     trace has ended
   */
  public void pushUnfed(int position, int tokenId) {
    requireNext(position);
    requireToken(tokenId);
    keep(new PositionEntry(position, tokenId, null, false), null);
    ended = true;
  }

  /**
   * Announces tokens that the engine is about to run at the next positions; their rows arrive
   * through {@link #accept}. They stay in memory until they are complete: an engine that runs a
   * whole prompt layer by layer makes this {@link TraceLayout#bytesPerToken} bytes per token.
   *
   * @throws IllegalStateException if the trace has ended
   */
  public void feed(int... tokenIds) {
    requireOpen();
    for (int tokenId : tokenIds) {
      requireToken(tokenId);
    }
    for (int tokenId : tokenIds) {
      pending.announce(tokenId);
    }
  }

  @Override
  public boolean wants(RowKey key) {
    return layout.indexOf(key).isPresent();
  }

  /**
   * Takes rows of announced positions and commits those that become complete.
   *
   * @param rows shape [positions, width]
   * @throws IllegalStateException if a position was not announced or has this row already
   * @throws IllegalArgumentException if the profile does not have the row, or its width or type is
   *     wrong
   */
  @Override
  public void accept(RowKey key, int firstPosition, TensorView rows) {
    requireOpen();
    TraceLayout.Row row = requireRow(key);
    if (rows.shape().rank() != 2 || rows.shape().dimension(1) != row.width()) {
      throw new IllegalArgumentException(
          key + " needs shape [positions, " + row.width() + "], got " + rows.shape());
    }
    long count = rows.shape().dimension(0);
    if (firstPosition < nextPosition || firstPosition + count > nextPosition + pending.size()) {
      throw new IllegalStateException(
          key
              + ": positions "
              + firstPosition
              + " to "
              + (firstPosition + count - 1)
              + " were not announced; next is "
              + nextPosition
              + ", announced "
              + pending.size());
    }
    for (int i = 0; i < count; i++) {
      pending.put(firstPosition - nextPosition + i, row, rows.row(i));
    }
    while (pending.firstIsComplete()) {
      int tokenId = pending.firstToken();
      commit(tokenId, pending.firstRows(), false);
      pending.removeFirst();
    }
  }

  /** The state of the log over all committed positions. */
  public TraceHead head() {
    return new TraceHead(log.root(), log.size());
  }

  /**
   * Shows that the log only grew since it had {@code oldLeafCount} leaves.
   *
   * @throws IllegalArgumentException if it never had that many
   */
  public ConsistencyProof since(long oldLeafCount) {
    return log.consistency(oldLeafCount, log.size());
  }

  private void pushRows(int position, int tokenId, Map<RowKey, TensorView> rows, boolean loaded) {
    requireNext(position);
    requireToken(tokenId);
    pending.announce(tokenId);
    try {
      for (Map.Entry<RowKey, TensorView> entry : rows.entrySet()) {
        pending.put(0, requireRow(entry.getKey()), flat(entry.getValue()));
      }
      if (!pending.firstIsComplete()) {
        throw new IllegalArgumentException(
            "position " + position + " lacks " + pending.firstMissing());
      }
      commit(tokenId, pending.firstRows(), loaded);
    } finally {
      pending.removeFirst();
    }
  }

  private static TensorView flat(TensorView rows) {
    return rows.shape().rank() == 2 && rows.shape().dimension(0) == 1 ? rows.row(0) : rows;
  }

  private void commit(int tokenId, ByteBuffer rows, boolean loaded) {
    Digest32 root = hasher.root(nextPosition, rows);
    keep(new PositionEntry(nextPosition, tokenId, root, loaded), rows);
  }

  private void keep(PositionEntry entry, @Nullable ByteBuffer rows) {
    try {
      store.append(entry, rows);
    } catch (IOException e) {
      ended = true;
      throw new UncheckedIOException(e);
    }
    log.append(entry.leafHash());
    nextPosition++;
    Consumer<TraceHead> listener = headListener;
    if (listener != null && nextPosition % headEvery == 0) {
      listener.accept(head());
    }
  }

  private void requireOpen() {
    if (ended) {
      throw new IllegalStateException("the trace has ended");
    }
  }

  private void requireNext(int position) {
    requireOpen();
    if (pending.size() > 0) {
      throw new IllegalStateException(pending.size() + " announced positions lack rows");
    }
    if (position != nextPosition) {
      throw new IllegalStateException(
          "position " + position + " is out of order, next is " + nextPosition);
    }
    if (position >= layout.dimensions().maxPositions()) {
      throw new IllegalStateException("the model takes " + position + " positions");
    }
  }

  private void requireToken(int tokenId) {
    if (tokenId < 0 || tokenId >= layout.dimensions().vocabulary()) {
      throw new IllegalArgumentException("token " + tokenId + " is not in the vocabulary");
    }
  }

  private TraceLayout.Row requireRow(RowKey key) {
    OptionalInt index = layout.indexOf(key);
    if (index.isEmpty()) {
      throw new IllegalArgumentException("the profile has no " + key);
    }
    return layout.row(index.getAsInt());
  }
}
