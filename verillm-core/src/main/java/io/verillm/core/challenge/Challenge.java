package io.verillm.core.challenge;

import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Asks a prover to open rows of one committed trace. What is opened follows from the randomness and
 * the plan alone; the signer has no choice left.
 *
 * @param order digest of the order
 * @param receipt digest of the receipt
 * @param ack digest of the ack that fixes the round; empty if the randomness is a verifier's nonce
 * @param randomness the round's value with its proof
 * @param plan how much to open
 */
public record Challenge(
    Digest32 order,
    Digest32 receipt,
    Optional<Digest32> ack,
    RandomnessValue randomness,
    ChallengePlan plan) {
  private static final int VERSION = 1;
  private static final byte[] SEED_TAG =
      "verillm/challenge-seed/v1".getBytes(StandardCharsets.US_ASCII);

  /** Refuses nulls. */
  public Challenge {
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(ack, "ack");
    Objects.requireNonNull(randomness, "randomness");
    Objects.requireNonNull(plan, "plan");
  }

  /**
   * The rows to open.
   *
   * @param value the checked value of the round, see {@link RandomnessSource#check}
   * @param committed number of positions that have rows
   */
  public SortedMap<Integer, List<Integer>> draw(Digest32 value, TraceLayout layout, int committed) {
    return plan.draw(seed(value), layout, committed);
  }

  /**
   * Binds the round's value to this order and receipt, so that one round serves many challenges.
   *
   * <p>The ack's digest is left out on purpose: its signature bytes or a second ack must not give a
   * second draw.
   */
  Digest32 seed(Digest32 value) {
    return Digest32.sha256(
        SEED_TAG, value.toByteArray(), order.toByteArray(), receipt.toByteArray());
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(ack.isPresent() ? 6 : 5);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(order);
    out.unsigned(3).digest(receipt);
    out.unsigned(4);
    randomness.encode(out);
    out.unsigned(5);
    plan.encode(out);
    ack.ifPresent(digest -> out.unsigned(6).digest(digest));
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static Challenge decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    int entries = in.map("challenge", 6);
    if (entries < 5) {
      throw new MalformedMessageException("challenge", 0, "5 or 6 fields, found " + entries);
    }
    in.key("challenge.version", 1);
    if (in.unsigned("challenge.version", VERSION) != VERSION) {
      throw new MalformedMessageException("challenge.version", in.offset(), "unknown version");
    }
    in.key("challenge.order", 2);
    Digest32 order = in.digest("challenge.order");
    in.key("challenge.receipt", 3);
    Digest32 receipt = in.digest("challenge.receipt");
    in.key("challenge.randomness", 4);
    RandomnessValue randomness = RandomnessValue.decode(in);
    in.key("challenge.plan", 5);
    ChallengePlan plan = ChallengePlan.decode(in);
    Optional<Digest32> ack = Optional.empty();
    if (entries == 6) {
      in.key("challenge.ack", 6);
      ack = Optional.of(in.digest("challenge.ack"));
    }
    in.end();
    return new Challenge(order, receipt, ack, randomness, plan);
  }

  /** The challenge's id: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs the challenge. */
  public SignedMessage sign(SigningKey verifier, String networkId) {
    return SignedMessage.sign(verifier, MessageType.CHALLENGE, encode(), networkId);
  }
}
