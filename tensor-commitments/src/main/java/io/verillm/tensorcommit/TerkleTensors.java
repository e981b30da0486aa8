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
import java.util.Optional;
import java.util.TreeMap;

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
public final class TerkleTensors implements TensorCommitmentScheme {
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
  public CommittedTensor commit(TensorView tensor, Digest32 context) {
    ElementCodec.requireAlgebraic(tensor.dtype());
    if (tensor.shape().rank() != arity.size()) {
      throw new IllegalArgumentException(
          "arity " + arity + " does not fit a tensor of shape " + tensor.shape());
    }
    TensorBytes bytes = new TensorBytes(tensor);
    TensorBytes.requireNumbers(bytes.dtype(), bytes.data());
    return new Committed(bytes, context);
  }

  private final class Committed implements CommittedTensor {
    private final TensorBytes bytes;
    private final Digest32 context;
    private TerkleLayout layout;
    private List<G1Point[]> points = new ArrayList<>();
    private List<FrVector> digests = new ArrayList<>();

    Committed(TensorBytes bytes, Digest32 context) {
      this.bytes = bytes;
      this.context = context;
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

    @Override
    public byte[] read(Region region) {
      return bytes.read(region);
    }

    /** One scalar multiplication per changed entry and one per changed node above. */
    @Override
    public void update(Region region, byte[] values) {
      TensorBytes.requireNumbers(bytes.dtype(), values);
      byte[] before = bytes.read(region);
      bytes.write(region, values);
      int size = bytes.dtype().bytes();
      int[] at = {0};
      TreeMap<Integer, Boolean> bottom = new TreeMap<>();
      region.forEach(
          index -> {
            long delta =
                ElementCodec.cell(bytes.dtype(), values, at[0])
                    - ElementCodec.cell(bytes.dtype(), before, at[0]);
            at[0] += size;
            if (delta != 0) {
              int node = layout.nodeOf(0, index);
              move(0, node, layout.cellOf(0, index), Fr.of(Math.abs(delta)), delta < 0);
              bottom.put(node, true);
            }
          });
      TreeMap<Integer, Boolean> changed = bottom;
      for (int level = 0; level < layout.levels(); level++) {
        TreeMap<Integer, Boolean> above = new TreeMap<>();
        for (int node : changed.keySet()) {
          Fr digest = layout.digest(level, node, points.get(level)[node]);
          Fr delta = digest.subtract(digests.get(level).get(node));
          digests.get(level).set(node, digest);
          if (level + 1 < layout.levels()) {
            int parent = layout.parent(level, node);
            move(level + 1, parent, layout.cellInParent(level, node), delta, false);
            above.put(parent, true);
          }
        }
        changed = above;
      }
    }

    private void move(int level, int node, int cell, Fr delta, boolean down) {
      G1Point step = nodes.curve().multiply(nodes.basis(cell), delta);
      points.get(level)[node] =
          nodes.curve().add(points.get(level)[node], down ? nodes.curve().negate(step) : step);
    }

    @Override
    public void append(TensorView rows) {
      byte[] added = new byte[rows.bytes().remaining()];
      rows.bytes().get(added);
      TensorBytes.requireNumbers(bytes.dtype(), added);
      long unchanged = bytes.shape().dimension(0);
      bytes.append(rows);
      build(layout(bytes.shape()), points, digests, unchanged);
    }
  }

  @Override
  public TensorOpening open(List<OpenRequest> requests, Digest32 nonce) {
    List<OpenedRegion> opened = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    List<G1Point> sent = new ArrayList<>();
    List<Cells> vectors = new ArrayList<>();
    List<G1Point> commitments = new ArrayList<>();
    List<CellClaim> cells = new ArrayList<>();
    for (OpenRequest request : requests) {
      if (!(request.tensor() instanceof Committed tensor)) {
        throw new IllegalArgumentException("a tensor of another scheme");
      }
      OpenedRegion values = new OpenedRegion(request.region(), tensor.read(request.region()));
      opened.add(values);
      claims.add(new Claim(tensor.root(), request.region()));
      TerklePaths paths = TerklePaths.of(tensor.layout, request.region());
      List<G1Point> points = new ArrayList<>();
      for (TerklePaths.Node node : paths.nodes()) {
        vectors.add(tensor.cells(node.level(), node.number()));
        points.add(tensor.points.get(node.level())[node.number()]);
      }
      sent.addAll(points.subList(0, points.size() - 1)); // the root is known
      paths.addClaims(commitments.size(), points, tensor.bytes.dtype(), values.values(), cells);
      commitments.addAll(points);
    }
    Transcript transcript = OpeningChecks.transcript(name(), claims, opened, nonce);
    sent.addAll(nodes.prove(vectors, commitments, cells, transcript));
    return new TensorOpening(name(), nonce, opened, sent, List.of(), List.of());
  }

  @Override
  public TensorVerdict verify(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    return new TensorVerdict(outcome(claims, nonce, opening), name(), nodes.isInsecure());
  }

  private TensorOutcome outcome(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    Optional<TensorOutcome> problem = OpeningChecks.firstProblem(this, claims, nonce, opening);
    if (problem.isPresent()) {
      return problem.get();
    }
    if (OpeningChecks.hasNan(claims, opening)) {
      return TensorOutcome.NOT_A_NUMBER;
    }
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
