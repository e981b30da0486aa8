package io.verillm.core.tree;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.List;

/**
 * Shows that several leaves are at their indices of one tree, every needed sibling sent once.
 *
 * <p>Walk the tree from its root: a subtree without a leaf to show contributes its hash and is not
 * entered. The nodes are those hashes from left to right, so their number follows from size and
 * indices alone, and there is one proof per question. It does not prove that the leaves are true,
 * only that the root was made with them. Immutable.
 *
 * @param nodes hashes from left to right
 */
public record MultiProof(List<Digest32> nodes) {
  /** Most nodes that a decoder accepts. */
  public static final int MAX_NODES = 1 << 20;

  /** Copies the nodes. */
  public MultiProof {
    nodes = List.copyOf(nodes);
    if (nodes.size() > MAX_NODES) {
      throw new IllegalArgumentException("proof of " + nodes.size() + " nodes");
    }
  }

  /** A proof without nodes, as for all leaves of a tree at once. */
  public static MultiProof empty() {
    return new MultiProof(List.of());
  }

  /**
   * Checks that every hash is the leaf at its index.
   *
   * @param size number of leaves in the tree, from a signed head or a profile
   * @param indices strictly ascending, at least one, each below {@code size}
   * @param leafHashes one per index, computed by the verifier from the leaves' bytes
   * @throws IllegalArgumentException if there is not one hash per index: that is the caller's
   *     mistake and not the prover's
   */
  @CheckReturnValue
  public ProofOutcome verify(long size, long[] indices, List<Digest32> leafHashes, Digest32 root) {
    if (indices.length != leafHashes.size()) {
      throw new IllegalArgumentException(
          indices.length + " indices, " + leafHashes.size() + " hashes");
    }
    if (indices.length == 0) {
      return ProofOutcome.NOT_ASCENDING;
    }
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= size) {
        return ProofOutcome.OUT_OF_RANGE;
      }
      if (i > 0 && indices[i] <= indices[i - 1]) {
        return ProofOutcome.NOT_ASCENDING;
      }
    }
    MultiProofWalk walk = new MultiProofWalk(indices, leafHashes, nodes);
    Digest32 computed = walk.root(size);
    if (computed == null) {
      return ProofOutcome.TOO_FEW_NODES;
    }
    if (!walk.consumedAllNodes()) {
      return ProofOutcome.TOO_MANY_NODES;
    }
    return computed.equals(root) ? ProofOutcome.VERIFIED : ProofOutcome.ROOT_MISMATCH;
  }

  /** Writes the proof as an array of 32-byte strings. */
  public void write(CborWriter out) {
    ProofNodes.write(out, nodes);
  }

  /** Reads what {@link #write} wrote. */
  public static MultiProof read(CborReader in) throws MalformedMessageException {
    return new MultiProof(ProofNodes.read(in, "multi-proof", MAX_NODES));
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    write(out);
    return out.toByteArray();
  }

  /**
   * Reads one proof and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not exactly what {@link #encode} gives for
   *     some proof
   */
  public static MultiProof decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    MultiProof proof = read(in);
    in.end();
    return proof;
  }
}
