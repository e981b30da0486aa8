package io.verillm.core.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: equal content gives equal bytes. Thread-safe.
 *
 * <p>Tensors lie by falling element size, then by name in UTF-8 order, so that each starts at a
 * multiple of its element size; the header is padded with spaces to a multiple of eight bytes.
 */
public final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /**
   * Writes a file under a temporary name beside the target, forces it to disk and renames it, so
   * that a reader sees the old file or the whole new one.
   *
   * @param metadata free text for the header; may be empty
   * @throws IllegalArgumentException if a name or text has no UTF-8 form, or a tensor is called
   *     {@code __metadata__}
   */
  public static void write(
      Path target, Map<String, TensorView> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, TensorView> byName = new TreeMap<>(Utf8Order.COMPARATOR);
    byName.putAll(tensors);
    List<Map.Entry<String, TensorView>> order = new ArrayList<>(byName.entrySet());
    order.sort(Comparator.comparingInt(tensor -> -tensor.getValue().dtype().bytes())); // stable
    byte[] header = header(order, metadata);
    Path folder = target.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, ".safetensors", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        writeFully(channel, ByteBuffer.wrap(header));
        for (Map.Entry<String, TensorView> tensor : order) {
          writeFully(channel, tensor.getValue().bytes());
        }
        channel.force(true);
      }
      move(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static byte[] header(
      List<Map.Entry<String, TensorView>> tensors, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      Map<String, String> sorted = new TreeMap<>(Utf8Order.COMPARATOR);
      sorted.putAll(metadata);
      json.append("\"__metadata__\":{");
      String separator = "";
      for (Map.Entry<String, String> text : sorted.entrySet()) {
        json.append(separator);
        quote(json, text.getKey());
        json.append(':');
        quote(json, text.getValue());
        separator = ",";
      }
      json.append('}');
    }
    long begin = 0;
    for (Map.Entry<String, TensorView> tensor : tensors) {
      String name = tensor.getKey();
      TensorView view = tensor.getValue();
      if (name.equals("__metadata__")) {
        throw new IllegalArgumentException("a tensor cannot be called " + name);
      }
      if (json.length() > 1) {
        json.append(',');
      }
      long end = begin + view.bytes().limit();
      quote(json, name);
      json.append(":{\"dtype\":\"").append(view.dtype().safetensorsName()).append("\",\"shape\":[");
      for (int axis = 0; axis < view.shape().rank(); axis++) {
        json.append(axis == 0 ? "" : ",").append(view.shape().dimension(axis));
      }
      json.append("],\"data_offsets\":[").append(begin).append(',').append(end).append("]}");
      begin = end;
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 7) / 8 * 8;
    ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.array();
  }

  private static void quote(StringBuilder json, String text) {
    if (!Utf8Order.isEncodable(text)) {
      throw new IllegalArgumentException("a name or text has a lone surrogate");
    }
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
