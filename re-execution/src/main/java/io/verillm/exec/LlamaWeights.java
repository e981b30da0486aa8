package io.verillm.exec;

import io.verillm.core.spi.ArithmeticKernels;
import io.verillm.core.spi.ArithmeticKernels.WeightMatrix;
import io.verillm.core.spi.ArithmeticKernels.WeightVector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model's weights as operands of one kernel provider. Immutable. */
final class LlamaWeights implements AutoCloseable {
  /** One block's weights; the head norms are null where the model has none. */
  record Block(
      WeightVector inputNorm,
      WeightMatrix query,
      WeightMatrix key,
      WeightMatrix value,
      WeightMatrix output,
      @Nullable WeightVector queryNorm,
      @Nullable WeightVector keyNorm,
      WeightVector postNorm,
      WeightMatrix gate,
      WeightMatrix up,
      WeightMatrix down) {}

  private final ArithmeticKernels kernels;
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final float @Nullable [][] embedding;
  private final WeightMatrix head;
  private final WeightVector finalNorm;

  LlamaWeights(ModelFolder folder, ArithmeticKernels kernels) {
    this.kernels = kernels;
    LlamaConfig config = folder.config();
    int hidden = config.hidden();
    boolean tied = config.tiedEmbeddings();
    this.head =
        matrix(folder, tied ? "model.embed_tokens" : "lm_head", hidden, config.vocabulary(), false);
    float[][] rows = null;
    if (!tied) {
      rows = new float[config.vocabulary()][hidden];
      for (int id = 0; id < rows.length; id++) {
        folder.rows("model.embed_tokens.weight", id, 1, rows[id]);
      }
    }
    this.embedding = rows;
    this.finalNorm = vector(folder, "model.norm.weight");
    for (int layer = 0; layer < config.layers(); layer++) {
      blocks.add(block(folder, config, "model.layers." + layer + "."));
    }
  }

  private Block block(ModelFolder folder, LlamaConfig config, String at) {
    int hidden = config.hidden();
    int inner = config.intermediate();
    int queries = config.queryWidth();
    int keys = config.keyValueWidth();
    boolean norms = config.headNorms();
    return new Block(
        vector(folder, at + "input_layernorm.weight"),
        matrix(folder, at + "self_attn.q_proj", hidden, queries, config.qkvBias()),
        matrix(folder, at + "self_attn.k_proj", hidden, keys, config.qkvBias()),
        matrix(folder, at + "self_attn.v_proj", hidden, keys, config.qkvBias()),
        matrix(folder, at + "self_attn.o_proj", queries, hidden, config.outputBias()),
        norms ? vector(folder, at + "self_attn.q_norm.weight") : null,
        norms ? vector(folder, at + "self_attn.k_norm.weight") : null,
        vector(folder, at + "post_attention_layernorm.weight"),
        matrix(folder, at + "mlp.gate_proj", hidden, inner, config.mlpBias()),
        matrix(folder, at + "mlp.up_proj", hidden, inner, config.mlpBias()),
        matrix(folder, at + "mlp.down_proj", inner, hidden, config.mlpBias()));
  }

  private WeightMatrix matrix(
      ModelFolder folder, String name, int inputs, int outputs, boolean bias) {
    WeightMatrix matrix =
        kernels.matrix(
            inputs,
            outputs,
            (first, count, into) -> folder.rows(name + ".weight", first, count, into),
            bias ? folder.floats(name + ".bias") : null);
    owned.add(matrix);
    return matrix;
  }

  private WeightVector vector(ModelFolder folder, String name) {
    WeightVector vector = kernels.vector(folder.floats(name));
    owned.add(vector);
    return vector;
  }

  Block block(int layer) {
    return blocks.get(layer);
  }

  WeightMatrix head() {
    return head;
  }

  WeightVector finalNorm() {
    return finalNorm;
  }

  /** Copies the embedding of a token. */
  void embed(int token, float[] into) {
    if (embedding == null) {
      kernels.getOutput(head, token, into);
    } else {
      System.arraycopy(embedding[token], 0, into, 0, into.length);
    }
  }

  @Override
  public void close() {
    for (AutoCloseable operand : owned) {
      try {
        operand.close();
      } catch (Exception e) {
        throw new IllegalStateException("operand could not be released", e);
      }
    }
    owned.clear();
  }
}
