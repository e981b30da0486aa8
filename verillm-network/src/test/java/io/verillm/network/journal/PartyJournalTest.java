package io.verillm.network.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.FileCounter;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.MonotonicCounter;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.StaleRecordsException;
import io.verillm.network.message.Commitment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartyJournalTest {
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);
  private static final Digest32 JOB = Digest32.sha256(new byte[] {1});

  @TempDir Path folder;

  private PartyJournal open(MonotonicCounter counter) throws Exception {
    return PartyJournal.open(folder.resolve("party"), KEY, "test", counter);
  }

  private PartyJournal open() throws Exception {
    return open(MonotonicCounter.none());
  }

  private static byte[] commitment(int round, int content) {
    return new Commitment(JOB, round, Digest32.sha256(new byte[] {(byte) content})).encode();
  }

  @Test
  void sign_secondContentForOneSlot_givesTheFirstMessage() throws Exception {
    SignedMessage first;
    try (PartyJournal journal = open()) {
      first = journal.sign(MessageType.COMMITMENT, commitment(1, 1));
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(1, 2))).isEqualTo(first);
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(2, 2))).isNotEqualTo(first);
    }
    try (PartyJournal journal = open()) {
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(1, 3))).isEqualTo(first);
    }
  }

  @Test
  void sign_ackAgainAtALaterRound_givesTheFirstAck() throws Exception {
    Digest32 source = Digest32.sha256();
    try (PartyJournal journal = open()) {
      SignedMessage first = journal.sign(MessageType.ACK, new ReceiptAck(JOB, source, 10).encode());
      assertThat(journal.sign(MessageType.ACK, new ReceiptAck(JOB, source, 12).encode()))
          .isEqualTo(first);
    }
  }

  @Test
  void sign_payloadOfAnotherType_isRefused() throws Exception {
    try (PartyJournal journal = open()) {
      assertThatThrownBy(() -> journal.sign(MessageType.REVEAL, commitment(1, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void openJobs_afterReopen_areThoseNotFinished() throws Exception {
    Digest32 other = Digest32.sha256(new byte[] {2});
    try (PartyJournal journal = open()) {
      journal.keep(JOB, new byte[] {1});
      journal.keep(other, new byte[] {2});
      journal.keep(JOB, new byte[] {3});
      journal.finish(other);
    }
    try (PartyJournal journal = open()) {
      assertThat(journal.openJobs()).containsOnlyKeys(JOB);
      assertThat(journal.openJobs().get(JOB)).containsExactly(3);
    }
  }

  @Test
  void open_restoredBackup_isRefused() throws Exception {
    FileCounter counter = new FileCounter(folder.resolve("elsewhere"));
    try (PartyJournal journal = open(counter)) {
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(1, 1))).isNotNull();
    }
    byte[] backup = Files.readAllBytes(folder.resolve("party"));
    try (PartyJournal journal = open(counter)) {
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(2, 1))).isNotNull();
    }
    Files.write(folder.resolve("party"), backup);
    assertThatThrownBy(() -> open(counter)).isInstanceOf(StaleRecordsException.class);
  }

  @Test
  void open_withAnotherKey_isRefused() throws Exception {
    try (PartyJournal journal = open()) {
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(1, 1))).isNotNull();
    }
    SigningKey other = SigningKey.fromSeed(Digest32.sha256().toByteArray());
    assertThatThrownBy(
            () ->
                PartyJournal.open(folder.resolve("party"), other, "test", MonotonicCounter.none()))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void open_cutAtEveryByte_neverForgetsAnEarlierSlot() throws Exception {
    SignedMessage first;
    try (PartyJournal journal = open()) {
      first = journal.sign(MessageType.COMMITMENT, commitment(1, 1));
      assertThat(journal.sign(MessageType.COMMITMENT, commitment(2, 1))).isNotNull();
    }
    byte[] whole = Files.readAllBytes(folder.resolve("party"));
    int one = whole.length / 2;
    for (int length = one; length < whole.length; length++) {
      Files.write(folder.resolve("party"), Arrays.copyOf(whole, length));
      try (PartyJournal journal = open()) {
        assertThat(journal.sign(MessageType.COMMITMENT, commitment(1, 9))).isEqualTo(first);
      }
    }
  }
}
