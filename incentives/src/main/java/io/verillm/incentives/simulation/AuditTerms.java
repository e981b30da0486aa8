package io.verillm.incentives.simulation;

import io.verillm.incentives.internal.Require;

/**
 * How often and how well tasks are checked.
 *
 * @param auditRate share of jobs that a committee checks
 * @param committeeSize seats, odd, at least 3
 * @param badDecoyRate share of committee tasks that are known to be bad
 * @param goodDecoyRate share of committee tasks that are known to be good
 * @param power probability that looking shows a deviation where there is one
 * @param falsePositive probability that looking shows a deviation where there is none
 * @param fraudRate highest share of bad jobs among real ones for which the rules have to hold
 * @param exceedanceBound p0, the rate of rejections that evidence takes as honest; it has to cover
 *     committees with a third of framers, or honest provers get slashed
 * @param commitReveal whether reports are committed before anybody sees another's
 */
public record AuditTerms(
    double auditRate,
    int committeeSize,
    double badDecoyRate,
    double goodDecoyRate,
    double power,
    double falsePositive,
    double fraudRate,
    double exceedanceBound,
    boolean commitReveal) {
  /** Checks the ranges. */
  public AuditTerms {
    Require.that(auditRate > 0 && auditRate <= 1, "auditRate must lie in (0, 1]");
    Require.that(
        committeeSize >= 3 && committeeSize <= 99 && committeeSize % 2 == 1,
        "a committee has an odd number of 3 to 99 seats");
    Require.probability(badDecoyRate, "badDecoyRate");
    Require.probability(goodDecoyRate, "goodDecoyRate");
    Require.that(badDecoyRate + goodDecoyRate < 1, "some tasks must be real");
    Require.probability(power, "power");
    Require.probability(falsePositive, "falsePositive");
    Require.probability(fraudRate, "fraudRate");
    Require.that(exceedanceBound > 0 && exceedanceBound < 1, "exceedanceBound must lie in (0, 1)");
  }
}
