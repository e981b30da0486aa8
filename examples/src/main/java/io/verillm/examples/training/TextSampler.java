package io.verillm.examples.training;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Continues a prompt, recomputing the whole context for each token.
 *
 * <p>For looking at a model while training it. It is not the sampler that receipts speak of.
 */
final class TextSampler {

  private TextSampler() {}

  /**
   * Returns the ids of the prompt and its continuation, which ends at the end token, at {@code
   * maximum} new tokens or when the context is full.
   *
   * @param prompt ids, at least one
   * @param temperature 0 for the likeliest token, else the divisor of the logits
   */
  static long[] continuation(
      LlamaNetwork network, long[] prompt, int maximum, double temperature, long seed) {
    Random random = new Random(seed);
    int limit = Math.min(prompt.length + maximum, network.shape().context());
    long[] ids = Arrays.copyOf(prompt, limit);
    for (int at = prompt.length; at < limit; at++) {
      float[] logits = lastLogits(network, Arrays.copyOf(ids, at));
      // Nothing follows the begin mark but the start of a text.
      logits[TokenizerExport.BEGIN_ID] = Float.NEGATIVE_INFINITY;
      ids[at] = temperature == 0 ? likeliest(logits) : draw(logits, temperature, random);
      if (ids[at] == TokenizerExport.END_ID) {
        return Arrays.copyOf(ids, at + 1);
      }
    }
    return ids;
  }

  /** Returns the logits after the last id, one per vocabulary entry. */
  static float[] lastLogits(LlamaNetwork network, long[] ids) {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor logits = network.logits(torch.tensor(ids).view(1, ids.length));
      float[] row = new float[network.shape().vocabulary()];
      logits.narrow(1, ids.length - 1, 1).contiguous().data_ptr_float().get(row);
      return row;
    }
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      if (logits[id] > logits[best]) {
        best = id;
      }
    }
    return best;
  }

  private static int draw(float[] logits, double temperature, Random random) {
    double top = logits[likeliest(logits)];
    double[] cumulative = new double[logits.length];
    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      sum += StrictMath.exp((logits[id] - top) / temperature);
      cumulative[id] = sum;
    }
    double target = random.nextDouble() * sum;
    int id = 0;
    while (cumulative[id] <= target) {
      id++;
    }
    return id;
  }
}
