package io.verillm.network.flow;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.message.Objection;

/**
 * Computes again what an objection points to. Anyone with the same files has to come to the same
 * ruling: it is a pure function of its arguments and of the model.
 */
@FunctionalInterface
@CheckReturnValue
public interface Adjudicator {
  /** What came of an objection. */
  enum Ruling {
    /** The prover's bytes are not what its receipt claims. */
    UPHELD,
    /** Computed again, and they are. */
    DISMISSED,
    /** Not enough to decide: nobody is at fault, bonds go back. */
    UNDECIDED
  }

  /**
   * The messages of a job, all with signatures that hold.
   *
   * @param order the client's order
   * @param receipt the prover's receipt
   * @param ack the ack
   * @param challenge the challenge
   * @param opening the prover's opening
   */
  record Files(
      SignedMessage order,
      SignedMessage receipt,
      SignedMessage ack,
      SignedMessage challenge,
      SignedMessage opening) {}

  /** Rules; throws only when it cannot decide at all. */
  Ruling judge(Files files, Objection objection);
}
