package io.verillm.core.spi;

/** Receives logits position by position, so that they are never held for a whole sequence. */
public interface LogitsSink {
  /** Whether the logits at this position are wanted. */
  boolean wants(int position);

  /**
   * Receives the logits that follow the token fed at {@code position}.
   *
   * @param logits one value per vocabulary entry; reused after the call returns
   */
  void accept(int position, float[] logits);

  /** A sink that wants nothing; executors then skip the output projection. */
  static LogitsSink none() {
    return new LogitsSink() {
      @Override
      public boolean wants(int position) {
        return false;
      }

      @Override
      public void accept(int position, float[] logits) {}
    };
  }
}
