package io.verillm.exec.torch;

import io.verillm.core.spi.AcceleratorException;
import io.verillm.core.tensor.TensorEntry;
import io.verillm.exec.LlamaConfig;
import io.verillm.exec.ModelFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights as tensors.
 *
 * <p>A tensor whose stored type is the one that is computed in lies in the mapped file itself, with
 * no copy. Others are converted once: another stored type, another device, an odd address, or one
 * beyond the 2 GiB that one mapping shows.
 */
final class TorchWeights implements AutoCloseable {
  private static final long ROWS_AT_ONCE_BYTES = 64L << 20;

  /** A projection; the bias is null where the model has none. */
  record Projection(Tensor weight, @Nullable Tensor bias) {}

  /** A norm over the last dimension; its arguments are native objects, made once. */
  record Norm(long width, TensorOptional weight, DoubleOptional epsilon) {}

  /** One block's weights; the head norms are null where the model has none. */
  record Block(
      Norm inputNorm,
      Projection query,
      Projection key,
      Projection value,
      Projection output,
      @Nullable Norm queryNorm,
      @Nullable Norm keyNorm,
      Norm postNorm,
      Projection gate,
      Projection up,
      Projection down) {}

  private final ModelFolder folder;
  private final TorchNumbers numbers;
  private final List<Pointer> owned = new ArrayList<>();

  /** Mappings that tensors lie in: reachable as long as these weights are. */
  private final List<ByteBuffer> mappings = new ArrayList<>();

  private final List<Block> blocks = new ArrayList<>();
  private final Tensor embedding;
  private final Tensor head;
  private final Norm finalNorm;
  private long mappedBytes;
  private long copiedBytes;

  /** To be called inside {@link TorchRuntime#run}. */
  TorchWeights(ModelFolder folder, TorchNumbers numbers) {
    this.folder = folder;
    this.numbers = numbers;
    requireRoom();
    LlamaConfig config = folder.config();
    this.embedding = tensor("model.embed_tokens.weight");
    this.head = config.tiedEmbeddings() ? embedding : tensor("lm_head.weight");
    this.finalNorm = norm("model.norm.weight");
    for (int layer = 0; layer < config.layers(); layer++) {
      blocks.add(block(config, "model.layers." + layer + "."));
    }
  }

  private Block block(LlamaConfig config, String at) {
    boolean norms = config.headNorms();
    return new Block(
        norm(at + "input_layernorm.weight"),
        projection(at + "self_attn.q_proj", config.qkvBias()),
        projection(at + "self_attn.k_proj", config.qkvBias()),
        projection(at + "self_attn.v_proj", config.qkvBias()),
        projection(at + "self_attn.o_proj", config.outputBias()),
        norms ? norm(at + "self_attn.q_norm.weight") : null,
        norms ? norm(at + "self_attn.k_norm.weight") : null,
        norm(at + "post_attention_layernorm.weight"),
        projection(at + "mlp.gate_proj", config.mlpBias()),
        projection(at + "mlp.up_proj", config.mlpBias()),
        projection(at + "mlp.down_proj", config.mlpBias()));
  }

  private Projection projection(String name, boolean bias) {
    return new Projection(tensor(name + ".weight"), bias ? tensor(name + ".bias") : null);
  }

  private Norm norm(String name) {
    Tensor weight = tensor(name);
    return new Norm(
        weight.size(0),
        own(new TensorOptional(weight)),
        own(new DoubleOptional(folder.config().normEpsilon())));
  }

  private <P extends Pointer> P own(P pointer) {
    pointer.retainReference();
    owned.add(pointer);
    return pointer;
  }

