package io.verillm.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  private static TensorView bytes(DType dtype, int... values) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      raw[i] = (byte) values[i];
    }
    return TensorView.of(dtype, Shape.of(raw.length / dtype.bytes()), ByteBuffer.wrap(raw));
  }

  @Test
  void write_smallModel_isExactlyTheseBytes() throws Exception {
    Path path = folder.resolve("m.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of("b", bytes(DType.U8, 9), "a", bytes(DType.U8, 7, 8), "w", bytes(DType.BF16, 1, 2)),
        Map.of("k", "v\"\n"));
    byte[] written = Files.readAllBytes(path);
    String json =
        "{\"__metadata__\":{\"k\":\"v\\\"\\u000a\"},"
            + "\"w\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]}}";
    int padded = (json.length() + 7) / 8 * 8;
    assertThat(written).hasSize(8 + padded + 5);
    assertThat(written[0] & 0xFF).isEqualTo(padded);
    assertThat(new String(written, 8, padded, StandardCharsets.UTF_8).stripTrailing())
        .isEqualTo(json);
    assertThat(java.util.Arrays.copyOfRange(written, 8 + padded, written.length))
        .containsExactly(1, 2, 7, 8, 9);
  }

  @Test
  void write_anyMapOrder_givesTheSameBytesAndReadsBack() throws Exception {
    Map<String, TensorView> forwards = new LinkedHashMap<>();
    forwards.put("é", bytes(DType.U8, 1));
    forwards.put("\uE000", bytes(DType.F32, 1, 2, 3, 4));
    forwards.put("\uD83D\uDE00", bytes(DType.U8, 3));
    Map<String, TensorView> backwards = new LinkedHashMap<>();
    forwards.keySet().stream()
        .sorted(java.util.Comparator.reverseOrder())
        .forEach(name -> backwards.put(name, forwards.get(name)));
    Path one = folder.resolve("1.safetensors");
    Path two = folder.resolve("2.safetensors");
    SafetensorsWriter.write(one, forwards, Map.of());
    SafetensorsWriter.write(two, backwards, Map.of());
    assertThat(two).hasSameBinaryContentAs(one);
    SafetensorsReader reader = SafetensorsReader.open(one);
    // U+E000 is EE 80 80 in UTF-8 and comes before the emoji's F0 …, unlike in UTF-16
    assertThat(reader.names()).containsExactly("é", "\uE000", "\uD83D\uDE00");
    forwards.forEach(
        (name, view) -> assertThat(reader.tensor(name).bytes()).isEqualTo(view.bytes()));
  }

  @Test
  void write_existingTarget_isReplacedAndNothingElseStays() throws Exception {
    Path path = folder.resolve("m.safetensors");
    SafetensorsWriter.write(path, Map.of("a", bytes(DType.U8, 1)), Map.of());
    SafetensorsWriter.write(path, Map.of("b", bytes(DType.U8, 2)), Map.of());
    assertThat(SafetensorsReader.open(path).names()).containsExactly("b");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void write_nameWithoutUtf8Form_isRefusedAndLeavesNoFile() throws Exception {
    for (String name : new String[] {"\uD800", "__metadata__"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  SafetensorsWriter.write(
                      folder.resolve("x"), Map.of(name, bytes(DType.U8, 1)), Map.of()));
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
