package io.verillm.core.trace;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;

/** Whatever the bytes are: the documented exception, or a value that encodes to the same bytes. */
class TraceFuzzTest {
  private static final TraceHead HEAD = TraceFixtures.trace(9).head();

  @FuzzTest
  void profile(byte[] bytes) {
    try {
      requireSame(bytes, TraceProfile.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  @FuzzTest
  void head(byte[] bytes) {
    try {
      requireSame(bytes, TraceHead.Payload.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  @FuzzTest
  void opening(byte[] bytes) {
    try {
      TraceOpening opening = TraceOpening.decode(bytes, 1 << 16);
      requireSame(bytes, opening.encode());
      // No fuzzer finds a preimage: bytes that verify would be a hole.
      if (opening.verify(HEAD, TraceFixtures.ID, TraceFixtures.LAYOUT)
          instanceof OpeningOutcome.Verified) {
        throw new AssertionError("verified bytes that nobody opened");
      }
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  @FuzzTest
  void fileHeader(byte[] bytes) {
    try {
      requireSame(bytes, TraceFileFormat.Header.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  private static void requireSame(byte[] in, byte[] out) {
    if (!Arrays.equals(in, out)) {
      throw new AssertionError("accepted bytes that are not canonical");
    }
  }
}
