package io.verillm.examples.training;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.SafetensorsWriter;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A Llama decoder in libtorch, fp32, with gradients.
 *
 * <p>Query, key and value projections are one matrix here, gate and up projections another: fewer
 * and larger products train faster. Files hold them apart under their Hugging Face names. Source of
 * the arithmetic: Touvron et al., "Llama 2", 2023, section 2.2 (pre-norm with RMSNorm, SwiGLU,
 * rotary positions, grouped queries), with the rotation in half-split form as Hugging Face has it.
 */
final class LlamaNetwork {

  static final double INITIAL_DEVIATION = 0.02;

  private final ModelShape shape;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Tensor cosines;
  private final Tensor signedSines;

  private LlamaNetwork(ModelShape shape) {
    this.shape = shape;
    int half = shape.headSize() / 2;
    float[] cosine = new float[shape.context() * shape.headSize()];
    float[] sine = new float[cosine.length];
    for (int position = 0; position < shape.context(); position++) {
      for (int pair = 0; pair < half; pair++) {
        double frequency = StrictMath.pow(ModelShape.ROPE_BASE, -2.0 * pair / shape.headSize());
        double angle = position * frequency;
        int low = position * shape.headSize() + pair;
        int high = low + half;
        cosine[low] = (float) StrictMath.cos(angle);
        cosine[high] = cosine[low];
        // The first half becomes x1 cos - x2 sin: with the sign in the table no negation is needed.
        sine[high] = (float) StrictMath.sin(angle);
        sine[low] = -sine[high];
      }
    }
    cosines = Tensor.create(cosine, shape.context(), shape.headSize());
    signedSines = Tensor.create(sine, shape.context(), shape.headSize());
  }

  /**
   * Returns a network with normally distributed weights (deviation 0.02; projections that write to
   * the residual stream divided by the root of twice the layers) and norms of one.
   *
   * <p>Draws come from {@link Random}, whose sequence its documentation fixes, not from libtorch,
   * whose sequence depends on the vector width it picks.
   */
  static LlamaNetwork initial(ModelShape shape, long seed) {
    LlamaNetwork network = new LlamaNetwork(shape);
    Random random = new Random(seed);
    double residual = INITIAL_DEVIATION / StrictMath.sqrt(2.0 * shape.layers());
    int queries = shape.heads() * shape.headSize();
    int all = queries + 2 * shape.kvHeads() * shape.headSize();
    network.draw("embedding", random, INITIAL_DEVIATION, shape.vocabulary(), shape.hidden());
    for (int layer = 0; layer < shape.layers(); layer++) {
      network.ones(name(layer, "attentionNorm"));
      network.draw(name(layer, "qkv"), random, INITIAL_DEVIATION, all, shape.hidden());
      network.draw(name(layer, "output"), random, residual, shape.hidden(), queries);
      network.ones(name(layer, "feedForwardNorm"));
      int twice = 2 * shape.feedForward();
      network.draw(name(layer, "gateUp"), random, INITIAL_DEVIATION, twice, shape.hidden());
      network.draw(name(layer, "down"), random, residual, shape.hidden(), shape.feedForward());
    }
    network.ones("finalNorm");
    return network;
  }

  /**
   * Returns the network of a model folder: its bfloat16 weights, computed in fp32.
   *
   * @throws IOException if {@code config.json} or the weights cannot be read
   */
  static LlamaNetwork load(Path folder) throws IOException {
    LlamaNetwork network = new LlamaNetwork(ModelShape.read(folder));
    SafetensorsReader file;
    try {
      file = SafetensorsReader.open(folder);
    } catch (MalformedMessageException e) {
      throw new IOException(folder + " holds no safetensors file", e);
    }
    network.put("embedding", file, "model.embed_tokens.weight");
    for (int layer = 0; layer < network.shape.layers(); layer++) {
      String from = "model.layers." + layer + ".";
      network.put(name(layer, "attentionNorm"), file, from + "input_layernorm.weight");
      network.put(
          name(layer, "qkv"),
          file,
          from + "self_attn.q_proj.weight",
          from + "self_attn.k_proj.weight",
          from + "self_attn.v_proj.weight");
      network.put(name(layer, "output"), file, from + "self_attn.o_proj.weight");
      network.put(name(layer, "feedForwardNorm"), file, from + "post_attention_layernorm.weight");
      network.put(
          name(layer, "gateUp"), file, from + "mlp.gate_proj.weight", from + "mlp.up_proj.weight");
      network.put(name(layer, "down"), file, from + "mlp.down_proj.weight");
    }
    network.put("finalNorm", file, "model.norm.weight");
    return network;
  }

  /**
   * Writes {@code model.safetensors}: bfloat16, rounded to nearest, under Hugging Face names.
   *
   * @param folder an existing folder
   * @return the file
   * @throws IOException if it cannot be written
   */
  Path save(Path folder) throws IOException {
    Path file = folder.resolve(SafetensorsReader.SINGLE_FILE);
    SafetensorsWriter.write(file, export(), Map.of("format", "pt"));
    return file;
  }

  ModelShape shape() {
    return shape;
  }

