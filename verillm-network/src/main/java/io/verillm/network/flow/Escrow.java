package io.verillm.network.flow;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Settlement;
import java.util.List;

/** Who pays into a job when the prover accepts, and how it is divided when the job is over. */
interface Escrow {
  /** What moves when the prover accepts. */
  List<Settlement> fund();

  /** What moves when the job is over; afterwards the escrow is empty. */
  List<Settlement> divide(JobData data, Outcome outcome);

  /** The account that holds a job's money. */
  static Account account(Digest32 job) {
    return Account.escrow(job.toString());
  }

  /** The money that a party may spend. */
  static Account wallet(VerifyingKey key) {
    return Account.wallet(key.toString());
  }
}
