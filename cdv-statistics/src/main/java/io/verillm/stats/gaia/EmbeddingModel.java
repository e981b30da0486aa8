package io.verillm.stats.gaia;

/**
 * Maps an answer to a unit vector. Implementations are thread-safe and deterministic.
 *
 * <p>Embeddings hide small changes: quantisation-level tests must use tokens or log-probabilities.
 */
public interface EmbeddingModel {
  /** Returns a name that pins the model, such as the SHA-256 of its weights. */
  String digest();

  /** Returns the number of components. */
  int dimensions();

  /** Returns the vector, of norm 1 (or 0 for a text without content). */
  double[] embed(String text);
}
