package io.verillm.network.simulation;

import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Rational;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.PriceOfSilence;
import io.verillm.incentives.slashing.SlashingLadder;
import io.verillm.network.evidence.Assignment;
import io.verillm.network.evidence.EpochClose;
import io.verillm.network.evidence.EvidenceFold;
import io.verillm.network.evidence.EvidenceInput;
import io.verillm.network.evidence.EvidenceState;
import io.verillm.network.evidence.EvidenceTerms;
import io.verillm.network.message.BeaconSchedule;
import io.verillm.network.message.Vote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The evidence of a simulated network: folds what jobs leave behind, closes epochs, posts what they
 * settle to the network's ledger, and has the drawn owners compute receipts again.
 */
final class EvidenceAccount {
  /** An hour of the simulation's beacon. */
  static final long ROUNDS_PER_EPOCH = 1_200;

  /** Honest runs without an exceedance that the bound of the honest rate is taken from. */
  private static final long HONEST_RUNS = 100_000;

  private static final int MOST_CLOSINGS_AT_THE_END = 6;

  private final World world;
  private final EvidenceFold fold;
  private EvidenceState state;
  private final Map<Digest32, SimulatedJob> exceeded = new HashMap<>();
  private final List<EpochClose.Line> lines = new ArrayList<>();
  private int epochs;
  private int reexecutions;

  EvidenceAccount(World world) {
    this.world = world;
    this.fold = EvidenceFold.of(terms());
    this.state = fold.start(fold.terms().epochOf(round()));
  }

  /**
   * The rules. Receipts here declare canonical arithmetic: rows that show a deviation can be
   * computed again by anybody, and cost the whole stake. A prover that saw the draw knows whether
   * they would, so silence must cost as much: with less it would answer lucky draws only.
   */
  static EvidenceTerms terms() {
    EvidenceTerms usual =
        EvidenceTerms.ofHonestRuns(0, HONEST_RUNS, new PriceOfSilence(Rational.ONE, Rational.ONE));
    return new EvidenceTerms(
        usual.honestRate(),
        usual.logCap(),
        SlashingLadder.withDefaults(0.01),
        usual.silence(),
        usual.burnShare(),
        ROUNDS_PER_EPOCH);
  }

  private long round() {
    return world.schedule.roundAt(world.now);
  }

  /** Takes what one job gave, after the epochs before its ack were closed. */
  void take(SimulatedJob job, List<EvidenceInput> inputs, long acknowledgedRound) {
    while (state.epoch() < fold.terms().epochOf(acknowledgedRound)) {
      close();
    }
    List<EvidenceInput> all = new ArrayList<>();
    world.everybody().forEach(node -> all.add(joined(node)));
    all.addAll(inputs);
    for (EvidenceInput input : inputs) {
      if (input instanceof EvidenceInput.Audit audit && audit.reading().exceeded()) {
        exceeded.put(audit.reading().receipt(), job);
      }
    }
    state = fold.foldAll(state, all).state();
  }

  private static EvidenceInput.Joined joined(SimulatedNode node) {
    return new EvidenceInput.Joined(node.id().toString(), node.owner);
  }

  /** Closes the open epoch, and then as many as it takes until nothing is awaited any more. */
  void finish() {
    int closings = 0;
    do {
      close();
      closings++;
    } while (!state.assignments().isEmpty() && closings < MOST_CLOSINGS_AT_THE_END);
  }

  private void close() {
    long next = Math.multiplyExact(state.epoch() + 1, ROUNDS_PER_EPOCH);
    long round = next + BeaconSchedule.ROUND_GAP;
    world.now = Math.max(world.now, world.schedule.publishedAtMillis(round));
    Digest32 value = world.source.check(VrfRandomness.evaluate(world.beacon, round)).orElseThrow();
    EpochClose close = fold.close(state, world.stakes(), value, world.money::balance);
    close.settlements().forEach(world::post);
    lines.addAll(close.lines());
    epochs++;
    state = close.next();
    world.stakesChanged();
    List<EvidenceInput> answers = new ArrayList<>();
    state.assignments().forEach((node, assigned) -> answer(node, assigned, answers));
    state = fold.foldAll(state, answers).state();
  }

  /** The drawn owner computes the receipt again, or does what its kind does instead. */
  private void answer(String node, Assignment assigned, List<EvidenceInput> answers) {
    SimulatedJob job = exceeded.get(assigned.receipt());
    if (job == null || assigned.answer().isPresent()) {
      return;
    }
    world.everybody().stream()
        .filter(one -> one.owner.equals(assigned.executorOwner()))
        .findFirst()
        .ifPresent(
            executor -> {
              reexecutions++;
              answers.add(
                  new EvidenceInput.Fresh(
                      new FreshReexecution(
                          node, assigned.receipt(), executor.owner, exceeds(executor, job))));
            });
  }

  private boolean exceeds(SimulatedNode executor, SimulatedJob job) {
    boolean ally = job.prover().kind == NodeKind.COLLUDING;
    return switch (executor.kind) {
      case ALWAYS_ACCEPT -> false;
      case RANDOM_VOTE -> new SeededRandom(world.settings.seed() + reexecutions).happens(0.5);
      case COLLUDING -> !ally;
      case LYING -> !differs(executor, job);
      default -> differs(executor, job);
    };
  }

  private boolean differs(SimulatedNode executor, SimulatedJob job) {
    Receipt receipt = job.made().receipt();
    Computation.Examined own =
        world.computation.examine(
            NodeKind.HONEST, executor.key, job.context().order(), receipt, job.made().answer());
    world.examinedTokens += receipt.head().leafCount() - 2;
    SortedMap<Integer, List<Integer>> rows = job.drawnRows();
    return own.vote() == Vote.REJECT
        || job.differences(own.trace(), rows).stream().anyMatch(cell -> cell.unequal() > 0);
  }

  /** What the nodes of a kind lost from their stakes for one reason. */
  Micros lost(List<SimulatedNode> nodes, EpochClose.Ground ground) {
    Micros sum = Micros.ZERO;
    for (EpochClose.Line line : lines) {
      if (line.ground() == ground
          && nodes.stream().anyMatch(node -> node.id().toString().equals(line.node()))) {
        sum = sum.minus(line.settlement().netOf(Account.stake(line.node())));
      }
    }
    return sum;
  }

  int epochs() {
    return epochs;
  }

  int reexecutions() {
    return reexecutions;
  }
}
