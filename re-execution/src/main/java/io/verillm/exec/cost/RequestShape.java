package io.verillm.exec.cost;

/**
 * A request and how it is served.
 *
 * @param prompt prompt tokens, at least 2
 * @param answer answer tokens, at least 2
 * @param batch requests that share a decode step of the prover, at least 1
 */
public record RequestShape(int prompt, int answer, int batch) {
  /** Refuses sizes out of range. */
  public RequestShape {
    if (prompt < 2 || answer < 2 || batch < 1 || (long) prompt + answer > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "prompt " + prompt + ", answer " + answer + ", batch " + batch);
    }
  }

  /** Tokens that a verifier feeds: all but the last, which is never fed. */
  public int fed() {
    return prompt + answer - 1;
  }
}
