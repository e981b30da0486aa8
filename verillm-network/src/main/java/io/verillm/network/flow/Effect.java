package io.verillm.network.flow;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.network.committee.Seat;
import io.verillm.network.fault.FaultEvidence;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** What follows from one input, in the order in which it followed. */
public sealed interface Effect {
  /** The message was not taken. */
  record Refused(Digest32 message, Refusal why, String detail) implements Effect {}

  /** The job is in another phase now. */
  record Moved(Phase from, Phase to, long atMillis) implements Effect {}

  /** Committee members were drawn. */
  record Seated(int round, List<Seat> seats) implements Effect {}

  /**
   * Rows were drawn.
   *
   * @param rows row indices of the layout by position
   */
  record Drawn(int round, SortedMap<Integer, List<Integer>> rows) implements Effect {}

  /** A committee decided. */
  record Decided(int round, Outcome outcome, Map<VerifyingKey, SeatResult> seats)
      implements Effect {}

  /** Money moves; post it before anything that follows. */
  record Settle(Settlement settlement) implements Effect {}

  /** Messages that prove a fault, for {@code FaultJudge}. */
  record Fault(FaultEvidence evidence) implements Effect {}

  /** What a committee measured, for the evidence of the node. */
  record Reading(CommitteeReading reading) implements Effect {}

  /**
   * A deadline passed in silence. It proves nothing by itself: {@link SilenceProof} needs every log
   * of the job.
   */
  record Missed(VerifyingKey party, Phase waitedIn, long deadlineMillis) implements Effect {}

  /** The job is over. */
  record Ended(Outcome outcome) implements Effect {}
}
