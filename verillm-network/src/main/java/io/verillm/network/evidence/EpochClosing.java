package io.verillm.network.evidence;

import io.verillm.core.wire.Digest32;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Posting;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.slashing.CommitteeReading;
import io.verillm.incentives.slashing.EvidenceBook;
import io.verillm.incentives.slashing.FreshReexecution;
import io.verillm.incentives.slashing.LadderStep;
import io.verillm.incentives.slashing.NodeEvidence;
import io.verillm.incentives.slashing.SlashOrder;
import io.verillm.incentives.slashing.SlashingLadder.Confirmation;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.evidence.EpochClose.Ground;
import io.verillm.network.evidence.EpochClose.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.pcollections.TreePVector;

/** One closing: proven faults, silences, confirmed evidence, then who re-executes what next. */
final class EpochClosing {
  private static final byte[] DRAW_TAG = EvidenceFold.tag("re-execution");

  private final EvidenceTerms terms;
  private final EvidenceState state;
  private final StakeTable stakes;
  private final Digest32 randomness;
  private final Function<Account, Micros> balances;
  private final EvidenceState.Draft next;
  private final Map<Account, Micros> moved = new HashMap<>(); // net, by the lines so far
  private final List<Line> lines = new ArrayList<>();
  private final List<String> unassigned = new ArrayList<>();

  EpochClosing(
      EvidenceTerms terms,
      EvidenceState state,
      StakeTable stakes,
      Digest32 randomness,
      Function<Account, Micros> balances) {
    this.terms = terms;
    this.state = state;
    this.stakes = stakes;
    this.randomness = randomness;
    this.balances = balances;
    this.next = new EvidenceState.Draft(state);
  }

  EpochClose close() {
    SortedMap<String, LadderStep> steps = terms.ladder().steps(state.book);
    settleFaults();
    settleSilences();
    state.assignments.forEach(
        (node, assigned) ->
            assigned.answer().ifPresent(fresh -> decide(node, step(steps, node), fresh)));
    assign(terms.ladder().steps(next.book));
    next.epoch = Math.addExact(state.epoch, 1);
    next.book.startNewGeneration();
    return new EpochClose(state.epoch, steps, lines, next.assignments, unassigned, next.freeze());
  }

  private static LadderStep step(SortedMap<String, LadderStep> steps, String node) {
    LadderStep step = steps.get(node);
    if (step == null) {
      throw new IllegalStateException("the book knows every node that is assigned");
    }
    return step;
  }

  private Micros stakeLeft(String node) {
    Account stake = Account.stake(node);
    return balances.apply(stake).plus(moved.getOrDefault(stake, Micros.ZERO));
  }

  private void add(String node, Ground ground, String basis, Optional<Settlement> settlement) {
    if (settlement.isPresent()) {
      for (Posting take : settlement.get().takes()) {
        moved.merge(take.account(), take.amount().negate(), Micros::plus);
      }
      lines.add(new Line(node, ground, basis, settlement.get()));
    }
  }

  private void slash(SlashOrder order, Ground ground) {
    add(
        order.node(),
        ground,
        order.basis(),
        order.settle(stakeLeft(order.node()), terms.burnShare()));
  }

  private void settleFaults() {
    for (EvidenceInput.Fault fault : state.faults) {
      slash(SlashOrder.onProof(fault.fault()), Ground.PROVEN_FAULT);
    }
    next.faults = TreePVector.empty();
  }

  private void settleSilences() {
    for (EvidenceInput.Silence silence : state.silences) {
      // The machine of the job gave the pay back when it ended: its escrow is empty.
      add(
          silence.node(),
          Ground.SILENCE,
          "no answer to an acknowledged challenge of job " + silence.job().shortHex(),
          terms.silence().settle(silence.fault(), Optional.empty(), stakeLeft(silence.node())));
    }
    next.silences = TreePVector.empty();
  }

  /** Acts on a re-execution, then lets the readings that waited for it count. */
  private void decide(String node, LadderStep step, FreshReexecution fresh) {
    // Where the rule over all nodes does not select the node any more, nobody is slashed.
    if (step instanceof LadderStep.AwaitsReexecution awaits) {
      // Every node is decided by the evidence at the close, whatever the nodes before it lost; the
      // ladder writes into the book that it is given, which must not be the state's.
      Confirmation confirmation = terms.ladder().confirm(awaits, fresh, state.book.copy());
      if (confirmation instanceof Confirmation.Confirmed confirmed) {
        slash(confirmed.order(), Ground.CONFIRMED_EVIDENCE);
        next.book.startNewLife(node);
        next.cleared = next.cleared.minus(node);
      } else {
        next.book.recordCleared(node);
        next.cleared = next.cleared.plus(node, fresh.receipt());
      }
    }
    next.assignments = next.assignments.minus(node);
    for (CommitteeReading reading : next.held(node)) {
      if (next.book.record(reading) != EvidenceBook.Recorded.COUNTED) {
        throw new IllegalStateException("a held reading was counted before");
      }
    }
    next.held = next.held.minus(node);
  }

  /** Draws who re-executes for each node at the slash level, and again where nobody answered. */
  private void assign(SortedMap<String, LadderStep> steps) {
    for (Map.Entry<String, LadderStep> entry : steps.entrySet()) {
      String node = entry.getKey();
      if (!(entry.getValue() instanceof LadderStep.AwaitsReexecution awaits)) {
        continue; // one whose assignment is open stays assigned, see below
      }
      NodeEvidence evidence = awaits.evidence();
      Optional<Digest32> receipt = evidence.lastExceedance();
      boolean nothingNew =
          receipt.isEmpty() || receipt.equals(Optional.ofNullable(next.cleared.get(node)));
      if (nothingNew || !stakeLeft(node).isPositive()) {
        continue;
      }
      Assignment open = next.assignments.get(node);
      SortedSet<String> tried = new TreeSet<>();
      if (open != null) {
        tried.addAll(open.tried());
        tried.add(open.executorOwner());
      }
      Optional<String> executor = executor(evidence, receipt.get(), tried);
      if (executor.isPresent()) {
        next.assignments =
            next.assignments.plus(
                node, new Assignment(receipt.get(), executor.get(), tried, Optional.empty()));
      } else {
        unassigned.add(node);
      }
    }
  }

  private Optional<String> executor(NodeEvidence evidence, Digest32 receipt, Set<String> tried) {
    Set<String> excluded = new HashSet<>(evidence.judges());
    excluded.add(evidence.owner());
    excluded.addAll(tried);
    boolean nobody =
        stakes.stakers().stream().allMatch(staker -> excluded.contains(staker.owner()));
    if (nobody) {
      return Optional.empty();
    }
    Digest32 subject =
        Digest32.sha256(
            DRAW_TAG,
            receipt.toByteArray(),
            evidence.node().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Digest32 seed = stakes.seed(randomness, subject, 1);
    return Optional.of(stakes.draw(seed, 1, excluded).get(0).owner());
  }
}
