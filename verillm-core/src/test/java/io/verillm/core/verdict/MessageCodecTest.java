package io.verillm.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.challenge.SpotChallenge;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.receipt.VoidReceipt;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same hostile treatment for the payload of every message. */
class MessageCodecTest {
  interface Codec {
    byte[] recode(byte[] payload) throws MalformedMessageException;
  }

  record Message(String name, byte[] payload, Codec codec) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Message> messages() throws MalformedMessageException {
    JobFixture job = new JobFixture();
    job.order =
        Changed.with(
            Changed.with(
                job.order,
                "sampling",
                SamplingManifest.builder(8)
                    .temperatureMicros(700_000)
                    .topK(40)
                    .topPMicros(950_000)
                    .repetitionPenaltyMicros(1_100_000)
                    .frequencyPenaltyMicros(-5)
                    .presencePenaltyMicros(250_000)
                    .logitBiasMicros(Map.of(3, -1_000_000, 70, 5))
                    .minTokens(2)
                    .eosIds(List.of(JobFixture.EOS, 2))
                    .build()),
            "nonceCommitment",
            Optional.of(JobFixture.digest("commitment")));
    job.changeReceipt =
        r ->
            Changed.with(
                r, "commitments", List.of(new TensorCommitment("kzg", new byte[] {1, 2, 3})));
    job.make();
    byte[] opening = payload(job.openingBytes);
    return Stream.of(
        new Message("order", payload(job.orderBytes), p -> JobOrder.decode(p).encode()),
        new Message("receipt", payload(job.receiptBytes), p -> Receipt.decode(p).encode()),
        new Message("ack", payload(job.ackBytes), p -> ReceiptAck.decode(p).encode()),
        new Message("challenge", payload(job.challengeBytes), p -> Challenge.decode(p).encode()),
        new Message(
            "sketches",
            new Sketches(JobFixture.digest("c"), 4, new byte[48]).encode(),
            p -> Sketches.decode(p).encode()),
        new Message(
            "spot challenge",
            new SpotChallenge(
                    JobFixture.digest("s"),
                    JobFixture.digest("a"),
                    VrfRandomness.evaluate(JobFixture.BEACON, 7),
                    3)
                .encode(),
            p -> SpotChallenge.decode(p).encode()),
        new Message("opening", opening, p -> Opening.decode(p).encode()),
        new Message(
            "answer", Opening.decode(opening).answer().encode(), p -> Answer.decode(p).encode()),
        new Message(
            "verdict accepted",
            VerdictMessage.encode(new JobFixture().make().judge()),
            p -> VerdictMessage.encode(VerdictMessage.decode(p))),
        new Message(
            "verdict rejected",
            VerdictMessage.encode(rejection()),
            p -> VerdictMessage.encode(VerdictMessage.decode(p))),
        new Message(
            "verdict by evidence",
            VerdictMessage.encode(byEvidence()),
            p -> VerdictMessage.encode(VerdictMessage.decode(p))),
        new Message(
            "void",
            new VoidReceipt(new ChainPosition(3, 4, Digest32.sha256())).encode(),
            p -> VoidReceipt.decode(p).encode()));
  }

  private static Verdict byEvidence() {
    return ReceiptVerifier.of(JobFixture.policy().build())
        .withReplay(
            JobFixture.replay(
                subject ->
                    new ReplayCheck.Replay(
                        List.of(
                            StatisticalVerdictTest.measured(CheckName.ACTIVATIONS, 1e9),
                            StatisticalVerdictTest.measured(CheckName.TOKENS, 0)),
                        List.of(),
                        subject.output().size(),
                        List.of())))
        .verify(new JobFixture().make().submission());
  }

  private static Verdict rejection() {
    JobFixture job = new JobFixture();
    job.output = TokenIds.of(20, 21, 22, 100, JobFixture.EOS);
    return job.make().judge();
  }

  private static byte[] payload(byte[] message) throws MalformedMessageException {
    return SignedMessage.decode(message).payload();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_whatEncodeGave_givesTheSameBytes(Message message) throws Exception {
    assertThat(message.codec().recode(message.payload())).isEqualTo(message.payload());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_truncatedAnywhere_isMalformed(Message message) {
    for (int length = 0; length < message.payload().length; length++) {
      byte[] cut = Arrays.copyOf(message.payload(), length);
      assertThatThrownBy(() -> message.codec().recode(cut))
          .as("%d bytes", length)
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_extended_isMalformed(Message message) {
    for (int extra : new int[] {0x00, 0x60, 0xF6, 0xFF}) {
      byte[] longer = Arrays.copyOf(message.payload(), message.payload().length + 1);
      longer[longer.length - 1] = (byte) extra;
      assertThatThrownBy(() -> message.codec().recode(longer))
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  /** One content has one encoding: what still decodes must be exactly its own canonical form. */
  @ParameterizedTest
  @MethodSource("messages")
  void decode_anyChangedByte_isMalformedOrAnotherCanonicalMessage(Message message) {
    byte[] bytes = message.payload().clone();
    for (int i = 0; i < bytes.length; i++) {
      byte original = bytes[i];
      for (int value : new int[] {original ^ 1, original ^ 0x20, original ^ 0x80, 0x00, 0xFF}) {
        bytes[i] = (byte) value;
        if (bytes[i] == original) {
          continue;
        }
        try {
          assertThat(message.codec().recode(bytes)).as("byte %d", i).isEqualTo(bytes);
        } catch (MalformedMessageException e) {
          assertThat(e.field()).isNotEmpty();
        }
      }
      bytes[i] = original;
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_aByteRemovedOrDoubled_isMalformedOrAnotherCanonicalMessage(Message message) {
    byte[] bytes = message.payload();
    int step = Math.max(1, bytes.length / 400);
    for (int i = 0; i < bytes.length; i += step) {
      byte[] removed = new byte[bytes.length - 1];
      System.arraycopy(bytes, 0, removed, 0, i);
      System.arraycopy(bytes, i + 1, removed, i, bytes.length - i - 1);
      byte[] doubled = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, doubled, 0, i + 1);
      System.arraycopy(bytes, i, doubled, i + 1, bytes.length - i);
      for (byte[] changed : List.of(removed, doubled)) {
        try {
          assertThat(message.codec().recode(changed)).as("byte %d", i).isEqualTo(changed);
        } catch (MalformedMessageException e) {
          assertThat(e.field()).isNotEmpty();
        }
      }
    }
  }
}
