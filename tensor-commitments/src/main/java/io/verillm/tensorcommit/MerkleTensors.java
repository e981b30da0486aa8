package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.tree.MultiProof;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The scheme {@code merkle}: rows along the last axis in leaves of up to 1024 bytes, in the tree of
 * RFC 6962. Every type and every bit pattern, no setup, no native code; an opening carries whole
 * leaves.
 *
 * <p>A leaf is the data followed by row u64, chunk u32 and type u8. It has no salt: whoever can
 * guess a row can confirm it from the root.
 */
public final class MerkleTensors implements TensorCommitmentScheme {
  /** Data bytes of a leaf. */
  static final int LEAF_BYTES = 1024;

  /** Makes the scheme. */
  public MerkleTensors() {}

  @Override
  public String name() {
    return "merkle";
  }

  @Override
  public Digest32 setupId() {
    return TensorStatement.NONE;
  }

  private static int rowBytes(DType dtype, Shape shape) {
    return Math.toIntExact(shape.dimension(shape.rank() - 1) * dtype.bytes());
  }

  private static int chunks(int rowBytes) {
    return (rowBytes + LEAF_BYTES - 1) / LEAF_BYTES;
  }

  private static long leaves(DType dtype, Shape shape) {
    return shape.elements() / shape.dimension(shape.rank() - 1) * chunks(rowBytes(dtype, shape));
  }

  @Override
  public SchemeCost cost(DType dtype, Shape shape) {
    TensorStatement.requireShape(shape);
    long leaves = leaves(dtype, shape);
    int depth = 64 - Long.numberOfLeadingZeros(Math.max(0, leaves - 1));
    int leaf = Math.min(LEAF_BYTES, rowBytes(dtype, shape));
    return new SchemeCost(
        0,
        0,
        leaf + 32 * depth,
        0,
        0,
        shape.elements() * dtype.bytes() + 13 * leaves + 65 * leaves);
  }

  @Override
  public CommittedTensor commit(TensorView tensor, Digest32 context) {
    return new Committed(new TensorBytes(tensor), context);
  }

  private final class Committed implements CommittedTensor {
    private final TensorBytes bytes;
    private final Digest32 context;
    private MerkleTree tree;

    Committed(TensorBytes bytes, Digest32 context) {
      this.bytes = bytes;
      this.context = context;
      this.tree = build(bytes);
    }

    @Override
    public TensorRoot root() {
      TensorStatement statement =
          new TensorStatement(
              name(), bytes.dtype(), bytes.shape(), setupId(), context, List.of(LEAF_BYTES));
      return new TensorRoot(statement, tree.root().toByteArray());
    }

    @Override
    public byte[] read(Region region) {
      return bytes.read(region);
    }

    @Override
    public void update(Region region, byte[] values) {
      bytes.write(region, values);
      MerkleTree old = tree;
      MerkleTree next = new MerkleTree();
      SortedSet<Long> touched = touched(region, bytes.dtype(), bytes.shape());
      for (long leaf = 0; leaf < old.size(); leaf++) {
        next.append(
            touched.contains(leaf) ? MerkleHash.leaf(leaf(bytes, leaf)) : old.leafHash(leaf));
      }
      tree = next;
    }

    @Override
    public void append(TensorView rows) {
      bytes.append(rows);
      long all = leaves(bytes.dtype(), bytes.shape());
      for (long leaf = tree.size(); leaf < all; leaf++) {
        tree.append(MerkleHash.leaf(leaf(bytes, leaf)));
      }
    }
  }

  private static MerkleTree build(TensorBytes bytes) {
    MerkleTree tree = new MerkleTree();
    long all = leaves(bytes.dtype(), bytes.shape());
    for (long leaf = 0; leaf < all; leaf++) {
      tree.append(MerkleHash.leaf(leaf(bytes, leaf)));
    }
    return tree;
  }

  private static byte[] leaf(TensorBytes bytes, long leaf) {
    int width = rowBytes(bytes.dtype(), bytes.shape());
    long row = leaf / chunks(width);
    int chunk = (int) (leaf % chunks(width));
    int length = Math.min(LEAF_BYTES, width - chunk * LEAF_BYTES);
    int from = (int) row * width + chunk * LEAF_BYTES;
    ByteBuffer out = ByteBuffer.allocate(length + 13);
    out.put(bytes.data(), from, length).putLong(row).putInt(chunk);
    return out.put((byte) bytes.dtype().code()).array();
  }

  /** The leaves that hold a region, ascending. */
  private static SortedSet<Long> touched(Region region, DType dtype, Shape shape) {
    int last = shape.rank() - 1;
    int chunks = chunks(rowBytes(dtype, shape));
    int first = (int) (region.start(last) * dtype.bytes() / LEAF_BYTES);
    int end = (int) (((region.start(last) + region.count(last)) * dtype.bytes() - 1) / LEAF_BYTES);
    SortedSet<Long> leaves = new TreeSet<>();
    rows(region)
        .forEach(
            index -> {
              long row = Region.flat(shape, index) / shape.dimension(last);
              for (int chunk = first; chunk <= end; chunk++) {
                leaves.add(row * chunks + chunk);
              }
            });
    return leaves;
  }

  /** The first element of every row that a region touches. */
  static Region rows(Region region) {
    long[] start = new long[region.rank()];
    long[] count = new long[region.rank()];
    for (int axis = 0; axis < start.length; axis++) {
      boolean last = axis == start.length - 1;
      start[axis] = last ? 0 : region.start(axis);
      count[axis] = last ? 1 : region.count(axis);
    }
    return Region.block(start, count);
  }

