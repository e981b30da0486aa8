package io.verillm.cache.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.SafetensorsReader;
import io.verillm.core.tensor.SafetensorsWriter;
import io.verillm.core.tensor.TensorEntry;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A cache in a safetensors file: the tensors as the engine holds them, and the descriptor as JSON
 * in the header's metadata under {@value #KEY}. The format is {@code docs/kv-cache-file.md}.
 *
 * <p>A file is a claim by whoever wrote it; it commits to nothing. Thread-safe.
 */
public final class KvCacheFile {
  /** Key of the descriptor in the header's metadata. */
  public static final String KEY = "verillm.kv";

  /** Version of the descriptor. */
  public static final int VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Set<String> FIELDS =
      Set.of(
          "version",
          "engine",
          "dtype",
          "keys",
          "layers",
          "heads",
          "headDim",
          "blockSize",
          "positions",
          "firstValid",
          "cachedPrefix",
          "reservedBlocks",
          "blockTable",
          "loadedBlocks",
          "pools");
  private static final Set<String> POOL_FIELDS =
      Set.of(
          "tensor",
          "offset",
          "parts",
          "layers",
          "heads",
          "firstBlock",
          "blocks",
          "strides",
          "scale");
  private static final Set<String> SCALE_FIELDS = Set.of("tensor", "offset", "strides");
  private static final Set<String> AXES =
      Set.of("part", "layer", "block", "head", "token", "channel");

  private KvCacheFile() {}

  /**
   * Writes a cache; the file appears whole or not at all.
   *
   * @param tensors what the pools and their factors name
   */
  public static void write(Path file, KvLayout layout, Map<String, TensorView> tensors)
      throws IOException {
    SafetensorsWriter.write(file, tensors, Map.of(KEY, encode(layout)));
  }

  /**
   * Maps a cache.
   *
   * @throws MalformedMessageException if the file or its descriptor is not what the format allows
   */
  public static KvCache open(Path file) throws IOException, MalformedMessageException {
    SafetensorsReader reader = SafetensorsReader.open(file);
    String text = reader.metadata().get(KEY);
    if (text == null) {
      throw new MalformedMessageException(KEY, 0, "the header's metadata has no descriptor");
    }
    KvLayout layout = decode(text);
    Map<String, KvMemory> memory = new HashMap<>();
    for (TensorEntry entry : reader.entries()) {
      memory.put(entry.name(), KvMemory.of(reader, entry.name()));
    }
    for (KvPool pool : layout.pools()) {
      requireType(reader, memory, pool.tensor(), layout.dtype());
      if (pool.scale().isPresent()) {
        requireType(reader, memory, pool.scale().get().tensor(), DType.F32);
      }
    }
    return KvCache.bind(layout, memory);
  }

  /** Eight-bit floats may be stored as plain bytes, as SGLang does. */
  private static void requireType(
      SafetensorsReader reader, Map<String, KvMemory> memory, String name, DType wanted)
      throws MalformedMessageException {
    if (!memory.containsKey(name)) {
      throw new MalformedMessageException("tensor " + name, 0, "is named and not there");
    }
    DType found = reader.entry(name).dtype();
    boolean bytes = wanted.bytes() == 1 && found == DType.U8;
    if (found != wanted && !bytes) {
      throw KvAxis.CHANNEL.refuse(name + " holds " + found + ", the descriptor says " + wanted);
    }
  }

