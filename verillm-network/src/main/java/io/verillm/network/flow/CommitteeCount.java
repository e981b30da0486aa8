package io.verillm.network.flow;

import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.network.committee.Seat;
import io.verillm.network.committee.Staker;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a committee's opened votes amount to.
 *
 * <p>A vote is committed before the rows are drawn, so the opened rows have the last word: {@link
 * SeatResult#COUNTED_BY_ROWS}.
 *
 * @param outcome accepted or rejected if more than half of all seats say so in counted votes,
 *     silent if the prover opened nothing, else undecided
 * @param results what became of each seat, in the order of the seats
 */
record CommitteeCount(Outcome outcome, Map<VerifyingKey, SeatResult> results) {

  static CommitteeCount of(JobContext context, CommitteeRound round) {
    Map<VerifyingKey, SeatResult> results = new LinkedHashMap<>();
    int accept = 0;
    int reject = 0;
    for (Seat seat : round.seats) {
      SeatResult result = result(context, round, seat.key());
      results.put(seat.key(), result);
      CommitteeRound.Checked checked = round.reveals.get(seat.key());
      if (result.counts() && checked != null) {
        Vote vote = result.vote(checked.reveal().finding().vote());
        accept += vote == Vote.ACCEPT ? 1 : 0;
        reject += vote == Vote.REJECT ? 1 : 0;
      }
    }
    return new CommitteeCount(outcome(round, accept, reject), results);
  }

  private static Outcome outcome(CommitteeRound round, int accept, int reject) {
    if (!round.commitments.isEmpty() && round.fragments == null) {
      return Outcome.SILENT;
    }
    int seats = round.seats.size();
    if (2 * accept > seats) {
      return Outcome.ACCEPTED;
    }
    return 2 * reject > seats ? Outcome.REJECTED : Outcome.UNDECIDED;
  }

  private static SeatResult result(JobContext context, CommitteeRound round, VerifyingKey member) {
    CommitteeRound.Checked own = round.reveals.get(member);
    if (own == null) {
      return round.commitments.containsKey(member)
          ? SeatResult.NO_REVEAL
          : SeatResult.NO_COMMITMENT;
    }
    int others = 0;
    int close = 0;
    for (Map.Entry<VerifyingKey, CommitteeRound.Checked> other : round.reveals.entrySet()) {
      if (!other.getKey().equals(member)) {
        others++;
        close +=
            OpenedRows.agree(context.comparison(), own.rows(), other.getValue().rows()) ? 1 : 0;
      }
    }
    if (2 * close < others) {
      return SeatResult.DEVIATES;
    }
    // Votes are committed before anybody knows which rows are drawn. A member that read the tokens
    // as drawn rightly, and whose rows then differ from the prover's, has not contradicted itself:
    // the prover's rows have. Its rows are the committee's, so it computed, and is paid for it.
    OpeningOutcome.Verified prover = round.fragments;
    boolean byRows =
        prover != null
            && own.reveal().finding().vote() == Vote.ACCEPT
            && !OpenedRows.agree(context.comparison(), own.rows(), prover);
    return byRows ? SeatResult.COUNTED_BY_ROWS : SeatResult.COUNTED;
  }

  /**
   * What the last committee measured, for the evidence of the prover; empty if fewer than three
   * votes counted, or if it decided nothing: rows that nobody opened or nobody could judge are no
   * audit, and counted as one they would thin out the evidence.
   */
  static Optional<CommitteeReading> reading(JobContext context, JobData data) {
    List<CommitteeReading.Member> members = new ArrayList<>();
    if (!data.rounds.isEmpty() && decided(data.round())) {
      CommitteeRound round = data.round();
      for (Seat seat : round.seats) {
        CommitteeRound.Checked checked = round.reveals.get(seat.key());
        SeatResult result = round.results.getOrDefault(seat.key(), SeatResult.NO_COMMITMENT);
        if (checked != null && result.counts()) {
          boolean exceeded = result.vote(checked.reveal().finding().vote()) == Vote.REJECT;
          members.add(new CommitteeReading.Member(seat.owner(), exceeded));
        }
      }
    }
    return reading(context, data, members);
  }

  private static boolean decided(CommitteeRound round) {
    return round.outcome == Outcome.ACCEPTED || round.outcome == Outcome.REJECTED;
  }

  /** As {@link #reading(JobContext, JobData)}, for committees that open no rows. */
  static Optional<CommitteeReading> readingOfVotes(JobContext context, JobData data) {
    CommitteeRound round = data.round();
    List<CommitteeReading.Member> members = new ArrayList<>();
    for (Seat seat : round.seats) {
      if (round.votes.containsKey(seat.key())) {
        members.add(
            new CommitteeReading.Member(seat.owner(), SeatPayout.saysReject(round, seat.key())));
      }
    }
    return reading(context, data, members);
  }

  private static Optional<CommitteeReading> reading(
      JobContext context, JobData data, List<CommitteeReading.Member> members) {
    Optional<Staker> prover = context.stakes().find(context.prover());
    if (members.size() < CommitteeReading.FEWEST_MEMBERS || prover.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CommitteeReading(
            context.prover().toString(),
            prover.get().owner(),
            data.theReceiptMessage().id(),
            data.theAck().roundSeen(),
            data.round().drawRound,
            members));
  }
}
