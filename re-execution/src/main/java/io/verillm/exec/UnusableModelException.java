package io.verillm.exec;

import java.nio.file.Path;

/**
 * A model folder that cannot be run exactly as its files say. The message names the file, the key
 * or tensor, and what to do next.
 *
 * <p>It is about the folder on this machine and never about a prover.
 */
public final class UnusableModelException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String item;

  /**
   * @param file the file that was read
   * @param item key, tensor or other thing in it that is wrong
   */
  UnusableModelException(Path file, String item, String message) {
    super(file + ": " + item + ": " + message);
    this.file = file.toString();
    this.item = item;
  }

  UnusableModelException(Path file, String item, String message, Throwable cause) {
    this(file, item, message);
    initCause(cause);
  }

  /** The file that was read. */
  public String file() {
    return file;
  }

  /** Key, tensor or other thing in the file that is wrong. */
  public String item() {
    return item;
  }
}
