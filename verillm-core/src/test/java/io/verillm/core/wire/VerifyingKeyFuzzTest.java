package io.verillm.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes are refused by the one exception, or are the only encoding of the key. */
class VerifyingKeyFuzzTest {
  @FuzzTest
  void decode(byte[] input) {
    try {
      VerifyingKey key = VerifyingKey.decode(Arrays.copyOf(input, Math.min(32, input.length)));
      if (!Arrays.equals(key.point().encode(), key.toByteArray())) {
        throw new AssertionError("two encodings of one point");
      }
      byte[] rest = Arrays.copyOfRange(input, 32, Math.max(32, input.length));
      if (key.verify(new byte[] {1}, rest)) {
        // Possible for a fuzzer that finds a key, but then R is what the equation says.
        byte[] r = Arrays.copyOf(rest, 32);
        if (EdwardsPoint.decodeVar(r) == null) {
          throw new AssertionError("an R that is no point was accepted");
        }
      }
    } catch (MalformedMessageException e) {
      if (e.offset() != 0) {
        throw new AssertionError("offset outside the input", e);
      }
    }
  }
}
