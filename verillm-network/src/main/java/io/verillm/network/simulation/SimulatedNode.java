package io.verillm.network.simulation;

import io.verillm.core.receipt.ChainPosition;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;

/** One node of a simulation and what happened to it. Belongs to the simulation's thread. */
final class SimulatedNode {
  final SigningKey key;
  final String owner;
  final NodeKind kind;
  final NodeTally tally = new NodeTally();
  private long sequence;
  private Digest32 previous = ChainPosition.NONE;

  SimulatedNode(SigningKey key, String owner, NodeKind kind) {
    this.key = key;
    this.owner = owner;
    this.kind = kind;
  }

  VerifyingKey id() {
    return key.verifyingKey();
  }

  ChainPosition nextPosition() {
    return new ChainPosition(0, sequence, previous);
  }

  void signed(Digest32 receipt) {
    sequence++;
    previous = receipt;
  }

  /** Counts of one node. Jobs are counted in the role in which its kind deviates. */
  static final class NodeTally {
    int answered;
    int sat;
    int accepted;
    int rejected;
    int undecided;
    int silent;

    /** Acknowledged challenges that it left unanswered, shown by every log of the job. */
    int silencesProven;

    /** Jobs of its role until something spoke against it, 0 if nothing did. */
    int untilFlagged;

    /** Jobs of its role until its own signed messages proved a fault, 0 if none did. */
    int untilProven;

    /** A fault was proven that costs its stake when the epoch closes; it takes part no more. */
    boolean owesStake;

    int timesFlagged;
    String provenBy = "";

    void flag(int role) {
      timesFlagged++;
      if (untilFlagged == 0) {
        untilFlagged = Math.max(1, role);
      }
    }

    void prove(int role, String by) {
      if (untilProven == 0) {
        untilProven = Math.max(1, role);
        provenBy = by;
      }
    }
  }

  /** How many jobs it had in the role that its kind deviates in; both roles for a coalition. */
  int jobsInRole() {
    return switch (kind.side()) {
      case PROVER -> tally.answered;
      case VERIFIER -> tally.sat;
      default -> tally.answered + tally.sat;
    };
  }

  void flag() {
    tally.flag(jobsInRole());
  }

  void prove(String by) {
    tally.prove(jobsInRole(), by);
  }
}
