package io.verillm.core.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.trace.TraceHead;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.FileCounter;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.StaleRecordsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptJournalTest {
  private static final String NETWORK = "test";
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("prover.journal");
  }

  static Digest32 digest(int number) {
    return Digest32.sha256(new byte[] {(byte) number});
  }

  static Receipt receipt(Digest32 order, ChainPosition position) {
    return new Receipt(
        order,
        digest(1),
        digest(2),
        digest(3),
        4,
        digest(5),
        6,
        FinishReason.LENGTH,
        digest(7),
        new ExecutionClass("e", "1", "a", "F32", "java", "cpu", "1"),
        digest(8),
        new TraceHead(digest(9), 11),
        SeedProof.copyOf(new byte[SeedProof.LENGTH]),
        position,
        List.of());
  }

  private static SignedMessage sign(int order, ChainPosition position) {
    return receipt(digest(order), position).sign(KEY, NETWORK);
  }

  private void three() throws IOException, MalformedMessageException {
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      for (int i = 0; i < 3; i++) {
        journal.close(sign(100 + i, journal.reserve()));
      }
    }
  }

  @Test
  void reserve_afterReopen_continuesTheChain() throws Exception {
    three();
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      assertThat(journal.entries()).hasSize(3);
      ChainPosition next = journal.reserve();
      assertThat(next.sequence()).isEqualTo(3);
      assertThat(next.previous()).isEqualTo(journal.entries().get(2).id());
    }
  }

  @Test
  void receiptFor_answeredOrder_givesTheSameReceiptAfterReopen() throws Exception {
    three();
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      Optional<SignedMessage> earlier = journal.receiptFor(digest(101));
      assertThat(earlier).isPresent();
      assertThat(Receipt.decode(earlier.get().payload()).order()).isEqualTo(digest(101));
      assertThat(journal.receiptFor(digest(99))).isEmpty();
    }
  }

  @Test
  void close_secondReceiptForOneOrder_isRefused() throws Exception {
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      journal.close(sign(1, journal.reserve()));
      ChainPosition position = journal.reserve();
      assertThatThrownBy(() -> journal.close(sign(1, position)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void close_withoutReservationOrWithAnotherNumber_isRefused() throws Exception {
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      assertThatThrownBy(() -> journal.close(sign(1, new ChainPosition(0, 0, ChainPosition.NONE))))
          .isInstanceOf(IllegalStateException.class);
      journal.reserve();
      assertThatThrownBy(() -> journal.close(sign(1, new ChainPosition(0, 5, ChainPosition.NONE))))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> journal.close(sign(1, new ChainPosition(0, 0, digest(1)))))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void reserve_twice_isRefusedUntilTheNumberIsClosed() throws Exception {
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      journal.reserve();
      assertThatThrownBy(journal::reserve).isInstanceOf(IllegalStateException.class);
    }
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      assertThatThrownBy(journal::reserve).isInstanceOf(IllegalStateException.class);
      SignedMessage closed = journal.recover(KEY, NETWORK).orElseThrow();
      assertThat(VoidReceipt.decode(closed.payload()).position().sequence()).isZero();
      assertThat(journal.recover(KEY, NETWORK)).isEmpty();
      assertThat(journal.reserve().previous()).isEqualTo(closed.id());
    }
  }

  @Test
  void open_twiceAtOnce_isRefused() throws Exception {
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      assertThatThrownBy(() -> ReceiptJournal.open(file(), 0)).isInstanceOf(IOException.class);
      assertThat(journal.entries()).isEmpty();
    }
  }

  @Test
  void open_truncatedAnywhere_keepsEveryWholeRecordAndNeverReusesANumber() throws Exception {
    three();
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
        int closed = journal.entries().size();
        assertThat(closed).isBetween(0, 2);
        journal.recover(KEY, NETWORK);
        // A number that was reserved before the cut is closed, not given out again.
        assertThat(journal.reserve().sequence()).isGreaterThanOrEqualTo(closed);
      }
    }
  }

  @Test
  void open_anyFlippedByte_isRefusedWithItsOffset() throws Exception {
    three();
    byte[] whole = Files.readAllBytes(file());
    for (int i = 0; i < whole.length; i += 3) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 1;
      Files.write(file(), damaged);
      int at = i;
      assertThatThrownBy(() -> ReceiptJournal.open(file(), 0))
          .as("byte %d", at)
          .isInstanceOfSatisfying(
              MalformedMessageException.class, e -> assertThat(e.offset()).isLessThanOrEqualTo(at));
    }
  }

  @Test
  void open_lastRecordEndingInUnwrittenBlocks_isCut() throws Exception {
    three();
    byte[] whole = Files.readAllBytes(file());
    Arrays.fill(whole, whole.length - 100, whole.length, (byte) 0);
    Files.write(file(), whole);
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0)) {
      assertThat(journal.entries()).hasSize(2);
      assertThat(journal.recover(KEY, NETWORK)).isPresent();
    }
  }

  @Test
  void open_restoredBackup_cannotSignASecondReceipt() throws Exception {
    FileCounter counter = new FileCounter(folder.resolve("counter"));
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0, counter)) {
      journal.close(sign(1, journal.reserve()));
    }
    byte[] backup = Files.readAllBytes(file());
    try (ReceiptJournal journal = ReceiptJournal.open(file(), 0, counter)) {
      journal.close(sign(2, journal.reserve()));
    }
    Files.write(file(), backup);
    assertThatThrownBy(() -> ReceiptJournal.open(file(), 0, counter))
        .isInstanceOf(StaleRecordsException.class);
  }
}
