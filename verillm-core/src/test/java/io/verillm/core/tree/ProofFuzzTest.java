package io.verillm.core.tree;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.List;

/** Whatever the bytes are: the documented exception, or a proof that encodes to the same bytes. */
class ProofFuzzTest {
  private interface Codec {
    byte[] recode(byte[] bytes) throws MalformedMessageException;
  }

  private static final List<Codec> CODECS =
      List.of(
          bytes -> InclusionProof.decode(bytes).encode(),
          bytes -> ConsistencyProof.decode(bytes).encode(),
          bytes -> MultiProof.decode(bytes).encode());

  /** One method, because a JVM fuzzes the first one only. */
  @FuzzTest(maxDuration = "10s")
  void decode(byte[] bytes) {
    for (Codec codec : CODECS) {
      try {
        requireSame(bytes, codec.recode(bytes));
      } catch (MalformedMessageException e) {
        // the documented exception
      }
    }
  }

  private static void requireSame(byte[] in, byte[] out) {
    if (!Arrays.equals(in, out)) {
      throw new AssertionError("accepted bytes that are not canonical");
    }
  }
}
