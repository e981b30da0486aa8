package io.verillm.core.wire;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;

/**
 * An append-only file of records with checksums, for what a party must not forget: a record is
 * forced to disk before {@link #append} returns, so that whatever leaves afterwards is remembered.
 *
 * <p>A record is its length and the length's complement (32 bits each, big-endian), the SHA-256 of
 * its payload, and the payload. A torn record at the end is cut; a damaged one before the end is
 * refused with its offset. A {@link MonotonicCounter} kept elsewhere tells a restored old copy from
 * the file. The file is locked while open. Not thread-safe.
 */
public final class RecordFile implements Closeable {
  private static final int HEADER = 8 + Digest32.LENGTH;

  private final FileChannel channel;
  private final FileLock lock;
  private final int maxRecord;
  private final MonotonicCounter counter;
  private long end;
  private long records;
  private boolean broken;

  /** Takes the records of a file one after the other while it is opened. */
  @FunctionalInterface
  public interface Replay {
    /**
     * Takes one record.
     *
     * @param payload the record, the receiver's to keep
     * @param offset where it starts in the file
     * @throws MalformedMessageException if it is not what the file's owner writes
     */
    void accept(byte[] payload, long offset) throws MalformedMessageException;
  }

  private RecordFile(FileChannel channel, FileLock lock, int maxRecord, MonotonicCounter counter) {
    this.channel = channel;
    this.lock = lock;
    this.maxRecord = maxRecord;
    this.counter = counter;
  }

  /**
   * Opens or creates a file, replays it, cuts a torn tail, and takes the file's lock.
   *
   * @param maxRecord largest payload in bytes
   * @param counter where the number of records is remembered outside the file
   * @throws StaleRecordsException if the counter has seen more records than the file holds
   * @throws IOException if the file cannot be read or locked
   * @throws MalformedMessageException if a record before the end is damaged
   */
  public static RecordFile open(Path file, int maxRecord, MonotonicCounter counter, Replay replay)
      throws IOException, MalformedMessageException {
    Objects.requireNonNull(replay, "replay");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException(file + " is in use by another process");
      }
      RecordFile opened = new RecordFile(channel, lock, maxRecord, counter);
      opened.replay(replay);
      long seen = counter.read();
      if (seen > opened.records) {
        throw new StaleRecordsException(
            file + " holds " + opened.records + " records where " + seen + " were written");
      }
      // A crash may have come between the last record and its count.
      counter.advanceTo(opened.records);
      return opened;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException(file + " is already open in this process", e);
    } catch (IOException | MalformedMessageException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void replay(Replay replay) throws IOException, MalformedMessageException {
    long size = channel.size();
    while (end < size) {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      boolean torn = size - end < HEADER;
      int length = 0;
      if (!torn) {
        readFully(header, end);
        length = header.getInt(0);
        // The complement tells a damaged length, which would hide what follows, from a torn tail.
        if (length < 1 || length > maxRecord || header.getInt(4) != ~length) {
          throw new MalformedMessageException("journal.length", end, "record is damaged");
        }
        torn = size - end - HEADER < length;
      }
      if (torn) {
        cut();
        return;
      }
      ByteBuffer payload = ByteBuffer.allocate(length);
      readFully(payload, end + HEADER);
      byte[] expected = Arrays.copyOfRange(header.array(), 8, HEADER);
      if (!Arrays.equals(Digest32.sha256(payload.array()).toByteArray(), expected)) {
        if (end + HEADER + length == size && endsUnwritten(payload.array())) {
          cut();
          return;
        }
        throw new MalformedMessageException("journal.checksum", end, "record is damaged");
      }
      replay.accept(payload.array(), end);
      end += HEADER + length;
      records++;
    }
  }

  private void cut() throws IOException {
    channel.truncate(end);
    channel.force(true);
  }

  /**
   * Whether the last bytes are those of blocks that a crash left unwritten. A last record that is
   * damaged in any other way may have been one that mattered, so it is not cut.
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

  /**
   * Appends a record, forces it to disk and counts it. Only then may what it records leave.
   *
   * @throws IllegalArgumentException if the payload is empty or too large
   * @throws IllegalStateException if an earlier append failed: the file has to be opened again
   */
  public void append(byte[] payload) throws IOException {
    appendUnforced(payload);
    force();
  }

  /**
   * Appends a record that need not survive a crash yet; {@link #force} makes it.
   *
   * @throws IllegalArgumentException if the payload is empty or too large
   * @throws IllegalStateException if an earlier append failed: the file has to be opened again
   */
  public void appendUnforced(byte[] payload) throws IOException {
    if (payload.length < 1 || payload.length > maxRecord) {
      throw new IllegalArgumentException(payload.length + " bytes are no record");
    }
    requireUsable();
    ByteBuffer record = ByteBuffer.allocate(HEADER + payload.length);
    record.putInt(payload.length).putInt(~payload.length);
    record.put(Digest32.sha256(payload).toByteArray());
    record.put(payload).flip();
    broken = true; // until it is written: a later record must not follow half of this one
    long offset = end;
    while (record.hasRemaining()) {
      offset += channel.write(record, offset);
    }
    end = offset;
    records++;
    broken = false;
  }

  /** Forces everything appended so far to disk and counts it. */
  public void force() throws IOException {
    requireUsable();
    broken = true; // after a failed force nobody knows what is on the disk
    channel.force(true);
    counter.advanceTo(records);
    broken = false;
  }

  private void requireUsable() {
    if (broken) {
      throw new IllegalStateException("an earlier write failed; open the file again");
    }
  }

  /** Number of records. */
  public long records() {
    return records;
  }

  /** Bytes written so far. */
  public long size() {
    return end;
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      lock.release();
      channel.close();
    }
  }
}
