package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.FaultProofChecker;
import io.verillm.incentives.slashing.ProvenFault;
import io.verillm.network.fault.LogEntry;
import io.verillm.network.fault.LogExtract;
import io.verillm.network.message.LogHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Shows that a prover let the deadline of a job pass that it had accepted: the job's messages,
 * which are replayed, and the complete entries of every log of the job. No one's word is needed,
 * and one honest log is enough to protect a prover that answered.
 *
 * <p>It holds only if
 *
 * <ol>
 *   <li>the replayed job waits for the prover, whose signed acceptance is among its inputs,
 *   <li>the first log recorded every input, at the time of the replay,
 *   <li>every log of the terms signed a head after the deadline with exactly these entries, and
 *   <li>none of them has an answer of the prover up to the deadline: any message of the expected
 *       type after the demand counts as one, even one that the machine would refuse.
 * </ol>
 *
 * <p>Immutable, compared by content.
 */
public final class SilenceProof {
  private static final int VERSION = 1;

  private final byte[] state;
  private final List<LogExtract> logs;

  /**
   * Makes a proof; nothing is checked yet.
   *
   * @param state the job's encoded state, as it was when the deadline passed
   * @param logs one extract per log of the terms, in their order
   */
  public SilenceProof(byte[] state, List<LogExtract> logs) {
    this.state = state.clone();
    this.logs = List.copyOf(logs);
  }

  /** One extract per log of the terms. */
  public List<LogExtract> logs() {
    return logs;
  }

  /** What a job waits for from its prover, if it does. */
  static Optional<MessageType> owedByProver(JobFlow flow, JobState state) {
    return flow.expected(state).stream()
        .filter(expected -> expected.from().equals(Optional.of(flow.context().prover())))
        .map(Expected::type)
        // Nobody owes an acceptance, an objection or a dispute.
        .filter(
            type ->
                type == MessageType.RECEIPT
                    || type == MessageType.OPENING
                    || type == MessageType.FRAGMENTS)
        .findFirst();
  }

  /** The proven silence, empty if anything above does not hold. */
  @CheckReturnValue
  public Optional<ProvenFault> prove(JobFlow flow) {
    JobContext context = flow.context();
    FaultProof claim =
        new FaultProof(context.prover().toString(), FaultKind.SILENCE, List.of(context.job()));
    boolean holds;
    try {
      holds = holds(flow, flow.decode(state));
    } catch (MalformedMessageException e) {
      holds = false; // what cannot be replayed shows nothing
    }
    boolean proven = holds;
    return ProvenFault.verify(
        claim,
        asked ->
            proven
                ? new FaultProofChecker.Result.Proven()
                : new FaultProofChecker.Result.NotProven("the logs do not show it"));
  }

  private boolean holds(JobFlow flow, JobState waiting) {
    Optional<MessageType> owed = owedByProver(flow, waiting);
    List<VerifyingKey> keys = flow.context().terms().logs();
    if (owed.isEmpty() || logs.size() != keys.size()) {
      return false;
    }
    long deadline = waiting.deadlineMillis();
    for (int i = 0; i < logs.size(); i++) {
      Optional<LogHead> head =
          logs.get(i).check(keys.get(i), flow.context().job(), flow.context().networkId());
      if (head.isEmpty()
          || head.get().timeMillis() <= deadline
          || answered(flow.context(), logs.get(i), owed.get(), demandedAt(waiting), deadline)) {
        return false;
      }
    }
    return recorded(waiting, logs.get(0));
  }

  private static long demandedAt(JobState waiting) {
    return waiting.data().now;
  }

  private static boolean answered(
      JobContext context, LogExtract log, MessageType owed, long from, long deadline) {
    return log.entries().stream()
        .anyMatch(
            entry ->
                entry.type() == owed
                    && entry.signer().equals(context.prover())
                    && entry.timeMillis() >= from
                    && entry.timeMillis() <= deadline);
  }

  private static boolean recorded(JobState state, LogExtract log) {
    for (JobInput input : state.inputs()) {
      Optional<SignedMessage> message = input.message();
      if (message.isPresent()
          && !log.entries().contains(LogEntry.of(input.timeMillis(), message.get()))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter().array(3).unsigned(VERSION).bytes(state).array(logs.size());
    logs.forEach(log -> log.write(out));
    return out.toByteArray();
  }

  /** Reads what {@link #encode} wrote; it checks nothing but the structure. */
  public static SilenceProof decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.arrayOf("silence", 3);
    if (in.unsigned("silence.version", 255) != VERSION) {
      throw in.malformed("silence.version", "unknown version");
    }
    byte[] state = in.bytes("silence.state", JobState.MAX_BYTES);
    int count = in.array("silence.logs", 16);
    List<LogExtract> logs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      logs.add(LogExtract.read(in));
    }
    in.end();
    return new SilenceProof(state, logs);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SilenceProof that
        && Arrays.equals(state, that.state)
        && logs.equals(that.logs);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(state) + logs.hashCode();
  }

  /** What it is about, for people. */
  @Override
  public String toString() {
    return "SilenceProof[" + Digest32.sha256(state).shortHex() + ", " + logs.size() + " logs]";
  }
}
