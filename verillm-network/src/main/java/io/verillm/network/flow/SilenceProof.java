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
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Shows that a prover let the deadline of a job pass that it had accepted: the complete entries of
 * every log of the job and the messages that they name, which are replayed. No one's word is
 * needed, and one honest log is enough to protect a prover that answered.
 *
 * <p>It holds only if
 *
 * <ol>
 *   <li>every log of the terms signed a head after the deadline with exactly these entries,
 *   <li>the job, replayed from all that the first log recorded, waits for the prover, whose signed
 *       acceptance is among what it took, until a deadline passes,
 *   <li>that job takes none of the prover's other messages up to the deadline, whichever log
 *       recorded it and when: an answer that is missing something, or is none, does not count, and
 *   <li>every other log replays to a job that waits for the same, or has no other message of the
 *       prover of the type that is owed. Where histories differ nobody can say what the prover was
 *       asked for, so that whatever it answered counts, even what no machine would take.
 * </ol>
 *
 * <p>A log hands the messages that it recorded to the parties of the job. Without one of the first
 * log's nothing is proven, because it could have changed what the prover was asked for; a message
 * that only another log recorded and that is not shown counts as an answer.
 *
 * <p>Flow A asks an {@link Adjudicator}, and whether that can decide depends on who replays. Hence
 * the silence of a prover before a committee that an objection led to is never proven.
 *
 * <p>Immutable, compared by content.
 */
public final class SilenceProof {
  /** Most messages. */
  public static final int MAX_MESSAGES = 1 << 17;

  private static final int VERSION = 2;
  private static final int MAX_LOGS = 16;

  /** What an entry says of a message; its id alone is that of its payload, whoever signed it. */
  private record Recorded(Digest32 id, VerifyingKey signer, MessageType type)
      implements Comparable<Recorded> {
    private static final Comparator<Recorded> ORDER =
        Comparator.comparing(Recorded::id)
            .thenComparing(recorded -> recorded.signer().toString())
            .thenComparingInt(recorded -> recorded.type().code());

    static Recorded of(SignedMessage message) {
      return new Recorded(message.id(), message.signer(), message.type());
    }

    static Recorded of(LogEntry entry) {
      return new Recorded(entry.message(), entry.signer(), entry.type());
    }

    @Override
    public int compareTo(Recorded other) {
      return ORDER.compare(this, other);
    }
  }

  private final long startMillis;
  private final SortedMap<Recorded, SignedMessage> messages = new TreeMap<>();
  private final List<LogExtract> logs;

  /**
   * Makes a proof; nothing is checked yet.
   *
   * @param startMillis when the terms were offered, Unix milliseconds, at most {@code 2^53}
   * @param messages what the logs recorded, in any order; of two that differ in their signatures
   *     only, the last is kept
   * @param logs one extract per log of the terms, in their order
   * @throws IllegalArgumentException if the time is out of range or there is too much
   */
  public SilenceProof(long startMillis, Collection<SignedMessage> messages, List<LogExtract> logs) {
    if (startMillis < 0 || startMillis > JobFlow.LATEST_MILLIS) {
      throw new IllegalArgumentException("time " + startMillis + " out of range");
    }
    if (messages.size() > MAX_MESSAGES || logs.size() > MAX_LOGS) {
      throw new IllegalArgumentException(
          messages.size() + " messages of " + logs.size() + " logs are too many");
    }
    this.startMillis = startMillis;
    messages.forEach(message -> this.messages.put(Recorded.of(message), message));
    this.logs = List.copyOf(logs);
  }

  /** One extract per log of the terms. */
  public List<LogExtract> logs() {
    return logs;
  }

  /** What a job waits for from its prover, if it does and its silence can be proven. */
  static Optional<MessageType> owedByProver(JobFlow flow, JobState state) {
    if (flow instanceof FlowA && !state.data().rounds.isEmpty()) {
      return Optional.empty(); // rests on a ruling, which another adjudicator may not repeat
    }
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
    boolean proven = holds(flow);
    return ProvenFault.verify(
        claim,
        asked ->
            proven
                ? new FaultProofChecker.Result.Proven()
                : new FaultProofChecker.Result.NotProven("the logs do not show it"));
  }

  private boolean holds(JobFlow flow) {
    List<VerifyingKey> keys = flow.context().terms().logs();
    if (logs.isEmpty() || logs.size() != keys.size()) {
      return false;
    }
    Optional<JobState> first = waiting(flow, logs.get(0));
    if (first.isEmpty()) {
      return false;
    }
    JobState waiting = first.get();
    for (int i = 0; i < logs.size(); i++) {
      LogExtract log = logs.get(i);
      Optional<LogHead> head =
          log.check(keys.get(i), flow.context().job(), flow.context().networkId());
      boolean lasts = head.isPresent() && head.get().timeMillis() > waiting.deadlineMillis();
      if (!lasts || answered(flow, waiting, log)) {
        return false;
      }
    }
    return true;
  }

