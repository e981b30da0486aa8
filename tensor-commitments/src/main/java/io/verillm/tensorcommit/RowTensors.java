package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.tree.MultiProof;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import io.verillm.tensorcommit.vector.CellClaim;
import io.verillm.tensorcommit.vector.Cells;
import io.verillm.tensorcommit.vector.KzgScheme;
import io.verillm.tensorcommit.vector.Transcript;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The scheme {@code kzg}: every row along the last axis is a polynomial over the ceremony's setup,
 * rows wider than it in chunks; a Merkle tree over the rows' points makes one root of them.
 *
 * <p>A leaf of the tree is the point's 48 bytes, row u64, chunk u32 and type u8. Whole rows are
 * opened by their elements, which the verifier commits to again; anything smaller by two points for
 * all rows, entries and tensors together.
 */
public final class RowTensors extends AlgebraicTensors<RowTensors.Rows> {
  private final KzgScheme rows;

  /** Makes the scheme over rows of {@code rows.cells()} cells. */
  public RowTensors(KzgScheme rows) {
    super(Rows.class);
    this.rows = rows;
  }

  @Override
  boolean isInsecure() {
    return rows.isInsecure();
  }

  @Override
  void requireFits(Shape shape) {
    TensorStatement.requireShape(shape);
  }

  @Override
  public String name() {
    return "kzg";
  }

  @Override
  public Digest32 setupId() {
    return rows.setupId();
  }

  private int chunks(Shape shape) {
    return Math.toIntExact((shape.dimension(shape.rank() - 1) + rows.cells() - 1) / rows.cells());
  }

  private long rowCount(Shape shape) {
    return shape.elements() / shape.dimension(shape.rank() - 1);
  }

  private int chunkCells(Shape shape, int chunk) {
    return (int)
        Math.min(rows.cells(), shape.dimension(shape.rank() - 1) - (long) chunk * rows.cells());
  }

  @Override
  public SchemeCost cost(DType dtype, Shape shape) {
    ElementCodec.requireAlgebraic(dtype);
    TensorStatement.requireShape(shape);
    long leaves = rowCount(shape) * chunks(shape);
    int depth = 64 - Long.numberOfLeadingZeros(leaves - 1);
    return new SchemeCost(
        shape.elements(), 2L * rows.cells(), 3 * G1Point.BYTES + 32 * depth, 2, 1, leaves * 127);
  }

  @Override
  Rows commit(TensorBytes bytes, Digest32 context) {
    return new Rows(bytes, context);
  }

  /** Rows, their points, and the tree over those. */
  final class Rows extends AlgebraicTensors.Committed {
    private final List<G1Point> points = new ArrayList<>();
    private final TreeSet<Integer> changed = new TreeSet<>();
    private MerkleTree tree = new MerkleTree();

    private Rows(TensorBytes bytes, Digest32 context) {
      super(bytes, context);
      extend();
    }

    private void extend() {
      long all = rowCount(bytes.shape()) * chunks(bytes.shape());
      for (long leaf = points.size(); leaf < all; leaf++) {
        G1Point point = rows.commit(scalars(bytes.dtype(), chunk(leaf)));
        points.add(point);
        tree.append(leafHash(point, leaf));
      }
    }

    private Digest32 leafHash(G1Point point, long leaf) {
      return RowTensors.leafHash(point, leaf, chunks(bytes.shape()), bytes.dtype());
    }

    /** Raw bytes of one chunk of a row. */
    private byte[] chunk(long leaf) {
      Shape shape = bytes.shape();
      int width = (int) shape.dimension(shape.rank() - 1);
      int chunk = (int) (leaf % chunks(shape));
      int from = (int) (leaf / chunks(shape)) * width + chunk * rows.cells();
      int size = bytes.dtype().bytes();
      return Arrays.copyOfRange(
          bytes.data(), from * size, (from + chunkCells(shape, chunk)) * size);
    }

    @Override
    public TensorRoot root() {
      TensorStatement statement =
          new TensorStatement(
              name(), bytes.dtype(), bytes.shape(), setupId(), context, List.of(rows.cells()));
      return new TensorRoot(statement, tree.root().toByteArray());
    }

