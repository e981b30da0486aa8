package io.verillm.cache.layout;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * One cache of random rows, and writers of each engine's arrangement that index whole arrays by
 * their shape, without a stride.
 */
final class ReferenceCache {
  static final int LAYERS = 3;
  static final int HEADS = 2;
  static final int DIM = 8;
  static final int POSITIONS = 21;
  static final int BLOCK = 4;
  static final int BLOCKS = 9;
  static final int[] TABLE = {7, 2, 5, 0, 8, 3};

  final DType dtype;
  final float[][][] rows = new float[2 * LAYERS][POSITIONS][HEADS * DIM];

  ReferenceCache(DType dtype, long seed) {
    this.dtype = dtype;
    Random random = new Random(seed);
    for (float[][] plane : rows) {
      for (float[] row : plane) {
        for (int i = 0; i < row.length; i++) {
          row[i] = (float) random.nextGaussian();
        }
        // What the stored type can hold is the reference.
        float[] stored =
            FloatTensors.toFloats(FloatTensors.ofFloats(dtype, Shape.of(row.length), row));
        System.arraycopy(stored, 0, row, 0, row.length);
      }
    }
  }

  KvLayouts.Sizes sizes() {
    return new KvLayouts.Sizes(dtype, LAYERS, HEADS, DIM, POSITIONS);
  }

  float at(int part, int layer, int position, int head, int channel) {
    return rows[part * LAYERS + layer][position][head * DIM + channel];
  }

  /** A layout with the tensors it names. */
  record Written(KvLayout layout, Map<String, TensorView> tensors) {
    KvCache bind() throws Exception {
      Map<String, KvMemory> memory = new HashMap<>();
      tensors.forEach((name, view) -> memory.put(name, KvMemory.of(view.bytes())));
      return KvCache.bind(layout, memory);
    }
  }

  private TensorView view(long[] shape, float[] values) {
    return FloatTensors.ofFloats(dtype, Shape.of(shape), values);
  }

  Written huggingFace() throws Exception {
    int batch = 3;
    int capacity = 30;
    Map<String, TensorView> tensors = new HashMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (KvPart part : KvPart.values()) {
        float[] all = garbage(batch * HEADS * capacity * DIM);
        for (int head = 0; head < HEADS; head++) {
          for (int p = 0; p < POSITIONS; p++) {
            for (int d = 0; d < DIM; d++) {
              all[((1 * HEADS + head) * capacity + p) * DIM + d] =
                  at(part.index(), layer, p, head, d);
            }
          }
        }
        tensors.put(
            KvLayouts.layerTensor(layer, part),
            view(new long[] {batch, HEADS, capacity, DIM}, all));
      }
    }
    return new Written(KvLayouts.huggingFace(sizes(), batch, 1, capacity), tensors);
  }

  Written vllm(VllmOrder order) throws Exception {
    Map<Character, Integer> lengths = Map.of('L', LAYERS, 'B', BLOCKS, 'H', HEADS, 'N', BLOCK);
    float[] all = garbage(LAYERS * BLOCKS * HEADS * BLOCK * 2 * DIM);
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int p = 0; p < POSITIONS; p++) {
        for (int head = 0; head < HEADS; head++) {
          Map<Character, Integer> index =
              Map.of('L', layer, 'B', TABLE[p / BLOCK], 'H', head, 'N', p % BLOCK);
          int flat = 0;
          for (char axis : order.name().substring(0, 4).toCharArray()) {
            flat = flat * lengths.get(axis) + index.get(axis);
          }
          for (int part = 0; part < 2; part++) {
            for (int d = 0; d < DIM; d++) {
              all[(flat * 2 + part) * DIM + d] = at(part, layer, p, head, d);
            }
          }
        }
      }
    }
    return new Written(
        KvLayouts.vllm(sizes(), order, BLOCKS, BLOCK, TABLE),
        Map.of(KvLayouts.BUFFER, view(new long[] {all.length}, all)));
  }

  Written sglang() throws Exception {
    int slots = 40;
    int[] table = IntStream.range(0, POSITIONS).map(p -> 1 + (p * 17) % 39).toArray();
    Map<String, TensorView> tensors = new HashMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (KvPart part : KvPart.values()) {
        float[] all = garbage(slots * HEADS * DIM);
        for (int p = 0; p < POSITIONS; p++) {
          for (int head = 0; head < HEADS; head++) {
            for (int d = 0; d < DIM; d++) {
              all[(table[p] * HEADS + head) * DIM + d] = at(part.index(), layer, p, head, d);
            }
          }
        }
        tensors.put(KvLayouts.layerTensor(layer, part), view(new long[] {slots, HEADS, DIM}, all));
      }
    }
    return new Written(KvLayouts.sglang(sizes(), slots, table), tensors);
  }

  Written jlama() throws Exception {
    int layersPerPage = 2;
    int context = 8;
    Map<String, TensorView> tensors = new HashMap<>();
    for (int layerPage = 0; layerPage < 2; layerPage++) {
      for (int page = 0; page < 3; page++) {
        float[] all = garbage(layersPerPage * 2 * context * HEADS * DIM);
        for (int l = 0; l < layersPerPage && layerPage * layersPerPage + l < LAYERS; l++) {
          for (int part = 0; part < 2; part++) {
            for (int c = 0; c < context && page * context + c < POSITIONS; c++) {
              for (int i = 0; i < HEADS * DIM; i++) {
                all[((l * 2 + part) * context + c) * HEADS * DIM + i] =
                    at(part, layerPage * layersPerPage + l, page * context + c, i / DIM, i % DIM);
              }
            }
          }
        }
        tensors.put(
            KvLayouts.jlamaPage(layerPage, page),
            view(new long[] {layersPerPage, 2, context, HEADS * DIM}, all));
      }
    }
    return new Written(KvLayouts.jlama(sizes(), layersPerPage, context), tensors);
  }

  /** Two ranks with one head each, keys and values apart: [2, blocks, tokens, 1, dim] per layer. */
  Written tensorParallel() throws Exception {
    KvLayout.Builder layout =
        KvLayout.builder("two ranks", dtype)
            .model(LAYERS, HEADS, DIM)
            .positions(POSITIONS)
            .blocks(BLOCK, TABLE);
    long channel = dtype.bytes();
    Map<String, TensorView> tensors = new HashMap<>();
    for (int rank = 0; rank < HEADS; rank++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        float[] all = garbage(2 * BLOCKS * BLOCK * DIM);
        for (int part = 0; part < 2; part++) {
          for (int p = 0; p < POSITIONS; p++) {
            for (int d = 0; d < DIM; d++) {
              all[((part * BLOCKS + TABLE[p / BLOCK]) * BLOCK + p % BLOCK) * DIM + d] =
                  at(part, layer, p, rank, d);
            }
          }
        }
        String name = "rank." + rank + "." + layer;
        tensors.put(name, view(new long[] {2, BLOCKS, BLOCK, 1, DIM}, all));
        layout.pool(
            new KvPool(
                name,
                0,
                List.of(KvPart.KEY, KvPart.VALUE),
                List.of(layer),
                List.of(rank),
                0,
                BLOCKS,
                new KvStrides(
                    BLOCKS * BLOCK * DIM * channel,
                    0,
                    BLOCK * DIM * channel,
                    0,
                    DIM * channel,
                    channel),
                Optional.empty()));
      }
    }
    return new Written(layout.build(), tensors);
  }

  /** Elements that no position owns hold something that would be noticed. */
  private static float[] garbage(int length) {
    float[] all = new float[length];
    java.util.Arrays.fill(all, 77);
    return all;
  }
}
