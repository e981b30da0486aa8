package io.verillm.network.flow;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a state holds. A step copies it, changes the copy and freezes it by never touching it again;
 * it is derived from {@link #inputs} alone.
 */
final class JobData {
  final List<JobInput> inputs = new ArrayList<>();
  Phase phase = Phase.OFFERED;
  @Nullable Outcome outcome;
  long now;
  long deadline;
  long receivedAt;
  @Nullable SignedMessage receiptMessage;
  @Nullable Receipt receipt;
  @Nullable SignedMessage ackMessage;
  @Nullable ReceiptAck ack;

  // Flow A.
  @Nullable SignedMessage challengeMessage;
  @Nullable SignedMessage openingMessage;
  SortedMap<Integer, List<Integer>> rows = new TreeMap<>(); // never modified once set
  final Set<VerifyingKey> objectors = new HashSet<>();
  @Nullable VerifyingKey winner; // whose objection was upheld

  // Staged verification.
  final List<VerifyingKey> joined = new ArrayList<>(); // verifiers that put a deposit in, in order
  final List<SignedMessage> reports = new ArrayList<>();
  int turnsTaken; // seats that have reported or let their turn pass

  // Flow B, and the committees of staged verification.
  final List<CommitteeRound> rounds = new ArrayList<>();
  @Nullable VerifyingKey disputer;

  JobData copy() {
    JobData copy = new JobData();
    copy.inputs.addAll(inputs);
    copy.phase = phase;
    copy.outcome = outcome;
    copy.now = now;
    copy.deadline = deadline;
    copy.receivedAt = receivedAt;
    copy.receiptMessage = receiptMessage;
    copy.receipt = receipt;
    copy.ackMessage = ackMessage;
    copy.ack = ack;
    copy.challengeMessage = challengeMessage;
    copy.openingMessage = openingMessage;
    copy.rows = rows;
    copy.objectors.addAll(objectors);
    copy.winner = winner;
    rounds.forEach(round -> copy.rounds.add(round.copy()));
    copy.disputer = disputer;
    copy.joined.addAll(joined);
    copy.reports.addAll(reports);
    copy.turnsTaken = turnsTaken;
    return copy;
  }

  Receipt theReceipt() {
    return present(receipt);
  }

  SignedMessage theReceiptMessage() {
    return present(receiptMessage);
  }

  ReceiptAck theAck() {
    return present(ack);
  }

  CommitteeRound round() {
    return rounds.get(rounds.size() - 1);
  }

  static <T> T present(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the phase promises this message");
    }
    return value;
  }
}
