package io.verillm.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Any bytes are refused by the one exception, or are the only encoding of the message. */
class SignedMessageFuzzTest {
  @FuzzTest
  void decode(byte[] input) {
    try {
      SignedMessage message = SignedMessage.decode(input);
      if (!Arrays.equals(message.encode(), input)) {
        throw new AssertionError("two encodings of one message");
      }
      if (message.verify("a network that nobody signs for")) {
        throw new AssertionError("forged");
      }
    } catch (MalformedMessageException e) {
      if (e.offset() < 0 || e.offset() > input.length) {
        throw new AssertionError("offset outside the input", e);
      }
    }
  }
}
