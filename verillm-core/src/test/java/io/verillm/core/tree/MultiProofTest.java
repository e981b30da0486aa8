package io.verillm.core.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MultiProofTest {
  private static final List<Digest32> HASHES = ReferenceTree.hashes(ReferenceTree.leaves(200));
  private static final MerkleTree TREE = MerkleTree.of(HASHES);

  @Test
  void verify_everySubsetOfSmallTrees_agreesWithSeparateProofs() {
    for (int n = 1; n <= 9; n++) {
      for (int mask = 1; mask < 1 << n; mask++) {
        final int chosen = mask;
        long[] indices =
            java.util.stream.LongStream.range(0, n).filter(i -> (chosen >> i & 1) != 0).toArray();
        MultiProof proof = TREE.multiProof(indices, n);
        assertThat(proof.verify(n, indices, at(indices), TREE.root(n)))
            .isEqualTo(ProofOutcome.VERIFIED);
        int separate = 0;
        for (long index : indices) {
          InclusionProof single = TREE.inclusion(index, n);
          separate += single.path().size();
          assertThat(single.verify(index, n, HASHES.get((int) index), TREE.root(n)).isVerified())
              .isTrue();
        }
        assertThat(proof.nodes()).hasSizeLessThanOrEqualTo(separate);
      }
    }
  }

  @Property(tries = 300)
  void verify_randomSubset_sharesNodesAndRefusesEveryChange(
      @ForAll @IntRange(min = 1, max = 200) int size,
      @ForAll @Size(min = 1, max = 20) Set<@IntRange(max = 199) Integer> wanted,
      @ForAll @IntRange(max = 255) int bit) {
    long[] indices = wanted.stream().mapToLong(i -> i % size).sorted().distinct().toArray();
    MultiProof proof = TREE.multiProof(indices, size);
    List<Digest32> leaves = at(indices);
    Digest32 root = TREE.root(size);
    assertThat(proof.verify(size, indices, leaves, root)).isEqualTo(ProofOutcome.VERIFIED);
    // no node twice, and none that could be computed from the leaves
    assertThat(proof.nodes()).doesNotHaveDuplicates().doesNotContainAnyElementsOf(leaves);
    for (int i = 0; i < indices.length; i++) {
      List<Digest32> changed = new ArrayList<>(leaves);
      changed.set(i, ReferenceTree.flip(changed.get(i), bit));
      assertThat(proof.verify(size, indices, changed, root)).isEqualTo(ProofOutcome.ROOT_MISMATCH);
    }
    for (int i = 0; i < proof.nodes().size(); i++) {
      List<Digest32> nodes = new ArrayList<>(proof.nodes());
      nodes.set(i, ReferenceTree.flip(nodes.get(i), bit));
      assertThat(new MultiProof(nodes).verify(size, indices, leaves, root))
          .isEqualTo(ProofOutcome.ROOT_MISMATCH);
      nodes.remove(i);
      assertThat(new MultiProof(nodes).verify(size, indices, leaves, root))
          .isEqualTo(ProofOutcome.TOO_FEW_NODES);
      nodes = new ArrayList<>(proof.nodes());
      nodes.add(i, nodes.get(i));
      assertThat(new MultiProof(nodes).verify(size, indices, leaves, root))
          .isEqualTo(ProofOutcome.TOO_MANY_NODES);
    }
    for (int i = 0; i + 1 < proof.nodes().size(); i++) {
      List<Digest32> nodes = new ArrayList<>(proof.nodes());
      java.util.Collections.swap(nodes, i, i + 1);
      assertThat(new MultiProof(nodes).verify(size, indices, leaves, root))
          .isEqualTo(ProofOutcome.ROOT_MISMATCH);
    }
  }

  @Test
  void verify_allLeaves_needsNoNodes() {
    long[] all = java.util.stream.LongStream.range(0, 13).toArray();
    assertThat(TREE.multiProof(all, 13)).isEqualTo(MultiProof.empty());
    assertThat(MultiProof.empty().verify(13, all, at(all), TREE.root(13)))
        .isEqualTo(ProofOutcome.VERIFIED);
  }

  @Test
  void verify_badIndices_areRefused() {
    long[] good = {3, 5};
    MultiProof proof = TREE.multiProof(good, 8);
    Digest32 root = TREE.root(8);
    assertThat(proof.verify(8, new long[] {5, 3}, at(new long[] {5, 3}), root))
        .isEqualTo(ProofOutcome.NOT_ASCENDING);
    assertThat(proof.verify(8, new long[] {3, 3}, at(new long[] {3, 3}), root))
        .isEqualTo(ProofOutcome.NOT_ASCENDING);
    assertThat(proof.verify(8, new long[0], List.of(), root)).isEqualTo(ProofOutcome.NOT_ASCENDING);
    assertThat(proof.verify(8, new long[] {3, 8}, at(good), root))
        .isEqualTo(ProofOutcome.OUT_OF_RANGE);
    assertThat(proof.verify(8, new long[] {-1, 5}, at(good), root))
        .isEqualTo(ProofOutcome.OUT_OF_RANGE);
    assertThat(proof.verify(0, good, at(good), root)).isEqualTo(ProofOutcome.OUT_OF_RANGE);
    assertThat(proof.verify(8, new long[] {2, 5}, at(good), root))
        .isEqualTo(ProofOutcome.ROOT_MISMATCH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proof.verify(8, new long[] {3}, at(good), root));
  }

  @Test
  void verify_sizeOfAnotherShape_neverVerifies() {
    long[] indices = {3, 5};
    MultiProof proof = TREE.multiProof(indices, 8);
    for (int size = 0; size < 40; size++) {
      // A last node of one leaf stands where one of two leaves stood: 7 and 8 are one shape here.
      // No proof can tell such sizes apart, which is why they come from signed heads.
      if (size != 8 && size != 7) {
        assertThat(proof.verify(size, indices, at(indices), TREE.root(8)))
            .as("size %d", size)
            .isNotEqualTo(ProofOutcome.VERIFIED);
      }
    }
    assertThat(proof.verify(Long.MAX_VALUE, indices, at(indices), TREE.root(8)))
        .isEqualTo(ProofOutcome.TOO_FEW_NODES);
  }

  private static List<Digest32> at(long[] indices) {
    return Arrays.stream(indices).mapToObj(i -> HASHES.get((int) i)).toList();
  }
}
