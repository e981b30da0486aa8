package io.verillm.core.trace;

import io.verillm.core.spi.BufferView;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.CommitKernels;
import io.verillm.core.spi.KernelArguments;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.ConsistencyProof;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
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
 * <p>Made with an executor it hashes and keeps rows elsewhere, so that committing overlaps with the
 * next step; what comes out is the same. On the engine's thread it only copies the rows, or notes
 * where they are if the engine keeps them in host memory.
 *
 * <p>Made {@link #inPlace in place} it reads the rows where an engine keeps them, by the kernels of
 * a provider, and fetches them once the answer is complete.
 *
 * <p>The root that comes out binds what was pushed. It does not prove that a model computed it. Not
 * thread-safe.
 */
public final class TraceRecorder implements CaptureSink {
  private final TraceLayout layout;
  private final TraceId id;
  private final PendingTokens pending;
  private final PositionLog log;
  private final @Nullable OverlappedLog overlap;
  private final @Nullable InPlaceLog inPlace;
  private int nextPosition;
  private boolean ended;

  /**
   * Begins a trace that is hashed and kept on the thread that pushes.
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
    this(profile, dimensions, id, secret, store, null, null);
  }

  private TraceRecorder(
      TraceProfile profile,
      ModelDimensions dimensions,
      TraceId id,
      JobSecret secret,
      TraceStore store,
      @Nullable Executor executor,
      @Nullable CommitKernels kernels) {
    this.layout = TraceLayout.of(profile, dimensions);
    this.id = Objects.requireNonNull(id, "id");
    this.pending = new PendingTokens(layout);
    this.log = new PositionLog(layout, id, secret, Objects.requireNonNull(store, "store"));
    this.overlap =
        executor == null ? null : new OverlappedLog(layout, log, pending::recycle, executor);
    this.inPlace =
        kernels == null ? null : new InPlaceLog(layout, log, new TraceSalts(secret, id), kernels);
  }

  /**
   * Begins a trace that is hashed and kept by tasks of {@code executor}, in order and one at a
   * time, at most {@value OverlappedLog#MOST_WAITING} positions behind; a head that was asked for
   * is not kept waiting. If the executor has no thread to spare, the pushing thread does the work,
   * so it cannot be waited for in vain.
   *
   * <p>A failure of the store surfaces in a later call, at the latest in {@link #head}; the trace
   * is then unusable.
   *
   * @throws IllegalArgumentException if the profile does not fit the model
   * @throws UncheckedIOException if the store cannot begin
   */
  public static TraceRecorder overlapped(
      TraceProfile profile,
      ModelDimensions dimensions,
      TraceId id,
      JobSecret secret,
      TraceStore store,
      Executor executor) {
    return new TraceRecorder(
        profile, dimensions, id, secret, store, Objects.requireNonNull(executor, "executor"), null);
  }

  /**
   * Begins a trace whose rows are hashed where an engine keeps them, one call of the kernels per
   * step, and fetched into the store by {@link #pushUnfed}, {@link #fetchRows} or at the latest by
   * {@link #releaseInPlace}. An engine that does not keep rows pushes them as ever.
   *
   * <p>Heads say what is committed before the store has the rows. If it never gets them, the trace
   * cannot be opened, so that no receipt may be signed for it.
   *
   * @param kernels must be able to read the engine's memory
   * @throws IllegalArgumentException if the profile does not fit the model
   * @throws UncheckedIOException if the store cannot begin
   */
  public static TraceRecorder inPlace(
      TraceProfile profile,
      ModelDimensions dimensions,
      TraceId id,
      JobSecret secret,
      TraceStore store,
      CommitKernels kernels) {
    return new TraceRecorder(
        profile, dimensions, id, secret, store, null, Objects.requireNonNull(kernels, "kernels"));
  }

  /**
   * Asks for a head after every {@code everyPositions} positions; before the first position.
   *
   * @param listener called once a position is kept, on the thread that keeps it
   * @throws IllegalStateException if positions were pushed already
   */
  public void onHead(int everyPositions, HeadListener listener) {
    if (everyPositions < 1) {
      throw new IllegalArgumentException("a head every " + everyPositions + " positions");
    }
    if (nextPosition > 0) {
      throw new IllegalStateException("heads must be asked for before the first position");
    }
    log.onHead(everyPositions, Objects.requireNonNull(listener, "listener"));
  }

  /** The rows that every position needs. */
  public TraceLayout layout() {
    return layout;
  }

  /** The trace's name. */
  public TraceId id() {
    return id;
  }

  /** Number of positions taken; the next one to push has this number. */
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
    keep(tokenId, null, true);
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
    keep(tokenId, null, false);
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
      TokenRows token = pending.takeFirst();
      keep(token.tokenId, token, false);
    }
  }

  @Override
  public List<RowKey> readableInPlace(BufferView.Kind memory) {
    boolean readable = inPlace != null || (overlap != null && memory != BufferView.Kind.DEVICE);
    return readable ? layout.rows().stream().map(TraceLayout.Row::key).toList() : List.of();
  }

  /**
   * Commits announced positions whose rows the engine keeps.
   *
   * @throws IllegalStateException if these are not the next announced positions, some of their rows
   *     were pushed, or this recorder takes copies only
   * @throws IllegalArgumentException if the views do not fit the profile, or the provider cannot
   *     read them
   * @throws UncheckedIOException if the store failed before
   * @throws io.verillm.core.spi.AcceleratorException if the device fails
   */
  @Override
  public void acceptInPlace(int firstPosition, int positions, List<BufferView> rows) {
    requireOpen();
    if (inPlace == null && overlap == null) {
      throw new IllegalStateException("this recorder takes copies only");
    }
    if (firstPosition != nextPosition
        || positions < 1
        || positions > pending.size()
        || pending.firstHasRows()) {
      throw new IllegalStateException(
          positions
              + " positions from "
              + firstPosition
              + " in place; next is "
              + nextPosition
              + ", announced "
              + pending.size()
              + (pending.firstHasRows() ? ", with rows pushed" : ""));
    }
    requireViews(rows, firstPosition + positions);
    if (inPlace != null) {
      inPlace.commit(firstPosition, pending.firstTokens(positions), rows);
    }
    for (int i = 0; i < positions; i++) {
      TokenRows token = pending.takeFirst();
      if (overlap != null) {
        overlap.keepInPlace(nextPosition, token.tokenId, rows);
      }
      pending.recycle(token);
      nextPosition++;
    }
  }

  private void requireViews(List<BufferView> views, int end) {
    KernelArguments.requireViews(layout, views);
    for (BufferView view : views) {
      boolean readable = inPlace != null || view.kind() != BufferView.Kind.DEVICE;
      if (view.rows() < end || !readable) {
        throw new IllegalArgumentException(end + " positions cannot be read here from " + view);
      }
    }
  }

  /** Waits until nothing in the engine's memory has to be read any more. */
  @Override
  public void releaseInPlace() {
    settle();
    fetchRows();
  }

  /**
   * Copies into the store what was committed in place, before the engine's sequence is closed.
   *
   * @throws UncheckedIOException if the store fails, the rows are no longer those that were
   *     committed, or that happened before; the trace is unusable
   * @throws io.verillm.core.spi.AcceleratorException if the device fails; the trace is unusable
   */
  public void fetchRows() {
    if (inPlace != null) {
      inPlace.fetch();
    }
  }

  /**
   * The state of the log over all positions taken so far. Waits for those that are still being
   * kept.
   *
   * @throws UncheckedIOException if the store failed; the trace is then unusable
   */
  public TraceHead head() {
    settle();
    return log.head();
  }

  /**
   * Shows that the log only grew since it had {@code oldLeafCount} leaves. Waits as {@link #head}.
   *
   * @throws IllegalArgumentException if it never had that many
   */
  public ConsistencyProof since(long oldLeafCount) {
    settle();
    return log.since(oldLeafCount);
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
    } catch (RuntimeException e) {
      pending.recycle(pending.takeFirst());
      throw e;
    }
    keep(tokenId, pending.takeFirst(), loaded);
  }

  private static TensorView flat(TensorView rows) {
    return rows.shape().rank() == 2 && rows.shape().dimension(0) == 1 ? rows.row(0) : rows;
  }

  /** Keeps the next position, here or elsewhere. */
  private void keep(int tokenId, @Nullable TokenRows rows, boolean loaded) {
    fetchRows(); // the store takes positions in order
    try {
      if (overlap != null) {
        overlap.keep(nextPosition, tokenId, rows, loaded);
      } else {
        log.keep(nextPosition, tokenId, rows, loaded);
        if (rows != null) {
          pending.recycle(rows);
        }
      }
    } catch (UncheckedIOException e) {
      ended = true;
      throw e;
    }
    nextPosition++;
  }

  private void settle() {
    if (overlap != null) {
      overlap.settle();
    }
    if (inPlace != null) {
      inPlace.requireUsable();
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
