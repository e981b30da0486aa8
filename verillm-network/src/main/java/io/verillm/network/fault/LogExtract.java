package io.verillm.network.fault;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.network.message.LogHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All entries of a job's log under one signed head. That something is missing can only be shown by
 * showing everything, and the log of one job is short.
 *
 * @param head the signed head
 * @param entries every entry, at most {@value #MAX_ENTRIES}
 */
public record LogExtract(SignedMessage head, List<LogEntry> entries) {
  /** Most entries of a job's log. */
  public static final int MAX_ENTRIES = 1 << 16;

  /** Copies the entries. */
  public LogExtract {
    Objects.requireNonNull(head, "head");
    entries = List.copyOf(entries);
    if (entries.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException(entries.size() + " entries are more than " + MAX_ENTRIES);
    }
  }

  /**
   * The head, if {@code log} signed it for this job and network and exactly these entries are under
   * it, in the order of their times.
   */
  @CheckReturnValue
  public Optional<LogHead> check(VerifyingKey log, Digest32 job, String networkId) {
    if (head.type() != MessageType.LOG_HEAD || !head.verify(log, networkId)) {
      return Optional.empty();
    }
    LogHead signed;
    try {
      signed = LogHead.decode(head.payload());
    } catch (MalformedMessageException e) {
      return Optional.empty(); // a head that cannot be read shows nothing
    }
    long time = 0;
    for (LogEntry entry : entries) {
      if (entry.timeMillis() < time) {
        return Optional.empty();
      }
      time = entry.timeMillis();
    }
    boolean complete =
        signed.job().equals(job)
            && signed.size() == entries.size()
            && signed.timeMillis() >= time
            && signed
                .root()
                .equals(MerkleTree.of(entries.stream().map(LogEntry::leaf).toList()).root());
    return complete ? Optional.of(signed) : Optional.empty();
  }

  /** Writes the extract as [head, [entry, …]]. */
  public void write(CborWriter out) {
    out.array(2).bytes(head.encode()).array(entries.size());
    entries.forEach(entry -> entry.write(out));
  }

  /** Reads what {@link #write} wrote; it checks nothing but the structure. */
  public static LogExtract read(CborReader in) throws MalformedMessageException {
    in.arrayOf("log-extract", 2);
    SignedMessage head = SignedMessage.decode(in.bytes("log-extract.head", 1 << 16));
    int count = in.array("log-extract.entries", MAX_ENTRIES);
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(LogEntry.read(in));
    }
    return new LogExtract(head, entries);
  }
}