  /** Returns the descriptor of a layout. */
  public static String encode(KvLayout layout) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", VERSION);
    root.put("engine", layout.engine());
    root.put("dtype", layout.dtype().safetensorsName());
    root.put("keys", layout.keyHook().name());
    root.put("layers", layout.layers());
    root.put("heads", layout.heads());
    root.put("headDim", layout.headDim());
    root.put("blockSize", layout.blockSize());
    root.put("positions", layout.positions());
    root.put("firstValid", layout.firstValid());
    root.put("cachedPrefix", layout.cachedPrefix());
    root.put("reservedBlocks", layout.reservedBlocks());
    ArrayNode table = root.putArray("blockTable");
    for (int block : layout.blockTable()) {
      table.add(block);
    }
    ArrayNode loaded = root.putArray("loadedBlocks");
    layout.loadedBlocks().stream().forEach(loaded::add);
    ArrayNode pools = root.putArray("pools");
    for (KvPool pool : layout.pools()) {
      ObjectNode node = pools.addObject();
      node.put("tensor", pool.tensor());
      node.put("offset", pool.offset());
      node.set("parts", names(pool.parts()));
      node.set("layers", numbers(pool.layers()));
      node.set("heads", numbers(pool.heads()));
      node.put("firstBlock", pool.firstBlock());
      node.put("blocks", pool.blocks());
      node.set("strides", strides(pool.strides()));
      pool.scale()
          .ifPresent(
              scale -> {
                ObjectNode factors = node.putObject("scale");
                factors.put("tensor", scale.tensor());
                factors.put("offset", scale.offset());
                factors.set("strides", strides(scale.strides()));
              });
    }
    return root.toString();
  }

  private static ArrayNode names(List<KvPart> parts) {
    ArrayNode array = JSON.createArrayNode();
    parts.forEach(part -> array.add(part.name()));
    return array;
  }

  private static ArrayNode numbers(List<Integer> values) {
    ArrayNode array = JSON.createArrayNode();
    values.forEach(array::add);
    return array;
  }

  private static ObjectNode strides(KvStrides strides) {
    ObjectNode node = JSON.createObjectNode();
    for (KvAxis axis : KvAxis.values()) {
      node.put(axis.key(), strides.of(axis));
    }
    return node;
  }

  /**
   * Reads a descriptor.
   *
   * @throws MalformedMessageException if it is no descriptor or contradicts itself
   */
  public static KvLayout decode(String text) throws MalformedMessageException {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new MalformedMessageException(KEY, 0, "not JSON: " + e.getOriginalMessage());
    }
    requireFields(KEY, root, FIELDS);
    if (integer(root, "version", KEY) != VERSION) {
      throw new MalformedMessageException(KEY + ".version", 0, "not version " + VERSION);
    }
    DType dtype =
        DType.ofSafetensorsName(string(root, "dtype"))
            .orElseThrow(() -> new MalformedMessageException(KEY + ".dtype", 0, "unknown type"));
    KvLayout.Builder layout =
        KvLayout.builder(string(root, "engine"), dtype)
            .keyHook(hook(string(root, "keys")))
            .model(
                integer(root, "layers", "axis LAYER"),
                integer(root, "heads", "axis HEAD"),
                integer(root, "headDim", "axis CHANNEL"))
            .positions(integer(root, "positions", "axis TOKEN"))
            .firstValid(integer(root, "firstValid", "axis TOKEN"))
            .cachedPrefix(integer(root, "cachedPrefix", "axis TOKEN"))
            .reservedBlocks(integer(root, "reservedBlocks", "axis BLOCK"))
            .blocks(
                integer(root, "blockSize", "axis TOKEN"),
                integers(root, "blockTable", "axis BLOCK").stream()
                    .mapToInt(Integer::intValue)
                    .toArray());
    for (int block : integers(root, "loadedBlocks", "axis BLOCK")) {
      if (block < 0 || block > (1 << 30)) {
        throw KvAxis.BLOCK.refuse("loaded block " + block + " is out of range");
      }
      layout.loadedBlock(block);
    }
    JsonNode pools = root.get("pools");
    if (pools == null || !pools.isArray() || pools.isEmpty()) {
      throw new MalformedMessageException(KEY + ".pools", 0, "needs at least one pool");
    }
    for (JsonNode pool : pools) {
      layout.pool(pool(pool));
    }
    return layout.build();
  }

  private static KvPool pool(JsonNode node) throws MalformedMessageException {
    requireFields(KEY + ".pools", node, POOL_FIELDS);
    List<KvPart> parts = new ArrayList<>();
    JsonNode names = node.get("parts");
    if (names == null || !names.isArray()) {
      throw KvAxis.PART.refuse("a pool lists its parts");
    }
    for (JsonNode name : names) {
      switch (name.asText()) {
        case "KEY" -> parts.add(KvPart.KEY);
        case "VALUE" -> parts.add(KvPart.VALUE);
        default -> throw KvAxis.PART.refuse("unknown part " + name.asText());
      }
    }
    JsonNode factors = node.get("scale");
    Optional<KvScale> scale = Optional.empty();
    if (factors != null) {
      requireFields(KEY + ".scale", factors, SCALE_FIELDS);
      scale =
          Optional.of(
              new KvScale(
                  string(factors, "tensor"),
                  number(factors, "offset", KEY + ".scale.offset"),
                  strides(factors.get("strides"))));
    }
    return new KvPool(
        string(node, "tensor"),
        number(node, "offset", KEY + ".pools.offset"),
        parts,
        integers(node, "layers", "axis LAYER"),
        integers(node, "heads", "axis HEAD"),
        integer(node, "firstBlock", "axis BLOCK"),
        integer(node, "blocks", "axis BLOCK"),
        strides(node.get("strides")),
        scale);
  }

  private static KvStrides strides(@org.jspecify.annotations.Nullable JsonNode node)
      throws MalformedMessageException {
    if (node == null) {
      throw new MalformedMessageException(KEY + ".strides", 0, "is missing");
    }
    requireFields(KEY + ".strides", node, AXES);
    long[] bytes = new long[KvAxis.values().length];
    KvAxis[] axes = KvAxis.values();
    for (int i = 0; i < axes.length; i++) {
      KvAxis axis = axes[i];
      bytes[i] = number(node, axis.key(), "axis " + axis.name());
      if (bytes[i] < 0) {
        throw axis.refuse("a stride of " + bytes[i]);
      }
    }
    return new KvStrides(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
  }

  private static HookPoint hook(String name) throws MalformedMessageException {
    for (HookPoint hook : HookPoint.values()) {
      if (hook.name().equals(name)) {
        return hook;
      }
    }
    throw KvAxis.PART.refuse("keys are not cached at " + name);
  }

  private static void requireFields(String what, JsonNode node, Set<String> known)
      throws MalformedMessageException {
    if (!node.isObject()) {
      throw new MalformedMessageException(what, 0, "is no object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw new MalformedMessageException(what, 0, "unknown field " + name);
      }
    }
  }

  private static String string(JsonNode node, String field) throws MalformedMessageException {
    JsonNode value = node.get(field);
    if (value == null || !value.isTextual()) {
      throw new MalformedMessageException(KEY + "." + field, 0, "needs a text");
    }
    return value.textValue();
  }

  private static long number(JsonNode node, String field, String name)
      throws MalformedMessageException {
    JsonNode value = node.get(field);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new MalformedMessageException(name, 0, field + " needs a whole number");
    }
    return value.longValue();
  }

  private static int integer(JsonNode node, String field, String name)
      throws MalformedMessageException {
    long value = number(node, field, name);
    if (value != (int) value) {
      throw new MalformedMessageException(name, 0, field + " " + value + " is out of range");
    }
    return (int) value;
  }

  private static List<Integer> integers(JsonNode node, String field, String name)
      throws MalformedMessageException {
    JsonNode array = node.get(field);
    if (array == null || !array.isArray()) {
      throw new MalformedMessageException(name, 0, field + " needs a list");
    }
    List<Integer> values = new ArrayList<>(array.size());
    for (JsonNode value : array) {
      if (!value.isIntegralNumber() || !value.canConvertToInt()) {
        throw new MalformedMessageException(name, 0, field + " holds whole numbers");
      }
      values.add(value.intValue());
    }
    return values;
  }
}
