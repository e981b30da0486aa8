package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.pool.CommitteeBallot.Vote;
import io.verillm.incentives.slashing.FaultKind;
import io.verillm.incentives.slashing.FaultProof;
import io.verillm.incentives.slashing.ProvenFault;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The Proof of Cache pool without its two exploits: committees drawn at once decide by a two-thirds
 * quorum, a vote alone never takes a stake, and slashed money goes to nobody who could have caused
 * it.
 *
 * <ul>
 *   <li>A quorum accepts: the generator is paid; verifiers who accepted are paid their fee.
 *   <li>A quorum rejects without proof: the user is refunded, the generator keeps its stake but
 *       forfeits the pay, and the rejection is evidence for the slashing ladder. Verifiers who
 *       rejected are paid their fee.
 *   <li>A quorum rejects with an objective proof: as before, and the stake is slashed: a capped
 *       bonus per verifier who rejected, then {@code burnShare} of the rest burnt, what remains to
 *       the treasury.
 *   <li>No quorum after K_max committees: the user is refunded and every stake goes back.
 * </ul>
 *
 * <p>Verifiers on the losing side get their bond back without a fee: a minority vote is no proof of
 * a fault.
 *
 * @param terms the rules
 */
public record HardenedPool(HardenedTerms terms) {
  /**
   * Checks that framing an honest generator loses money for every coalition of up to a third of
   * verifier selection.
   *
   * @throws IllegalArgumentException if it pays for some share: then the bonus is too high for the
   *     committee
   */
  public HardenedPool {
    HardenedIncentives incentives = new HardenedIncentives(terms);
    for (int step = 1; step <= 33; step++) {
      double share = step / 99.0;
      double gain = incentives.framingGain(share);
      Require.that(
          gain < 0,
          "framing an honest generator gains "
              + gain
              + " micro-units per game for a coalition with"
              + " a share of "
              + share
              + ": lower finderBonus or enlarge the committee");
    }
  }

  /** How a game over the hardened pool ends. */
  public enum Ending {
    /** A quorum accepted. */
    ACCEPTED,
    /** A quorum rejected and nobody gave an objective proof. */
    REJECTED_ON_VOTES,
    /** A quorum rejected and an objective proof was verified. */
    REJECTED_ON_PROOF,
    /** No quorum in the last committee allowed. */
    ARBITRATED
  }

  /** A settled game. */
  public record Result(Ending ending, PoolPayout payout) {}

  /** Settles a game in which nobody proved an objective fault: votes alone never take a stake. */
  public Result settle(List<CommitteeBallot> ballots) {
    return settle(ballots, "", Optional.empty());
  }

  /**
   * Settles a game.
   *
   * @param ballots the committees in order; only the last one may have reached a quorum
   * @param generator the generator's name, as in proofs
   * @param proof a proven objective fault of the generator; it takes the stake only if a quorum
   *     rejects as well
   * @throws IllegalArgumentException if the game is not over, went on after a quorum, a committee
   *     has the wrong size, or the fault is somebody else's or mere silence
   */
  public Result settle(
      List<CommitteeBallot> ballots, String generator, Optional<ProvenFault> proof) {
    proof.ifPresent(fault -> requireAgainst(generator, fault.proof()));
    Require.that(
        !ballots.isEmpty() && ballots.size() <= terms.maxCommittees(),
        "a game has 1 to " + terms.maxCommittees() + " committees, got " + ballots.size());
    for (CommitteeBallot ballot : ballots) {
      Require.that(
          ballot.votes().size() == terms.committeeSize(),
          "a committee has " + terms.committeeSize() + " seats");
    }
    for (CommitteeBallot ballot : ballots.subList(0, ballots.size() - 1)) {
      Require.that(
          !hasQuorum(ballot, Vote.ACCEPT) && !hasQuorum(ballot, Vote.REJECT),
          "the game went on after a quorum");
    }
    CommitteeBallot last = ballots.get(ballots.size() - 1);
    if (hasQuorum(last, Vote.ACCEPT)) {
      return new Result(Ending.ACCEPTED, accepted(ballots));
    }
    if (hasQuorum(last, Vote.REJECT)) {
      return proof.isPresent()
          ? new Result(Ending.REJECTED_ON_PROOF, rejected(ballots, true))
          : new Result(Ending.REJECTED_ON_VOTES, rejected(ballots, false));
    }
    Require.that(
        ballots.size() == terms.maxCommittees(), "no quorum yet: the next committee has to vote");
    SortedMap<PoolRole, Rational> deposits = deposits(ballots.size());
    return new Result(
        Ending.ARBITRATED,
        new PoolPayout(deposits, new TreeMap<>(deposits), Rational.ZERO, Rational.ZERO));
  }

