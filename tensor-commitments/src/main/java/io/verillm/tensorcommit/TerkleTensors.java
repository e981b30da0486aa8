package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.vector.CellClaim;
import io.verillm.tensorcommit.vector.Cells;
import io.verillm.tensorcommit.vector.GridScheme;
import io.verillm.tensorcommit.vector.Transcript;
import io.verillm.tensorcommit.vector.VectorScheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Terkle trees: every node commits to a block of cells with one arity per axis; bottom nodes hold
 * elements, inner nodes hold the digests of their children's commitments. Nodes at the tensor's
 * edge have as many children as there are; nothing is padded.
 *
 * <p>All nodes on all opened paths are proven by one aggregated check of the vector scheme. A
 * digest is a hash to the field of the child's whole commitment with scheme, level, place and
 * extent in it ({@link TerkleLayout#digest}), and levels follow from the statement's shape, never
 * from the proof: a digest cannot be inverted into a commitment of choice, and an inner cell cannot
 * pass for an element.
 */
public final class TerkleTensors extends AlgebraicTensors<TerkleTensors.Tree> {
  private final VectorScheme nodes;
  private final List<Integer> arity;

  /**
   * Makes the scheme.
   *
   * @param nodes commits to one node
   * @param arity cells per axis, one number per axis of the tensors, each at least 2; their product
   *     fits a node, and for a grid they are the grid's axes
   */
  public TerkleTensors(VectorScheme nodes, int... arity) {
    super(Tree.class);
    this.nodes = nodes;
    this.arity = Arrays.stream(arity).boxed().toList();
    TerkleLayout.requireArity(arity, nodes.cells());
    if (nodes instanceof GridScheme grid && !Arrays.equals(grid.dimensions(), arity)) {
      throw new IllegalArgumentException(
          "arity " + this.arity + " on a grid of " + Arrays.toString(grid.dimensions()));
    }
  }

  @Override
  public String name() {
    return "terkle-" + nodes.name();
  }

  @Override
  public Digest32 setupId() {
    return nodes.setupId();
  }

  private TerkleLayout layout(Shape shape) {
    return new TerkleLayout(name(), shape, arity.stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public SchemeCost cost(DType dtype, Shape shape) {
    ElementCodec.requireAlgebraic(dtype);
    TensorStatement.requireShape(shape);
    TerkleLayout layout = layout(shape);
    long inner = 0;
    for (int level = 0; level < layout.levels(); level++) {
      inner += level == 0 ? 0 : layout.nodes(level - 1);
    }
    int depth = layout.levels();
    int proof = nodes.proofPoints(depth);
    int pairings = nodes instanceof GridScheme ? arity.size() + 1 : 2;
    long open = nodes instanceof GridScheme ? 2L * depth * nodes.cells() : 2L * nodes.cells();
    return new SchemeCost(
        shape.elements() + inner,
        open,
        (depth - 1 + proof) * G1Point.BYTES,
        pairings,
        depth,
        inner * 256);
  }

  @Override
  boolean isInsecure() {
    return nodes.isInsecure();
  }

  @Override
  void requireFits(Shape shape) {
    if (shape.rank() != arity.size()) {
      throw new IllegalArgumentException(
          "arity " + arity + " does not fit a tensor of shape " + shape);
    }
  }

  @Override
  Tree commit(TensorBytes bytes, Digest32 context) {
    return new Tree(bytes, context);
  }

  /** A tensor and the nodes over it. */
  final class Tree extends AlgebraicTensors.Committed {
    private final TreeSet<Integer> changedBottom = new TreeSet<>();
    private TerkleLayout layout;
    private List<G1Point[]> points = new ArrayList<>();
    private List<FrVector> digests = new ArrayList<>();

    private Tree(TensorBytes bytes, Digest32 context) {
      super(bytes, context);
      this.layout = layout(bytes.shape());
      build(layout, List.of(), List.of(), 0);
    }

    /** Builds all nodes, taking over those whose cells lie before {@code unchanged} on axis 0. */
    private void build(
        TerkleLayout next, List<G1Point[]> oldPoints, List<FrVector> oldDigests, long unchanged) {
      List<G1Point[]> newPoints = new ArrayList<>();
      List<FrVector> newDigests = new ArrayList<>();
      points = newPoints;
      digests = newDigests;
      layout = next;
      long boundary = unchanged;
      for (int level = 0; level < next.levels(); level++) {
        boundary /= arity.get(0);
        int count = next.nodes(level);
        int kept = level < oldPoints.size() ? (int) boundary * next.nodesPerStep(level) : 0;
        G1Point[] row = new G1Point[count];
        FrVector rowDigests = new FrVector(count);
        newPoints.add(row);
        newDigests.add(rowDigests);
        for (int node = 0; node < count; node++) {
          if (node < kept) {
            row[node] = oldPoints.get(level)[node];
            rowDigests.set(node, oldDigests.get(level).get(node));
          } else {
            row[node] = nodes.commit(cells(level, node).toScalars());
            rowDigests.set(node, next.digest(level, node, row[node]));
          }
        }
      }
    }

    /** The values in a node's cells. */
    private Cells cells(int level, int node) {
      int last = layout.lastCell(level, node);
      if (level == 0) {
        long[] out = new long[last + 1];
        layout.forEachChild(level, node, (cell, child) -> out[cell] = bytes.cell(child));
        return Cells.of(out);
      }
      FrVector out = new FrVector(last + 1);
      FrVector below = digests.get(level - 1);
      layout.forEachChild(level, node, (cell, child) -> out.set(cell, below.get((int) child)));
      return Cells.of(out);
    }

    @Override
    public TensorRoot root() {
      TensorStatement statement =
          new TensorStatement(name(), bytes.dtype(), bytes.shape(), setupId(), context, arity);
      return new TensorRoot(statement, points.get(points.size() - 1)[0].encode());
    }

    /** One scalar multiplication per changed entry and one per changed node above. */
    @Override
    void grow(long[] index, long delta) {
      int node = layout.nodeOf(0, index);
      G1Point[] bottom = points.get(0);
      bottom[node] = nodes.moved(bottom[node], layout.cellOf(0, index), delta);
      changedBottom.add(node);
    }

    @Override
    void settle() {
      SortedSet<Integer> changed = new TreeSet<>(changedBottom);
      changedBottom.clear();
      for (int level = 0; level < layout.levels(); level++) {
        SortedSet<Integer> above = new TreeSet<>();
        for (int node : changed) {
          Fr digest = layout.digest(level, node, points.get(level)[node]);
          Fr delta = digest.subtract(digests.get(level).get(node));
          digests.get(level).set(node, digest);
          if (level + 1 < layout.levels()) {
            int parent = layout.parent(level, node);
            G1Point[] row = points.get(level + 1);
            row[parent] = nodes.moved(row[parent], layout.cellInParent(level, node), delta);
            above.add(parent);
          }
        }
        changed = above;
      }
    }

    @Override
    public void append(TensorView rows) {
      long unchanged = bytes.shape().dimension(0);
      take(rows);
      build(layout(bytes.shape()), points, digests, unchanged);
    }
  }

  @Override
  TensorOpening open(List<Tree> tensors, List<OpenedRegion> opened, Digest32 nonce) {
    List<G1Point> sent = new ArrayList<>();
    List<Cells> vectors = new ArrayList<>();
    List<G1Point> commitments = new ArrayList<>();
    List<CellClaim> cells = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Tree tensor = tensors.get(i);
      OpenedRegion values = opened.get(i);
      TerklePaths paths = TerklePaths.of(tensor.layout, values.region());
      List<G1Point> points = new ArrayList<>();
      for (TerklePaths.Node node : paths.nodes()) {
        vectors.add(tensor.cells(node.level(), node.number()));
        points.add(tensor.points.get(node.level())[node.number()]);
      }
      sent.addAll(points.subList(0, points.size() - 1)); // the root is known
      paths.addClaims(commitments.size(), points, tensor.bytes.dtype(), values.values(), cells);
      commitments.addAll(points);
    }
    Transcript transcript =
        OpeningChecks.transcript(name(), claims(tensors, opened), opened, nonce);
    sent.addAll(nodes.prove(vectors, commitments, cells, transcript));
    return new TensorOpening(name(), nonce, opened, sent, List.of(), List.of());
  }

  @Override
  TensorOutcome check(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    int next = 0;
    List<G1Point> commitments = new ArrayList<>();
    List<CellClaim> cells = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      TensorRoot root = claims.get(i).root();
      TensorStatement statement = root.statement();
      if (!ElementCodec.isAlgebraic(statement.dtype())
          || !statement.parameters().equals(arity)
          || statement.shape().rank() != arity.size()) {
        return TensorOutcome.WRONG_STATEMENT;
      }
      G1Point top;
      try {
        top = nodes.curve().decodeG1(root.root(), "root");
      } catch (MalformedMessageException e) {
        return TensorOutcome.WRONG_ROOT;
      }
      TerklePaths paths = TerklePaths.of(layout(statement.shape()), claims.get(i).region());
      int below = paths.nodes().size() - 1;
      if (opening.points().size() - next < below) {
        return TensorOutcome.WRONG_PROOF_SIZE;
      }
      List<G1Point> points = new ArrayList<>(opening.points().subList(next, next + below));
      next += below;
      points.add(top);
      paths.addClaims(
          commitments.size(), points, statement.dtype(), opening.opened().get(i).values(), cells);
      commitments.addAll(points);
    }
    if (!opening.hashes().isEmpty() || !opening.leaves().isEmpty()) {
      return TensorOutcome.WRONG_PROOF_SIZE;
    }
    Transcript transcript = OpeningChecks.transcript(name(), claims, opening.opened(), nonce);
    return OpeningChecks.outcome(
        nodes.verify(
            commitments,
            cells,
            opening.points().subList(next, opening.points().size()),
            transcript));
  }
}