    /** One short scalar multiplication per changed entry, and the tree over the points. */
    @Override
    void grow(long[] index, long delta) {
      Shape shape = bytes.shape();
      int width = (int) shape.dimension(shape.rank() - 1);
      int column = (int) index[shape.rank() - 1];
      int leaf = (int) (Region.flat(shape, index) / width) * chunks(shape) + column / rows.cells();
      points.set(leaf, rows.moved(points.get(leaf), column % rows.cells(), delta));
      changed.add(leaf);
    }

    @Override
    void settle() {
      MerkleTree next = new MerkleTree();
      for (int leaf = 0; leaf < points.size(); leaf++) {
        next.append(
            changed.contains(leaf) ? leafHash(points.get(leaf), leaf) : tree.leafHash(leaf));
      }
      changed.clear();
      tree = next;
    }

    @Override
    public void append(TensorView more) {
      take(more);
      extend();
    }
  }

  private static Digest32 leafHash(G1Point point, long leaf, int chunks, DType dtype) {
    ByteBuffer out = ByteBuffer.allocate(G1Point.BYTES + 13);
    out.put(point.encode()).putLong(leaf / chunks).putInt((int) (leaf % chunks));
    return MerkleHash.leaf(out.put((byte) dtype.code()).array());
  }

  /** Raw bytes as scalars; the bias of signed types is one flipped bit. */
  static Scalars scalars(DType dtype, byte[] raw) {
    int size = dtype.bytes();
    if (dtype == DType.I8 || dtype == DType.I16) {
      for (int i = size - 1; i < raw.length; i += size) {
        raw[i] ^= (byte) 0x80;
      }
    }
    return new Scalars(raw, raw.length / size, 8 * size);
  }

  /** Which cells of which leaves a region needs: whole chunks have no cells of their own. */
  private static final class Plan {
    final TreeMap<Long, TreeMap<Integer, Integer>> cells = new TreeMap<>(); // leaf → cell → offset

    SortedMap<Integer, Integer> wanted(long leaf) {
      return Objects.requireNonNull(cells.get(leaf));
    }
  }

  private Plan plan(Region region, DType dtype, Shape shape) {
    Plan plan = new Plan();
    int last = shape.rank() - 1;
    int[] at = {0};
    region.forEach(
        index -> {
          int column = (int) index[last];
          long leaf =
              Region.flat(shape, index) / shape.dimension(last) * chunks(shape)
                  + column / rows.cells();
          plan.cells
              .computeIfAbsent(leaf, key -> new TreeMap<>())
              .put(column % rows.cells(), at[0]);
          at[0] += dtype.bytes();
        });
    return plan;
  }

