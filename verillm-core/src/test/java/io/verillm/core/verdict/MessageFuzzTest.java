package io.verillm.core.verdict;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.VoidReceipt;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes: a decoder returns a message that encodes to them, or its one exception. */
class MessageFuzzTest {
  private static final List<MessageCodecTest.Codec> CODECS =
      List.of(
          p -> JobOrder.decode(p).encode(),
          p -> Receipt.decode(p).encode(),
          p -> ReceiptAck.decode(p).encode(),
          p -> Challenge.decode(p).encode(),
          p -> Sketches.decode(p).encode(),
          p -> SpotChallenge.decode(p).encode(),
          p -> Opening.decode(p).encode(),
          p -> Answer.decode(p).encode(),
          p -> VerdictMessage.encode(VerdictMessage.decode(p)),
          p -> VoidReceipt.decode(p).encode());

  /** Valid messages to start from; from nothing a fuzzer hardly gets past the first length. */
  static Stream<Arguments> seeds() throws MalformedMessageException {
    return MessageCodecTest.messages().map(message -> Arguments.of((Object) message.payload()));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10s")
  void decode(byte[] bytes) {
    for (MessageCodecTest.Codec codec : CODECS) {
      try {
        if (!Arrays.equals(codec.recode(bytes), bytes)) {
          throw new AssertionError("accepted bytes that are not canonical");
        }
      } catch (MalformedMessageException expected) {
        // The documented outcome for almost everything.
      }
    }
  }
}
