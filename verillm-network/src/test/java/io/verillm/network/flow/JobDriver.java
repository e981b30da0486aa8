package io.verillm.network.flow;

import io.verillm.core.wire.SignedMessage;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Journal;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import java.util.ArrayList;
import java.util.List;

/** Runs one machine with a ledger beside it; every state is encoded and decoded on the way. */
final class JobDriver {
  final JobFlow flow;
  final Journal money = new Journal();
  final List<Effect> effects = new ArrayList<>();
  JobState state;
  long time = JobFixture.START;

  JobDriver(JobFlow flow) {
    this.flow = flow;
    this.state = flow.start(time);
    mint(flow.context().client().toString());
    flow.context().stakes().stakers().forEach(staker -> mint(staker.key().toString()));
  }

  private void mint(String owner) {
    boolean applied =
        money
            .post(
                Settlement.transfer(
                    SettlementId.of("mint/" + owner),
                    Account.OUTSIDE,
                    Account.wallet(owner),
                    Micros.ofUnits(10)))
            .isInLedger();
    if (!applied) {
      throw new AssertionError("mint");
    }
  }

  Step send(SignedMessage message) {
    time += 10;
    return take(flow.receive(state, message, time));
  }

  Step waitUntil(long millis) {
    time = millis;
    return take(flow.tick(state, millis));
  }

  Step pastDeadline() {
    return waitUntil(state.deadlineMillis() + 1);
  }

  private Step take(Step step) {
    for (Effect effect : step.effects()) {
      effects.add(effect);
      if (effect instanceof Effect.Settle settle && !money.post(settle.settlement()).isInLedger()) {
        throw new AssertionError("refused " + settle.settlement());
      }
    }
    state = step.state();
    try {
      JobState again = flow.decode(state.encode());
      if (!again.equals(state)
          || again.phase() != state.phase()
          || again.deadlineMillis() != state.deadlineMillis()
          || !again.outcome().equals(state.outcome())) {
        throw new AssertionError("replay differs: " + again + " and " + state);
      }
    } catch (io.verillm.core.wire.MalformedMessageException e) {
      throw new AssertionError(e);
    }
    return step;
  }

  Micros wallet(io.verillm.core.wire.VerifyingKey key) {
    return money.balance(Account.wallet(key.toString()));
  }

  Micros escrow() {
    return money.balance(Account.escrow(flow.context().job().toString()));
  }

  /** All money inside, wherever it lies: constant after the start. */
  long inside() {
    return -money.balance(Account.OUTSIDE).value();
  }

  <T extends Effect> List<T> all(Class<T> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
