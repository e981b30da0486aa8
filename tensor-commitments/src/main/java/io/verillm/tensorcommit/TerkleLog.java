package io.verillm.tensorcommit;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.tree.InclusionProof;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;

/**
 * A dialogue: one committed tensor per turn, appended to the log of RFC 9162. A consistency proof
 * shows that later turns were added and no earlier one was changed; an inclusion proof leads from a
 * turn's commitment to the log's head. Belongs to one thread.
 *
 * <p>A head does not bind its size: size and root belong together in whatever is signed.
 */
public final class TerkleLog {
  private final MerkleTree tree = new MerkleTree();
  private final List<TensorRoot> turns = new ArrayList<>();

  /**
   * The log's state after a turn.
   *
   * @param turns number of turns
   * @param root root over their commitments
   */
  public record Head(long turns, Digest32 root) {}

  /** Starts without turns. */
  public TerkleLog() {}

  /** Appends a turn and returns the new head. */
  public Head append(TensorRoot turn) {
    turns.add(turn);
    tree.append(leaf(turn));
    return head();
  }

  /** The head as it is now. */
  public Head head() {
    return new Head(tree.size(), tree.root());
  }

  /** The commitment of a turn. */
  public TensorRoot turn(int index) {
    return turns.get(index);
  }

  /** Shows that a turn is in the log at a head. */
  public InclusionProof inclusion(long turn, Head head) {
    return tree.inclusion(turn, head.turns());
  }

  /** Shows that one head's turns are the first of another's. */
  public ConsistencyProof consistency(Head older, Head newer) {
    return tree.consistency(older.turns(), newer.turns());
  }

  /** Checks that a commitment is the turn at an index of a head. */
  @CheckReturnValue
  public static ProofOutcome verifyTurn(
      TensorRoot turn, long index, Head head, InclusionProof proof) {
    return proof.verify(index, head.turns(), leaf(turn), head.root());
  }

  /** Checks that the newer head continues the older one. */
  @CheckReturnValue
  public static ProofOutcome verifyGrowth(Head older, Head newer, ConsistencyProof proof) {
    return proof.verify(older.turns(), older.root(), newer.turns(), newer.root());
  }

  private static Digest32 leaf(TensorRoot turn) {
    return MerkleHash.leaf(turn.encode());
  }
}