  /** Returns the trained tensors by name, in a fixed order. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * Returns logits of shape [batch, length, vocabulary].
   *
   * @param ids token ids, int64, shape [batch, length], length at most the context
   */
  Tensor logits(Tensor ids) {
    long batch = ids.size(0);
    long length = ids.size(1);
    int heads = shape.heads();
    int kvHeads = shape.kvHeads();
    int size = shape.headSize();
    Tensor cosine = cosines.narrow(0, 0, length);
    Tensor sine = signedSines.narrow(0, 0, length);
    Tensor x = torch.embedding(weight("embedding"), ids);
    for (int layer = 0; layer < shape.layers(); layer++) {
      Tensor qkv = torch.linear(norm(x, name(layer, "attentionNorm")), weight(name(layer, "qkv")));
      Tensor joined =
          qkv.narrow(2, 0, (long) (heads + kvHeads) * size)
              .view(batch, length, heads + kvHeads, size)
              .transpose(1, 2);
      Tensor rotated = rotate(joined, cosine, sine);
      Tensor values =
          qkv.narrow(2, (long) (heads + kvHeads) * size, (long) kvHeads * size)
              .view(batch, length, kvHeads, size)
              .transpose(1, 2);
      Tensor mixed =
          torch.scaled_dot_product_attention(
              rotated.narrow(1, 0, heads),
              rotated.narrow(1, heads, kvHeads),
              values,
              new TensorOptional(),
              0.0,
              true,
              new DoubleOptional(),
              kvHeads != heads);
      Tensor flat = mixed.transpose(1, 2).reshape(batch, length, (long) heads * size);
      x = x.add(torch.linear(flat, weight(name(layer, "output"))));
      Tensor inner =
          torch.linear(norm(x, name(layer, "feedForwardNorm")), weight(name(layer, "gateUp")));
      TensorVector gateAndUp = inner.chunk(2, 2);
      Tensor gated = torch.silu(gateAndUp.get(0)).mul(gateAndUp.get(1));
      x = x.add(torch.linear(gated, weight(name(layer, "down"))));
    }
    return torch.linear(norm(x, "finalNorm"), weight("embedding"));
  }

  private Map<String, TensorView> export() {
    Map<String, TensorView> file = new LinkedHashMap<>();
    int queries = shape.heads() * shape.headSize();
    int keys = shape.kvHeads() * shape.headSize();
    int inner = shape.feedForward();
    file.put("model.embed_tokens.weight", matrix("embedding", 0, shape.vocabulary()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String to = "model.layers." + layer + ".";
      String qkv = name(layer, "qkv");
      String gateUp = name(layer, "gateUp");
      file.put(to + "input_layernorm.weight", vector(name(layer, "attentionNorm")));
      file.put(to + "self_attn.q_proj.weight", matrix(qkv, 0, queries));
      file.put(to + "self_attn.k_proj.weight", matrix(qkv, queries, keys));
      file.put(to + "self_attn.v_proj.weight", matrix(qkv, queries + keys, keys));
      file.put(to + "self_attn.o_proj.weight", matrix(name(layer, "output"), 0, shape.hidden()));
      file.put(to + "post_attention_layernorm.weight", vector(name(layer, "feedForwardNorm")));
      file.put(to + "mlp.gate_proj.weight", matrix(gateUp, 0, inner));
      file.put(to + "mlp.up_proj.weight", matrix(gateUp, inner, inner));
      file.put(to + "mlp.down_proj.weight", matrix(name(layer, "down"), 0, shape.hidden()));
    }
    file.put("model.norm.weight", vector("finalNorm"));
    return file;
  }

  private TensorView vector(String name) {
    float[] values = values(name);
    return FloatTensors.ofFloats(DType.BF16, Shape.of(values.length), values);
  }

  private TensorView matrix(String name, int firstRow, int rows) {
    int width = Math.toIntExact(weight(name).size(1));
    float[] part = Arrays.copyOfRange(values(name), firstRow * width, (firstRow + rows) * width);
    return FloatTensors.ofFloats(DType.BF16, Shape.of(rows, width), part);
  }

  private float[] values(String name) {
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor = weight(name).detach().contiguous();
      float[] values = new float[Math.toIntExact(tensor.numel())];
      tensor.data_ptr_float().get(values);
      return values;
    }
  }

  private Tensor norm(Tensor x, String weight) {
    return torch.rms_norm(
        x,
        new long[] {shape.hidden()},
        new TensorOptional(weight(weight)),
        new DoubleOptional(ModelShape.NORM_EPSILON));
  }

  private Tensor rotate(Tensor x, Tensor cosine, Tensor signedSine) {
    long half = shape.headSize() / 2;
    Tensor swapped = torch.cat(new TensorVector(x.narrow(3, half, half), x.narrow(3, 0, half)), 3);
    return torch.addcmul(x.mul(cosine), swapped, signedSine);
  }

  private Tensor weight(String name) {
    Tensor tensor = parameters.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return tensor;
  }

  private void draw(String name, Random random, double deviation, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    put(name, values, rows, columns);
  }

  private void ones(String name) {
    float[] values = new float[shape.hidden()];
    Arrays.fill(values, 1);
    put(name, values, values.length);
  }

  /** Takes tensors of the file, below each other where there are several. */
  private void put(String name, SafetensorsReader file, String... parts) {
    long rows = 0;
    long[] dimensions = {};
    float[] values = {};
    for (String part : parts) {
      TensorView tensor = file.tensor(part);
      dimensions = tensor.shape().toArray();
      rows += dimensions[0];
      float[] more = FloatTensors.toFloats(tensor);
      values = Arrays.copyOf(values, values.length + more.length);
      System.arraycopy(more, 0, values, values.length - more.length, more.length);
    }
    dimensions[0] = rows;
    put(name, values, dimensions);
  }

  private void put(String name, float[] values, long... dimensions) {
    Tensor tensor = Tensor.create(values, dimensions);
    tensor.set_requires_grad(true);
    parameters.put(name, tensor);
  }

  private static String name(int layer, String part) {
    return layer + "." + part;
  }
}
