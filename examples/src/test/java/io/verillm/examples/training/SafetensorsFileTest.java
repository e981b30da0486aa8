package io.verillm.examples.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

  @Test
  void toBfloat16_aroundTheTie_roundsToEven() {
    assertThat(SafetensorsFile.toBfloat16(1.0f)).isEqualTo((short) 0x3F80);
    assertThat(rounded(0x3F80_8000)).isEqualTo((short) 0x3F80);
    assertThat(rounded(0x3F80_8001)).isEqualTo((short) 0x3F81);
    assertThat(rounded(0x3F81_8000)).isEqualTo((short) 0x3F82);
    assertThat(rounded(0x3F81_7FFF)).isEqualTo((short) 0x3F81);
    assertThat(rounded(0xBF81_8000)).isEqualTo((short) 0xBF82);
    assertThat(rounded(0x8000_0000)).isEqualTo((short) 0x8000);
  }

  @Test
  void write_twoTensors_layoutIsHeaderThenDataInNameOrder(@TempDir Path folder) throws IOException {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    tensors.put("z", new WeightTensor(new long[] {2}, new float[] {1, -2}));
    tensors.put("a", new WeightTensor(new long[] {1, 3}, new float[] {0, 0.5f, 3}));
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.write(file, tensors);

    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) in.getLong()];
    in.get(header);
    assertThat(header.length % 8).isZero();
    assertThat(new String(header, UTF_8).stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"BF16\",\"shape\":[1,3],\"data_offsets\":[0,6]},"
                + "\"z\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[6,10]}}");
    assertThat(in.remaining()).isEqualTo(10);

    Map<String, WeightTensor> back = SafetensorsFile.read(file);
    assertThat(back.keySet()).containsExactly("a", "z");
    back.forEach(
        (name, tensor) -> {
          assertThat(tensor.shape()).isEqualTo(tensors.get(name).shape());
          assertThat(tensor.values()).isEqualTo(tensors.get(name).values());
        });
  }

  private static short rounded(int bits) {
    return SafetensorsFile.toBfloat16(Float.intBitsToFloat(bits));
  }
}
