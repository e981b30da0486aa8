package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One round of commit, then reveal, against copying.
 *
 * <p>The commitment is SHA-256(length of node ‖ node ‖ length of message ‖ message ‖ nonce) with a
 * nonce of 32 bytes: it contains the node, so a copied commitment cannot be opened by the copier.
 * Times are the caller's. One object belongs to one thread. A kept commitment proves that the
 * message was fixed in time, not that it was computed.
 */
public final class CommitReveal {
  /** What a node earned in the round. */
  public enum Outcome {
    /** Committed in time and revealed the same in time: the only one that is paid. */
    REVEALED,
    /** No commitment before the deadline; a later reveal is not accepted. */
    NO_COMMITMENT,
    /** Another commitment after the first: objective equivocation. */
    EQUIVOCATED,
    /** No reveal before the deadline. */
    NO_REVEAL,
    /** The reveal does not open the commitment. */
    CHANGED
  }

  private final long commitDeadline;
  private final long revealDeadline;
  private final Map<String, ByteBuffer> commitments = new HashMap<>();
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

  /** Starts a round; deadlines in the caller's time unit, reveal after commit. */
  public CommitReveal(long commitDeadline, long revealDeadline) {
    Require.that(revealDeadline > commitDeadline, "revealDeadline must follow commitDeadline");
    this.commitDeadline = commitDeadline;
    this.revealDeadline = revealDeadline;
  }

  /** Returns the commitment of {@code node} to {@code message} under a nonce of 32 bytes. */
  @CheckReturnValue
  public static byte[] commitment(String node, byte[] message, byte[] nonce) {
    Require.that(nonce.length == 32, "nonce needs 32 bytes, has " + nonce.length);
    MessageDigest digest = SubsetDraw.sha256();
    byte[] name = node.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(8).putLong(name.length).array());
    digest.update(name);
    digest.update(ByteBuffer.allocate(8).putLong(message.length).array());
    digest.update(message);
    digest.update(nonce);
    return digest.digest();
  }

  /** Takes a commitment at {@code time}; too late or a second, different one counts against it. */
  public void commit(String node, byte[] commitment, long time) {
    Require.that(commitment.length == 32, "commitment needs 32 bytes, has " + commitment.length);
    if (time > commitDeadline) {
      outcomes.putIfAbsent(node, Outcome.NO_COMMITMENT);
      return;
    }
    ByteBuffer copy = ByteBuffer.wrap(commitment.clone());
    ByteBuffer earlier = commitments.putIfAbsent(node, copy);
    if (earlier == null) {
      outcomes.put(node, Outcome.NO_REVEAL);
    } else if (!earlier.equals(copy)) {
      outcomes.put(node, Outcome.EQUIVOCATED);
    }
  }

  /**
   * Takes a reveal at {@code time}.
   *
   * @throws IllegalStateException before the commit deadline: an early reveal invites copying
   */
  public void reveal(String node, byte[] message, byte[] nonce, long time) {
    if (time <= commitDeadline) {
      throw new IllegalStateException("commitments are still accepted until " + commitDeadline);
    }
    ByteBuffer committed = commitments.get(node);
    if (committed == null) {
      outcomes.putIfAbsent(node, Outcome.NO_COMMITMENT);
      return;
    }
    if (outcomes.get(node) != Outcome.NO_REVEAL || time > revealDeadline) {
      return;
    }
    boolean opens =
        nonce.length == 32 && committed.equals(ByteBuffer.wrap(commitment(node, message, nonce)));
    outcomes.put(node, opens ? Outcome.REVEALED : Outcome.CHANGED);
  }

  /** Returns the outcome of {@code node}; a node that was never heard of has no commitment. */
  @CheckReturnValue
  public Outcome outcome(String node) {
    return outcomes.getOrDefault(node, Outcome.NO_COMMITMENT);
  }
}
