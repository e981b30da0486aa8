package io.verillm.stats.cdv;

/**
 * Condenses the observations of one node in one stratum into a summary that can be merged and shown
 * as a vector of fixed width.
 *
 * <p>Merging summaries of two parts must say the same as one summary of the whole, up to the stated
 * error of the sketch. Implementations are thread-safe; summaries are not.
 *
 * @param <T> payload of an observation
 * @param <S> summary
 */
public interface Summariser<T, S> {
  /** Returns a stable name that goes into every verdict, with its parameters. */
  String id();

  /** Returns whether payloads of {@code modality} make sense here. */
  boolean accepts(Modality modality);

  /** Returns a summary of nothing. */
  S empty();

  /**
   * Takes one payload into account.
   *
   * @throws IllegalArgumentException if the payload cannot be summarised, naming it
   */
  void add(S summary, T payload);

  /** Takes everything that {@code other} saw into account; {@code other} stays as it is. */
  void merge(S summary, S other);

  /** Returns how many usable values {@code summary} holds. */
  long count(S summary);

  /** Returns the width of every profile. */
  int width();

  /** Returns the vector that is compared, finite, of length {@link #width()}; needs one value. */
  double[] profile(S summary);
}
