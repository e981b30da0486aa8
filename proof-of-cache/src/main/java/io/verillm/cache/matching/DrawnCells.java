package io.verillm.cache.matching;

import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Sketches;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * By which rule the cells of a calibration's runs were drawn, and what was shown of them. Honest
 * errors grow with the layer and the position, so scores of one rule say little of a draw by
 * another.
 *
 * @param cells cells that a challenge asks for
 * @param rule how they are picked
 * @param sketchOutputs values per row of a sketch; 0 for whole rows
 */
public record DrawnCells(int cells, CellRule rule, int sketchOutputs) {
  /** Most cells. */
  public static final int MAX_CELLS = 1 << 20;

  /** Checks the ranges. */
  public DrawnCells {
    Objects.requireNonNull(rule, "rule");
    if (cells < 1
        || cells > MAX_CELLS
        || sketchOutputs < 0
        || sketchOutputs > Sketches.MAX_OUTPUTS) {
      throw new IllegalArgumentException(
          cells + " cells, " + sketchOutputs + " values per row of a sketch");
    }
  }

  /** Whole rows of cells. */
  public static DrawnCells rows(int cells, CellRule rule) {
    return new DrawnCells(cells, rule, 0);
  }

  /**
   * Whether a challenge draws as many cells by the same rule: exactly as many, or those that {@link
   * ChallengePlan#ofCells} adds for coverage.
   *
   * @param committed positions that have rows
   * @param layers recorded layers
   */
  public boolean fits(ChallengePlan plan, int committed, int layers) {
    return plan.cells().equals(Optional.of(rule))
        && (plan.equals(new ChallengePlan(cells, 1, Optional.of(rule)))
            || plan.equals(ChallengePlan.ofCells(cells, committed, layers, rule)));
  }

  /** How a challenge draws, for people. */
  static String describe(ChallengePlan plan) {
    return plan.cells()
        .map(
            rule ->
                String.format(
                    Locale.ROOT,
                    "at %d positions %d cells each (%s)",
                    plan.positions(),
                    plan.layersPerPosition(),
                    describe(rule)))
        .orElse("whole positions, not cells by a rule");
  }

  /** The rule in words. */
  public static String describe(CellRule rule) {
    return String.format(
        Locale.ROOT,
        "%d %% of the positions late, %d %% of the cells in the deepest layer, %s",
        rule.latePercent(),
        rule.lastPercent(),
        rule.law().isEmpty() ? "full depth" : "depth by " + rule.law());
  }

  @Override
  public String toString() {
    return cells
        + " cells ("
        + describe(rule)
        + ")"
        + (sketchOutputs == 0 ? "" : " as sketches of " + sketchOutputs + " values");
  }
}
