package io.verillm.core.tree;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.List;
import java.util.Objects;

/**
 * Shows that one leaf is at one index of a tree (RFC 9162 section 2.1.3).
 *
 * <p>It carries siblings only. Index and size are the verifier's own: a proof that named them could
 * lead the verifier to another leaf. It does not prove that the leaf is true, only that the root
 * was made with it. Immutable.
 *
 * @param path sibling hashes from the leaf up; at most {@value #MAX_NODES}
 */
public record InclusionProof(List<Digest32> path) {
  /** Longest path: a tree has fewer than 2⁶³ leaves. */
  public static final int MAX_NODES = 63;

  /** Copies the path. */
  public InclusionProof {
    path = List.copyOf(path);
    if (path.size() > MAX_NODES) {
      throw new IllegalArgumentException("path of " + path.size() + " nodes");
    }
  }

  /**
   * Checks that {@code leafHash} is the leaf at {@code index}, walking RFC 9162 section 2.1.3.2.
   *
   * @param index index that the verifier asked for, from 0
   * @param size number of leaves, from a signed head or a profile
   * @param leafHash hash of the leaf, computed by the verifier from the leaf's bytes
   */
  @CheckReturnValue
  public ProofOutcome verify(long index, long size, Digest32 leafHash, Digest32 root) {
    Objects.requireNonNull(root, "root");
    if (index < 0 || index >= size) {
      return ProofOutcome.OUT_OF_RANGE;
    }
    byte[] hash = leafHash.toByteArray();
    MerkleHash hasher = new MerkleHash();
    long node = index;
    long last = size - 1;
    for (Digest32 next : path) {
      if (last == 0) {
        return ProofOutcome.TOO_MANY_NODES;
      }
      if ((node & 1) == 1 || node == last) {
        hasher.ascend(next, hash);
        // The last node of a level without a right neighbour was lifted; skip those levels.
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        hasher.ascend(hash, next);
      }
      node >>>= 1;
      last >>>= 1;
    }
    if (last != 0) {
      return ProofOutcome.TOO_FEW_NODES;
    }
    return Digest32.copyOf(hash).equals(root) ? ProofOutcome.VERIFIED : ProofOutcome.ROOT_MISMATCH;
  }

  /** Writes the proof as an array of 32-byte strings. */
  public void write(CborWriter out) {
    ProofNodes.write(out, path);
  }

  /** Reads what {@link #write} wrote. */
  public static InclusionProof read(CborReader in) throws MalformedMessageException {
    return new InclusionProof(ProofNodes.read(in, "inclusion-path", MAX_NODES));
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
  public static InclusionProof decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    InclusionProof proof = read(in);
    in.end();
    return proof;
  }
}
