package io.verillm.network.evidence;

import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.slashing.LadderStep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What closing an epoch gives.
 *
 * @param epoch the epoch that was closed
 * @param steps what the ladder says about every node, by name, before anything here took effect
 * @param lines what moves and why, in the order to post it
 * @param assigned nodes that await a fresh re-execution now, with who has to run it
 * @param unassigned nodes that await one that nobody is left to run; nothing happens to them
 * @param next the state of the epoch after
 */
public record EpochClose(
    long epoch,
    SortedMap<String, LadderStep> steps,
    List<Line> lines,
    SortedMap<String, Assignment> assigned,
    List<String> unassigned,
    EvidenceState next) {
  /** Copies the collections. */
  public EpochClose {
    steps = Collections.unmodifiableSortedMap(new TreeMap<>(steps));
    lines = List.copyOf(lines);
    assigned = Collections.unmodifiableSortedMap(new TreeMap<>(assigned));
    unassigned = List.copyOf(unassigned);
  }

  /** Why money moves. */
  public enum Ground {
    /** Messages with the node's own signature. */
    PROVEN_FAULT,
    /** An acknowledged challenge without an answer. */
    SILENCE,
    /** Accumulated evidence, confirmed by a fresh re-execution of another owner. */
    CONFIRMED_EVIDENCE
  }

  /**
   * One movement.
   *
   * @param node whose stake gives
   * @param basis for people
   */
  public record Line(String node, Ground ground, String basis, Settlement settlement) {}

  /** The movements alone, in the order to post them. */
  public List<Settlement> settlements() {
    List<Settlement> all = new ArrayList<>();
    lines.forEach(line -> all.add(line.settlement()));
    return all;
  }
}
