package io.verillm.network.message;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;

/**
 * How long each waiting state of a job may last, in milliseconds from the moment it is entered,
 * each from 1 to {@value #LONGEST_MILLIS}.
 *
 * @param acceptMillis until the prover takes the job
 * @param receiptMillis until the receipt
 * @param ackMillis until somebody acknowledges the receipt
 * @param randomnessMillis until a published round is shown, counted from its publication
 * @param commitMillis until a committee's commitments are closed
 * @param openMillis until challenged rows are opened
 * @param disputeMillis in which an objection or a dispute may be raised
 */
public record JobDeadlines(
    long acceptMillis,
    long receiptMillis,
    long ackMillis,
    long randomnessMillis,
    long commitMillis,
    long openMillis,
    long disputeMillis) {
  /** Four hundred days. */
  public static final long LONGEST_MILLIS = 400L * 24 * 3600 * 1000;

  /** Checks the ranges. */
  public JobDeadlines {
    for (long millis :
        new long[] {
          acceptMillis,
          receiptMillis,
          ackMillis,
          randomnessMillis,
          commitMillis,
          openMillis,
          disputeMillis
        }) {
      if (millis < 1 || millis > LONGEST_MILLIS) {
        throw new IllegalArgumentException("a deadline of " + millis + " milliseconds");
      }
    }
  }

  /** Every state may last this long. */
  public static JobDeadlines each(long millis) {
    return new JobDeadlines(millis, millis, millis, millis, millis, millis, millis);
  }

  void encode(CborWriter out) {
    out.array(7).unsigned(acceptMillis).unsigned(receiptMillis).unsigned(ackMillis);
    out.unsigned(randomnessMillis).unsigned(commitMillis).unsigned(openMillis);
    out.unsigned(disputeMillis);
  }

  static JobDeadlines decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("deadlines", 7);
    long[] millis = new long[7];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = in.unsigned("deadlines.item", LONGEST_MILLIS);
      if (millis[i] == 0) {
        throw in.malformed("deadlines.item", "must be at least 1");
      }
    }
    return new JobDeadlines(
        millis[0], millis[1], millis[2], millis[3], millis[4], millis[5], millis[6]);
  }
}
