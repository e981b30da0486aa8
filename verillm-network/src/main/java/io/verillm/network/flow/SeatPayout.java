package io.verillm.network.flow;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.CommitteeBallot;
import io.verillm.incentives.pool.HardenedPool;
import io.verillm.incentives.pool.PoolPayout;
import io.verillm.incentives.pool.PoolRole;
import io.verillm.network.committee.Seat;
import io.verillm.network.message.Reveal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Payments of the hardened pool for committees whose seats were not all taken. */
final class SeatPayout {
  private SeatPayout() {}

  static CommitteeBallot ballot(CommitteeRound round) {
    List<CommitteeBallot.Vote> votes = new ArrayList<>();
    for (Seat seat : round.seats) {
      SignedMessage vote = round.votes.get(seat.key());
      votes.add(vote == null ? CommitteeBallot.Vote.SILENT : HardenedStages.counted(reveal(vote)));
    }
    return new CommitteeBallot(votes);
  }

  private static io.verillm.network.message.Vote reveal(SignedMessage message) {
    try {
      return Reveal.decode(message.payload()).finding().vote();
    } catch (MalformedMessageException e) {
      throw new IllegalStateException("it was read when it was taken", e);
    }
  }

  /**
   * The payout with the seats renumbered to those that put a bond in. A seat that never joined has
   * no bond in the pool and, being silent, gets its bond back and nothing else: both lines fall
   * away.
   */
  static Optional<PoolPayout> of(HardenedPool pool, JobData data) {
    if (data.rounds.isEmpty()) {
      return Optional.of(unasked(pool));
    }
    List<CommitteeBallot> ballots = data.rounds.stream().map(SeatPayout::ballot).toList();
    PoolPayout whole = pool.settle(ballots).payout();
    SortedMap<PoolRole, Rational> deposits = new TreeMap<>();
    SortedMap<PoolRole, Rational> payments = new TreeMap<>();
    for (PoolRole role : List.of(PoolRole.USER, PoolRole.GENERATOR)) {
      deposits.put(role, whole.deposits().getOrDefault(role, Rational.ZERO));
      payments.put(role, whole.gross(role));
    }
    int number = 0;
    for (CommitteeRound round : data.rounds) {
      for (Seat seat : round.seats) {
        number++;
        int joined = data.joined.indexOf(seat.key()) + 1;
        if (joined > 0) {
          PoolRole old = PoolRole.verifier(number);
          PoolRole role = PoolRole.verifier(joined);
          deposits.put(role, whole.deposits().getOrDefault(old, Rational.ZERO));
          payments.put(role, whole.gross(old));
        }
      }
    }
    return Optional.of(new PoolPayout(deposits, payments, whole.burnt(), whole.treasury()));
  }

  /** Nobody asked for verification: the generator is paid, the client's other deposit goes back. */
  private static PoolPayout unasked(HardenedPool pool) {
    Rational user = pool.terms().mostUserCost();
    Rational stake = pool.terms().pool().generatorStake();
    Rational fee = pool.terms().pool().generationFee();
    SortedMap<PoolRole, Rational> deposits = new TreeMap<>();
    deposits.put(PoolRole.USER, user);
    deposits.put(PoolRole.GENERATOR, stake);
    SortedMap<PoolRole, Rational> payments = new TreeMap<>();
    payments.put(PoolRole.USER, user.minus(fee));
    payments.put(PoolRole.GENERATOR, stake.plus(fee));
    return new PoolPayout(deposits, payments, Rational.ZERO, Rational.ZERO);
  }

  static boolean saysReject(CommitteeRound round, VerifyingKey member) {
    SignedMessage vote = round.votes.get(member);
    return vote != null && reveal(vote) == io.verillm.network.message.Vote.REJECT;
  }
}
