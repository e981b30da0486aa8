package io.verillm.core.trace;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are: the documented exception, or a value that encodes to the same bytes. */
class TraceFuzzTest {
  private static final TraceHead HEAD = TraceFixtures.trace(9).head();

  private interface Codec {
    byte[] recode(byte[] bytes) throws MalformedMessageException;
  }

  private static final List<Codec> CODECS =
      List.of(
          bytes -> TraceProfile.decode(bytes).encode(),
          bytes -> TraceHead.Payload.decode(bytes).encode(),
          bytes -> HeadChain.decode(bytes).encode(),
          bytes -> TraceFileFormat.Header.decode(bytes).encode(),
          TraceFuzzTest::opening);

  /** Valid bytes to start from; the opening is of another trace than {@link #HEAD}. */
  static Stream<Arguments> seeds() throws IOException {
    MemoryTrace trace = new MemoryTrace();
    TraceFixtures.fill(
        new TraceRecorder(
            TraceFixtures.PROFILE,
            TraceFixtures.DIMENSIONS,
            TraceFixtures.ID,
            JobSecret.copyOf(new byte[JobSecret.LENGTH]),
            trace),
        9);
    HeadChain heads = new HeadChain(List.of(), new ConsistencyProof(List.of(HEAD.root())));
    return Stream.of(
            TraceFixtures.PROFILE.encode(),
            HEAD.payload(TraceFixtures.ID),
            heads.encode(),
            TraceOpening.open(trace, TraceFixtures.request()).encode())
        .map(bytes -> Arguments.of((Object) bytes));
  }

  /** One method, because a JVM fuzzes the first one only. */
  @MethodSource("seeds")
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

  private static byte[] opening(byte[] bytes) throws MalformedMessageException {
    TraceOpening opening = TraceOpening.decode(bytes, 1 << 16);
    // No fuzzer finds a preimage: bytes that verify would be a hole.
    if (opening.verify(HEAD, TraceFixtures.ID, TraceFixtures.LAYOUT)
        instanceof OpeningOutcome.Verified) {
      throw new AssertionError("verified bytes that nobody opened");
    }
    return opening.encode();
  }

  private static void requireSame(byte[] in, byte[] out) {
    if (!Arrays.equals(in, out)) {
      throw new AssertionError("accepted bytes that are not canonical");
    }
  }
}
