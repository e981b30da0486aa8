package io.verillm.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsReaderTest {
  @TempDir Path folder;

  static byte[] file(String json, int dataBytes) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private SafetensorsReader read(String json, int dataBytes) throws Exception {
    return SafetensorsReader.open(write("a.safetensors", file(json, dataBytes)));
  }

  private static TensorView floats(float... values) {
    return TensorView.copyOf(Shape.of(values.length), values);
  }

  @Test
  void open_handWrittenFile_givesNamesShapesAndValues() throws Exception {
    // Bytes written out by hand from the format's description, not by our writer.
    byte[] bytes =
        file(
            "{\"b\":{\"shape\":[2],\"data_offsets\":[4,8],\"dtype\":\"BF16\"},"
                + "\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]}}  ",
            8);
    byte[] data = {0, 0, (byte) 0x80, 0x3F, (byte) 0x80, 0x3F, 0, (byte) 0xC0};
    System.arraycopy(data, 0, bytes, bytes.length - 8, 8);
    SafetensorsReader reader = SafetensorsReader.open(write("x.safetensors", bytes));
    assertThat(reader.names()).containsExactly("a", "b");
    assertThat(reader.metadata()).containsExactly(Map.entry("format", "pt"));
    assertThat(reader.totalBytes()).isEqualTo(8);
    assertThat(reader.tensor("a").shape()).isEqualTo(Shape.of(1, 1));
    assertThat(reader.tensor("a").toFloats()).containsExactly(1f);
    assertThat(FloatTensors.toFloats(reader.tensor("b"))).containsExactly(1f, -2f);
    assertThat(FloatTensors.toFloats(reader.rows("b", 1, 1))).containsExactly(-2f);
    assertThat(reader.entry("b")).isEqualTo(new TensorEntry("b", DType.BF16, Shape.of(2), 4, 8));
  }

  @Test
  void open_emptyTensorsAndScalars_areRead() throws Exception {
    SafetensorsReader reader =
        read(
            "{\"none\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[0,0]},"
                + "\"one\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"end\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[8,8]}}",
            8);
    assertThat(reader.tensor("none").shape().elements()).isZero();
    assertThat(reader.tensor("one").bytes().getLong()).isZero();
    assertThat(reader.rows("none", 0, 0).shape()).isEqualTo(Shape.of(0, 5));
    assertThat(reader.tensor("end").bytes().limit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{}x",
        "{} {}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}",
        "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        // the same name once plain, once escaped
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
            + "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        "{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        // overlap, hole in the middle, hole at the start, uncovered end
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
        "{}",
        // claims beyond any machine
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],"
            + "\"data_offsets\":[0,9223372036854775807]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551617],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[[0],4]}}",
        "{\"__metadata__\":[],\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"__metadata__\":{\"k\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        " {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
      })
  void open_lyingHeader_isMalformed(String json) {
    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(() -> read(json, 4));
  }

  @Test
  void open_truncatedAtEveryByte_isMalformed() throws Exception {
    byte[] whole = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
    SafetensorsReader.open(write("whole.safetensors", whole));
    for (int length = 0; length < whole.length; length++) {
      Path path = write("cut.safetensors", Arrays.copyOf(whole, length));
      assertThatExceptionOfType(MalformedMessageException.class)
          .as("cut at %d", length)
          .isThrownBy(() -> SafetensorsReader.open(path));
    }
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(
            () ->
                SafetensorsReader.open(
                    write("long.safetensors", Arrays.copyOf(whole, whole.length + 1))));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {-1, Long.MIN_VALUE, 0, 1, 3, 100_000_001, 1L << 32, (1L << 32) + 2, Long.MAX_VALUE})
  void decodeLength_claimThatTheFileCannotHold_isMalformed(long claim) {
    ByteBuffer first = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, claim);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SafetensorsHeader.decodeLength(first, 8 + 2));
    if (claim > SafetensorsHeader.MAX_HEADER_BYTES || claim < 2) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> SafetensorsHeader.decodeLength(first, Long.MAX_VALUE));
    }
  }

  @Test
  void decode_otherCharacterSets_areMalformed() {
    String json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    for (var charset :
        List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16)) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> SafetensorsHeader.decode(json.getBytes(charset), 4));
    }
    byte[] latin = json.replace('a', 'é').getBytes(StandardCharsets.ISO_8859_1);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SafetensorsHeader.decode(latin, 4));
  }

  private void writeShards() throws IOException {
    SafetensorsWriter.write(
        folder.resolve("m-1.safetensors"), Map.of("a", floats(1), "b", floats(2, 3)), Map.of());
    SafetensorsWriter.write(folder.resolve("m-2.safetensors"), Map.of("c", floats(4)), Map.of());
  }

  private void writeIndex(String weightMap) throws IOException {
    Files.writeString(
        folder.resolve(SafetensorsReader.INDEX_FILE),
        "{\"metadata\":{\"total_size\":16},\"weight_map\":" + weightMap + "}");
  }

  private static final String GOOD_MAP =
      "{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}";

  @Test
  void open_shardedFolder_joinsItsFiles() throws Exception {
    writeShards();
    writeIndex(GOOD_MAP);
    SafetensorsReader reader = SafetensorsReader.open(folder);
    assertThat(reader.names()).containsExactly("a", "b", "c");
    assertThat(reader.tensor("b").toFloats()).containsExactly(2, 3);
    assertThat(reader.tensor("c").toFloats()).containsExactly(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"m-2.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}",
        "{\"a\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\"}",
        "{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\",\"c\":\"m-2.safetensors\","
            + "\"d\":\"m-2.safetensors\"}",
        "{\"a\":\"m-1.safetensors\",\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\","
            + "\"c\":\"m-2.safetensors\"}",
        "{\"a\":\"../m-1.safetensors\"}",
        "{\"a\":\"/etc/passwd\"}",
        "{\"a\":\"x\\\\m-1.safetensors\"}",
        "{\"a\":\"m-1.safetensors\\u0000.safetensors\"}",
        "{\"a\":\".safetensors\"}",
        "{\"a\":1}",
        "[]",
        "null",
        "{} , \"weight_map\": {}",
      })
  void open_indexThatDisagrees_isMalformed(String weightMap) throws Exception {
    writeShards();
    writeIndex(weightMap);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SafetensorsReader.open(folder));
  }

  @Test
  void open_shardThatTheIndexDoesNotName_isNotPartOfTheModel() throws Exception {
    writeShards();
    writeIndex("{\"a\":\"m-1.safetensors\",\"b\":\"m-1.safetensors\"}");
    assertThat(SafetensorsReader.open(folder).names()).containsExactly("a", "b");
  }

  @Test
  void open_ambiguousOrEmptyFolder_isRefused() throws Exception {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SafetensorsReader.open(folder));
    writeShards();
    writeIndex(GOOD_MAP);
    SafetensorsWriter.write(
        folder.resolve(SafetensorsReader.SINGLE_FILE), Map.of("a", floats(1)), Map.of());
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SafetensorsReader.open(folder));
    Files.delete(folder.resolve(SafetensorsReader.INDEX_FILE));
    assertThat(SafetensorsReader.open(folder).names()).containsExactly("a");
    Files.delete(folder.resolve(SafetensorsReader.SINGLE_FILE));
    writeIndex("{\"a\":\"gone.safetensors\"}");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SafetensorsReader.open(folder));
  }

  @Test
  void openFiles_sameNameTwice_isMalformed() throws Exception {
    writeShards();
    Path one = folder.resolve("m-1.safetensors");
    Path two = folder.resolve("m-2.safetensors");
    assertThat(SafetensorsReader.openFiles(List.of(one, two)).names()).hasSize(3);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> SafetensorsReader.openFiles(List.of(one, two, one)));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 12, 40, 44, 64, 1000})
  void open_anyMappingSize_givesTheSameBytes(int window) throws Exception {
    Map<String, TensorView> tensors = new LinkedHashMap<>();
    for (int size : new int[] {1, 10, 3, 2, 11, 1}) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = tensors.size() * 100 + i;
      }
      tensors.put("t" + tensors.size(), floats(values));
    }
    Path path = folder.resolve("w.safetensors");
    SafetensorsWriter.write(path, tensors, Map.of());
    SafetensorsReader reader = SafetensorsReader.open(path, window);
    tensors.forEach(
        (name, view) -> {
          float[] all = view.toFloats();
          for (int i = 0; i < all.length; i++) {
            assertThat(reader.rows(name, i, 1).toFloats()).containsExactly(all[i]);
          }
          if (all.length * 4 <= window) {
            assertThat(reader.tensor(name).toFloats()).containsExactly(all);
          } else {
            assertThatIllegalArgumentException().isThrownBy(() -> reader.tensor(name));
          }
        });
  }

  @Test
  void open_tensorAboveTwoGibibytes_isReadByRows() throws Exception {
    long rows = (5L << 29) / 1024; // 2.5 GiB, a sparse file
    String json =
        "{\"big\":{\"dtype\":\"U8\",\"shape\":["
            + rows
            + ",1024],\"data_offsets\":[0,"
            + rows * 1024
            + "]}}";
    Path path = write("big.safetensors", file(json, 0));
    long dataStart = Files.size(path);
    try (RandomAccessFile out = new RandomAccessFile(path.toFile(), "rw")) {
      out.setLength(dataStart + rows * 1024);
      for (long row : new long[] {0, (1L << 30) / 1024, (1L << 31) / 1024, rows - 1}) {
        out.seek(dataStart + row * 1024);
        out.writeLong(row);
      }
    }
    SafetensorsReader reader = SafetensorsReader.open(path);
    for (long row : new long[] {0, (1L << 30) / 1024, (1L << 31) / 1024, rows - 1}) {
      assertThat(reader.rows("big", row, 1).bytes().order(ByteOrder.BIG_ENDIAN).getLong())
          .isEqualTo(row);
    }
    assertThat(reader.rows("big", 0, 1 << 20).bytes().limit()).isEqualTo(1 << 30);
    assertThatIllegalArgumentException().isThrownBy(() -> reader.tensor("big"));
    assertThatIllegalArgumentException().isThrownBy(() -> reader.rows("big", rows - 1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> reader.bytes("big", rows * 1024, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> reader.bytes("big", -1, 1));
  }

  @Test
  void tensor_unknownName_isRefused() throws Exception {
    SafetensorsReader reader =
        read("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);
    assertThatIllegalArgumentException().isThrownBy(() -> reader.tensor("A"));
    assertThatIllegalArgumentException().isThrownBy(() -> reader.rows("a", 0, 1));
  }
}