  private Tensor tensor(String name) {
    TensorEntry entry = folder.tensors().entry(name);
    ScalarType stored = TorchNumbers.scalarType(entry.dtype());
    long[] shape = entry.shape().toArray();
    Tensor result;
    if (entry.byteLength() <= Integer.MAX_VALUE) {
      ByteBuffer bytes = folder.tensors().bytes(name, 0, (int) entry.byteLength());
      Tensor view = torch.from_blob(new BytePointer(bytes), shape, new TensorOptions(stored));
      boolean aligned = view.data_ptr().address() % entry.dtype().bytes() == 0;
      if (isMappable(entry) && aligned) {
        mappings.add(bytes);
        mappedBytes += entry.byteLength();
        result = view;
      } else {
        // an odd address is no address of an element, so its bytes move first
        Tensor whole = aligned ? view : copyOf(bytes, shape, stored);
        result = converted(whole);
      }
    } else {
      result = large(name, entry, shape, stored);
    }
    return own(result);
  }

  private boolean isMappable(TensorEntry entry) {
    return numbers.onCpu()
        && TorchNumbers.scalarType(entry.dtype()) == numbers.computeType()
        && (numbers.dtype() == entry.dtype());
  }

  private static Tensor copyOf(ByteBuffer bytes, long[] shape, ScalarType type) {
    Tensor copy = torch.empty(shape, new TensorOptions(type), null);
    TorchNumbers.bytes(copy).put(bytes.duplicate());
    return copy;
  }

  /** Rounded to the type of this executor, in the type it computes in, on its device. */
  private Tensor converted(Tensor stored) {
    Tensor result = numbers.imported(numbers.onDevice(stored)).contiguous();
    copiedBytes += result.nbytes();
    return result;
  }

  private Tensor large(String name, TensorEntry entry, long[] shape, ScalarType stored) {
    long rowBytes = entry.byteLength() / shape[0];
    int rows = (int) Math.max(1, ROWS_AT_ONCE_BYTES / rowBytes);
    Tensor whole = numbers.allocate(numbers.computeType(), shape);
    for (long first = 0; first < shape[0]; first += rows) {
      long count = Math.min(rows, shape[0] - first);
      ByteBuffer bytes =
          folder.tensors().bytes(name, first * rowBytes, Math.toIntExact(count * rowBytes));
      long[] part = shape.clone();
      part[0] = count;
      Tensor rowsOfIt = numbers.onDevice(copyOf(bytes, part, stored));
      whole.narrow(0, first, count).copy_(numbers.imported(rowsOfIt));
    }
    copiedBytes += whole.nbytes();
    return whole;
  }

  /** Refuses a model whose converted weights cannot fit, before the system runs out of memory. */
  private void requireRoom() {
    if (!numbers.onCpu()) {
      return;
    }
    long needed = 0;
    for (TensorEntry entry : folder.tensors().entries()) {
      if (!isMappable(entry)) {
        needed += entry.shape().elements() * (numbers.computesInF32() ? 4 : 2);
      }
    }
    long available = availableBytes();
    if (needed > available) {
      throw new AcceleratorException(
          String.format(
              "the weights need %d MiB beside the mapped files, %d MiB are available; store the"
                  + " model in %s, which is then mapped, or take a machine with more memory",
              needed >> 20, available >> 20, numbers.computesInF32() ? "F32" : "BF16"));
    }
    long allowed = Pointer.maxPhysicalBytes();
    if (allowed > 0 && needed > allowed) {
      throw new AcceleratorException(
          String.format(
              "the weights need %d MiB, JavaCPP allows this process %d MiB; give Java more heap or"
                  + " run it with -Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
              needed >> 20, allowed >> 20));
    }
  }

  private static long availableBytes() {
    Path file = Path.of("/proc/meminfo");
    try {
      if (Files.isReadable(file)) {
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("MemAvailable:")) {
            return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      return Pointer.totalPhysicalBytes();
    }
    return Pointer.totalPhysicalBytes();
  }

  Block block(int layer) {
    return blocks.get(layer);
  }

  Tensor embedding() {
    return embedding;
  }

  Tensor head() {
    return head;
  }

  Norm finalNorm() {
    return finalNorm;
  }

  /** Bytes of weights that lie in mapped files. */
  long mappedBytes() {
    return mappedBytes;
  }

  /** Bytes of weights that were converted into memory of their own. */
  long copiedBytes() {
    return copiedBytes;
  }

  @Override
  public void close() {
    owned.forEach(Pointer::releaseReference);
    owned.clear();
    mappings.clear();
  }
}
