package io.verillm.core.challenge;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a prover shows of the KV-cache rows that a challenge drew, in place of the rows: a few
 * values per row, signed before a later round draws the spots whose whole rows must be opened.
 *
 * <p>By itself it is a claim: nothing ties a sketch to a committed row but the spots. Immutable.
 */
@CheckReturnValue
public final class Sketches {
  /** Most values per row. */
  public static final int MAX_OUTPUTS = 64;

  private static final int VERSION = 1;
  private static final byte[] SPOT_TAG = "verillm/kv-spots/v1".getBytes(StandardCharsets.US_ASCII);

  private final Digest32 challenge;
  private final int outputs;
  private final byte[] values;

  /**
   * Makes a message.
   *
   * @param challenge digest of the challenge that is answered
   * @param outputs values per row, 1 to {@value #MAX_OUTPUTS}
   * @param values two bytes per value, row after row in the order of positions and row indices
   */
  public Sketches(Digest32 challenge, int outputs, byte[] values) {
    this.challenge = Objects.requireNonNull(challenge, "challenge");
    if (outputs < 1 || outputs > MAX_OUTPUTS || values.length % (2 * outputs) != 0) {
      throw new IllegalArgumentException(values.length + " bytes in rows of " + outputs);
    }
    this.outputs = outputs;
    this.values = values.clone();
  }

  /** Digest of the challenge that is answered. */
  public Digest32 challenge() {
    return challenge;
  }

  /** Values per row. */
  public int outputs() {
    return outputs;
  }

  /** Number of rows. */
  public int rows() {
    return values.length / (2 * outputs);
  }

  /** A copy of the values. */
  public byte[] values() {
    return values.clone();
  }

  /** The message's id: SHA-256 of {@link #encode}. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return new CborWriter()
        .array(4)
        .unsigned(VERSION)
        .digest(challenge)
        .unsigned(outputs)
        .bytes(values)
        .toByteArray();
  }

  /**
   * Reads a payload.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives
   */
  public static Sketches decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.arrayOf("sketches", 4);
    if (in.unsigned("sketches.version", 255) != VERSION) {
      throw new MalformedMessageException("sketches.version", in.offset(), "not version 1");
    }
    Digest32 challenge = in.digest("sketches.challenge");
    int offset = in.offset();
    int outputs = (int) in.unsigned("sketches.outputs", MAX_OUTPUTS);
    byte[] values = in.bytes("sketches.values", payload.length);
    in.end();
    try {
      return new Sketches(challenge, outputs, values);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "sketches.values", offset, String.valueOf(e.getMessage()));
    }
  }

  /** Signs with the prover's key. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.SKETCHES, encode(), networkId);
  }

  /**
   * The positions whose whole rows must be opened.
   *
   * @param laterValue checked value of a round that is later than the signature on this message
   * @param drawn what the challenge drew, rows by position
   * @param count spots; all positions if there are fewer
   * @return a part of {@code drawn}
   */
  public SortedMap<Integer, List<Integer>> spots(
      Digest32 laterValue, SortedMap<Integer, List<Integer>> drawn, int count) {
    List<Integer> positions = new ArrayList<>(drawn.keySet());
    DrawStream stream =
        new DrawStream(Digest32.sha256(SPOT_TAG, laterValue.toByteArray(), digest().toByteArray()));
    SortedMap<Integer, List<Integer>> spots = new TreeMap<>();
    for (int index : stream.sample(positions.size(), Math.min(count, positions.size()))) {
      spots.put(
          positions.get(index), Objects.requireNonNull(drawn.get(positions.get(index)), "rows"));
    }
    return spots;
  }

  /**
   * The probability that no spot hits one of {@code wrong} lied positions.
   *
   * @param positions drawn positions
   */
  public static double escape(int positions, int wrong, int spots) {
    double probability = 1;
    for (int i = 0; i < Math.min(spots, positions); i++) {
      probability *= Math.max(0, positions - wrong - i) / (double) (positions - i);
    }
    return probability;
  }
}