  @Override
  public TensorOpening open(List<OpenRequest> requests, Digest32 nonce) {
    List<OpenedRegion> opened = new ArrayList<>();
    List<Digest32> hashes = new ArrayList<>();
    List<byte[]> leaves = new ArrayList<>();
    for (OpenRequest request : requests) {
      if (!(request.tensor() instanceof Committed tensor)) {
        throw new IllegalArgumentException("a tensor of another scheme");
      }
      opened.add(new OpenedRegion(request.region(), tensor.read(request.region())));
      SortedSet<Long> touched =
          touched(request.region(), tensor.bytes.dtype(), tensor.bytes.shape());
      long[] indices = touched.stream().mapToLong(Long::longValue).toArray();
      hashes.addAll(tensor.tree.multiProof(indices, tensor.tree.size()).nodes());
      for (long leaf : indices) {
        byte[] whole = leaf(tensor.bytes, leaf);
        leaves.add(Arrays.copyOf(whole, whole.length - 13));
      }
    }
    return new TensorOpening(name(), nonce, opened, List.of(), hashes, leaves);
  }

  @Override
  public TensorVerdict verify(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    return new TensorVerdict(outcome(claims, nonce, opening), name(), false);
  }

  private TensorOutcome outcome(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    Optional<TensorOutcome> problem = OpeningChecks.firstProblem(this, claims, nonce, opening);
    if (problem.isPresent()) {
      return problem.get();
    }
    int nextLeaf = 0;
    int nextHash = 0;
    for (int i = 0; i < claims.size(); i++) {
      TensorRoot root = claims.get(i).root();
      if (!root.statement().parameters().equals(List.of(LEAF_BYTES))) {
        return TensorOutcome.WRONG_STATEMENT;
      }
      if (root.root().length != Digest32.LENGTH) {
        return TensorOutcome.WRONG_ROOT;
      }
      DType dtype = root.statement().dtype();
      Shape shape = root.statement().shape();
      Region region = claims.get(i).region();
      SortedSet<Long> touched = touched(region, dtype, shape);
      long[] indices = touched.stream().mapToLong(Long::longValue).toArray();
      // The number of nodes follows from indices and size, so several proofs can share one list.
      int nodes = nodeCount(indices, 0, indices.length, 0, leaves(dtype, shape));
      if (opening.leaves().size() - nextLeaf < indices.length
          || opening.hashes().size() - nextHash < nodes) {
        return TensorOutcome.WRONG_PROOF_SIZE;
      }
      List<byte[]> data = opening.leaves().subList(nextLeaf, nextLeaf + indices.length);
      List<Digest32> path = opening.hashes().subList(nextHash, nextHash + nodes);
      nextLeaf += indices.length;
      nextHash += nodes;
      TensorOutcome outcome = check(root, indices, data, path);
      if (outcome != TensorOutcome.VERIFIED) {
        return outcome;
      }
      if (!holds(region, dtype, shape, indices, data, opening.opened().get(i).values())) {
        return TensorOutcome.ROW_MISMATCH;
      }
    }
    return nextLeaf == opening.leaves().size()
            && nextHash == opening.hashes().size()
            && opening.points().isEmpty()
        ? TensorOutcome.VERIFIED
        : TensorOutcome.WRONG_PROOF_SIZE;
  }

  /** How many subtree hashes a multi-proof of these leaves has; the walk of {@link MerkleTree}. */
  static int nodeCount(long[] indices, int from, int to, long start, long count) {
    if (from == to) {
      return 1;
    }
    if (count == 1) {
      return 0;
    }
    long split = Long.highestOneBit(count - 1);
    int middle = from;
    while (middle < to && indices[middle] < start + split) {
      middle++;
    }
    return nodeCount(indices, from, middle, start, split)
        + nodeCount(indices, middle, to, start + split, count - split);
  }

  private static TensorOutcome check(
      TensorRoot root, long[] indices, List<byte[]> data, List<Digest32> path) {
    DType dtype = root.statement().dtype();
    Shape shape = root.statement().shape();
    int width = rowBytes(dtype, shape);
    List<Digest32> hashes = new ArrayList<>();
    for (int k = 0; k < indices.length; k++) {
      int chunk = (int) (indices[k] % chunks(width));
      if (data.get(k).length != Math.min(LEAF_BYTES, width - chunk * LEAF_BYTES)) {
        return TensorOutcome.WRONG_PROOF_SIZE;
      }
      ByteBuffer leaf = ByteBuffer.allocate(data.get(k).length + 13);
      leaf.put(data.get(k)).putLong(indices[k] / chunks(width)).putInt(chunk);
      hashes.add(MerkleHash.leaf(leaf.put((byte) dtype.code()).array()));
    }
    ProofOutcome outcome =
        new MultiProof(path)
            .verify(leaves(dtype, shape), indices, hashes, Digest32.copyOf(root.root()));
    return outcome == ProofOutcome.VERIFIED ? TensorOutcome.VERIFIED : TensorOutcome.ROOT_MISMATCH;
  }

  /** Whether the opened elements are those in the leaves. */
  private static boolean holds(
      Region region, DType dtype, Shape shape, long[] indices, List<byte[]> data, byte[] values) {
    int last = shape.rank() - 1;
    int chunks = chunks(rowBytes(dtype, shape));
    int from = (int) region.start(last) * dtype.bytes();
    int length = (int) region.count(last) * dtype.bytes();
    boolean[] good = {true};
    int[] at = {0};
    rows(region)
        .forEach(
            index -> {
              long row = Region.flat(shape, index) / shape.dimension(last);
              for (int k = 0; k < length; k++) {
                int chunk = (from + k) / LEAF_BYTES;
                int leaf = Arrays.binarySearch(indices, row * chunks + chunk);
                good[0] &= data.get(leaf)[(from + k) % LEAF_BYTES] == values[at[0]++];
              }
            });
    return good[0];
  }
}
