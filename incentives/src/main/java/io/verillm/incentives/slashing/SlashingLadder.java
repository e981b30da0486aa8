package io.verillm.incentives.slashing;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.incentives.internal.Require;
import io.verillm.stats.multiplicity.EBenjaminiHochberg;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Acts on accumulated evidence: warn, demote, and slash a fraction after a fresh re-execution.
 *
 * <p>Warnings and demotions look at a node's own e-value. The slash level counts only for nodes
 * that the rule over all nodes selects, too. Immutable; thread-safe if the rule is.
 *
 * @param terms the levels
 * @param rule the rule over all nodes, usually e-BH
 */
public record SlashingLadder(LadderTerms terms, FamilyRule rule) {
  /** Returns the default levels with e-BH over nodes at the given false discovery rate. */
  public static SlashingLadder withDefaults(double falseDiscoveryRate) {
    return new SlashingLadder(
        LadderTerms.withDefaults(),
        eValues -> EBenjaminiHochberg.rejected(eValues, falseDiscoveryRate));
  }

  /** What came of a fresh re-execution. */
  public sealed interface Confirmation {
    /** It exceeded the threshold as well: the order may be settled, the node starts a new life. */
    record Confirmed(SlashOrder order) implements Confirmation {}

    /**
     * It did not: nobody is slashed now. The book counts it as one more audit without an
     * exceedance, and only another exceedance can bring the node here again.
     */
    record Cleared(NodeEvidence evidence) implements Confirmation {}
  }

  /** Returns the step for every node of the book. */
  @CheckReturnValue
  public SortedMap<String, LadderStep> steps(EvidenceBook book) {
    SortedMap<String, NodeEvidence> all = book.all();
    double[] eValues = all.values().stream().mapToDouble(NodeEvidence::eValue).toArray();
    SortedMap<String, LadderStep> steps = new TreeMap<>();
    if (eValues.length == 0) {
      return steps;
    }
    boolean[] selected = rule.selected(eValues);
    Require.that(selected.length == eValues.length, "the rule must judge every node");
    int index = 0;
    for (NodeEvidence evidence : all.values()) {
      steps.put(evidence.node(), step(evidence, selected[index++]));
    }
    return steps;
  }

  private LadderStep step(NodeEvidence evidence, boolean selected) {
    double logWealth = evidence.logWealth();
    if (selected && logWealth >= StrictMath.log(terms.slashAt())) {
      return new LadderStep.AwaitsReexecution(evidence, terms.slashFraction(logWealth));
    }
    if (logWealth >= StrictMath.log(terms.demoteAt())) {
      return new LadderStep.Demote(evidence);
    }
    return logWealth >= StrictMath.log(terms.warnAt())
        ? new LadderStep.Warn(evidence)
        : new LadderStep.NoAction(evidence);
  }

  /**
   * Decides a slash by a fresh re-execution and writes the outcome into the book: evidence that led
   * to an order is used up, and a receipt that was cleared cannot be asked about until somebody is
   * found who confirms it.
   *
   * @throws IllegalArgumentException if it is for another node, by the node's owner or by a member
   *     of the committee that read the receipt, of another receipt than the one that exceeded last,
   *     or if the book holds no evidence for a slash
   */
  @CheckReturnValue
  public Confirmation confirm(
      LadderStep.AwaitsReexecution step, FreshReexecution fresh, EvidenceBook book) {
    NodeEvidence evidence = step.evidence();
    Require.that(fresh.node().equals(evidence.node()), "the re-execution is for another node");
    // The caller may hold a step it built itself, or an old one: everything else is taken from the
    // book, not from the step.
    NodeEvidence now = book.evidence(evidence.node(), evidence.owner());
    Require.that(!fresh.executorOwner().equals(now.owner()), "a node's owner cannot judge it");
    Require.that(
        !now.judges().contains(fresh.executorOwner()),
        fresh.executorOwner() + " is among those who read the receipt");
    Require.that(
        now.lastExceedance().filter(fresh.receipt()::equals).isPresent(),
        "the receipt is not the one that exceeded last, or it was cleared");
    double fraction = terms.slashFraction(now.logWealth());
    boolean stillThere = steps(book).get(evidence.node()) instanceof LadderStep.AwaitsReexecution;
    Require.that(stillThere, "the book does not hold evidence for a slash of " + evidence.node());
    if (fresh.exceeded()) {
      book.startNewLife(evidence.node());
      return new Confirmation.Confirmed(SlashOrder.statistical(now, fraction, fresh.receipt()));
    }
    book.recordCleared(evidence.node());
    return new Confirmation.Cleared(now);
  }
}
