package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.Objects;

/**
 * An algebraic commitment that a receipt carries beside the trace head: a scheme's name and its
 * bytes, opaque to core. Compared by content. Immutable.
 */
public final class TensorCommitment {
  private static final int MAX_SCHEME = 64;
  private static final int MAX_BYTES = 1024;

  private final String scheme;
  private final byte[] bytes;

  /** Makes a commitment; a scheme's name has 1 to 64 bytes, a commitment at most 1024. */
  public TensorCommitment(String scheme, byte[] bytes) {
    this.scheme = Objects.requireNonNull(scheme, "scheme");
    this.bytes = bytes.clone();
    if (scheme.isEmpty() || scheme.length() > MAX_SCHEME || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("scheme name or commitment out of range");
    }
  }

  /** The scheme's name. */
  public String scheme() {
    return scheme;
  }

  /** A copy of the commitment's bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  void encode(CborWriter out) {
    out.array(2).text(scheme).bytes(bytes);
  }

  static TensorCommitment decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("commitment", 2);
    int offset = in.offset();
    String scheme = in.text("commitment.scheme", MAX_SCHEME);
    if (scheme.isEmpty()) {
      throw new MalformedMessageException("commitment.scheme", offset, "empty");
    }
    return new TensorCommitment(scheme, in.bytes("commitment.bytes", MAX_BYTES));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorCommitment that
        && scheme.equals(that.scheme)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return scheme.hashCode() * 31 + Arrays.hashCode(bytes);
  }
}
