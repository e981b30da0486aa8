package io.verillm.core.wire;

import java.util.Optional;

/** What a signed message is. The code is part of what is signed and never changes its meaning. */
public enum MessageType {
  /** What a client wants, signed by the client. */
  ORDER(1),
  /** What a prover did, signed by the prover. */
  RECEIPT(2),
  /** Closes a reserved sequence number that has no receipt, signed by the prover. */
  VOID(3),
  /** Root and size of a trace log, signed by the prover. */
  TRACE_HEAD(4),
  /** When a receipt was seen, signed by a client, log or scheduler. */
  ACK(5),
  /** Randomness of a challenge. */
  RANDOMNESS(6),
  /** What a prover must open. */
  CHALLENGE(7),
  /** What answers a challenge, signed by the prover. */
  OPENING(8),
  /** What a verifier found, signed by the verifier. */
  VERDICT(9),
  /** Tolerances of a pair of execution classes, signed by a calibrator. */
  CALIBRATION(10),
  /** Deadlines, sizes and money of one job in a network, signed by the client. */
  JOB_TERMS(11),
  /** That a prover takes a job on its terms. */
  TERMS_ACCEPTANCE(12),
  /** What a committee member found, still hidden, signed by the member. */
  COMMITMENT(13),
  /** Opens a {@link #COMMITMENT}, signed by the member. */
  REVEAL(14),
  /** The rows that a committee compares, opened by the prover. */
  FRAGMENTS(15),
  /** Says with evidence that an answer is wrong, signed by the objector. */
  OBJECTION(16),
  /** Asks for the second committee, signed by the party that the first one decided against. */
  DISPUTE(17),
  /** Root, size and time of the log of a job, signed by the log. */
  LOG_HEAD(18),
  /** Asks for staged verification, signed by the client. */
  STAGE_REQUEST(19),
  /** What one verifier of a staged verification found, signed by it. */
  STAGE_REPORT(20),
  /** One move of a dispute that narrows an answer down to one step, signed by who moves. */
  BISECTION(30),
  /** Tolerances of cache rows of a pair of execution classes, signed by a calibrator. */
  CACHE_CALIBRATION(31),
  /** A few values for each cache row that a challenge drew, signed by the prover. */
  SKETCHES(32),
  /** Which of the sketched rows a prover must open, from a round after its sketches. */
  SPOT_CHALLENGE(33);

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  /** The stable code on the wire, 1 to 255. */
  public int code() {
    return code;
  }

  /** Finds a type by its wire code. */
  public static Optional<MessageType> ofCode(long code) {
    for (MessageType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
