package io.verillm.core.receipt;

import io.verillm.core.order.TokenIds;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.Objects;

/**
 * What the prover delivers to the client beside the receipt: the output tokens, the response bytes,
 * and the salts that open the receipt's token digests. Compared by content. Immutable.
 *
 * <p>It is not signed itself; the receipt's digests bind it.
 */
public final class Answer {
  /** Largest response that a message may carry, in bytes. */
  public static final int MAX_RESPONSE_BYTES = 16 << 20;

  private final TokenIds output;
  private final byte[] response;
  private final byte[] promptSalt;
  private final byte[] outputSalt;

  /**
   * Makes an answer.
   *
   * @param output sampled token ids, the last one included
   * @param response the bytes delivered to the client
   * @param promptSalt salt of the receipt's prompt digest, 16 bytes
   * @param outputSalt salt of the receipt's output digest, 16 bytes
   */
  public Answer(TokenIds output, byte[] response, byte[] promptSalt, byte[] outputSalt) {
    this.output = Objects.requireNonNull(output, "output");
    this.response = response.clone();
    this.promptSalt = promptSalt.clone();
    this.outputSalt = outputSalt.clone();
    if (promptSalt.length != TokenIds.SALT_LENGTH || outputSalt.length != TokenIds.SALT_LENGTH) {
      throw new IllegalArgumentException("salts need 16 bytes");
    }
    if (response.length > MAX_RESPONSE_BYTES) {
      throw new IllegalArgumentException("response of " + response.length + " bytes is too long");
    }
  }

  /** Sampled token ids, the last one included. */
  public TokenIds output() {
    return output;
  }

  /** A copy of the delivered bytes. */
  public byte[] response() {
    return response.clone();
  }

  /** SHA-256 of the delivered bytes. */
  public Digest32 responseDigest() {
    return Digest32.sha256(response);
  }

  /** The receipt's digest of the prompt under this answer's salt. */
  public Digest32 promptDigest(TokenIds prompt) {
    return prompt.saltedDigest(promptSalt);
  }

  /** The receipt's digest of the output under this answer's salt. */
  public Digest32 outputDigest() {
    return output.saltedDigest(outputSalt);
  }

  /** Writes a CBOR map, see {@code docs/wire.cddl}. */
  public void encode(CborWriter out) {
    out.map(4);
    out.unsigned(1);
    output.encode(out);
    out.unsigned(2).bytes(response);
    out.unsigned(3).bytes(promptSalt);
    out.unsigned(4).bytes(outputSalt);
  }

  /** Returns the answer as a message of its own. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    encode(out);
    return out.toByteArray();
  }

  /** Reads what {@link #encode(CborWriter)} wrote. */
  public static Answer decode(CborReader in) throws MalformedMessageException {
    in.mapOf("answer", 4);
    in.key("answer.output", 1);
    TokenIds output = TokenIds.decode(in, "answer.output");
    in.key("answer.response", 2);
    byte[] response = in.bytes("answer.response", MAX_RESPONSE_BYTES);
    in.key("answer.prompt-salt", 3);
    byte[] promptSalt = in.bytesExactly("answer.prompt-salt", TokenIds.SALT_LENGTH);
    in.key("answer.output-salt", 4);
    byte[] outputSalt = in.bytesExactly("answer.output-salt", TokenIds.SALT_LENGTH);
    return new Answer(output, response, promptSalt, outputSalt);
  }

  /** Reads a message of its own. */
  public static Answer decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    Answer answer = decode(in);
    in.end();
    return answer;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Answer that
        && output.equals(that.output)
        && Arrays.equals(response, that.response)
        && Arrays.equals(promptSalt, that.promptSalt)
        && Arrays.equals(outputSalt, that.outputSalt);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(response) * 31 + output.hashCode();
  }
}
