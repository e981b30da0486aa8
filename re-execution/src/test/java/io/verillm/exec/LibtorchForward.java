package io.verillm.exec;

import io.verillm.core.tensor.FloatTensors;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A second forward pass that shares nothing with the executor but the folder and the frequencies:
 * libtorch's own operations, whole sequence at once, keys repeated for grouped heads.
 */
final class LibtorchForward {
  private final ModelFolder folder;
  private final LlamaConfig config;

  LibtorchForward(ModelFolder folder) {
    this.folder = folder;
    this.config = folder.config();
  }

  private Tensor weight(String name) {
    long[] shape = folder.tensors().entry(name).shape().toArray();
    return tensor(FloatTensors.toFloats(folder.tensors().tensor(name)), shape);
  }

  private static Tensor tensor(float[] values, long... shape) {
    return torch.from_blob(new FloatPointer(values), shape).clone();
  }

  private Tensor linear(Tensor x, String name) {
    Tensor w = weight(name + ".weight");
    return folder.tensors().contains(name + ".bias")
        ? torch.linear(x, w, new TensorOptional(weight(name + ".bias")))
        : torch.linear(x, w);
  }

  private Tensor norm(Tensor x, String name, long width) {
    return torch.rms_norm(
        x,
        new long[] {width},
        new TensorOptional(weight(name)),
        new DoubleOptional(config.normEpsilon()));
  }

  /** Hidden rows, keys and values by the names of {@link Runs.Record}, and all logits. */
  Map<String, float[]> run(int[] tokens, float[] frequencies, float attentionFactor) {
    Map<String, float[]> result = new HashMap<>();
    try (PointerScope scope = new PointerScope()) {
      int n = tokens.length;
      int dim = config.headDim();
      int half = dim / 2;
      float[] angles = new float[n * half];
      for (int p = 0; p < n; p++) {
        for (int i = 0; i < half; i++) {
          angles[p * half + i] = p * frequencies[i];
        }
      }
      Tensor angle = tensor(angles, n, half);
      Tensor cos = torch.cos(angle).mul(new org.bytedeco.pytorch.Scalar(attentionFactor));
      Tensor sin = torch.sin(angle).mul(new org.bytedeco.pytorch.Scalar(attentionFactor));
      float[] embedded = new float[n * config.hidden()];
      for (int p = 0; p < n; p++) {
        float[] row = new float[config.hidden()];
        folder.rows("model.embed_tokens.weight", tokens[p], 1, row);
        System.arraycopy(row, 0, embedded, p * row.length, row.length);
      }
      Tensor x = tensor(embedded, n, config.hidden());
      for (int layer = 0; layer < config.layers(); layer++) {
        String at = "model.layers." + layer + ".";
        Tensor h = norm(x, at + "input_layernorm.weight", config.hidden());
        Tensor q = linear(h, at + "self_attn.q_proj").view(n, config.heads(), dim);
        Tensor k = linear(h, at + "self_attn.k_proj").view(n, config.keyValueHeads(), dim);
        Tensor v = linear(h, at + "self_attn.v_proj").view(n, config.keyValueHeads(), dim);
        if (config.headNorms()) {
          q = norm(q, at + "self_attn.q_norm.weight", dim);
          k = norm(k, at + "self_attn.k_norm.weight", dim);
        }
        q = turn(q, cos, sin, half).transpose(0, 1);
        k = turn(k, cos, sin, half);
        put(result, "KEY AFTER_ROPE %03d".formatted(layer), k, config.keyValueWidth());
        put(result, "VALUE AS_CACHED %03d".formatted(layer), v, config.keyValueWidth());
        long repeat = config.heads() / config.keyValueHeads();
        k =
            k.repeat_interleave(
                    repeat,
                    new org.bytedeco.pytorch.LongOptional(1),
                    new org.bytedeco.pytorch.LongOptional())
                .transpose(0, 1);
        v =
            v.repeat_interleave(
                    repeat,
                    new org.bytedeco.pytorch.LongOptional(1),
                    new org.bytedeco.pytorch.LongOptional())
                .transpose(0, 1);
        Tensor attended =
            torch.scaled_dot_product_attention(
                q.unsqueeze(0),
                k.unsqueeze(0),
                v.unsqueeze(0),
                new TensorOptional(visible(n)),
                0.0,
                false,
                new DoubleOptional(),
                false);
        Tensor merged =
            attended.squeeze(0).transpose(0, 1).contiguous().view(n, config.queryWidth());
        x = x.add(linear(merged, at + "self_attn.o_proj"));
        h = norm(x, at + "post_attention_layernorm.weight", config.hidden());
        Tensor gated = torch.silu(linear(h, at + "mlp.gate_proj"));
        x = x.add(linear(gated.mul(linear(h, at + "mlp.up_proj")), at + "mlp.down_proj"));
        put(result, "HIDDEN BLOCK_OUTPUT %03d".formatted(layer), x, config.hidden());
      }
      Tensor h = norm(x, "model.norm.weight", config.hidden());
      Tensor logits =
          torch.linear(
              h, weight(config.tiedEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight"));
      put(result, "logits", logits, config.vocabulary());
    }
    return result;
  }

  /** 0 where a row sees a position, minus infinity elsewhere. */
  private Tensor visible(int n) {
    float[] mask = new float[n * n];
    for (int query = 0; query < n; query++) {
      for (int key = 0; key < n; key++) {
        boolean seen = key <= query && query - key < config.slidingWindow();
        mask[query * n + key] = seen ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    return tensor(mask, n, n);
  }

  private static Tensor turn(Tensor x, Tensor cos, Tensor sin, int half) {
    Tensor a = x.narrow(2, 0, half);
    Tensor b = x.narrow(2, half, half);
    Tensor c = cos.unsqueeze(1);
    Tensor s = sin.unsqueeze(1);
    return torch.cat(
        new org.bytedeco.pytorch.TensorVector(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), 2);
  }

  private static void put(Map<String, float[]> result, String name, Tensor rows, int width) {
    Tensor flat = rows.contiguous();
    float[] all = new float[(int) flat.numel()];
    new FloatPointer(flat.data_ptr()).capacity(all.length).get(all);
    for (int p = 0; p < all.length / width; p++) {
      float[] row = new float[width];
      System.arraycopy(all, p * width, row, 0, width);
      result.put("%s @%04d".formatted(name, p), row);
    }
  }
}
