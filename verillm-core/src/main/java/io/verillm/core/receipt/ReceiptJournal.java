package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.MonotonicCounter;
import io.verillm.core.wire.RecordFile;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A prover's own memory of its chain: an append-only file that is forced to disk before a receipt
 * leaves, so that no crash makes it sign two receipts for one order or use a number twice.
 *
 * <p>The records of its {@link RecordFile} are CBOR {@code [1, epoch, sequence]} when a number is
 * reserved, {@code [2, signed message]} when it is closed. Not thread-safe.
 *
 * <p>A restored old copy of the file would forget receipts; a {@link MonotonicCounter} elsewhere
 * notices it.
 */
public final class ReceiptJournal implements Closeable {
  private static final int MAX_RECORD = 1 << 20;
  private static final int RESERVED = 1;
  private static final int CLOSED = 2;

  private final long epoch;
  private @Nullable RecordFile file; // set once, when it has been replayed
  private final Map<Digest32, SignedMessage> receiptsByOrder = new HashMap<>();
  private final List<SignedMessage> closed = new ArrayList<>();
  private long nextSequence;
  private Digest32 previous = ChainPosition.NONE;
  private OptionalLong reserved = OptionalLong.empty();

  private ReceiptJournal(long epoch) {
    this.epoch = epoch;
  }

  /**
   * Opens or creates a journal, cuts a torn tail, and takes the file's lock. A restored old copy is
   * not noticed; {@link #open(Path, long, MonotonicCounter)} notices it.
   *
   * @throws IOException if the file cannot be read or locked
   * @throws MalformedMessageException if a record before the end is damaged
   */
  public static ReceiptJournal open(Path file, long epoch)
      throws IOException, MalformedMessageException {
    return open(file, epoch, MonotonicCounter.none());
  }

  /**
   * Opens or creates a journal whose records are counted outside the file.
   *
   * @throws io.verillm.core.wire.StaleRecordsException if the counter has seen more records than
   *     the file holds: the file is a restored backup
   * @throws IOException if the file cannot be read or locked
   * @throws MalformedMessageException if a record before the end is damaged
   */
  public static ReceiptJournal open(Path file, long epoch, MonotonicCounter counter)
      throws IOException, MalformedMessageException {
    ReceiptJournal journal = new ReceiptJournal(epoch);
    journal.file = RecordFile.open(file, MAX_RECORD, counter, journal::apply);
    return journal;
  }

  private void apply(byte[] payload, long offset) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    int items = in.array("journal.record", 3);
    long kind = in.unsigned("journal.kind", CLOSED);
    if (kind == RESERVED && items == 3) {
      in.unsigned("journal.epoch");
      long sequence = in.unsigned("journal.sequence");
      in.end();
      if (sequence != nextSequence || reserved.isPresent()) {
        throw new MalformedMessageException("journal.sequence", offset, "reserved out of order");
      }
      reserved = OptionalLong.of(sequence);
    } else if (kind == CLOSED && items == 2) {
      SignedMessage message = SignedMessage.decode(in.bytes("journal.message", MAX_RECORD));
      in.end();
      remember(message, offset);
    } else {
      throw new MalformedMessageException("journal.kind", offset, "unknown record");
    }
  }

  private void remember(SignedMessage message, long offset) throws MalformedMessageException {
    ChainPosition position;
    if (message.type() == MessageType.RECEIPT) {
      Receipt receipt = Receipt.decode(message.payload());
      position = receipt.position();
      receiptsByOrder.put(receipt.order(), message);
    } else {
      position = VoidReceipt.decode(message.payload()).position();
    }
    if (reserved.isEmpty()
        || position.sequence() != reserved.getAsLong()
        || !position.previous().equals(previous)) {
      throw new MalformedMessageException("journal.message", offset, "closes another number");
    }
    reserved = OptionalLong.empty();
    previous = message.id();
    nextSequence = position.sequence() + 1;
    closed.add(message);
  }

  /** The receipt that was already signed for an order. */
  public Optional<SignedMessage> receiptFor(Digest32 order) {
    return Optional.ofNullable(receiptsByOrder.get(order));
  }

  /** Everything that was signed, in the order of the numbers. */
  public List<SignedMessage> entries() {
    return List.copyOf(closed);
  }

  /**
   * Closes a number that an earlier run reserved and did not use.
   *
   * @return the VOID that was signed, if there was such a number
   */
  public Optional<SignedMessage> recover(SigningKey prover, String networkId) throws IOException {
    if (reserved.isEmpty()) {
      return Optional.empty();
    }
    SignedMessage message =
        new VoidReceipt(new ChainPosition(epoch, reserved.getAsLong(), previous))
            .sign(prover, networkId);
    appendClosed(message);
    return Optional.of(message);
  }

  /**
   * Reserves the next number and forces the reservation to disk.
   *
   * @throws IllegalStateException if a number is still reserved; {@link #recover} closes it
   */
  public ChainPosition reserve() throws IOException {
    if (reserved.isPresent()) {
      throw new IllegalStateException("number " + reserved.getAsLong() + " is still reserved");
    }
    file()
        .append(
            new CborWriter()
                .array(3)
                .unsigned(RESERVED)
                .unsigned(epoch)
                .unsigned(nextSequence)
                .toByteArray());
    reserved = OptionalLong.of(nextSequence);
    return new ChainPosition(epoch, nextSequence, previous);
  }

  /**
   * Records the signed receipt for the reserved number and forces it to disk. Only then may the
   * receipt leave.
   *
   * @throws IllegalStateException if it does not use the reserved number, or if the order already
   *     has a receipt
   */
  public void close(SignedMessage receipt) throws IOException {
    try {
      Receipt decoded = Receipt.decode(receipt.payload());
      if (receiptsByOrder.containsKey(decoded.order())) {
        throw new IllegalStateException("this order already has a receipt");
      }
      ChainPosition position = decoded.position();
      if (reserved.isEmpty()
          || position.sequence() != reserved.getAsLong()
          || !position.previous().equals(previous)) {
        throw new IllegalStateException("the receipt does not use the reserved number");
      }
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("not a receipt", e);
    }
    appendClosed(receipt);
  }

  private void appendClosed(SignedMessage message) throws IOException {
    file().append(new CborWriter().array(2).unsigned(CLOSED).bytes(message.encode()).toByteArray());
    try {
      remember(message, file().size());
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("the journal refuses what it wrote", e);
    }
  }

  private RecordFile file() {
    if (file == null) {
      throw new IllegalStateException("the journal is not open");
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    file().close();
  }
}