  /** The job that waits for its prover when a deadline passes, by one log, if it comes to that. */
  private Optional<JobState> waiting(JobFlow flow, LogExtract log) {
    JobState state = flow.start(startMillis);
    for (LogEntry entry : log.entries()) {
      if (isPast(flow, state, entry.timeMillis())) {
        break;
      }
      Optional<SignedMessage> shown = shown(flow, entry);
      // A start after an entry would shift the times of what follows.
      if (shown.isEmpty()
          || entry.timeMillis() < startMillis
          || entry.timeMillis() > JobFlow.LATEST_MILLIS) {
        return Optional.empty();
      }
      state = flow.receive(state, shown.get(), entry.timeMillis()).state();
    }
    return owedByProver(flow, state).isPresent() ? Optional.of(state) : Optional.empty();
  }

  /** The message of an entry. Under another signature it would be refused and show nothing. */
  private Optional<SignedMessage> shown(JobFlow flow, LogEntry entry) {
    return Optional.ofNullable(messages.get(Recorded.of(entry)))
        .filter(message -> message.verify(flow.context().networkId()));
  }

  private static boolean isPast(JobFlow flow, JobState state, long timeMillis) {
    return timeMillis > state.deadlineMillis() && owedByProver(flow, state).isPresent();
  }

  /** Whether the prover may have answered by what a log recorded. */
  private boolean answered(JobFlow flow, JobState waiting, LogExtract log) {
    MessageType owed = owedByProver(flow, waiting).orElseThrow();
    boolean sameDemand =
        waiting(flow, log)
            .filter(
                other ->
                    owedByProver(flow, other).equals(Optional.of(owed))
                        && demand(other).equals(demand(waiting)))
            .isPresent();
    for (LogEntry entry : log.entries()) {
      boolean mayAnswer =
          entry.type() == owed
              && entry.signer().equals(flow.context().prover())
              && entry.timeMillis() <= waiting.deadlineMillis()
              && waiting.inputs().stream()
                  .flatMap(input -> input.message().stream())
                  .noneMatch(taken -> Recorded.of(taken).equals(Recorded.of(entry)));
      if (!mayAnswer) {
        continue;
      }
      Optional<SignedMessage> shown = shown(flow, entry);
      if (!sameDemand
          || shown.isEmpty()
          || !flow.receive(waiting, shown.get(), waiting.data().now).refused()) {
        return true;
      }
    }
    return false;
  }

  /** Everything that decides which answer would be the right one. */
  private static List<Object> demand(JobState state) {
    return List.of(
        state.receiptMessage().map(SignedMessage::id),
        Optional.ofNullable(state.data().challengeMessage).map(SignedMessage::id),
        state.round(),
        state.rows());
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter().array(4).unsigned(VERSION).unsigned(startMillis);
    out.array(messages.size());
    messages.values().forEach(message -> out.bytes(message.encode()));
    out.array(logs.size());
    logs.forEach(log -> log.write(out));
    return out.toByteArray();
  }

  /** Reads what {@link #encode} wrote; it checks nothing but the structure. */
  public static SilenceProof decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.arrayOf("silence", 4);
    if (in.unsigned("silence.version", 255) != VERSION) {
      throw in.malformed("silence.version", "unknown version");
    }
    long start = in.unsigned("silence.start", JobFlow.LATEST_MILLIS);
    int shown = in.array("silence.messages", MAX_MESSAGES);
    List<SignedMessage> messages = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      SignedMessage message =
          SignedMessage.decode(in.bytes("silence.message", SignedMessage.MAX_BYTES));
      if (i > 0 && Recorded.of(messages.get(i - 1)).compareTo(Recorded.of(message)) >= 0) {
        throw in.malformed("silence.message", "not in the order of id, signer and type");
      }
      messages.add(message);
    }
    int count = in.array("silence.logs", MAX_LOGS);
    List<LogExtract> logs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      logs.add(LogExtract.read(in));
    }
    in.end();
    return new SilenceProof(start, messages, logs);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SilenceProof that
        && startMillis == that.startMillis
        && messages.equals(that.messages)
        && logs.equals(that.logs);
  }

  @Override
  public int hashCode() {
    return 31 * messages.hashCode() + logs.hashCode();
  }

  /** What it is about, for people. */
  @Override
  public String toString() {
    return "SilenceProof[" + messages.size() + " messages, " + logs.size() + " logs]";
  }
}
