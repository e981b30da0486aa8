package io.verillm.core.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceiptConflictTest {
  private static final String NETWORK = "test";
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

  private static SignedMessage receipt(int order, long sequence) {
    return ReceiptJournalTest.receipt(
            ReceiptJournalTest.digest(order), new ChainPosition(0, sequence, ChainPosition.NONE))
        .sign(KEY, NETWORK);
  }

  private static Optional<ReceiptConflict.Kind> kind(SignedMessage one, SignedMessage other) {
    return ReceiptConflict.between(one, other, NETWORK).map(ReceiptConflict::kind);
  }

  @Test
  void between_twoReceiptsForOneOrder_isProven() {
    assertThat(kind(receipt(1, 0), receipt(1, 1)))
        .contains(ReceiptConflict.Kind.TWO_RECEIPTS_FOR_ONE_ORDER);
  }

  @Test
  void between_oneNumberTwice_isProven() {
    assertThat(kind(receipt(1, 4), receipt(2, 4)))
        .contains(ReceiptConflict.Kind.ONE_SEQUENCE_NUMBER_TWICE);
    SignedMessage closed =
        new VoidReceipt(new ChainPosition(0, 4, ChainPosition.NONE)).sign(KEY, NETWORK);
    assertThat(kind(receipt(1, 4), closed))
        .contains(ReceiptConflict.Kind.ONE_SEQUENCE_NUMBER_TWICE);
  }

  @Test
  void between_theSameMessageTwice_isNothing() {
    assertThat(kind(receipt(1, 0), receipt(1, 0))).isEmpty();
  }

  @Test
  void between_aGap_isNothing() {
    assertThat(kind(receipt(1, 0), receipt(2, 9))).isEmpty();
  }

  @Test
  void between_differentEpochs_isNothing() {
    SignedMessage other =
        ReceiptJournalTest.receipt(
                ReceiptJournalTest.digest(2), new ChainPosition(1, 0, ChainPosition.NONE))
            .sign(KEY, NETWORK);
    assertThat(kind(receipt(1, 0), other)).isEmpty();
  }

  @Test
  void between_differentSigners_isNothing() {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 1);
    SignedMessage other =
        ReceiptJournalTest.receipt(
                ReceiptJournalTest.digest(1), new ChainPosition(0, 0, ChainPosition.NONE))
            .sign(SigningKey.fromSeed(seed), NETWORK);
    assertThat(kind(receipt(1, 1), other)).isEmpty();
  }

  @Test
  void between_aForgedSecondReceipt_isNothing() throws Exception {
    byte[] forged = receipt(1, 1).encode();
    forged[forged.length - 1] ^= 1;
    assertThat(kind(receipt(1, 0), SignedMessage.decode(forged))).isEmpty();
  }

  @Test
  void between_messagesOfAnotherNetwork_isNothing() {
    assertThat(ReceiptConflict.between(receipt(1, 0), receipt(1, 1), "other")).isEmpty();
  }

  @Test
  void between_otherMessageTypes_isNothing() {
    SignedMessage ack =
        new ReceiptAck(ReceiptJournalTest.digest(1), ReceiptJournalTest.digest(2), 3)
            .sign(KEY, NETWORK);
    assertThat(kind(receipt(1, 0), ack)).isEmpty();
  }
}