  private static void requireAgainst(String generator, FaultProof proof) {
    Require.that(proof.node().equals(generator), "the proof is against " + proof.node());
    Require.that(proof.kind() != FaultKind.SILENCE, "silence is priced, not slashed");
  }

  private boolean hasQuorum(CommitteeBallot ballot, Vote vote) {
    return ballot.count(vote) >= terms.quorum();
  }

  private PoolPayout accepted(List<CommitteeBallot> ballots) {
    SortedMap<PoolRole, Rational> pay = new TreeMap<>();
    Rational fees = payVerifiers(ballots, Vote.ACCEPT, Rational.ZERO, pay);
    pay.put(PoolRole.GENERATOR, terms.pool().generationFee().plus(terms.pool().generatorStake()));
    pay.put(PoolRole.USER, terms.mostUserCost().minus(terms.pool().generationFee()).minus(fees));
    return new PoolPayout(deposits(ballots.size()), pay, Rational.ZERO, Rational.ZERO);
  }

  private PoolPayout rejected(List<CommitteeBallot> ballots, boolean onProof) {
    SortedMap<PoolRole, Rational> pay = new TreeMap<>();
    Rational bonus = onProof ? terms.finderBonus().toRational() : Rational.ZERO;
    Rational fees = payVerifiers(ballots, Vote.REJECT, bonus, pay);
    pay.put(PoolRole.USER, terms.mostUserCost().minus(fees));
    if (!onProof) {
      pay.put(PoolRole.GENERATOR, terms.pool().generatorStake());
      return new PoolPayout(deposits(ballots.size()), pay, Rational.ZERO, Rational.ZERO);
    }
    Rational left = terms.pool().generatorStake().minus(bonus.times(votes(ballots, Vote.REJECT)));
    Rational burnt = left.times(terms.burnShare());
    return new PoolPayout(deposits(ballots.size()), pay, burnt, left.minus(burnt));
  }

  /**
   * Returns bonds to everybody, adds fee and bonus for the winning vote, and returns the sum of the
   * fees.
   */
  private Rational payVerifiers(
      List<CommitteeBallot> ballots,
      Vote winning,
      Rational bonus,
      SortedMap<PoolRole, Rational> pay) {
    Rational fee = terms.pool().verificationFee();
    int seat = 0;
    for (CommitteeBallot ballot : ballots) {
      for (Vote vote : ballot.votes()) {
        seat++;
        Rational bond = terms.pool().verifierStake();
        pay.put(PoolRole.verifier(seat), vote == winning ? bond.plus(fee).plus(bonus) : bond);
      }
    }
    return fee.times(votes(ballots, winning));
  }

  private static int votes(List<CommitteeBallot> ballots, Vote vote) {
    return ballots.stream().mapToInt(ballot -> ballot.count(vote)).sum();
  }

  private SortedMap<PoolRole, Rational> deposits(int committees) {
    SortedMap<PoolRole, Rational> deposits = new TreeMap<>();
    deposits.put(PoolRole.USER, terms.mostUserCost());
    deposits.put(PoolRole.GENERATOR, terms.pool().generatorStake());
    for (int seat = 1; seat <= committees * terms.committeeSize(); seat++) {
      deposits.put(PoolRole.verifier(seat), terms.pool().verifierStake());
    }
    return deposits;
  }
}
