package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.Objects;

/**
 * The state of the append-only log of a job as its log signs it. Two heads of one size with
 * different roots are a fault of the log.
 *
 * @param job the job
 * @param root Merkle root over the entries, RFC 9162
 * @param size number of entries
 * @param timeMillis time of the head, Unix milliseconds; everything that the log received until
 *     then is under it
 */
public record LogHead(Digest32 job, Digest32 root, long size, long timeMillis) {
  /** Checks the ranges. */
  public LogHead {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(root, "root");
    if (size < 0 || timeMillis < 0) {
      throw new IllegalArgumentException("size " + size + " or time " + timeMillis);
    }
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    return Payloads.write(5)
        .unsigned(2)
        .digest(job)
        .unsigned(3)
        .digest(root)
        .unsigned(4)
        .unsigned(size)
        .unsigned(5)
        .unsigned(timeMillis)
        .toByteArray();
  }

  /** Reads a payload. */
  public static LogHead decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "log-head", 5);
    in.key("log-head.job", 2);
    Digest32 job = in.digest("log-head.job");
    in.key("log-head.root", 3);
    Digest32 root = in.digest("log-head.root");
    in.key("log-head.size", 4);
    long size = in.unsigned("log-head.size");
    in.key("log-head.time", 5);
    long time = in.unsigned("log-head.time");
    in.end();
    return new LogHead(job, root, size, time);
  }

  /** Signs the head as the log. */
  public SignedMessage sign(SigningKey log, String networkId) {
    return SignedMessage.sign(log, MessageType.LOG_HEAD, encode(), networkId);
  }
}
