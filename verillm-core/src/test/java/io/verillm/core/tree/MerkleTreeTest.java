package io.verillm.core.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
  private static final int MAX = 33;
  private final List<Digest32> hashes = ReferenceTree.hashes(ReferenceTree.leaves(MAX));
  private final MerkleTree tree = MerkleTree.of(hashes);

  @Test
  void root_everySize_equalsTheDefinitionInEveryForm() {
    MerkleFrontier frontier = new MerkleFrontier();
    for (int n = 1; n <= MAX; n++) {
      frontier.append(hashes.get(n - 1));
      Digest32 expected = ReferenceTree.root(hashes.subList(0, n));
      assertThat(tree.root(n)).isEqualTo(expected);
      assertThat(frontier.root()).isEqualTo(expected);
      assertThat(frontier.size()).isEqualTo(n);
      byte[] flat = new byte[5 + n * 32];
      for (int i = 0; i < n; i++) {
        hashes.get(i).copyTo(flat, 5 + i * 32);
      }
      new MerkleHash().foldInPlace(flat, 5, n);
      assertThat(Digest32.copyOf(flat, 5)).isEqualTo(expected);
    }
  }

  @Test
  void inclusion_everyLeafOfEverySize_equalsTheDefinitionAndVerifies() {
    for (int n = 1; n <= MAX; n++) {
      for (int m = 0; m < n; m++) {
        InclusionProof proof = tree.inclusion(m, n);
        assertThat(proof.path()).isEqualTo(ReferenceTree.path(m, hashes.subList(0, n)));
        assertThat(proof.verify(m, n, hashes.get(m), tree.root(n)))
            .isEqualTo(ProofOutcome.VERIFIED);
      }
    }
  }

  @Test
  void inclusion_anyBitOfLeafPathOrRootFlipped_isRootMismatch() {
    for (int n : new int[] {1, 2, 3, 7, 8, 33}) {
      for (int m = 0; m < n; m++) {
        InclusionProof proof = tree.inclusion(m, n);
        for (int bit = 0; bit < 256; bit += 5) {
          assertThat(proof.verify(m, n, ReferenceTree.flip(hashes.get(m), bit), tree.root(n)))
              .isEqualTo(ProofOutcome.ROOT_MISMATCH);
          assertThat(proof.verify(m, n, hashes.get(m), ReferenceTree.flip(tree.root(n), bit)))
              .isEqualTo(ProofOutcome.ROOT_MISMATCH);
          for (int at = 0; at < proof.path().size(); at++) {
            List<Digest32> path = new ArrayList<>(proof.path());
            path.set(at, ReferenceTree.flip(path.get(at), bit));
            assertThat(new InclusionProof(path).verify(m, n, hashes.get(m), tree.root(n)))
                .isEqualTo(ProofOutcome.ROOT_MISMATCH);
          }
        }
      }
    }
  }

  @Test
  void inclusion_otherIndex_neverVerifies() {
    for (int n = 2; n <= MAX; n++) {
      for (int m = 0; m < n; m++) {
        InclusionProof proof = tree.inclusion(m, n);
        for (int other = -1; other <= n; other++) {
          if (other != m) {
            assertThat(proof.verify(other, n, hashes.get(m), tree.root(n)))
                .isNotEqualTo(ProofOutcome.VERIFIED);
          }
        }
      }
    }
  }

  @Test
  void inclusion_sizeOfOtherDepth_neverVerifies() {
    // A size of the same shape along the path cannot be told apart: that is why sizes are signed.
    assertThat(tree.inclusion(0, 8).verify(0, 9, hashes.get(0), tree.root(8)))
        .isEqualTo(ProofOutcome.TOO_FEW_NODES);
    assertThat(tree.inclusion(0, 8).verify(0, 4, hashes.get(0), tree.root(8)))
        .isEqualTo(ProofOutcome.TOO_MANY_NODES);
    assertThat(tree.inclusion(7, 8).verify(7, 7, hashes.get(7), tree.root(8)))
        .isEqualTo(ProofOutcome.OUT_OF_RANGE);
    for (int n = 1; n <= MAX; n++) {
      InclusionProof lastLeaf = tree.inclusion(n - 1, n);
      for (int size = 0; size <= MAX; size++) {
        boolean sameShape = size >= n && shape(n - 1, size).equals(shape(n - 1, n));
        if (!sameShape) {
          assertThat(lastLeaf.verify(n - 1, size, hashes.get(n - 1), tree.root(n)).isVerified())
              .as("leaf %d of %d under size %d", n - 1, n, size)
              .isFalse();
        }
      }
    }
  }

  /** The turns from a leaf to the root. */
  private static String shape(int index, int size) {
    if (size == 1) {
      return "";
    }
    int split = Integer.highestOneBit(size - 1);
    return index < split ? shape(index, split) + "L" : shape(index - split, size - split) + "R";
  }

  @Test
  void inclusion_pathShortenedOrExtended_saysSo() {
    for (int n = 2; n <= MAX; n++) {
      for (int m = 0; m < n; m++) {
        List<Digest32> path = tree.inclusion(m, n).path();
        assertThat(
                new InclusionProof(path.subList(0, path.size() - 1))
                    .verify(m, n, hashes.get(m), tree.root(n)))
            .isEqualTo(ProofOutcome.TOO_FEW_NODES);
        List<Digest32> longer = new ArrayList<>(path);
        longer.add(hashes.get(0));
        assertThat(new InclusionProof(longer).verify(m, n, hashes.get(m), tree.root(n)))
            .isEqualTo(ProofOutcome.TOO_MANY_NODES);
      }
    }
  }

  @Test
  void root_lastLeafRepeated_isAnotherRoot() {
    // Trees that duplicate an odd last node give (a, b, c) and (a, b, c, c) one root.
    List<Digest32> three = hashes.subList(0, 3);
    List<Digest32> four = List.of(three.get(0), three.get(1), three.get(2), three.get(2));
    assertThat(MerkleTree.of(three).root()).isNotEqualTo(MerkleTree.of(four).root());
  }

  @Test
  void leaf_bytesOfAnInnerNode_doNotBecomeThatNode() {
    byte[] children = new byte[64];
    hashes.get(0).copyTo(children, 0);
    hashes.get(1).copyTo(children, 32);
    Digest32 node = MerkleHash.node(hashes.get(0), hashes.get(1));
    Digest32 asLeaf = MerkleHash.leaf(children);
    assertThat(asLeaf).isNotEqualTo(node);
    // The same attack on a proof: node 0..1 of four leaves shown as leaf 0 of a tree of two.
    Digest32 sibling = MerkleHash.node(hashes.get(2), hashes.get(3));
    assertThat(new InclusionProof(List.of(sibling)).verify(0, 2, asLeaf, tree.root(4)))
        .isEqualTo(ProofOutcome.ROOT_MISMATCH);
  }

  @Test
  void consistency_everyPair_equalsTheDefinitionAndVerifies() {
    for (int n = 1; n <= MAX; n++) {
      for (int m = 0; m <= n; m++) {
        ConsistencyProof proof = tree.consistency(m, n);
        if (m > 0) {
          assertThat(proof.path()).isEqualTo(ReferenceTree.proof(m, hashes.subList(0, n)));
        }
        assertThat(proof.verify(m, tree.root(m), n, tree.root(n)))
            .as("%d to %d", m, n)
            .isEqualTo(ProofOutcome.VERIFIED);
      }
    }
  }

  @Test
  void consistency_anyChange_neverVerifies() {
    for (int n = 1; n <= MAX; n++) {
      for (int m = 0; m <= n; m++) {
        ConsistencyProof proof = tree.consistency(m, n);
        Digest32 oldRoot = tree.root(m);
        Digest32 newRoot = tree.root(n);
        assertThat(proof.verify(m, ReferenceTree.flip(oldRoot, n), n, newRoot).isVerified())
            .isFalse();
        if (m > 0) { // every tree extends the empty one, whatever its root
          assertThat(proof.verify(m, oldRoot, n, ReferenceTree.flip(newRoot, m)).isVerified())
              .isFalse();
        }
        for (int at = 0; at < proof.path().size(); at++) {
          List<Digest32> path = new ArrayList<>(proof.path());
          path.set(at, ReferenceTree.flip(path.get(at), at));
          assertThat(new ConsistencyProof(path).verify(m, oldRoot, n, newRoot).isVerified())
              .isFalse();
          path.remove(at);
          assertThat(new ConsistencyProof(path).verify(m, oldRoot, n, newRoot).isVerified())
              .isFalse();
        }
        List<Digest32> longer = new ArrayList<>(proof.path());
        longer.add(newRoot);
        assertThat(new ConsistencyProof(longer).verify(m, oldRoot, n, newRoot))
            .isEqualTo(ProofOutcome.TOO_MANY_NODES);
        assertThat(proof.verify(n + 1, oldRoot, n, newRoot)).isEqualTo(ProofOutcome.OUT_OF_RANGE);
        assertThat(proof.verify(-1, oldRoot, n, newRoot)).isEqualTo(ProofOutcome.OUT_OF_RANGE);
      }
    }
  }

  @Test
  void consistency_rewrittenHistory_neverVerifies() {
    for (int n = 2; n <= MAX; n++) {
      for (int m = 1; m < n; m++) {
        List<Digest32> other = new ArrayList<>(hashes.subList(0, n));
        other.set(m - 1, ReferenceTree.flip(other.get(m - 1), 3));
        MerkleTree rewritten = MerkleTree.of(other);
        assertThat(
                rewritten
                    .consistency(m, n)
                    .verify(m, tree.root(m), n, rewritten.root())
                    .isVerified())
            .isFalse();
      }
    }
  }

  @Test
  void frontierCopy_appendedTo_leavesTheOriginalAlone() {
    MerkleFrontier original = new MerkleFrontier();
    for (Digest32 hash : hashes.subList(0, 7)) {
      original.append(hash);
    }
    MerkleFrontier copy = original.copy();
    copy.append(hashes.get(7));
    assertThat(original.root()).isEqualTo(tree.root(7));
    assertThat(copy.root()).isEqualTo(tree.root(8));
  }

  @Test
  void calls_outOfRange_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> tree.root(MAX + 1));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.root(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.leafHash(MAX));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusion(5, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusion(-1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.consistency(6, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.consistency(-1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.multiProof(new long[0], 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.multiProof(new long[] {5}, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.multiProof(new long[] {1, 1}, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> tree.multiProof(new long[] {2, 1}, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MerkleHash().foldInPlace(new byte[32], 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InclusionProof(java.util.Collections.nCopies(64, hashes.get(0))));
  }

  @Test
  void inclusion_hugeSizes_needDepthNodesAndNoOverflow() {
    List<Digest32> path = new ArrayList<>(java.util.Collections.nCopies(63, hashes.get(1)));
    Digest32 root = hashes.get(0);
    for (Digest32 node : path) {
      root = MerkleHash.node(root, node);
    }
    assertThat(new InclusionProof(path).verify(0, Long.MAX_VALUE, hashes.get(0), root))
        .isEqualTo(ProofOutcome.VERIFIED);
    assertThat(
            new InclusionProof(path.subList(0, 62)).verify(0, Long.MAX_VALUE, hashes.get(0), root))
        .isEqualTo(ProofOutcome.TOO_FEW_NODES);
    assertThat(Arrays.asList(ProofOutcome.values()).stream().filter(ProofOutcome::isVerified))
        .containsExactly(ProofOutcome.VERIFIED);
  }
}
