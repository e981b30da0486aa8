package io.verillm.core.wire;

/**
 * The one checked exception of every decoder: these bytes are not the message that was asked for.
 *
 * <p>It says nothing about who is to blame; the protocol layer decides that.
 */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final long offset;

  /**
   * @param field the field that could not be read, in the words of {@code docs/wire.cddl}
   * @param offset byte offset into the input
   */
  public MalformedMessageException(String field, long offset, String message) {
    super(field + " at offset " + offset + ": " + message);
    this.field = field;
    this.offset = offset;
  }

  /** The field that could not be read. */
  public String field() {
    return field;
  }

  /** Byte offset into the input at which reading stopped. */
  public long offset() {
    return offset;
  }
}
