package io.verillm.network.flow;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.committee.Seat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A job at one moment. Immutable; two states are equal if they took the same inputs.
 *
 * <p>{@link JobFlow#decode} reads what {@link #encode} writes.
 */
public final class JobState {
  /** Most bytes of an encoded state. */
  public static final int MAX_BYTES = 1 << 30;

  static final int VERSION = 1;

  private final JobData data;

  JobState(JobData frozen) {
    this.data = frozen;
  }

  JobData data() {
    return data;
  }

  /** Where the job is. */
  public Phase phase() {
    return data.phase;
  }

  /** How it ended; empty while it goes on. */
  public Optional<Outcome> outcome() {
    return Optional.ofNullable(data.outcome);
  }

  /** Last moment of what the job waits for, Unix milliseconds; of no meaning once it is over. */
  public long deadlineMillis() {
    return data.deadline;
  }

  /** The committee at work, from 1; 0 before the first is to be drawn, and always in flow A. */
  public int round() {
    return data.rounds.size();
  }

  /** The receipt's message, once it is there. */
  public Optional<SignedMessage> receiptMessage() {
    return Optional.ofNullable(data.receiptMessage);
  }

  /** The receipt, once it is there. */
  public Optional<Receipt> receipt() {
    return Optional.ofNullable(data.receipt);
  }

  /** The ack, once it is there. */
  public Optional<ReceiptAck> ack() {
    return Optional.ofNullable(data.ack);
  }

  /** The seats of a committee, none before they are drawn. */
  public List<Seat> seats(int round) {
    return round < 1 || round > data.rounds.size() ? List.of() : data.rounds.get(round - 1).seats;
  }

  /** The rows that were drawn last, none before. */
  public SortedMap<Integer, List<Integer>> rows() {
    return new TreeMap<>(data.rounds.isEmpty() ? data.rows : data.round().rows);
  }

  /** What a committee decided, empty before. */
  public Optional<Outcome> decision(int round) {
    return round < 1 || round > data.rounds.size()
        ? Optional.empty()
        : Optional.ofNullable(data.rounds.get(round - 1).outcome);
  }

  /** Everything that was taken, in order. */
  public List<JobInput> inputs() {
    return List.copyOf(data.inputs);
  }

  /** Returns the canonical bytes: CBOR [version, [[time, message or null], …]]. */
  public byte[] encode() {
    CborWriter out = new CborWriter().array(2).unsigned(VERSION).array(data.inputs.size());
    for (JobInput input : data.inputs) {
      out.array(2).unsigned(input.timeMillis());
      if (input.message().isPresent()) {
        out.bytes(input.message().get().encode());
      } else {
        out.nul();
      }
    }
    return out.toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobState that && data.inputs.equals(that.data.inputs);
  }

  @Override
  public int hashCode() {
    return data.inputs.hashCode();
  }

  @Override
  public String toString() {
    return data.phase + " after " + data.inputs.size() + " inputs";
  }
}
