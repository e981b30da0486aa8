package io.verillm.core.wire;

import java.io.IOException;

/**
 * A file of records is older than what was once written: a backup was restored. Its owner must not
 * sign with the old key again, since it cannot know what it has signed.
 */
public final class StaleRecordsException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says which file, and how many records are missing. */
  public StaleRecordsException(String message) {
    super(message);
  }
}
