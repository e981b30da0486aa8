package io.verillm.tensorcommit;

import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A commitment to a tensor: the statement, and the root that binds the elements. Compared by
 * content. Immutable. It does not prove that a model computed them.
 */
public final class TensorRoot {
  private static final int MAX_ROOT = 64;

  private final TensorStatement statement;
  private final byte[] root;

  /** Makes a commitment; a root is a hash of 32 bytes or a point of 48. */
  public TensorRoot(TensorStatement statement, byte[] root) {
    this.statement = Objects.requireNonNull(statement, "statement");
    this.root = root.clone();
    if (root.length != 32 && root.length != 48) {
      throw new IllegalArgumentException("root of " + root.length + " bytes");
    }
  }

  /** What it is a commitment to. */
  public TensorStatement statement() {
    return statement;
  }

  /** A copy of the root's bytes. */
  public byte[] root() {
    return root.clone();
  }

  /** SHA-256 of {@link #encode}. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** The deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    out.array(2);
    statement.write(out);
    out.bytes(root);
    return out.toByteArray();
  }

  /**
   * Reads one commitment and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not what {@link #encode} gives
   */
  public static TensorRoot decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.arrayOf("tensor-root", 2);
    TensorStatement statement = TensorStatement.read(in);
    int offset = in.offset();
    byte[] root = in.bytes("tensor-root.root", MAX_ROOT);
    in.end();
    if (root.length != 32 && root.length != 48) {
      throw new MalformedMessageException("tensor-root.root", offset, "is no hash and no point");
    }
    return new TensorRoot(statement, root);
  }

  /** The form that a receipt carries. */
  public TensorCommitment toReceipt() {
    return new TensorCommitment(statement.scheme(), encode());
  }

  /**
   * Reads what {@link #toReceipt} made.
   *
   * @throws MalformedMessageException if the bytes are no commitment, or the name is another one
   */
  public static TensorRoot ofReceipt(TensorCommitment commitment) throws MalformedMessageException {
    TensorRoot root = decode(commitment.toByteArray());
    if (!root.statement.scheme().equals(commitment.scheme())) {
      throw new MalformedMessageException("commitment.scheme", 0, "names another scheme");
    }
    return root;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorRoot that
        && statement.equals(that.statement)
        && Arrays.equals(root, that.root);
  }

  @Override
  public int hashCode() {
    return statement.hashCode() * 31 + Arrays.hashCode(root);
  }

  @Override
  public String toString() {
    return statement.scheme() + statement.shape() + " " + HexFormat.of().formatHex(root);
  }
}
