package io.verillm.network.flow;

/** Why a machine did not take a message. A refused message changes nothing and blames nobody. */
public enum Refusal {
  /** The payload is not what its type says. */
  MALFORMED,
  /** The signature does not hold for this network. */
  BAD_SIGNATURE,
  /** It belongs to another job, order or receipt. */
  OTHER_JOB,
  /** It belongs to another committee of this job. */
  OTHER_ROUND,
  /** This signer has no such part in the job. */
  WRONG_SIGNER,
  /** The job does not wait for this now: too early, too late, or over. */
  NOT_EXPECTED,
  /** The same message was taken before. */
  DUPLICATE,
  /** Another message of this signer was taken before; evidence of it is among the effects. */
  CONFLICT,
  /** An ack names a round that was not the newest when the receipt arrived, or comes too early. */
  WRONG_ROUND,
  /** The proof of a round of randomness does not hold. */
  BAD_RANDOMNESS,
  /** Rows do not lead to the committed head, or what was drawn is missing. */
  BAD_OPENING,
  /** A reveal does not open its commitment. */
  COMMITMENT_MISMATCH,
  /** An objection was looked at and is wrong; its bond is lost. */
  OBJECTION_FAILED
}
