package io.verillm.network.fault;

import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.tree.InclusionProof;
import io.verillm.core.tree.MerkleTree;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.network.message.LogHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The append-only log of one job, kept by a log's operator: ids and times, never content.
 *
 * <p>A log can refuse to record a message, and its times are its own. That is why silence counts
 * only if every log of the job shows it, and why a log's heads are checked for equivocation. Not
 * thread-safe.
 */
public final class JobLog {
  private final Digest32 job;
  private final SigningKey key;
  private final String networkId;
  private final List<LogEntry> entries = new ArrayList<>();
  private final MerkleTree tree = new MerkleTree();
  private long newest;

  /** Starts the log of a job. */
  public JobLog(Digest32 job, SigningKey key, String networkId) {
    this.job = Objects.requireNonNull(job, "job");
    this.key = Objects.requireNonNull(key, "key");
    this.networkId = Objects.requireNonNull(networkId, "networkId");
  }

  /**
   * Records a message. A log keeps it apart from the entries and hands it to the job's parties,
   * since nobody can judge whether it was an answer from an id ({@code flow.SilenceProof}).
   *
   * @return the entry; its time is never earlier than the one before
   * @throws IllegalArgumentException if the signature does not hold for the log's network
   * @throws IllegalStateException if the log of a job is full
   */
  public LogEntry append(SignedMessage message, long timeMillis) {
    if (entries.size() >= LogExtract.MAX_ENTRIES) {
      throw new IllegalStateException("the log of this job is full");
    }
    if (!message.verify(networkId)) {
      throw new IllegalArgumentException("the signature of " + message + " does not hold");
    }
    newest = Math.max(newest, timeMillis);
    LogEntry entry = LogEntry.of(newest, message);
    entries.add(entry);
    tree.append(entry.leaf());
    return entry;
  }

  /** Signs the log's state now. */
  public SignedMessage head(long timeMillis) {
    newest = Math.max(newest, timeMillis);
    return new LogHead(job, tree.root(), tree.size(), newest).sign(key, networkId);
  }

  /** Everything under a head that is signed now. */
  public LogExtract extract(long timeMillis) {
    return new LogExtract(head(timeMillis), entries);
  }

  /** Shows that the entry at {@code index} is under the head of {@code size} entries. */
  public InclusionProof inclusion(long index, long size) {
    return tree.inclusion(index, size);
  }

  /** Shows that the log only grew from one size to another. */
  public ConsistencyProof consistency(long oldSize, long newSize) {
    return tree.consistency(oldSize, newSize);
  }

  /** Number of entries. */
  public int size() {
    return entries.size();
  }
}
