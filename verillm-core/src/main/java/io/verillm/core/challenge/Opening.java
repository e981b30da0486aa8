package io.verillm.core.challenge;

import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A prover's reply to a challenge: the answer's tokens and salts, and the rows that were drawn.
 *
 * <p>An opening discloses prompt and answer content to whoever holds it.
 *
 * @param receipt digest of the receipt that is opened
 * @param challenge digest of the challenge that is answered
 * @param answer tokens, delivered bytes and the salts of the receipt's digests
 * @param trace opened rows with their paths
 */
public record Opening(Digest32 receipt, Digest32 challenge, Answer answer, TraceOpening trace) {
  private static final int VERSION = 1;

  /** Refuses nulls. */
  public Opening {
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(challenge, "challenge");
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(trace, "trace");
  }

  /**
   * Answers a challenge as the prover, after checking that it follows from admissible randomness: a
   * prover discloses content only to a challenge that nobody could have chosen.
   *
   * @param source the randomness source that the prover admits
   * @throws IllegalArgumentException if the challenge is for another receipt, or its randomness
   *     does not hold
   * @throws IOException if the trace cannot be read
   */
  public static Opening of(
      Challenge challenge, RandomnessSource source, Receipt receipt, Answer answer, Trace trace)
      throws IOException {
    if (!challenge.receipt().equals(receipt.digest())) {
      throw new IllegalArgumentException("the challenge is for another receipt");
    }
    Digest32 value = checked(source, challenge.randomness());
    int committed = receipt.promptTokens() + receipt.outputTokens() - 1;
    SortedMap<Integer, List<Integer>> request =
        new TreeMap<>(challenge.draw(value, trace.layout(), committed));
    // A position of a reused prefix may have no rows; its log entry says so and is opened alone.
    request.replaceAll(
        (position, rows) -> trace.entry(position).tokenRoot() == null ? List.of() : rows);
    return new Opening(
        challenge.receipt(), challenge.digest(), answer, TraceOpening.open(trace, request));
  }

  /**
   * Opens the spots of sketches that this prover signed, after the same checks.
   *
   * @param challenge the challenge that the sketches answer
   * @throws IllegalArgumentException if the spots are those of other sketches, or a randomness does
   *     not hold
   * @throws IOException if the trace cannot be read
   */
  public static Opening ofSpots(
      Challenge challenge,
      Sketches sketches,
      SpotChallenge spots,
      RandomnessSource source,
      Receipt receipt,
      Answer answer,
      Trace trace)
      throws IOException {
    if (!challenge.receipt().equals(receipt.digest())
        || !sketches.challenge().equals(challenge.digest())
        || !spots.sketches().equals(sketches.digest())) {
      throw new IllegalArgumentException("the spots are for other sketches");
    }
    Digest32 value = checked(source, challenge.randomness());
    Digest32 later = checked(source, spots.randomness());
    int committed = receipt.promptTokens() + receipt.outputTokens() - 1;
    SortedMap<Integer, List<Integer>> drawn = challenge.draw(value, trace.layout(), committed);
    return new Opening(
        receipt.digest(),
        spots.digest(),
        answer,
        TraceOpening.open(trace, sketches.spots(later, drawn, spots.spots())));
  }

  private static Digest32 checked(RandomnessSource source, RandomnessValue randomness) {
    return source
        .check(randomness)
        .orElseThrow(
            () -> new IllegalArgumentException("the challenge's randomness does not hold"));
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(5);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(receipt);
    out.unsigned(3).digest(challenge);
    out.unsigned(4);
    answer.encode(out);
    out.unsigned(5).bytes(trace.encode());
    return out.toByteArray();
  }

  /** Reads a payload. */
  public static Opening decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("opening", 5);
    in.key("opening.version", 1);
    if (in.unsigned("opening.version", VERSION) != VERSION) {
      throw new MalformedMessageException("opening.version", in.offset(), "unknown version");
    }
    in.key("opening.receipt", 2);
    Digest32 receipt = in.digest("opening.receipt");
    in.key("opening.challenge", 3);
    Digest32 challenge = in.digest("opening.challenge");
    in.key("opening.answer", 4);
    Answer answer = Answer.decode(in);
    in.key("opening.trace", 5);
    TraceOpening trace =
        TraceOpening.decode(in.bytes("opening.trace", payload.length), payload.length);
    in.end();
    return new Opening(receipt, challenge, answer, trace);
  }

  /** Signs the opening with the prover's key. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.OPENING, encode(), networkId);
  }
}
