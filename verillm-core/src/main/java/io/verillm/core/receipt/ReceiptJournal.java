package io.verillm.core.receipt;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A prover's own memory of its chain: an append-only file that is forced to disk before a receipt
 * leaves, so that no crash makes it sign two receipts for one order or use a number twice.
 *
 * <p>A record is its length and the length's complement (32 bits each, big-endian), the SHA-256 of
 * its payload, and the payload: CBOR {@code [1, epoch, sequence]} when a number is reserved, {@code
 * [2, signed message]} when it is closed. A torn record at the end is cut; a damaged one before the
 * end is refused with its offset. The file is locked while open. Not thread-safe.
 *
 * <p>A restored old copy of the file would forget receipts; keep it with the key.
 */
public final class ReceiptJournal implements Closeable {
  private static final int HEADER = 8 + Digest32.LENGTH;
  private static final int MAX_RECORD = 1 << 20;
  private static final int RESERVED = 1;
  private static final int CLOSED = 2;

  private final FileChannel channel;
  private final FileLock lock;
  private final long epoch;
  private final Map<Digest32, SignedMessage> receiptsByOrder = new HashMap<>();
  private final List<SignedMessage> closed = new ArrayList<>();
  private long nextSequence;
  private Digest32 previous = ChainPosition.NONE;
  private OptionalLong reserved = OptionalLong.empty();

  private ReceiptJournal(FileChannel channel, FileLock lock, long epoch) {
    this.channel = channel;
    this.lock = lock;
    this.epoch = epoch;
  }

  /**
   * Opens or creates a journal, cuts a torn tail, and takes the file's lock.
   *
   * @throws IOException if the file cannot be read or locked
   * @throws MalformedMessageException if a record before the end is damaged
   */
  public static ReceiptJournal open(Path file, long epoch)
      throws IOException, MalformedMessageException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException(file + " is in use by another process");
      }
      ReceiptJournal journal = new ReceiptJournal(channel, lock, epoch);
      journal.replay();
      return journal;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException(file + " is already open in this process", e);
    } catch (IOException | MalformedMessageException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void replay() throws IOException, MalformedMessageException {
    long size = channel.size();
    long offset = 0;
    while (offset < size) {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      boolean torn = size - offset < HEADER;
      int length = 0;
      if (!torn) {
        readFully(header, offset);
        length = header.getInt(0);
        // The complement tells a damaged length, which would hide what follows, from a torn tail.
        if (length < 1 || length > MAX_RECORD || header.getInt(4) != ~length) {
          throw new MalformedMessageException("journal.length", offset, "record is damaged");
        }
        torn = size - offset - HEADER < length;
      }
      if (torn) {
        channel.truncate(offset);
        channel.force(true);
        break;
      }
      ByteBuffer payload = ByteBuffer.allocate(length);
      readFully(payload, offset + HEADER);
      byte[] expected = Arrays.copyOfRange(header.array(), 8, HEADER);
      if (!Arrays.equals(Digest32.sha256(payload.array()).toByteArray(), expected)) {
        if (offset + HEADER + length == size && endsUnwritten(payload.array())) {
          channel.truncate(offset);
          channel.force(true);
          break;
        }
        throw new MalformedMessageException("journal.checksum", offset, "record is damaged");
      }
      apply(payload.array(), offset);
      offset += HEADER + length;
    }
  }

  /**
   * Whether the last bytes are those of blocks that a crash left unwritten. A last record that is
   * damaged in any other way may have been a receipt that left, so it is not cut.
   */
  private static boolean endsUnwritten(byte[] payload) {
    for (int i = Math.max(0, payload.length - 16); i < payload.length; i++) {
      if (payload[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void readFully(ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, offset + target.position()) < 0) {
        throw new IOException("journal ended while reading at " + offset);
      }
    }
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
    append(
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
    append(new CborWriter().array(2).unsigned(CLOSED).bytes(message.encode()).toByteArray());
    try {
      remember(message, channel.position());
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("the journal refuses what it wrote", e);
    }
  }

  private void append(byte[] payload) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(HEADER + payload.length);
    record.putInt(payload.length).putInt(~payload.length);
    record.put(Digest32.sha256(payload).toByteArray());
    record.put(payload).flip();
    long offset = channel.size();
    while (record.hasRemaining()) {
      offset += channel.write(record, offset);
    }
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      lock.release();
      channel.close();
    }
  }
}
