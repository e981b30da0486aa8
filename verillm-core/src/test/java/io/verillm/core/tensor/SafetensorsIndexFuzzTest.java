package io.verillm.core.tensor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Only the documented exception leaves the reader of a shard index. */
class SafetensorsIndexFuzzTest {
  static Stream<Arguments> seeds() {
    return Stream.of("{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"x.safetensors\"}}")
        .map(text -> Arguments.of((Object) text.getBytes(StandardCharsets.UTF_8)));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10s")
  void decodeIndex(byte[] bytes) {
    try {
      SafetensorsReader.decodeIndex(bytes);
    } catch (MalformedMessageException expected) {
      // the one documented refusal
    }
  }
}