  @Override
  TensorOpening open(List<Rows> tensors, List<OpenedRegion> opened, Digest32 nonce) {
    List<G1Point> points = new ArrayList<>();
    List<Digest32> hashes = new ArrayList<>();
    List<Cells> vectors = new ArrayList<>();
    List<G1Point> commitments = new ArrayList<>();
    List<CellClaim> cells = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Rows tensor = tensors.get(i);
      OpenedRegion values = opened.get(i);
      DType dtype = tensor.bytes.dtype();
      Shape shape = tensor.bytes.shape();
      Plan plan = plan(values.region(), dtype, shape);
      long[] indices = plan.cells.keySet().stream().mapToLong(Long::longValue).toArray();
      hashes.addAll(tensor.tree.multiProof(indices, tensor.tree.size()).nodes());
      for (long leaf : indices) {
        G1Point point = tensor.points.get((int) leaf);
        points.add(point);
        SortedMap<Integer, Integer> wanted = plan.wanted(leaf);
        if (wanted.size() < chunkCells(shape, (int) (leaf % chunks(shape)))) {
          addClaims(wanted, dtype, values.values(), vectors.size(), cells);
          commitments.add(point);
          vectors.add(cells(dtype, tensor.chunk(leaf)));
        }
      }
    }
    if (!cells.isEmpty()) {
      Transcript transcript =
          OpeningChecks.transcript(name(), claims(tensors, opened), opened, nonce);
      points.addAll(rows.prove(vectors, commitments, cells, transcript));
    }
    return new TensorOpening(name(), nonce, opened, points, hashes, List.of());
  }

  private static void addClaims(
      SortedMap<Integer, Integer> wanted,
      DType dtype,
      byte[] values,
      int vector,
      List<CellClaim> cells) {
    wanted.forEach(
        (cell, offset) ->
            cells.add(
                new CellClaim(vector, cell, Fr.of(ElementCodec.cell(dtype, values, offset)))));
  }

  static Cells cells(DType dtype, byte[] raw) {
    long[] out = new long[raw.length / dtype.bytes()];
    for (int i = 0; i < out.length; i++) {
      out[i] = ElementCodec.cell(dtype, raw, i * dtype.bytes());
    }
    return Cells.of(out);
  }

  @Override
  TensorOutcome check(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    int nextPoint = 0;
    int nextHash = 0;
    List<G1Point> commitments = new ArrayList<>();
    List<CellClaim> cells = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      TensorRoot root = claims.get(i).root();
      DType dtype = root.statement().dtype();
      Shape shape = root.statement().shape();
      if (!ElementCodec.isAlgebraic(dtype)
          || !root.statement().parameters().equals(List.of(rows.cells()))) {
        return TensorOutcome.WRONG_STATEMENT;
      }
      if (root.root().length != Digest32.LENGTH) {
        return TensorOutcome.WRONG_ROOT;
      }
      Plan plan = plan(claims.get(i).region(), dtype, shape);
      long[] indices = plan.cells.keySet().stream().mapToLong(Long::longValue).toArray();
      long leaves = rowCount(shape) * chunks(shape);
      int nodes = MerkleTensors.nodeCount(indices, 0, indices.length, 0, leaves);
      if (opening.points().size() - nextPoint < indices.length
          || opening.hashes().size() - nextHash < nodes) {
        return TensorOutcome.WRONG_PROOF_SIZE;
      }
      List<Digest32> hashes = new ArrayList<>();
      for (int k = 0; k < indices.length; k++) {
        hashes.add(leafHash(opening.points().get(nextPoint + k), indices[k], chunks(shape), dtype));
      }
      MultiProof path = new MultiProof(opening.hashes().subList(nextHash, nextHash + nodes));
      nextHash += nodes;
      if (path.verify(leaves, indices, hashes, Digest32.copyOf(root.root()))
          != ProofOutcome.VERIFIED) {
        return TensorOutcome.ROOT_MISMATCH;
      }
      byte[] values = opening.opened().get(i).values();
      for (long leaf : indices) {
        G1Point point = opening.points().get(nextPoint++);
        SortedMap<Integer, Integer> wanted = plan.wanted(leaf);
        if (wanted.size() < chunkCells(shape, (int) (leaf % chunks(shape)))) {
          addClaims(wanted, dtype, values, commitments.size(), cells);
          commitments.add(point);
        } else {
          byte[] raw = new byte[wanted.size() * dtype.bytes()];
          wanted.forEach(
              (cell, offset) ->
                  System.arraycopy(values, offset, raw, cell * dtype.bytes(), dtype.bytes()));
          if (!rows.commit(scalars(dtype, raw)).equals(point)) {
            return TensorOutcome.ROW_MISMATCH;
          }
        }
      }
    }
    int left = opening.points().size() - nextPoint;
    if (nextHash != opening.hashes().size()
        || !opening.leaves().isEmpty()
        || left != (cells.isEmpty() ? 0 : rows.proofPoints(cells.size()))) {
      return TensorOutcome.WRONG_PROOF_SIZE;
    }
    if (cells.isEmpty()) {
      return TensorOutcome.VERIFIED;
    }
    Transcript transcript = OpeningChecks.transcript(name(), claims, opening.opened(), nonce);
    return OpeningChecks.outcome(
        rows.verify(
            commitments,
            cells,
            opening.points().subList(nextPoint, opening.points().size()),
            transcript));
  }
}
