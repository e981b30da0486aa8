package io.verillm.examples.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weights as a bfloat16 safetensors file, written and read back.
 *
 * <p>Header length (8 bytes, little-endian), JSON header padded with spaces to a multiple of 8,
 * then the tensors in name order without gaps. Values are rounded to nearest, ties to even. This is
 * the trainer's own small pair of methods; programs that read foreign files want the SDK's reader.
 */
final class SafetensorsFile {

  private static final int BYTES_PER_VALUE = 2;

  private SafetensorsFile() {}

  static void write(Path file, Map<String, WeightTensor> tensors) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("__metadata__", Map.of("format", "pt"));
    Map<String, WeightTensor> byName = new TreeMap<>(tensors);
    long offset = 0;
    for (Map.Entry<String, WeightTensor> entry : byName.entrySet()) {
      long end = offset + (long) BYTES_PER_VALUE * entry.getValue().values().length;
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("dtype", "BF16");
      item.put("shape", entry.getValue().shape());
      item.put("data_offsets", List.of(offset, end));
      header.put(entry.getKey(), item);
      offset = end;
    }
    byte[] json = Json.compact(header);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact(8 + padded.length + offset))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(padded.length).put(padded);
    for (WeightTensor tensor : byName.values()) {
      for (float value : tensor.values()) {
        out.putShort(toBfloat16(value));
      }
    }
    Files.write(file, out.array());
  }

  static Map<String, WeightTensor> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] json = new byte[Math.toIntExact(in.getLong())];
    in.get(json);
    int start = in.position();
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : Json.read(json).properties()) {
      if (entry.getKey().equals("__metadata__")) {
        continue;
      }
      JsonNode item = entry.getValue();
      if (!item.required("dtype").asText().equals("BF16")) {
        throw new IOException(entry.getKey() + " is no BF16 tensor");
      }
      long[] shape = longs(item.required("shape"));
      long[] offsets = longs(item.required("data_offsets"));
      float[] values = new float[(int) (offsets[1] - offsets[0]) / BYTES_PER_VALUE];
      for (int i = 0; i < values.length; i++) {
        short bits = in.getShort(start + (int) offsets[0] + BYTES_PER_VALUE * i);
        values[i] = Float.intBitsToFloat(bits << 16);
      }
      tensors.put(entry.getKey(), new WeightTensor(shape, values));
    }
    return tensors;
  }

  /** Rounds to bfloat16, ties to even. Weights are finite, so the carry never makes a NaN. */
  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  private static long[] longs(JsonNode array) {
    List<Long> values = new ArrayList<>();
    array.forEach(item -> values.add(item.asLong()));
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
