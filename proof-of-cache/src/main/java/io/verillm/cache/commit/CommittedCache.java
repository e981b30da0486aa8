package io.verillm.cache.commit;

import io.verillm.cache.layout.KvCache;
import io.verillm.cache.layout.KvLayout;
import io.verillm.cache.layout.KvPart;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.LayerSelection;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TokenHasher;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceLog;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceSalts;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A trace whose rows stay in the engine's cache: committing reads each row once, while or after the
 * engine decodes, and keeps one root per token; opening reads the drawn rows again and refuses if
 * they are no longer those that were committed. The cache is never copied, and nothing is allocated
 * per cell.
 *
 * <p>An engine that evicts or overwrites a row before it was opened cannot open it: say so with
 * {@link KvLayout#firstValid}, or keep the blocks until the deadline of the challenge. The root
 * binds what was read, not that a model computed it. One thread at a time.
 */
public final class CommittedCache implements Trace {
  private final TraceId id;
  private final TraceLayout layout;
  private final JobSecret secret;
  private final TokenHasher hasher;
  private final byte[] scratch;
  private final ByteBuffer scratchView;
  private final MerkleTree log = new MerkleTree();
  private final List<PositionEntry> entries = new ArrayList<>();
  private KvCache cache;
  private boolean ended;

  /**
   * Begins a trace of a cache.
   *
   * @throws IllegalArgumentException if the cache does not have the model's layers and widths
   */
  public CommittedCache(KvCache cache, ModelDimensions model, TraceId id, JobSecret secret) {
    this.cache = cache;
    this.id = Objects.requireNonNull(id, "id");
    this.secret = Objects.requireNonNull(secret, "secret");
    if (!cache.layout().fits(model)) {
      throw new IllegalArgumentException(cache.layout() + " is no cache of " + model);
    }
    this.layout = TraceLayout.of(profile(cache.layout()), model);
    this.hasher = new TokenHasher(layout, new TraceSalts(secret, id));
    this.scratch = new byte[layout.bytesPerToken()];
    this.scratchView = ByteBuffer.wrap(scratch);
    log.append(TraceLog.leafZeroHash(id));
  }

  /** The profile of a cache: keys and values of every layer in the type that rows have. */
  public static TraceProfile profile(KvLayout cache) {
    return new TraceProfile(
        List.of(
            new TraceProfile.Entry(
                TensorKind.KEY, cache.keyHook(), new LayerSelection.All(), cache.rowDType()),
            new TraceProfile.Entry(
                TensorKind.VALUE, HookPoint.AS_CACHED, new LayerSelection.All(), cache.rowDType())),
        ChunkLeaf.MAX_DATA);
  }

  /**
   * Goes on with the cache as it is now, after it grew or moved.
   *
   * @throws IllegalArgumentException if its rows have another type, place or width
   */
  public void useCache(KvCache current) {
    if (!profile(current.layout()).equals(layout.profile())
        || !current.layout().fits(layout.dimensions())) {
      throw new IllegalArgumentException(current.layout() + " has other rows");
    }
    cache = current;
  }

  /**
   * Commits the next position. A position whose rows were evicted is committed as loaded, without
   * rows: nobody can check it.
   *
   * @throws IllegalStateException if the trace has ended
   * @throws IllegalArgumentException if the cache does not hold the position, or the token is not
   *     in the vocabulary
   */
  public void commit(int tokenId) {
    requireToken(tokenId);
    int position = entries.size();
    KvLayout current = cache.layout();
    if (position >= current.positions()) {
      throw new IllegalArgumentException(
          "position " + position + " is beyond the cache's " + current.positions());
    }
    if (position < current.firstValid()) {
      append(new PositionEntry(position, tokenId, null, true));
      return;
    }
    gather(position, scratch);
    Digest32 root = hasher.root(position, scratchView);
    append(new PositionEntry(position, tokenId, root, current.isLoaded(position)));
  }

  /** Commits the last sampled token, which is never fed. Ends the trace. */
  public void commitUnfed(int tokenId) {
    requireToken(tokenId);
    append(new PositionEntry(entries.size(), tokenId, null, false));
    ended = true;
  }

  private void requireToken(int tokenId) {
    if (ended) {
      throw new IllegalStateException("the trace has ended");
    }
    if (tokenId < 0 || tokenId >= layout.dimensions().vocabulary()) {
      throw new IllegalArgumentException("token " + tokenId + " is not in the vocabulary");
    }
  }

  private void append(PositionEntry entry) {
    entries.add(entry);
    log.append(entry.leafHash());
  }

  private void gather(int position, byte[] into) {
    int layers = layout.dimensions().layers();
    int rowBytes = cache.rowBytes();
    for (int layer = 0; layer < layers; layer++) {
      cache.gather(KvPart.KEY, layer, position, into, layer * rowBytes);
      cache.gather(KvPart.VALUE, layer, position, into, (layers + layer) * rowBytes);
    }
  }

  @Override
  public TraceId id() {
    return id;
  }

  @Override
  public TraceLayout layout() {
    return layout;
  }

  @Override
  public JobSecret secret() {
    return secret;
  }

  @Override
  public int positions() {
    return entries.size();
  }

  @Override
  public PositionEntry entry(int position) {
    return entries.get(position);
  }

  @Override
  public ByteBuffer rows(int position) {
    if (entry(position).tokenRoot() == null) {
      throw new IllegalArgumentException("position " + position + " has no rows");
    }
    if (position < cache.layout().firstValid() || position >= cache.layout().positions()) {
      throw new IllegalStateException(
          "the engine gave up the rows of position " + position + " before they were opened");
    }
    byte[] rows = new byte[layout.bytesPerToken()];
    gather(position, rows);
    return ByteBuffer.wrap(rows).asReadOnlyBuffer();
  }

  @Override
  public TraceHead head() {
    return new TraceHead(log.root(), log.size());
  }
}
