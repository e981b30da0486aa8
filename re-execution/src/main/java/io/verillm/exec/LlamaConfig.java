package io.verillm.exec;

import io.verillm.core.canonical.RopeScaling;
import io.verillm.core.canonical.RotaryTable;
import io.verillm.core.spi.ModelDimensions;
import java.util.List;
import java.util.Objects;

/**
 * The architecture of a Llama-like model, as its {@code config.json} states it. Immutable.
 *
 * <p>Every block is: RMS norm, grouped-query attention with rotary embedding and optional norms of
 * query and key heads, residual; RMS norm, SiLU-gated feed-forward, residual.
 *
 * @param modelType {@code llama}, {@code mistral}, {@code qwen2} or {@code qwen3}
 * @param headDim elements of a head, even; heads × headDim need not be the hidden width
 * @param qkvBias whether query, key and value projections have a bias
 * @param outputBias whether the attention's output projection has one
 * @param mlpBias whether the feed-forward projections have one
 * @param headNorms whether query and key heads are normed before the rotary embedding
 * @param slidingWindow positions that attention sees, the own one included; {@link #FULL_ATTENTION}
 *     if it sees all
 * @param tiedEmbeddings whether the output projection is the embedding
 * @param eosTokenIds ids that end an answer, perhaps none
 */
public record LlamaConfig(
    String modelType,
    int layers,
    int hidden,
    int intermediate,
    int heads,
    int keyValueHeads,
    int headDim,
    int vocabulary,
    int maxPositions,
    float normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    boolean headNorms,
    int slidingWindow,
    boolean tiedEmbeddings,
    List<Integer> eosTokenIds) {
  /** The window of a model that has none. */
  public static final int FULL_ATTENTION = Integer.MAX_VALUE;

  /** Copies the list. */
  public LlamaConfig {
    Objects.requireNonNull(modelType, "modelType");
    Objects.requireNonNull(ropeScaling, "ropeScaling");
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /** Elements of one token's queries. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Elements of one token's keys, and of its values. */
  public int keyValueWidth() {
    return keyValueHeads * headDim;
  }

  /** Weights of all blocks' projections: each is read once per decode step. */
  public long blockWeights() {
    long attention = (long) hidden * (2L * queryWidth() + 2L * keyValueWidth());
    return layers * (attention + 3L * hidden * intermediate);
  }

  /** Weights of the projection that gives logits. */
  public long headWeights() {
    return (long) vocabulary * hidden;
  }

  /** The sizes that shape a trace. */
  public ModelDimensions dimensions() {
    return new ModelDimensions(
        layers, hidden, keyValueWidth(), keyValueWidth(), vocabulary, maxPositions);
  }

  /** The rotary embedding's table. */
  RotaryTable rotaryTable() {
    return RotaryTable.of(ropeScaling, ropeTheta, headDim);
  }
}
