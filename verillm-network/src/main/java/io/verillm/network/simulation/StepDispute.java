package io.verillm.network.simulation;

import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.network.dispute.Bisection;
import io.verillm.network.dispute.BisectionChallenger;
import io.verillm.network.dispute.BisectionMove;
import io.verillm.network.dispute.BisectionOutcome;
import io.verillm.network.dispute.BisectionResponder;
import io.verillm.network.dispute.BisectionState;
import io.verillm.network.dispute.BisectionTerms;
import io.verillm.network.dispute.BondSettlement;
import io.verillm.network.dispute.LayerJudge;
import io.verillm.network.dispute.StepLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Narrows a job down to one step after its committee has spoken. */
final class StepDispute {
  private static final BisectionTerms TERMS =
      new BisectionTerms(60_000, Micros.of(200_000), Micros.of(100_000), Micros.of(20_000));

  private final World world;
  private final ModelExecutor model;
  private final SimulatedJob job;
  private int messages;

  StepDispute(World world, ModelExecutor model, SimulatedJob job) {
    this.world = world;
    this.model = model;
    this.job = job;
  }

  int messages() {
    return messages;
  }

  /** What an honest member saw itself: rows that differ at opened positions, or a token. */
  Optional<BisectionOutcome> byHonest(
      SimulatedJob.Member member, SortedMap<Integer, List<Integer>> rows) {
    BisectionChallenger challenger = challenger();
    Optional<BisectionMove.Open> open =
        challenger
            .open(job.differences(member.trace(), rows))
            .or(
                () ->
                    member.wrongToken().isPresent()
                        ? Optional.of(challenger.openDraw(member.wrongToken().getAsInt()))
                        : Optional.empty());
    return open.map(move -> play(member.node().key, move, Optional.of(challenger)));
  }

  /** A liar disputes whatever it was given and accuses the last token of the first layer. */
  BisectionOutcome byLiar(SimulatedNode liar) {
    int fed = job.made().receipt().promptTokens() + job.made().receipt().outputTokens() - 1;
    return play(
        liar.key, new BisectionMove.Open(job.made().receipt().digest(), 1, fed), Optional.empty());
  }

  private BisectionChallenger challenger() {
    return new BisectionChallenger(
        model, StepLimit.exact(), job.context().order(), job.made().receipt());
  }

  private BisectionOutcome play(
      SigningKey challengerKey, BisectionMove.Open open, Optional<BisectionChallenger> challenger) {
    try {
      Bisection referee =
          new Bisection(
              World.NETWORK,
              job.context().order(),
              job.receiptMessage(),
              world.computation.layout(),
              TERMS,
              new LayerJudge(model, Optional.empty()));
      BisectionState state =
          referee
              .open(wire(open.sign(challengerKey, World.NETWORK)), world.now)
              .state()
              .orElseThrow();
      Account prover = wallet(job.prover().id());
      Account challengerWallet = wallet(challengerKey.verifyingKey());
      Account escrow = BondSettlement.escrow(state.dispute());
      world.transfer("bond of prover/" + state.dispute(), prover, escrow, TERMS.proverBond());
      world.transfer(
          "bond of challenger/" + state.dispute(),
          challengerWallet,
          escrow,
          TERMS.challengerBond());
      BisectionResponder responder = new BisectionResponder(job.made().trace());
      while (state.outcome().isEmpty()) {
        if (state.awaited() == BisectionState.Awaited.SHOW && isSilent(state)) {
          state = referee.tick(state, state.deadlineMillis() + 1);
          continue;
        }
        BisectionMove move = next(state, responder, challenger);
        SigningKey key = move instanceof BisectionMove.Show ? job.prover().key : challengerKey;
        Bisection.Step step =
            referee.receive(state, wire(move.sign(key, World.NETWORK)), ++world.now);
        if (step.refused().isPresent()) {
          throw new IllegalStateException("a move was refused: " + step.refused().get());
        }
        state = step.state().orElseThrow();
      }
      BisectionOutcome outcome = state.outcome().get();
      world.post(BondSettlement.of(state.dispute(), outcome, TERMS, prover, challengerWallet));
      return outcome;
    } catch (MalformedMessageException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Account wallet(VerifyingKey key) {
    return Account.wallet(key.toString());
  }

  /** Whether a node can put up what a challenger must. */
  static boolean canChallenge(World world, SimulatedNode node) {
    return world.money.balance(wallet(node.id())).compareTo(TERMS.challengerBond()) >= 0;
  }

  private boolean isSilent(BisectionState state) {
    return job.prover().kind == NodeKind.WITHHOLDING
        && state.positions() > NetworkSimulation.HONEST_POSITIONS;
  }

  private static BisectionMove next(
      BisectionState state, BisectionResponder responder, Optional<BisectionChallenger> challenger)
      throws IOException {
    return switch (state.awaited()) {
      case SHOW -> responder.answer(state);
      case CHOICE ->
          challenger.isPresent()
              ? challenger.get().answer(state)
              : new BisectionMove.Choose(state.dispute(), state.moves(), false);
      default ->
          challenger.isPresent()
              ? challenger.get().answer(state)
              : new BisectionMove.Claim(state.dispute(), state.moves(), state.positions() - 1);
    };
  }

  private SignedMessage wire(SignedMessage message) throws MalformedMessageException {
    byte[] bytes = message.encode();
    messages++;
    world.messages++;
    world.bytes += bytes.length;
    return SignedMessage.decode(bytes);
  }
}
