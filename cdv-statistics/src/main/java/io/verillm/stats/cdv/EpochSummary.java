package io.verillm.stats.cdv;

import io.verillm.stats.internal.Require;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was observed of all nodes in one epoch, summarised by node and stratum as it comes in.
 *
 * <p>Several collectors may each keep one and merge them. The same task of the same node counts
 * once: sending an answer twice adds no evidence. Tasks are remembered until the epoch ends. One
 * object belongs to one thread.
 *
 * @param <T> payload of an observation
 * @param <S> summary of one node in one stratum
 */
public final class EpochSummary<T, S> {
  private final Summariser<T, S> summariser;
  private final Modality modality;
  private final long epoch;
  private final Map<String, TreeMap<String, S>> nodes = new LinkedHashMap<>();
  private final Map<String, TreeSet<String>> tasks = new LinkedHashMap<>();
  private final Set<String> strata;

  /**
   * Starts an epoch without observations of one modality.
   *
   * @param strata all strata of the epoch, at least one; fixed beforehand, so that nobody can make
   *     others incomplete by inventing one
   */
  public EpochSummary(
      Summariser<T, S> summariser, Modality modality, long epoch, Set<String> strata) {
    this.summariser = Objects.requireNonNull(summariser, "summariser");
    this.modality = Objects.requireNonNull(modality, "modality");
    Require.that(summariser.accepts(modality), summariser.id() + " does not accept " + modality);
    Require.that(epoch >= 0, "epoch is negative: " + epoch);
    this.epoch = epoch;
    Require.atLeast(strata.size(), 1, "strata");
    this.strata = Set.copyOf(strata);
  }

  /**
   * Takes one observation into account.
   *
   * @throws IllegalArgumentException if it belongs to another epoch, modality or stratum, repeats a
   *     task, or cannot be summarised
   */
  public void add(NodeObservation<T> observation) {
    Require.that(
        observation.epoch() == epoch,
        "observation of epoch " + observation.epoch() + " in epoch " + epoch);
    Require.that(
        observation.modality() == modality,
        "observation by " + observation.modality() + " among " + modality);
    Require.that(
        strata.contains(observation.stratum()), "unknown stratum " + observation.stratum());
    TreeSet<String> seen = tasks.get(observation.node());
    Require.that(
        seen == null || !seen.contains(observation.task()),
        "task " + observation.task() + " of " + observation.node() + " was seen before");
    TreeMap<String, S> summaries = nodes.get(observation.node());
    S known = summaries == null ? null : summaries.get(observation.stratum());
    S summary = known == null ? summariser.empty() : known;
    summariser.add(summary, observation.payload()); // may refuse: nothing is kept before
    if (known == null) {
      nodes
          .computeIfAbsent(observation.node(), name -> new TreeMap<>())
          .put(observation.stratum(), summary);
    }
    tasks.computeIfAbsent(observation.node(), name -> new TreeSet<>()).add(observation.task());
  }

  private S summary(String node, String stratum) {
    return nodes
        .computeIfAbsent(node, name -> new TreeMap<>())
        .computeIfAbsent(stratum, name -> summariser.empty());
  }

  /**
   * Takes over what another collector saw of the same epoch.
   *
   * @throws IllegalArgumentException if both saw the same task of a node; nothing is merged then
   */
  public void merge(EpochSummary<T, S> other) {
    Require.that(
        other.epoch == epoch
            && other.modality == modality
            && other.strata.equals(strata)
            && other.summariser.id().equals(summariser.id()),
        "summaries of another epoch, modality, kind or set of strata");
    other.tasks.forEach(
        (node, seen) -> {
          TreeSet<String> mine = tasks.get(node);
          seen.forEach(
              task ->
                  Require.that(
                      mine == null || !mine.contains(task),
                      "task " + task + " of " + node + " was seen by both"));
        });
    other.tasks.forEach(
        (node, seen) -> tasks.computeIfAbsent(node, name -> new TreeSet<>()).addAll(seen));
    other.nodes.forEach(
        (node, summaries) ->
            summaries.forEach(
                (stratum, summary) -> summariser.merge(summary(node, stratum), summary)));
  }

  /**
   * Returns the profiles of all nodes that can be compared: strata in name order, one after the
   * other.
   *
   * <p>A node that lacks a stratum, or has fewer than {@code minimum} values in one, has a noisier
   * profile than the calibration knows. It is left out rather than judged; silence has its own
   * price, elsewhere.
   *
   * @param minimum fewest values per stratum, at least 1
   */
  public Map<String, double[]> profiles(int minimum) {
    Require.atLeast(minimum, 1, "minimum");
    Map<String, double[]> profiles = new LinkedHashMap<>();
    nodes.forEach(
        (node, summaries) -> {
          boolean complete =
              summaries.size() == strata.size()
                  && summaries.values().stream().allMatch(s -> summariser.count(s) >= minimum);
          if (complete) {
            double[] profile = new double[strata.size() * summariser.width()];
            int at = 0;
            for (S summary : summaries.values()) {
              double[] part = summariser.profile(summary);
              System.arraycopy(part, 0, profile, at, part.length);
              at += part.length;
            }
            profiles.put(node, profile);
          }
        });
    return profiles;
  }

  /** Returns how many nodes were observed at all. */
  public int observedNodes() {
    return nodes.size();
  }

  /** Returns the number of the epoch. */
  public long epoch() {
    return epoch;
  }

  /** Returns the summariser's name. */
  public String summaryId() {
    return summariser.id();
  }
}
