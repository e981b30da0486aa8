package io.verillm.core.verdict;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Sketches;
import io.verillm.core.wire.Digest32;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a challenge drew. A statistic of rows means something only together with the rule by which
 * they were drawn.
 *
 * @param plan the challenge's
 * @param value checked value of the challenge's round
 * @param rows row indices of the layout by position, as drawn
 * @param shown sketches of the cache rows among them, if the prover showed sketches; then only the
 *     spots are opened, and what the sketches are worth is left to a check of {@link
 *     CheckName#CACHE}
 */
public record DrawnRows(
    ChallengePlan plan,
    Digest32 value,
    SortedMap<Integer, List<Integer>> rows,
    Optional<Shown> shown) {
  /**
   * Sketches with the spots that a later round drew.
   *
   * @param sketches one for every drawn cache row
   * @param spots row indices by position, a part of what the challenge drew
   */
  public record Shown(Sketches sketches, SortedMap<Integer, List<Integer>> spots) {
    /** Copies the map. */
    public Shown {
      Objects.requireNonNull(sketches, "sketches");
      spots = Collections.unmodifiableSortedMap(new TreeMap<>(spots));
    }
  }

  /** Copies the map. */
  public DrawnRows {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(shown, "shown");
    rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
  }

  /** A draw whose rows are opened whole. */
  public DrawnRows(ChallengePlan plan, Digest32 value, SortedMap<Integer, List<Integer>> rows) {
    this(plan, value, rows, Optional.empty());
  }
}
