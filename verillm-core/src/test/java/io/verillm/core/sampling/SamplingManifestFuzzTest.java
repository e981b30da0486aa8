package io.verillm.core.sampling;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Only the documented exception leaves the decoder, and what it accepts has one encoding. */
class SamplingManifestFuzzTest {
  static Stream<Arguments> seeds() {
    CborWriter out = new CborWriter();
    SamplingManifest.builder(8)
        .temperatureMicros(700_000)
        .topK(40)
        .logitBiasMicros(Map.of(3, -1_000_000, 70, 5))
        .eosIds(List.of(1, 2))
        .build()
        .encode(out);
    return Stream.of(Arguments.of((Object) out.toByteArray()));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10s")
  void decode_anyBytes_throwsOnlyMalformedAndIsCanonical(byte[] bytes) {
    try {
      CborReader in = CborReader.of(bytes);
      SamplingManifest manifest = SamplingManifest.decode(in);
      in.end();
      CborWriter out = new CborWriter();
      manifest.encode(out);
      if (!Arrays.equals(out.toByteArray(), bytes)) {
        throw new AssertionError("two encodings of " + manifest);
      }
    } catch (MalformedMessageException expected) {
      // the one documented refusal
    }
  }
}
