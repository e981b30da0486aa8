package io.verillm.core.challenge;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * Asks a prover that has shown {@link Sketches} for the whole rows of some of them. Which ones
 * follows from a round that nobody knew when the sketches were signed; an ack that names the
 * sketches says when that was.
 *
 * @param sketches digest of the sketches
 * @param ack digest of the ack that names the sketches and fixes the round
 * @param randomness the round's value with its proof
 * @param spots positions to open, 1 to 65535
 */
public record SpotChallenge(
    Digest32 sketches, Digest32 ack, RandomnessValue randomness, int spots) {
  /** Most spots. */
  public static final int MAX_SPOTS = 0xFFFF;

  private static final int VERSION = 1;

  /** Refuses nulls and numbers out of range. */
  public SpotChallenge {
    Objects.requireNonNull(sketches, "sketches");
    Objects.requireNonNull(ack, "ack");
    Objects.requireNonNull(randomness, "randomness");
    if (spots < 1 || spots > MAX_SPOTS) {
      throw new IllegalArgumentException(spots + " spots");
    }
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(5);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(sketches);
    out.unsigned(3).digest(ack);
    out.unsigned(4);
    randomness.encode(out);
    out.unsigned(5).unsigned(spots);
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static SpotChallenge decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("spot-challenge", 5);
    in.key("spot-challenge.version", 1);
    if (in.unsigned("spot-challenge.version", 255) != VERSION) {
      throw new MalformedMessageException("spot-challenge.version", in.offset(), "not version 1");
    }
    in.key("spot-challenge.sketches", 2);
    Digest32 sketches = in.digest("spot-challenge.sketches");
    in.key("spot-challenge.ack", 3);
    Digest32 ack = in.digest("spot-challenge.ack");
    in.key("spot-challenge.randomness", 4);
    RandomnessValue randomness = RandomnessValue.decode(in);
    in.key("spot-challenge.spots", 5);
    int offset = in.offset();
    int spots = (int) in.unsigned("spot-challenge.spots", MAX_SPOTS);
    in.end();
    try {
      return new SpotChallenge(sketches, ack, randomness, spots);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "spot-challenge.spots", offset, String.valueOf(e.getMessage()));
    }
  }

  /** The message's id: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs with the challenger's key. */
  public SignedMessage sign(SigningKey challenger, String networkId) {
    return SignedMessage.sign(challenger, MessageType.SPOT_CHALLENGE, encode(), networkId);
  }
}
