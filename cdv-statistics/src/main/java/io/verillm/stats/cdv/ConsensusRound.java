package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.sequential.EvidenceLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Validators vote on the verdicts of one epoch, each with the report that it computed.
 *
 * <p>A node is demoted if more than half of all stake selects it, and eligible for slashing only if
 * at least two thirds of all stake select it with {@link EvidenceLevel#SUBSTANTIAL} evidence. A
 * validator that hands in two different reports is an equivocator and has no vote. Reports that
 * claim the same recomputation and differ cannot both be right: everybody can repeat them, and the
 * outcome names them. Silence counts against every motion. One object belongs to one thread.
 *
 * <p>A vote is no evidence: a majority of liars decides whatever it likes.
 */
public final class ConsensusRound {
  /**
   * What the round decided.
   *
   * @param decisions per node, in name order
   * @param equivocators validators with two different reports
   * @param contradicting validators whose reports contradict another's about the same data
   */
  public record Outcome(
      Map<String, WeightedVote.Decision> decisions,
      List<String> equivocators,
      List<String> contradicting) {
    /** Copies the collections. */
    public Outcome {
      decisions = Map.copyOf(decisions);
      equivocators = List.copyOf(equivocators);
      contradicting = List.copyOf(contradicting);
    }
  }

  private final long epoch;
  private final Map<String, Long> stake;
  private final Map<String, EpochReport> reports = new TreeMap<>();
  private final TreeSet<String> equivocators = new TreeSet<>();

  /** Opens the round of {@code epoch} for validators with positive stake. */
  public ConsensusRound(long epoch, Map<String, Long> stake) {
    this.epoch = epoch;
    Require.atLeast(stake.size(), 1, "stake");
    this.stake = Map.copyOf(stake);
  }

  /**
   * Takes a validator's report. The caller has checked its signature.
   *
   * @throws IllegalArgumentException if the validator has no stake or the epoch is another
   */
  public void submit(String validator, EpochReport report) {
    Require.that(stake.containsKey(validator), "report of " + validator + ", who has no stake");
    Require.that(report.epoch() == epoch, "report of epoch " + report.epoch() + " in " + epoch);
    EpochReport before = reports.putIfAbsent(validator, report);
    if (before != null && !before.equals(report)) {
      equivocators.add(validator);
    }
  }

  /** Returns the decisions on what was handed in so far. */
  @CheckReturnValue
  public Outcome close() {
    Map<String, Map<String, Boolean>> selecting = new TreeMap<>();
    Map<String, Map<String, Boolean>> substantial = new TreeMap<>();
    reports.forEach(
        (validator, report) -> {
          if (!equivocators.contains(validator)) {
            for (NodeReport node : report.nodes()) {
              vote(selecting, node.node(), validator, node.selected());
              vote(
                  substantial,
                  node.node(),
                  validator,
                  node.selected() && node.level() == EvidenceLevel.SUBSTANTIAL);
            }
          }
        });
    Map<String, WeightedVote.Decision> decisions = new LinkedHashMap<>();
    selecting.forEach(
        (node, votes) -> {
          var slashing =
              WeightedVote.decide(stake, Objects.requireNonNull(substantial.get(node), node));
          decisions.put(
              node,
              slashing == WeightedVote.Decision.ELIGIBLE_FOR_SLASHING
                  ? slashing
                  : demotion(WeightedVote.decide(stake, votes)));
        });
    return new Outcome(decisions, List.copyOf(equivocators), contradicting());
  }

  private static void vote(
      Map<String, Map<String, Boolean>> votes, String node, String validator, boolean against) {
    votes.computeIfAbsent(node, name -> new TreeMap<>()).put(validator, against);
  }

  private static WeightedVote.Decision demotion(WeightedVote.Decision decision) {
    return decision == WeightedVote.Decision.KEEP ? decision : WeightedVote.Decision.DEMOTE;
  }

  private List<String> contradicting() {
    List<String> result = new ArrayList<>();
    reports.forEach(
        (validator, report) -> {
          if (reports.values().stream().anyMatch(other -> contradicts(report, other))) {
            result.add(validator);
          }
        });
    return result;
  }

  /** Evidence has a past, so only what one epoch alone determines is compared. */
  private static boolean contradicts(EpochReport one, EpochReport other) {
    if (!one.recomputation().equals(other.recomputation())
        || one.threshold() != other.threshold()) {
      return false;
    }
    return !distances(one).equals(distances(other));
  }

  private static Map<String, Double> distances(EpochReport report) {
    Map<String, Double> distances = new TreeMap<>();
    report.nodes().forEach(node -> distances.put(node.node(), node.distance()));
    return distances;
  }
}
