package io.verillm.tensorcommit;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a commitment is a commitment to: everything that turns a root into a tensor. It goes into
 * every challenge, so a root cannot be read as one of another shape, type, scheme or setup.
 *
 * @param scheme the scheme's name
 * @param dtype element type
 * @param shape rank 1 to 8, no axis empty, below 2^31 elements
 * @param setup id of the setup, zeros where there is none
 * @param context 32 bytes of the caller's: a trace id, a model digest, an order's digest
 * @param parameters the scheme's sizes: cells of a row, arity per axis, length of each variable
 */
public record TensorStatement(
    String scheme,
    DType dtype,
    Shape shape,
    Digest32 setup,
    Digest32 context,
    List<Integer> parameters) {
  /** No setup, or no context. */
  public static final Digest32 NONE = Digest32.copyOf(new byte[32]);

  private static final int VERSION = 1;
  private static final int MAX_SCHEME = 32;
  private static final int MAX_PARAMETERS = 32;

  /** Checks the ranges. */
  public TensorStatement {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(setup, "setup");
    Objects.requireNonNull(context, "context");
    parameters = List.copyOf(parameters);
    requireShape(shape);
    if (scheme.isEmpty() || scheme.length() > MAX_SCHEME || parameters.size() > MAX_PARAMETERS) {
      throw new IllegalArgumentException("scheme name or parameters out of range");
    }
  }

  static void requireShape(Shape shape) {
    if (shape.rank() < 1 || shape.elements() < 1 || shape.elements() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("cannot commit to a tensor of shape " + shape);
    }
  }

  /** SHA-256 of {@link #encode}. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** The deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter();
    write(out);
    return out.toByteArray();
  }

  void write(CborWriter out) {
    out.array(7).unsigned(VERSION).text(scheme).unsigned(dtype.code());
    out.array(shape.rank());
    for (long dimension : shape.toArray()) {
      out.unsigned(dimension);
    }
    out.bytes(setup.toByteArray()).bytes(context.toByteArray());
    out.array(parameters.size());
    for (int parameter : parameters) {
      out.unsigned(parameter);
    }
  }

  static TensorStatement read(CborReader in) throws MalformedMessageException {
    int start = in.offset();
    in.arrayOf("statement", 7);
    if (in.unsigned("statement.version", 255) != VERSION) {
      throw new MalformedMessageException("statement.version", start, "not version 1");
    }
    String scheme = in.text("statement.scheme", MAX_SCHEME);
    int code = (int) in.unsigned("statement.dtype", 255);
    int rank = in.array("statement.shape", Shape.MAX_RANK);
    long[] dimensions = new long[rank];
    for (int i = 0; i < rank; i++) {
      dimensions[i] = in.unsigned("statement.shape", Integer.MAX_VALUE);
    }
    byte[] setup = in.bytes("statement.setup", 32);
    byte[] context = in.bytes("statement.context", 32);
    int count = in.array("statement.parameters", MAX_PARAMETERS);
    List<Integer> parameters = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      parameters.add((int) in.unsigned("statement.parameters", Integer.MAX_VALUE));
    }
    try {
      return new TensorStatement(
          scheme,
          DType.ofCode(code)
              .orElseThrow(() -> new IllegalArgumentException("no type has code " + code)),
          Shape.of(dimensions),
          Digest32.copyOf(setup),
          Digest32.copyOf(context),
          parameters);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedMessageException("statement", start, String.valueOf(e.getMessage()));
    }
  }
}
