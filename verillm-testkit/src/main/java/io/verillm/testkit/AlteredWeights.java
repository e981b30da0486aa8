package io.verillm.testkit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.SafetensorsWriter;
import io.verillm.core.tensor.TensorEntry;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;

/**
 * Writes model folders whose weights are not the ordered ones: quantised and widened again, with a
 * block left out, or with an adapter added.
 */
public final class AlteredWeights {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String LAYERS = "model.layers.";
  private static final int ADAPTER_RANK = 8;

  private AlteredWeights() {}

  /** Rounds every matrix of the blocks to 8 bits with one scale per output channel. */
  public static Path int8PerChannel(Path source, Path target)
      throws IOException, MalformedMessageException {
    return rounded(source, target, 127, Integer.MAX_VALUE);
  }

  /** Rounds every matrix of the blocks to 4 bits with one scale per 32 inputs. */
  public static Path int4Groups(Path source, Path target)
      throws IOException, MalformedMessageException {
    return rounded(source, target, 7, 32);
  }

  /** Rounds as {@link #int4Groups} from a block on and leaves the blocks before it alone. */
  public static Path int4From(Path source, Path target, int firstBlock)
      throws IOException, MalformedMessageException {
    return changed(
        source, target, (name, view) -> blockOf(name) < firstBlock ? view : round(view, 7, 32));
  }

  /** Rounds as {@link #int4Groups} one matrix of a block and leaves all others alone. */
  public static Path int4Matrix(Path source, Path target, String tensor)
      throws IOException, MalformedMessageException {
    return changed(source, target, (name, view) -> name.equals(tensor) ? round(view, 7, 32) : view);
  }

  /** Rounds every matrix of the blocks to FP8 E4M3 with one scale per output channel. */
  public static Path fp8PerChannel(Path source, Path target)
      throws IOException, MalformedMessageException {
    return changed(
        source,
        target,
        (name, view) -> {
          float[] values = FloatTensors.toFloats(view);
          int width = Math.toIntExact(view.shape().dimension(1));
          for (int row = 0; row < values.length; row += width) {
            float[] channel = Arrays.copyOfRange(values, row, row + width);
            AlteredCacheKernels.roundToFp8(channel);
            System.arraycopy(channel, 0, values, row, width);
          }
          return FloatTensors.ofFloats(DType.F32, view.shape(), values);
        });
  }

  /**
   * Adds to every matrix of the blocks a product of rank 8, as a fine-tuned adapter would.
   *
   * @param share Frobenius norm of what is added, as a share of the matrix's own
   */
  public static Path lowRank(Path source, Path target, double share, long seed)
      throws IOException, MalformedMessageException {
    return changed(
        source, target, (name, view) -> withLowRank(view, share, seed * 31 + name.hashCode()));
  }

  private static TensorView withLowRank(TensorView view, double share, long seed) {
    Random random = new Random(seed);
    float[] values = FloatTensors.toFloats(view);
    int width = Math.toIntExact(view.shape().dimension(1));
    int height = values.length / width;
    double[] left = random.doubles((long) height * ADAPTER_RANK, -1, 1).toArray();
    double[] right = random.doubles((long) width * ADAPTER_RANK, -1, 1).toArray();
    double[] added = new double[values.length];
    double norm = 0;
    double addedNorm = 0;
    for (int i = 0; i < values.length; i++) {
      for (int r = 0; r < ADAPTER_RANK; r++) {
        added[i] += left[i / width * ADAPTER_RANK + r] * right[i % width * ADAPTER_RANK + r];
      }
      norm += (double) values[i] * values[i];
      addedNorm += added[i] * added[i];
    }
    double scale = share * Math.sqrt(norm / addedNorm);
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (scale * added[i]);
    }
    return FloatTensors.ofFloats(DType.F32, view.shape(), values);
  }

  private static int blockOf(String name) {
    int dot = name.indexOf('.', LAYERS.length());
    return Integer.parseInt(name.substring(LAYERS.length(), dot));
  }

  private static Path rounded(Path source, Path target, int levels, int group)
      throws IOException, MalformedMessageException {
    return changed(source, target, (name, view) -> round(view, levels, group));
  }

  /** Changes every matrix of the blocks. */
  private static Path changed(
      Path source, Path target, BiFunction<String, TensorView, TensorView> change)
      throws IOException, MalformedMessageException {
    SafetensorsReader reader = SafetensorsReader.open(source);
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (TensorEntry entry : reader.entries()) {
      TensorView view = reader.tensor(entry.name());
      boolean matrix = entry.name().startsWith(LAYERS) && entry.shape().rank() == 2;
      tensors.put(entry.name(), matrix ? change.apply(entry.name(), view) : view);
    }
    return write(source, target, tensors);
  }

  /** Symmetric rounding: scale = largest magnitude of the group / levels, ties away from zero. */
  private static TensorView round(TensorView view, int levels, int group) {
    float[] values = FloatTensors.toFloats(view);
    int width = Math.toIntExact(view.shape().dimension(1));
    for (int row = 0; row < values.length; row += width) {
      for (int start = row; start < row + width; start += Math.min(group, width)) {
        int end = Math.min(row + width, start + Math.min(group, width));
        roundGroup(values, start, end, levels);
      }
    }
    return FloatTensors.ofFloats(DType.F32, view.shape(), values);
  }

  private static void roundGroup(float[] values, int start, int end, int levels) {
    float largest = 0;
    for (int i = start; i < end; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    float scale = largest / levels;
    for (int i = start; i < end && scale > 0; i++) {
      values[i] = Math.round(values[i] / scale) * scale;
    }
  }

  /** Leaves one block out and renumbers the ones behind it. */
  public static Path withoutBlock(Path source, Path target, int block)
      throws IOException, MalformedMessageException {
    SafetensorsReader reader = SafetensorsReader.open(source);
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (TensorEntry entry : reader.entries()) {
      String name = entry.name();
      if (name.startsWith(LAYERS)) {
        int dot = name.indexOf('.', LAYERS.length());
        int index = blockOf(name);
        if (index == block) {
          continue;
        }
        name = LAYERS + (index > block ? index - 1 : index) + name.substring(dot);
      }
      tensors.put(name, reader.tensor(entry.name()));
    }
    Path folder = write(source, target, tensors);
    Path config = folder.resolve("config.json");
    ObjectNode settings = (ObjectNode) JSON.readTree(config.toFile());
    settings.put("num_hidden_layers", settings.get("num_hidden_layers").intValue() - 1);
    Files.writeString(config, settings.toPrettyString());
    return folder;
  }

  private static Path write(Path source, Path target, Map<String, TensorView> tensors)
      throws IOException {
    Files.createDirectories(target);
    for (String file : new String[] {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
      if (Files.exists(source.resolve(file))) {
        Files.write(target.resolve(file), Files.readAllBytes(source.resolve(file)));
      }
    }
    SafetensorsWriter.write(
        target.resolve(SafetensorsReader.SINGLE_FILE), tensors, Map.of("format", "pt"));
    return target;
  }
}
