package io.verillm.incentives.peerprediction;

/**
 * The inequality under which telling the truth pays: it holds iff {@code left > right}.
 *
 * <p>It speaks about the law it was computed from. Agents whose signals follow another law are not
 * covered.
 *
 * @param inequality the condition in symbols
 * @param left the side that has to be larger
 * @param right the side that has to be smaller
 * @param guarantee what follows when it holds
 */
public record TruthCondition(String inequality, double left, double right, String guarantee) {
  /** Differences up to this are taken as rounding and do not count as strictly larger. */
  public static final double TOLERANCE = 1e-12;

  /** Says whether the left side is larger by more than {@link #TOLERANCE}. */
  public boolean holds() {
    return margin() > TOLERANCE;
  }

  /** Returns left minus right. */
  public double margin() {
    return left - right;
  }
}
