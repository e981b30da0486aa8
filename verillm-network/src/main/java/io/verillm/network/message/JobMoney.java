package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.incentives.money.Micros;

/**
 * What a job pays, in micro-units.
 *
 * @param pay what the prover gets for an accepted answer, above zero
 * @param fee what a committee member gets for a valid, opened vote, not negative
 * @param bond what an objection or a dispute puts at stake, not negative
 */
public record JobMoney(Micros pay, Micros fee, Micros bond) {
  private static final long MOST = 1L << 50;

  /** Checks the signs and the size: below 2^50, so that no sum over a committee overflows. */
  public JobMoney {
    for (Micros amount : new Micros[] {pay, fee, bond}) {
      if (amount.isNegative() || amount.value() > MOST) {
        throw new IllegalArgumentException("an amount of " + amount);
      }
    }
    if (!pay.isPositive()) {
      throw new IllegalArgumentException("a job pays something");
    }
  }

  void encode(CborWriter out) {
    out.array(3).unsigned(pay.value()).unsigned(fee.value()).unsigned(bond.value());
  }

  static JobMoney decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("money", 3);
    long pay = in.unsigned("money.pay", MOST);
    if (pay == 0) {
      throw in.malformed("money.pay", "must be at least 1");
    }
    long fee = in.unsigned("money.fee", MOST);
    return new JobMoney(Micros.of(pay), Micros.of(fee), Micros.of(in.unsigned("money.bond", MOST)));
  }
}
