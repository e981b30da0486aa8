package io.verillm.incentives.design;

import io.verillm.incentives.game.Condition;
import java.util.List;

/**
 * The result of a design: a table with its figures, or the requirements that cannot be met
 * together.
 */
public sealed interface PayoffDesign {
  /** What was asked. */
  DesignRequest request();

  /**
   * A table that meets every requirement at the least expected pay.
   *
   * @param table the payments
   * @param budget expected gross pay per honest verifier and task
   * @param margins every requirement with both sides
   * @param otherEquilibria profiles that the table leaves open, in words; they need audits against
   *     known truth
   */
  record Feasible(
      DesignRequest request,
      PayoffTable table,
      double budget,
      List<Condition> margins,
      List<String> otherEquilibria)
      implements PayoffDesign {
    /** Copies the lists. */
    public Feasible {
      margins = List.copyOf(margins);
      otherEquilibria = List.copyOf(otherEquilibria);
    }
  }

  /**
   * No table within the limits meets every requirement.
   *
   * @param violated what is missed at least, in words, with the smallest total shortfall
   */
  record Infeasible(DesignRequest request, List<String> violated) implements PayoffDesign {
    /** Copies the list. */
    public Infeasible {
      violated = List.copyOf(violated);
    }
  }
}
