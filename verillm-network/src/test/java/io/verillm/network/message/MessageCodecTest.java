package io.verillm.network.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Micros;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same hostile treatment for the payload of every message of this package. */
class MessageCodecTest {
  private static final Digest32 JOB = Digest32.sha256(new byte[] {1});
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);
  private static final SigningKey OTHER = SigningKey.fromSeed(JOB.toByteArray());

  interface Codec {
    byte[] recode(byte[] payload) throws MalformedMessageException;
  }

  record Message(String name, byte[] payload, Codec codec) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static JobTerms terms() {
    return new JobTerms(
        JOB,
        new BeaconSchedule(JOB, 1_000, 3_000),
        new ChallengePlan(8, 2),
        3,
        7,
        JobDeadlines.each(60_000),
        new JobMoney(Micros.of(100), Micros.of(1), Micros.of(7)),
        JOB,
        List.of(KEY.verifyingKey()),
        List.of(KEY.verifyingKey(), OTHER.verifyingKey()));
  }

  static Stream<Message> messages() {
    Finding finding = new Finding(new TraceHead(JOB, 9), Vote.REJECT, JOB, JOB);
    return Stream.of(
        new Message("terms", terms().encode(), p -> JobTerms.decode(p).encode()),
        new Message(
            "acceptance",
            new TermsAcceptance(JOB).encode(),
            p -> TermsAcceptance.decode(p).encode()),
        new Message(
            "commitment", new Commitment(JOB, 2, JOB).encode(), p -> Commitment.decode(p).encode()),
        new Message(
            "reveal",
            new Reveal(JOB, 1, finding, Optional.empty()).encode(),
            p -> Reveal.decode(p).encode()),
        new Message(
            "objection",
            new Objection(JOB, new byte[] {1, 2, 3}).encode(),
            p -> Objection.decode(p).encode()),
        new Message("dispute", new Dispute(JOB).encode(), p -> Dispute.decode(p).encode()),
        new Message(
            "log head", new LogHead(JOB, JOB, 5, 6).encode(), p -> LogHead.decode(p).encode()),
        new Message(
            "randomness",
            new Randomness(JOB, new RandomnessValue(JOB, 7, new byte[48])).encode(),
            p -> Randomness.decode(p).encode()),
        new Message(
            "stage request", new StageRequest(JOB).encode(), p -> StageRequest.decode(p).encode()),
        new Message(
            "stage report",
            new StageReport(JOB, 3, false, JOB).encode(),
            p -> StageReport.decode(p).encode()));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_whatEncodeGave_givesTheSameBytes(Message message) throws Exception {
    assertThat(message.codec().recode(message.payload())).isEqualTo(message.payload());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_truncatedAnywhereOrExtended_isMalformed(Message message) {
    for (int length = 0; length < message.payload().length; length++) {
      byte[] cut = Arrays.copyOf(message.payload(), length);
      assertThatThrownBy(() -> message.codec().recode(cut))
          .isInstanceOf(MalformedMessageException.class);
    }
    byte[] longer = Arrays.copyOf(message.payload(), message.payload().length + 1);
    assertThatThrownBy(() -> message.codec().recode(longer))
        .isInstanceOf(MalformedMessageException.class);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void decode_anyByteChanged_isMalformedOrCanonical(Message message) {
    for (int at = 0; at < message.payload().length; at++) {
      for (int flip : new int[] {0x01, 0x10, 0x80, 0xFF}) {
        byte[] changed = message.payload().clone();
        changed[at] ^= (byte) flip;
        try {
          assertThat(message.codec().recode(changed)).isEqualTo(changed);
        } catch (MalformedMessageException expected) {
          assertThat(expected.field()).isNotEmpty();
        }
      }
    }
  }

  @Test
  void terms_evenOrShrinkingCommittees_areRefused() {
    JobTerms t = terms();
    for (int[] sizes : new int[][] {{2, 7}, {3, 8}, {7, 7}, {7, 3}, {-1, 3}, {3, 10_001}}) {
      assertThatThrownBy(
              () ->
                  new JobTerms(
                      t.order(),
                      t.schedule(),
                      t.plan(),
                      sizes[0],
                      sizes[1],
                      t.deadlines(),
                      t.money(),
                      t.stakes(),
                      t.witnesses(),
                      t.logs()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void commitment_ofAnotherMemberRoundOrJob_isAnother() {
    Finding finding = new Finding(new TraceHead(JOB, 9), Vote.REJECT, JOB, JOB);
    Digest32 own = finding.commitment(JOB, 1, KEY.verifyingKey());
    assertThat(finding.commitment(JOB, 1, OTHER.verifyingKey())).isNotEqualTo(own);
    assertThat(finding.commitment(JOB, 2, KEY.verifyingKey())).isNotEqualTo(own);
    assertThat(finding.commitment(Digest32.sha256(), 1, KEY.verifyingKey())).isNotEqualTo(own);
    Finding accepting = new Finding(new TraceHead(JOB, 9), Vote.ACCEPT, JOB, JOB);
    assertThat(accepting.commitment(JOB, 1, KEY.verifyingKey())).isNotEqualTo(own);
  }
}
