package io.verillm.core.trace;

import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import org.jspecify.annotations.Nullable;

/**
 * What the trace log says about one position: leaf {@code position + 1} of the log.
 *
 * <p>The token is the one that was <em>fed</em> there; the logits at a position choose the token of
 * the next. It binds token and rows to each other, not to any model.
 *
 * @param position from 0, over prompt and output
 * @param tokenId at least 0
 * @param tokenRoot root of the token tree; null for the last sampled token, which is never fed, and
 *     for a reused token whose rows nobody kept
 * @param loaded whether the rows came from a reused prefix; they count as unchecked
 */
public record PositionEntry(
    int position, int tokenId, @Nullable Digest32 tokenRoot, boolean loaded) {
  private static final int TAG = 1;
  private static final int FLAG_LOADED = 1;

  /** Refuses negative numbers. */
  public PositionEntry {
    if (position < 0 || position == Integer.MAX_VALUE || tokenId < 0) {
      throw new IllegalArgumentException("position " + position + ", token " + tokenId);
    }
  }

  /** Index of its leaf in the trace log. */
  public long leafIndex() {
    return position + 1L;
  }

  /** The leaf's bytes: CBOR {@code [1, position, token id, token root or null, flags]}. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    write(out);
    return out.toByteArray();
  }

  /** The leaf's hash in the trace log. */
  public Digest32 leafHash() {
    return MerkleHash.leaf(encode());
  }

  void write(CborWriter out) {
    out.array(5).unsigned(TAG).unsigned(position).unsigned(tokenId);
    if (tokenRoot == null) {
      out.nul();
    } else {
      out.digest(tokenRoot);
    }
    out.unsigned(loaded ? FLAG_LOADED : 0);
  }

  static PositionEntry read(CborReader in) throws MalformedMessageException {
    in.arrayOf("position-entry", 5);
    long start = in.offset();
    if (in.unsigned("position-entry.tag", 255) != TAG) {
      throw new MalformedMessageException("position-entry.tag", start, "not a position");
    }
    int position = (int) in.unsigned("position-entry.position", Integer.MAX_VALUE - 1);
    int tokenId = (int) in.unsigned("position-entry.token", Integer.MAX_VALUE);
    Digest32 root = null;
    if (in.nextIsNull()) {
      in.nul("position-entry.root");
    } else {
      root = in.digest("position-entry.root");
    }
    boolean loaded = in.unsigned("position-entry.flags", FLAG_LOADED) == FLAG_LOADED;
    return new PositionEntry(position, tokenId, root, loaded);
  }
}
