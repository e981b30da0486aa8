package io.verillm.core.challenge;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.Objects;

/**
 * One round of a randomness source as it travels: who, which round, and the proof. Compared by
 * content. Immutable. It is worth nothing until its source has checked the proof.
 */
public final class RandomnessValue {
  private static final int MAX_PROOF = 1024;

  private final Digest32 source;
  private final long round;
  private final byte[] proof;

  /** Makes a value; the round is not negative, the proof at most 1024 bytes. */
  public RandomnessValue(Digest32 source, long round, byte[] proof) {
    this.source = Objects.requireNonNull(source, "source");
    this.round = round;
    this.proof = proof.clone();
    if (round < 0 || proof.length > MAX_PROOF) {
      throw new IllegalArgumentException("round or proof out of range");
    }
  }

  /** Id of the source. */
  public Digest32 source() {
    return source;
  }

  /** The source's round. */
  public long round() {
    return round;
  }

  /** A copy of the proof. */
  public byte[] proof() {
    return proof.clone();
  }

  void encode(CborWriter out) {
    out.array(3).digest(source).unsigned(round).bytes(proof);
  }

  static RandomnessValue decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("randomness", 3);
    Digest32 source = in.digest("randomness.source");
    long round = in.unsigned("randomness.round");
    return new RandomnessValue(source, round, in.bytes("randomness.proof", MAX_PROOF));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RandomnessValue that
        && source.equals(that.source)
        && round == that.round
        && Arrays.equals(proof, that.proof);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, round, Arrays.hashCode(proof));
  }
}
