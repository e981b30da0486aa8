package io.verillm.core.sampling;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;

/** Only the documented exception leaves the decoder, and what it accepts has one encoding. */
class SamplingManifestFuzzTest {
  @FuzzTest
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
