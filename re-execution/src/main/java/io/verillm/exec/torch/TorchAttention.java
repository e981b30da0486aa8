package io.verillm.exec.torch;

import io.verillm.exec.LlamaConfig;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal attention of the next rows of a sequence over its cache, in F32, rounded once. Immutable.
 *
 * <p>With a sliding window of W a position sees itself and the W − 1 before it.
 */
final class TorchAttention {
  private final LlamaConfig config;
  private final TorchNumbers numbers;

  TorchAttention(LlamaConfig config, TorchNumbers numbers) {
    this.config = config;
    this.numbers = numbers;
  }

  /**
   * Attends from rows whose keys and values the cache already holds behind its length.
   *
   * @param queries [rows, heads, headDim]
   * @return [rows, heads × headDim]
   */
  Tensor attend(TorchSequence sequence, int layer, Tensor queries, int rows) {
    int length = sequence.length();
    int window = config.slidingWindow();
    int start = Math.max(0, length - window + 1);
    int seen = length + rows - start;
    Tensor q = numbers.wide(queries).transpose(0, 1).unsqueeze(0);
    Tensor k = heads(sequence.keys(layer), start, seen);
    Tensor v = heads(sequence.values(layer), start, seen);
    boolean windowed = length + rows > window;
    boolean causal = rows > 1 && length == 0 && !windowed;
    TensorOptional mask = new TensorOptional();
    if (rows > 1 && !causal) {
      mask = new TensorOptional(mask(rows, seen, length - start, window));
    }
    Tensor out =
        torch.scaled_dot_product_attention(
            q,
            k,
            v,
            mask,
            0.0,
            causal,
            new DoubleOptional(),
            config.heads() != config.keyValueHeads());
    return numbers.narrow(
        out.squeeze(0).transpose(0, 1).contiguous().view(rows, config.queryWidth()));
  }

  private Tensor heads(Tensor cache, int start, int count) {
    return numbers
        .wide(cache.narrow(0, start, count))
        .view(count, config.keyValueHeads(), config.headDim())
        .transpose(0, 1)
        .unsqueeze(0);
  }

  /** Row r, at {@code before + r} among the seen positions, sees {@code window} of them. */
  private Tensor mask(int rows, int seen, int before, int window) {
    Tensor all = torch.ones(new long[] {rows, seen}, new TensorOptions(ScalarType.Bool));
    return numbers.onDevice(all.tril(before).triu((long) before - window + 1));
  }
}
