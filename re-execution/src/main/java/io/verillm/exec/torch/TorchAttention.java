package io.verillm.exec.torch;

import io.verillm.exec.LlamaConfig;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
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
    Tensor k = heads(sequence.keys(layer), start, seen);
    Tensor v = heads(sequence.values(layer), start, seen);
    if (rows == 1) {
      return attendFromOne(queries, k, v);
    }
    boolean windowed = length + rows > window;
    boolean causal = length == 0 && !windowed;
    TensorOptional mask = new TensorOptional();
    if (!causal) {
      mask = new TensorOptional(mask(rows, seen, length - start, window));
    }
    Tensor q = numbers.wide(queries).transpose(0, 1).unsqueeze(0);
    Tensor out = attend(q, shared(k), shared(v), mask, causal);
    return numbers.narrow(
        out.squeeze(0).transpose(0, 1).contiguous().view(rows, config.queryWidth()));
  }

  /** The heads that share keys are to libtorch the rows of one head: none of them is masked. */
  private Tensor attendFromOne(Tensor queries, Tensor k, Tensor v) {
    int group = config.heads() / config.keyValueHeads();
    Tensor q = numbers.wide(queries).reshape(1, config.keyValueHeads(), group, config.headDim());
    Tensor out = attend(q, k, v, new TensorOptional(), false);
    return numbers.narrow(out.contiguous().view(1, config.queryWidth()));
  }

  private static Tensor attend(Tensor q, Tensor k, Tensor v, TensorOptional mask, boolean causal) {
    return torch.scaled_dot_product_attention(
        q, k, v, mask, 0.0, causal, new DoubleOptional(), false);
  }

  private Tensor heads(Tensor cache, int start, int count) {
    return numbers
        .wide(cache.narrow(0, start, count))
        .view(count, config.keyValueHeads(), config.headDim())
        .transpose(0, 1)
        .unsqueeze(0);
  }

  /** Repeats keys or values for each head that shares them. */
  private Tensor shared(Tensor heads) {
    int group = config.heads() / config.keyValueHeads();
    return group == 1
        ? heads
        : heads.repeat_interleave(group, new LongOptional(1), new LongOptional());
  }

  /** Row r, at {@code before + r} among the seen positions, sees {@code window} of them. */
  private Tensor mask(int rows, int seen, int before, int window) {
    Tensor all = torch.ones(new long[] {rows, seen}, new TensorOptions(ScalarType.Bool));
    return numbers.onDevice(all.tril(before).triu((long) before - window + 1));
  }
}
