package io.verillm.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes are refused by the one exception, or are the only encoding of what was read. */
class CborReaderFuzzTest {
  @FuzzTest
  void read(byte[] input) {
    try {
      if (!Arrays.equals(CborWalker.copy(input), input)) {
        throw new AssertionError("two encodings of one item");
      }
    } catch (MalformedMessageException e) {
      if (e.offset() < 0 || e.offset() > input.length) {
        throw new AssertionError("offset outside the input", e);
      }
    }
  }
}
