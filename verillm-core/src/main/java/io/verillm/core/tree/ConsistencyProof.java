package io.verillm.core.tree;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Iterator;
import java.util.List;

/**
 * Shows that a tree only grew: the leaves under an older root are the first leaves under a newer
 * one (RFC 9162 section 2.1.4).
 *
 * <p>It does not prove what the leaves are. Immutable.
 *
 * @param path nodes in the RFC's order; at most {@value #MAX_NODES}
 */
public record ConsistencyProof(List<Digest32> path) {
  /** Longest path. */
  public static final int MAX_NODES = 64;

  /** Copies the path. */
  public ConsistencyProof {
    path = List.copyOf(path);
    if (path.size() > MAX_NODES) {
      throw new IllegalArgumentException("path of " + path.size() + " nodes");
    }
  }

  /**
   * Checks the proof, walking RFC 9162 section 2.1.4.2.
   *
   * <p>Sizes that are equal need equal roots and an empty path. The RFC leaves an old size of zero
   * undefined; here it needs the empty tree's root and an empty path, since every tree extends it.
   *
   * @param oldSize leaves under {@code oldRoot}, from its signed head
   * @param newSize leaves under {@code newRoot}, from its signed head
   */
  @CheckReturnValue
  public ProofOutcome verify(long oldSize, Digest32 oldRoot, long newSize, Digest32 newRoot) {
    if (oldSize < 0 || oldSize > newSize) {
      return ProofOutcome.OUT_OF_RANGE;
    }
    if (oldSize == newSize || oldSize == 0) {
      if (!path.isEmpty()) {
        return ProofOutcome.TOO_MANY_NODES;
      }
      if (newSize == 0 && !newRoot.equals(MerkleHash.emptyRoot())) {
        return ProofOutcome.ROOT_MISMATCH;
      }
      Digest32 expected = oldSize == 0 ? MerkleHash.emptyRoot() : newRoot;
      return oldRoot.equals(expected) ? ProofOutcome.VERIFIED : ProofOutcome.OLD_ROOT_MISMATCH;
    }
    Iterator<Digest32> nodes = path.iterator();
    byte[] oldHash;
    if (Long.bitCount(oldSize) == 1) {
      oldHash = oldRoot.toByteArray(); // a complete subtree is a node of the new tree itself
    } else if (nodes.hasNext()) {
      oldHash = nodes.next().toByteArray();
    } else {
      return ProofOutcome.TOO_FEW_NODES;
    }
    byte[] newHash = oldHash.clone();
    byte[] sibling = new byte[Digest32.LENGTH];
    MerkleHash hasher = new MerkleHash();
    long node = oldSize - 1;
    long last = newSize - 1;
    while ((node & 1) == 1) {
      node >>>= 1;
      last >>>= 1;
    }
    while (nodes.hasNext()) {
      if (last == 0) {
        return ProofOutcome.TOO_MANY_NODES;
      }
      nodes.next().copyTo(sibling, 0);
      if ((node & 1) == 1 || node == last) {
        hasher.node(sibling, 0, oldHash, 0, oldHash, 0);
        hasher.node(sibling, 0, newHash, 0, newHash, 0);
        while ((node & 1) == 0 && node != 0) {
          node >>>= 1;
          last >>>= 1;
        }
      } else {
        hasher.node(newHash, 0, sibling, 0, newHash, 0);
      }
      node >>>= 1;
      last >>>= 1;
    }
    if (last != 0) {
      return ProofOutcome.TOO_FEW_NODES;
    }
    if (!Digest32.copyOf(newHash).equals(newRoot)) {
      return ProofOutcome.ROOT_MISMATCH;
    }
    return Digest32.copyOf(oldHash).equals(oldRoot)
        ? ProofOutcome.VERIFIED
        : ProofOutcome.OLD_ROOT_MISMATCH;
  }

  /** Writes the proof as an array of 32-byte strings. */
  public void write(CborWriter out) {
    ProofNodes.write(out, path);
  }

  /** Reads what {@link #write} wrote. */
  public static ConsistencyProof read(CborReader in) throws MalformedMessageException {
    return new ConsistencyProof(ProofNodes.read(in, "consistency-path", MAX_NODES));
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
  public static ConsistencyProof decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    ConsistencyProof proof = read(in);
    in.end();
    return proof;
  }
}
