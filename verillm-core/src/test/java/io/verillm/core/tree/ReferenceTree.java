package io.verillm.core.tree;

import io.verillm.core.wire.Digest32;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** MTH, PATH and PROOF of RFC 6962 section 2.1, written down as the RFC writes them. */
public final class ReferenceTree {
  private ReferenceTree() {}

  public static List<byte[]> leaves(int n) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      leaves.add(("leaf " + i).getBytes(StandardCharsets.US_ASCII));
    }
    return leaves;
  }

  public static List<Digest32> hashes(List<byte[]> leaves) {
    return leaves.stream().map(leaf -> Digest32.sha256(new byte[] {0}, leaf)).toList();
  }

  public static Digest32 root(List<Digest32> d) {
    if (d.isEmpty()) {
      return Digest32.sha256();
    }
    if (d.size() == 1) {
      return d.get(0);
    }
    int k = split(d.size());
    return Digest32.sha256(
        new byte[] {1},
        root(d.subList(0, k)).toByteArray(),
        root(d.subList(k, d.size())).toByteArray());
  }

  public static List<Digest32> path(int m, List<Digest32> d) {
    List<Digest32> path = new ArrayList<>();
    if (d.size() == 1) {
      return path;
    }
    int k = split(d.size());
    if (m < k) {
      path.addAll(path(m, d.subList(0, k)));
      path.add(root(d.subList(k, d.size())));
    } else {
      path.addAll(path(m - k, d.subList(k, d.size())));
      path.add(root(d.subList(0, k)));
    }
    return path;
  }

  public static List<Digest32> proof(int m, List<Digest32> d) {
    return subProof(m, d, true);
  }

  private static List<Digest32> subProof(int m, List<Digest32> d, boolean b) {
    int n = d.size();
    if (m == n) {
      return b ? List.of() : List.of(root(d));
    }
    int k = split(n);
    List<Digest32> proof = new ArrayList<>();
    if (m <= k) {
      proof.addAll(subProof(m, d.subList(0, k), b));
      proof.add(root(d.subList(k, n)));
    } else {
      proof.addAll(subProof(m - k, d.subList(k, n), false));
      proof.add(root(d.subList(0, k)));
    }
    return proof;
  }

  private static int split(int n) {
    int k = 1;
    while (k * 2 < n) {
      k *= 2;
    }
    return k;
  }

  /** The same digest with one bit turned. */
  public static Digest32 flip(Digest32 digest, int bit) {
    byte[] bytes = digest.toByteArray();
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return Digest32.copyOf(bytes);
  }
}
