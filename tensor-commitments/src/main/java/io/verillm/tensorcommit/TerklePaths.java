package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.vector.CellClaim;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The nodes on the way from a region's elements to the root, level by level, ascending, the root
 * last; and what is claimed about their cells.
 */
final class TerklePaths {
  /** A node. */
  record Node(int level, int number) {}

  private final TerkleLayout layout;
  private final Region region;
  private final List<Node> nodes = new ArrayList<>();
  private final List<TreeMap<Integer, Integer>> places =
      new ArrayList<>(); // number → index in list

  private TerklePaths(TerkleLayout layout, Region region) {
    this.layout = layout;
    this.region = region;
  }

  static TerklePaths of(TerkleLayout layout, Region region) {
    TerklePaths paths = new TerklePaths(layout, region);
    TreeMap<Integer, Integer> level = new TreeMap<>();
    region.forEach(index -> level.put(layout.nodeOf(0, index), 0));
    TreeMap<Integer, Integer> current = level;
    for (int l = 0; l < layout.levels(); l++) {
      TreeMap<Integer, Integer> above = new TreeMap<>();
      for (var entry : current.entrySet()) {
        entry.setValue(paths.nodes.size());
        paths.nodes.add(new Node(l, entry.getKey()));
        if (l + 1 < layout.levels()) {
          above.put(layout.parent(l, entry.getKey()), 0);
        }
      }
      paths.places.add(current);
      current = above;
    }
    return paths;
  }

  List<Node> nodes() {
    return nodes;
  }

  /**
   * The claims: every element of the region in its bottom node, and every node but the root, by the
   * digest of its commitment, in its parent.
   *
   * @param first index of the first node among the commitments
   * @param points commitments of the nodes
   */
  void addClaims(
      int first, List<G1Point> points, DType dtype, byte[] values, List<CellClaim> claims) {
    int[] offset = {0};
    region.forEach(
        index -> {
          int node = indexOf(0, layout.nodeOf(0, index));
          Fr value = Fr.of(ElementCodec.cell(dtype, values, offset[0]));
          claims.add(new CellClaim(first + node, layout.cellOf(0, index), value));
          offset[0] += dtype.bytes();
        });
    for (int i = 0; i < nodes.size() - 1; i++) {
      Node node = nodes.get(i);
      int parent = indexOf(node.level() + 1, layout.parent(node.level(), node.number()));
      Fr digest = layout.digest(node.level(), node.number(), points.get(i));
      claims.add(
          new CellClaim(first + parent, layout.cellInParent(node.level(), node.number()), digest));
    }
  }

  private int indexOf(int level, int number) {
    return Objects.requireNonNull(places.get(level).get(number));
  }
}
