package io.verillm.cache.layout;

import io.verillm.core.tensor.DType;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Descriptors of arrangements that engines are known to use, densely packed. An engine that pads or
 * shards states its own strides with {@link KvLayout#builder}.
 */
public final class KvLayouts {
  /** Tensor name of a cache that is one buffer. */
  public static final String BUFFER = "kv";

  private KvLayouts() {}

  /**
   * What all arrangements need to know.
   *
   * @param dtype type of the stored elements
   * @param layers layers of the model
   * @param heads KV heads of the model
   * @param headDim elements per head
   * @param positions positions of the sequence
   */
  public record Sizes(DType dtype, int layers, int heads, int headDim, int positions) {
    private KvLayout.Builder begin(String engine) {
      return KvLayout.builder(engine, dtype).model(layers, heads, headDim).positions(positions);
    }

    private List<Integer> allLayers() {
      return IntStream.range(0, layers).boxed().toList();
    }

    private List<Integer> allHeads() {
      return IntStream.range(0, heads).boxed().toList();
    }
  }

  /** Tensor name of one part of one layer: {@code layers.3.key}. */
  public static String layerTensor(int layer, KvPart part) {
    return "layers." + layer + "." + part.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Hugging Face: per layer a key and a value tensor {@code [batch, heads, sequence, dim]}.
   *
   * @param batch sequences in the tensors
   * @param index which of them this is
   * @param capacity length of the sequence axis
   */
  public static KvLayout huggingFace(Sizes sizes, int batch, int index, int capacity)
      throws MalformedMessageException {
    KvLayout.Builder layout = sizes.begin("huggingface").blocks(capacity, index);
    long channel = sizes.dtype().bytes();
    long token = sizes.headDim() * channel;
    long head = capacity * token;
    KvStrides strides = new KvStrides(0, 0, sizes.heads() * head, head, token, channel);
    for (int layer = 0; layer < sizes.layers(); layer++) {
      for (KvPart part : KvPart.values()) {
        layout.pool(
            new KvPool(
                layerTensor(layer, part),
                0,
                List.of(part),
                List.of(layer),
                sizes.allHeads(),
                0,
                batch,
                strides,
                Optional.empty()));
      }
    }
    return layout.build();
  }

  /** vLLM since August 2026: one buffer in one of six orders. */
  public static KvLayout vllm(
      Sizes sizes, VllmOrder order, int blocks, int blockSize, int... blockTable)
      throws MalformedMessageException {
    long channel = sizes.dtype().bytes();
    long part = sizes.headDim() * channel;
    long next = 2 * part;
    long layer = 0;
    long block = 0;
    long head = 0;
    long token = 0;
    for (int i = order.name().length() - 2; i >= 0; i--) {
      switch (order.name().charAt(i)) {
        case 'L' -> {
          layer = next;
          next *= sizes.layers();
        }
        case 'B' -> {
          block = next;
          next *= blocks;
        }
        case 'H' -> {
          head = next;
          next *= sizes.heads();
        }
        default -> {
          token = next;
          next *= blockSize;
        }
      }
    }
    return sizes
        .begin("vllm " + order)
        .blocks(blockSize, blockTable)
        .pool(
            new KvPool(
                BUFFER,
                0,
                List.of(KvPart.KEY, KvPart.VALUE),
                sizes.allLayers(),
                sizes.allHeads(),
                0,
                blocks,
                new KvStrides(part, layer, block, head, token, channel),
                Optional.empty()))
        .build();
  }

  /**
   * SGLang: per layer a key and a value pool {@code [slots, heads, dim]}; a table gives the slot of
   * each position, and slot 0 takes what padding writes.
   */
  public static KvLayout sglang(Sizes sizes, int slots, int... slotTable)
      throws MalformedMessageException {
    KvLayout.Builder layout = sizes.begin("sglang").blocks(1, slotTable).reservedBlocks(1);
    long channel = sizes.dtype().bytes();
    long head = sizes.headDim() * channel;
    KvStrides strides = new KvStrides(0, 0, sizes.heads() * head, head, 0, channel);
    for (int layer = 0; layer < sizes.layers(); layer++) {
      for (KvPart part : KvPart.values()) {
        layout.pool(
            new KvPool(
                layerTensor(layer, part),
                0,
                List.of(part),
                List.of(layer),
                sizes.allHeads(),
                0,
                slots,
                strides,
                Optional.empty()));
      }
    }
    return layout.build();
  }

  /** Tensor name of a page of {@link #jlama}. */
  public static String jlamaPage(int layerPage, int contextPage) {
    return "page." + layerPage + "." + contextPage;
  }

  /**
   * Jlama: pages {@code [layersPerPage, 2, contextPerPage, kvLength]}, each in a file of its own.
   */
  public static KvLayout jlama(Sizes sizes, int layersPerPage, int contextPerPage)
      throws MalformedMessageException {
    int contextPages = (sizes.positions() + contextPerPage - 1) / contextPerPage;
    KvLayout.Builder layout =
        sizes.begin("jlama").blocks(contextPerPage, IntStream.range(0, contextPages).toArray());
    long channel = sizes.dtype().bytes();
    long head = sizes.headDim() * channel;
    long token = sizes.heads() * head;
    long part = contextPerPage * token;
    KvStrides strides = new KvStrides(part, 2 * part, 0, head, token, channel);
    for (int first = 0; first < sizes.layers(); first += layersPerPage) {
      List<Integer> layers = new ArrayList<>();
      for (int layer = first; layer < Math.min(sizes.layers(), first + layersPerPage); layer++) {
        layers.add(layer);
      }
      for (int page = 0; page < contextPages; page++) {
        layout.pool(
            new KvPool(
                jlamaPage(first / layersPerPage, page),
                0,
                List.of(KvPart.KEY, KvPart.VALUE),
                layers,
                sizes.allHeads(),
                page,
                1,
                strides,
                Optional.empty()));
      }
    }
    return layout.build();
  }
}
