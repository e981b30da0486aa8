package io.verillm.core.trace;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.tree.MultiProof;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What answers a challenge on the trace side: some positions, some of their rows, and the proofs
 * that lead them to a signed head. It discloses content and goes to assigned verifiers only; it
 * reveals the salts of its own leaves and no others. Immutable.
 *
 * @param id the trace that the prover says this is of
 * @param leafCount leaves of the log that the proofs were made for
 * @param positions ascending, none twice, at least one
 * @param logProof nodes of the log beside leaf 0 and the leaves of {@code positions}
 */
public record TraceOpening(
    TraceId id, long leafCount, List<OpenedPosition> positions, MultiProof logProof) {
  private static final int VERSION = 1;

  /** Copies and checks the order. */
  public TraceOpening {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(logProof, "logProof");
    positions = List.copyOf(positions);
    if (leafCount < 1 || leafCount > TraceHead.MAX_LEAVES || positions.isEmpty()) {
      throw new IllegalArgumentException(
          positions.size() + " positions of a log of " + leafCount + " leaves");
    }
    int previous = -1;
    for (OpenedPosition position : positions) {
      if (position.entry().position() <= previous) {
        throw new IllegalArgumentException("positions are not strictly ascending");
      }
      previous = position.entry().position();
    }
  }

  /**
   * Opens rows of a trace.
   *
   * @param request row indices of the layout by position; an empty list opens the token only
   * @throws IllegalArgumentException if nothing is asked for, or a position or row does not exist
   * @throws IllegalStateException if the kept rows are no longer those that were committed
   * @throws IOException if the rows cannot be read
   */
  public static TraceOpening open(Trace trace, Map<Integer, List<Integer>> request)
      throws IOException {
    if (request.isEmpty()) {
      throw new IllegalArgumentException("nothing to open");
    }
    SortedMap<Integer, List<Integer>> sorted = new TreeMap<>(request);
    if (sorted.firstKey() < 0 || sorted.lastKey() >= trace.positions()) {
      throw new IllegalArgumentException(
          "positions "
              + sorted.firstKey()
              + " to "
              + sorted.lastKey()
              + " of a trace of "
              + trace.positions());
    }
    TokenOpener opener = new TokenOpener(trace);
    List<OpenedPosition> opened = new ArrayList<>();
    for (Map.Entry<Integer, List<Integer>> asked : sorted.entrySet()) {
      opened.add(opener.open(asked.getKey(), new TreeSet<>(asked.getValue())));
    }
    MerkleTree log = trace.log();
    return new TraceOpening(
        trace.id(), log.size(), opened, log.multiProof(logIndices(opened), log.size()));
  }

  /**
   * Checks that everything in this opening is what {@code head} commits to, in this order: leaf
   * count, trace, positions, log, then row by row and the token tree of each position.
   *
   * <p>It does not check that the opening holds what was asked for; {@link #verify(TraceHead,
   * TraceId, TraceLayout, Map)} does.
   *
   * @param head the head, its signature already checked
   * @param expected the trace that the verifier computed from order, party, role and profile
   * @param layout the ordered profile applied to the ordered model
   */
  @CheckReturnValue
  public OpeningOutcome verify(TraceHead head, TraceId expected, TraceLayout layout) {
    return new OpeningVerifier(this, head, expected, layout).verify();
  }

  /**
   * As {@link #verify(TraceHead, TraceId, TraceLayout)}, and then checks that every position and
   * row of {@code request} is there.
   */
  @CheckReturnValue
  public OpeningOutcome verify(
      TraceHead head, TraceId expected, TraceLayout layout, Map<Integer, List<Integer>> request) {
    OpeningOutcome outcome = verify(head, expected, layout);
    if (outcome instanceof OpeningOutcome.Verified verified) {
      return verified.missing(request).<OpeningOutcome>map(m -> m).orElse(verified);
    }
    return outcome;
  }

  /** Leaf 0 and the leaves of the opened positions. */
  static long[] logIndices(List<OpenedPosition> positions) {
    long[] indices = new long[positions.size() + 1];
    for (int i = 0; i < positions.size(); i++) {
      indices[i + 1] = positions.get(i).entry().leafIndex();
    }
    return indices;
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    out.map(5).unsigned(1).unsigned(VERSION).unsigned(2).digest(id.digest());
    out.unsigned(3).unsigned(leafCount).unsigned(4).array(positions.size());
    for (OpenedPosition position : positions) {
      position.write(out);
    }
    out.unsigned(5);
    logProof.write(out);
    return out.toByteArray();
  }

  /**
   * Reads one opening and nothing else.
   *
   * @param maxBytes longest input that the caller is ready to work on
   * @throws MalformedMessageException if the input is longer, or is not exactly what {@link
   *     #encode} gives for some opening
   */
  public static TraceOpening decode(byte[] bytes, long maxBytes) throws MalformedMessageException {
    if (bytes.length > maxBytes) {
      throw new MalformedMessageException(
          "trace-opening", 0, bytes.length + " bytes, the limit is " + maxBytes);
    }
    CborReader in = CborReader.of(bytes);
    in.mapOf("trace-opening", 5);
    in.key("trace-opening.version", 1);
    if (in.unsigned("trace-opening.version", 255) != VERSION) {
      throw new MalformedMessageException("trace-opening.version", in.offset(), "not version 1");
    }
    in.key("trace-opening.trace-id", 2);
    TraceId id = new TraceId(in.digest("trace-opening.trace-id"));
    in.key("trace-opening.leaves", 3);
    long leafCount = in.unsigned("trace-opening.leaves", TraceHead.MAX_LEAVES);
    in.key("trace-opening.positions", 4);
    int count = in.array("trace-opening.positions", Integer.MAX_VALUE);
    List<OpenedPosition> positions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      positions.add(OpenedPosition.read(in));
    }
    in.key("trace-opening.log-proof", 5);
    MultiProof logProof = MultiProof.read(in);
    in.end();
    try {
      return new TraceOpening(id, leafCount, positions, logProof);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("trace-opening", 0, String.valueOf(e.getMessage()));
    }
  }

  /** Opens positions of one trace, one after the other. */
  private static final class TokenOpener {
    private final Trace trace;
    private final TraceLayout layout;
    private final TokenHasher hasher;
    private final TraceSalts salts;

    TokenOpener(Trace trace) {
      this.trace = trace;
      this.layout = trace.layout();
      this.hasher = new TokenHasher(layout, new TraceSalts(trace.secret(), trace.id()));
      this.salts = new TraceSalts(trace.secret(), trace.id());
    }

    OpenedPosition open(int position, SortedSet<Integer> rowIndices) throws IOException {
      PositionEntry entry = trace.entry(position);
      if (rowIndices.isEmpty()) {
        return new OpenedPosition(entry, List.of(), MultiProof.empty());
      }
      if (rowIndices.first() < 0 || rowIndices.last() >= layout.rows().size()) {
        throw new IllegalArgumentException(
            "rows " + rowIndices + " of a layout of " + layout.rows().size());
      }
      ByteBuffer all = trace.rows(position);
      MerkleTree tree = tokenTree(position, all);
      Digest32 committed = entry.tokenRoot();
      if (committed == null || !tree.root().equals(committed)) {
        throw new IllegalStateException(
            "the rows kept for position " + position + " are not those that were committed");
      }
      List<OpenedRow> rows = new ArrayList<>();
      for (int rowIndex : rowIndices) {
        rows.add(open(position, layout.row(rowIndex), all));
      }
      return new OpenedPosition(
          entry, rows, tree.multiProof(leafIndices(layout, rows), layout.leavesPerToken()));
    }

    private OpenedRow open(int position, TraceLayout.Row row, ByteBuffer all) {
      byte[] data = new byte[row.rowBytes()];
      all.get(all.position() + row.byteOffset(), data);
      byte[] saltBytes = new byte[row.chunks() * ChunkLeaf.SALT_BYTES];
      long first = (long) position * layout.leavesPerToken() + row.firstLeaf();
      salts.fill(first, row.chunks(), saltBytes, 0);
      return OpenedRow.copyOf(row.index(), data, saltBytes);
    }

    private MerkleTree tokenTree(int position, ByteBuffer all) {
      byte[] hashes = hasher.hashLeaves(position, all);
      MerkleTree tree = new MerkleTree();
      for (int leaf = 0; leaf < layout.leavesPerToken(); leaf++) {
        tree.append(Digest32.copyOf(hashes, leaf * MerkleHash.LENGTH));
      }
      return tree;
    }
  }

  /** The leaves of whole rows, ascending because the rows are. */
  static long[] leafIndices(TraceLayout layout, List<OpenedRow> rows) {
    int count = 0;
    for (OpenedRow row : rows) {
      count += layout.row(row.rowIndex()).chunks();
    }
    long[] indices = new long[count];
    int next = 0;
    for (OpenedRow opened : rows) {
      TraceLayout.Row row = layout.row(opened.rowIndex());
      for (int chunk = 0; chunk < row.chunks(); chunk++) {
        indices[next++] = (long) row.firstLeaf() + chunk;
      }
    }
    return indices;
  }
}
