package io.verillm.network.message;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * The rules of one job, signed by the client of the order and accepted by the prover before they
 * bind it. Their digest is the job's id.
 *
 * <p>They say what was agreed, not that honest play pays under them; {@code
 * committee.JobTermsCheck} looks at that.
 *
 * @param order digest of the order
 * @param schedule randomness and its rounds
 * @param plan how much is opened
 * @param committee seats of the first committee, odd
 * @param secondCommittee seats of the second committee, odd and larger
 * @param deadlines how long each state may last
 * @param money what moves
 * @param stakes digest of the stake table that committees are drawn from
 * @param witnesses keys besides the client's that may acknowledge a receipt, at most {@value
 *     #MAX_KEYS}
 * @param logs keys of the logs that record the job, 1 to {@value #MAX_KEYS}; silence counts only if
 *     every one of them shows it
 */
public record JobTerms(
    Digest32 order,
    BeaconSchedule schedule,
    ChallengePlan plan,
    int committee,
    int secondCommittee,
    JobDeadlines deadlines,
    JobMoney money,
    Digest32 stakes,
    List<VerifyingKey> witnesses,
    List<VerifyingKey> logs) {
  /** Most keys in a list. */
  public static final int MAX_KEYS = 16;

  /** Most seats of a committee. */
  public static final int MAX_SEATS = 9_999;

  /** Checks sizes and repeats. */
  public JobTerms {
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(deadlines, "deadlines");
    Objects.requireNonNull(money, "money");
    Objects.requireNonNull(stakes, "stakes");
    witnesses = List.copyOf(witnesses);
    logs = List.copyOf(logs);
    String fault = fault(committee, secondCommittee, witnesses, logs);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault);
    }
  }

  private static String fault(
      int committee, int secondCommittee, List<VerifyingKey> witnesses, List<VerifyingKey> logs) {
    if (committee < 1 || committee % 2 == 0 || secondCommittee % 2 == 0) {
      return "committees are odd, got " + committee + " and " + secondCommittee;
    }
    if (secondCommittee <= committee || secondCommittee > MAX_SEATS) {
      return "the second committee must be larger than the first, got " + secondCommittee;
    }
    if (logs.isEmpty() || logs.size() > MAX_KEYS || witnesses.size() > MAX_KEYS) {
      return "a job has 1 to 16 logs and at most 16 witnesses";
    }
    boolean repeats =
        new HashSet<>(logs).size() < logs.size()
            || new HashSet<>(witnesses).size() < witnesses.size();
    return repeats ? "a key stands twice in a list" : "";
  }

  /** The job's id: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Returns the payload that is signed. */
  public byte[] encode() {
    CborWriter out = Payloads.write(11);
    out.unsigned(2).digest(order);
    out.unsigned(3);
    schedule.encode(out);
    out.unsigned(4).array(2).unsigned(plan.positions()).unsigned(plan.layersPerPosition());
    out.unsigned(5).unsigned(committee);
    out.unsigned(6).unsigned(secondCommittee);
    out.unsigned(7);
    deadlines.encode(out);
    out.unsigned(8);
    money.encode(out);
    out.unsigned(9).digest(stakes);
    out.unsigned(10);
    encode(out, witnesses);
    out.unsigned(11);
    encode(out, logs);
    return out.toByteArray();
  }

  private static void encode(CborWriter out, List<VerifyingKey> keys) {
    out.array(keys.size());
    keys.forEach(key -> out.bytes(key.toByteArray()));
  }

  /** Reads a payload. */
  public static JobTerms decode(byte[] payload) throws MalformedMessageException {
    CborReader in = Payloads.read(payload, "terms", 11);
    in.key("terms.order", 2);
    Digest32 order = in.digest("terms.order");
    in.key("terms.schedule", 3);
    BeaconSchedule schedule = BeaconSchedule.decode(in);
    in.key("terms.plan", 4);
    in.arrayOf("terms.plan", 2);
    long positions = in.unsigned("terms.plan.positions", Integer.MAX_VALUE);
    long layers = in.unsigned("terms.plan.layers", Integer.MAX_VALUE);
    if (positions == 0 || layers == 0) {
      throw in.malformed("terms.plan", "opens nothing");
    }
    in.key("terms.committee", 5);
    int committee = (int) in.unsigned("terms.committee", MAX_SEATS);
    in.key("terms.second-committee", 6);
    int second = (int) in.unsigned("terms.second-committee", MAX_SEATS);
    in.key("terms.deadlines", 7);
    JobDeadlines deadlines = JobDeadlines.decode(in);
    in.key("terms.money", 8);
    JobMoney money = JobMoney.decode(in);
    in.key("terms.stakes", 9);
    Digest32 stakes = in.digest("terms.stakes");
    in.key("terms.witnesses", 10);
    List<VerifyingKey> witnesses = decodeKeys(in, "terms.witnesses");
    in.key("terms.logs", 11);
    List<VerifyingKey> logs = decodeKeys(in, "terms.logs");
    in.end();
    String fault = fault(committee, second, witnesses, logs);
    if (!fault.isEmpty()) {
      throw in.malformed("terms", fault);
    }
    return new JobTerms(
        order,
        schedule,
        new ChallengePlan((int) positions, (int) layers),
        committee,
        second,
        deadlines,
        money,
        stakes,
        witnesses,
        logs);
  }

  private static List<VerifyingKey> decodeKeys(CborReader in, String field)
      throws MalformedMessageException {
    int count = in.array(field, MAX_KEYS);
    List<VerifyingKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(VerifyingKey.decode(in.bytesExactly(field, VerifyingKey.LENGTH)));
    }
    return keys;
  }

  /** Signs the terms as the client of the order. */
  public SignedMessage sign(SigningKey client, String networkId) {
    return SignedMessage.sign(client, MessageType.JOB_TERMS, encode(), networkId);
  }
}
