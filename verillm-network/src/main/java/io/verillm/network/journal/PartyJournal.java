package io.verillm.network.journal;

import com.google.errorprone.annotations.CheckReturnValue;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One party's memory across crashes: every message that it signed once and for all, and the states
 * of its open jobs, whose deadlines follow from them.
 *
 * <p>Rules for its owner: what {@link #sign} returns is what leaves, whatever was asked for; a
 * job's state is kept with {@link #keep} before anything that follows from it is acted on; after a
 * start, every open job is ticked with the present time, so that no deadline is lost. A key belongs
 * to one journal: two journals of one key know nothing of each other. Not thread-safe.
 *
 * <p>Records: CBOR {@code [1, signed message]}, {@code [2, job, state]}, {@code [3, job]} when a
 * job is over.
 */
public final class PartyJournal implements Closeable {
  private static final int MAX_RECORD = SignedMessage.MAX_BYTES + 4096;
  private static final int SIGNED = 1;
  private static final int STATE = 2;
  private static final int OVER = 3;

  private final SigningKey key;
  private final String networkId;
  private final Map<SigningSlot, SignedMessage> signed = new HashMap<>();
  private final Map<Digest32, byte[]> open = new LinkedHashMap<>();
  private @Nullable RecordFile file;

  private PartyJournal(SigningKey key, String networkId) {
    this.key = Objects.requireNonNull(key, "key");
    this.networkId = Objects.requireNonNull(networkId, "networkId");
  }

  /**
   * Opens or creates a journal, cuts a torn tail, and takes the file's lock.
   *
   * @param counter where the number of records is remembered outside the file; with {@link
   *     MonotonicCounter#none} a restored backup is not noticed
   * @throws io.verillm.core.wire.StaleRecordsException if the file is a restored backup
   * @throws IOException if the file cannot be read or locked
   * @throws MalformedMessageException if a record before the end is damaged, with its offset, or
   *     holds messages of another key
   */
  public static PartyJournal open(
      Path file, SigningKey key, String networkId, MonotonicCounter counter)
      throws IOException, MalformedMessageException {
    PartyJournal journal = new PartyJournal(key, networkId);
    journal.file = RecordFile.open(file, MAX_RECORD, counter, journal::apply);
    return journal;
  }

  private void apply(byte[] record, long offset) throws MalformedMessageException {
    CborReader in = CborReader.of(record);
    int items = in.array("journal.record", 3);
    long kind = in.unsigned("journal.kind", OVER);
    if (kind == SIGNED && items == 2) {
      SignedMessage message = SignedMessage.decode(in.bytes("journal.message", MAX_RECORD));
      in.end();
      Optional<SigningSlot> slot = SigningSlot.of(message.type(), message.payload());
      if (slot.isEmpty()
          || !message.verify(key.verifyingKey(), networkId)
          || signed.put(slot.get(), message) != null) {
        throw new MalformedMessageException("journal.message", offset, "not one of this party's");
      }
    } else if (kind == STATE && items == 3) {
      Digest32 job = in.digest("journal.job");
      open.put(job, in.bytes("journal.state", MAX_RECORD));
      in.end();
    } else if (kind == OVER && items == 2) {
      Digest32 job = in.digest("journal.job");
      in.end();
      if (open.remove(job) == null) {
        throw new MalformedMessageException("journal.job", offset, "ends a job that is not open");
      }
    } else {
      throw new MalformedMessageException("journal.kind", offset, "unknown record");
    }
  }

  private RecordFile file() {
    if (file == null) {
      throw new IllegalStateException("the journal is not open");
    }
    return file;
  }

  /**
   * Signs a message, or returns the one that was signed for the same slot before: that one leaves,
   * even if its content is another. A new message is on disk when this returns.
   *
   * @throws IllegalArgumentException if the payload is not of its type
   */
  @CheckReturnValue
  public SignedMessage sign(MessageType type, byte[] payload) throws IOException {
    Optional<SigningSlot> slot;
    try {
      slot = SigningSlot.of(type, payload);
    } catch (MalformedMessageException e) {
      throw new IllegalArgumentException("not a payload of " + type, e);
    }
    if (slot.isPresent() && signed.containsKey(slot.get())) {
      return signed.get(slot.get());
    }
    SignedMessage message = SignedMessage.sign(key, type, payload, networkId);
    if (slot.isPresent()) {
      file()
          .append(new CborWriter().array(2).unsigned(SIGNED).bytes(message.encode()).toByteArray());
      signed.put(slot.get(), message);
    }
    return message;
  }

  /** What was signed for a slot. */
  public Optional<SignedMessage> signed(SigningSlot slot) {
    return Optional.ofNullable(signed.get(slot));
  }

  /**
   * Keeps the state of an open job, forced to disk.
   *
   * @param state encoded by {@code JobState.encode}, or any other bytes that its owner can read
   */
  public void keep(Digest32 job, byte[] state) throws IOException {
    byte[] known = open.get(job);
    if (known != null && java.util.Arrays.equals(known, state)) {
      return;
    }
    file().append(new CborWriter().array(3).unsigned(STATE).digest(job).bytes(state).toByteArray());
    open.put(job, state.clone());
  }

  /** Forgets a job that is over; its signatures stay. */
  public void finish(Digest32 job) throws IOException {
    if (open.containsKey(job)) {
      file().append(new CborWriter().array(2).unsigned(OVER).digest(job).toByteArray());
      open.remove(job);
    }
  }

  /** The states of the open jobs, in the order in which they were opened; copies. */
  public Map<Digest32, byte[]> openJobs() {
    Map<Digest32, byte[]> copy = new LinkedHashMap<>();
    open.forEach((job, state) -> copy.put(job, state.clone()));
    return copy;
  }

  /** Number of records, for people. */
  public long records() {
    return file().records();
  }

  @Override
  public void close() throws IOException {
    file().close();
  }
}
