package io.verillm.core.tensor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Whatever the bytes are, only the documented exception leaves the header's decoder. */
class SafetensorsHeaderFuzzTest {
  @FuzzTest
  void decode_anyBytes_throwsOnlyMalformed(byte[] bytes) {
    try {
      int length = SafetensorsHeader.decodeLength(ByteBuffer.wrap(bytes), bytes.length);
      SafetensorsHeader header =
          SafetensorsHeader.decode(
              Arrays.copyOfRange(bytes, 8, 8 + length), bytes.length - 8L - length);
      long covered = header.entries().values().stream().mapToLong(TensorEntry::byteLength).sum();
      if (covered != bytes.length - 8L - length) {
        throw new AssertionError("accepted tensors do not cover the data");
      }
    } catch (MalformedMessageException expected) {
      // the one documented refusal
    }
  }
}
