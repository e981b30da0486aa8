package io.verillm.incentives.game;

import io.verillm.incentives.internal.Require;
import io.verillm.incentives.peerprediction.JointLaw;
import java.util.List;

/**
 * Two verifiers of one inference, paid {@code x} if both accept, {@code y} if both reject, {@code
 * −z} if they differ.
 *
 * <p>The stand-in for the peer prediction of VeriLLM v1, whose own score matrix is not published.
 * Naive majority pay (x = y, z = 0) stops paying for work as fraud gets rare: that is the
 * lazy-verification problem. Holding every condition here does not make honesty the only
 * equilibrium: "everybody rejects" still pays {@code y}, and only escalation or audits against
 * known truth remove it.
 *
 * @param fraudRate probability that the inference is bad, in [0, 1]
 * @param errorRate probability that an honest verifier errs, independently, in [0, 1]
 * @param cost what verifying costs, not negative
 */
public record VerifierScoring(double fraudRate, double errorRate, double cost) {
  /**
   * The pay for agreement and disagreement.
   *
   * @param bothAccept x
   * @param bothReject y
   * @param mismatchPenalty z, taken when the reports differ
   */
  public record Payoffs(double bothAccept, double bothReject, double mismatchPenalty) {
    /** Checks that the amounts are finite. */
    public Payoffs {
      Require.finite(bothAccept, "bothAccept");
      Require.finite(bothReject, "bothReject");
      Require.finite(mismatchPenalty, "mismatchPenalty");
    }
  }

  /** A closed interval, empty if low exceeds high. */
  public record Interval(double low, double high) {
    /** Says whether no number lies in it. */
    public boolean isEmpty() {
      return low > high;
    }
  }

  /** Checks the rates. */
  public VerifierScoring {
    Require.probability(fraudRate, "fraudRate");
    Require.probability(errorRate, "errorRate");
    Require.notNegative(cost, "cost");
  }

  /** Returns the law of two honest verdicts, 0 accept and 1 reject. */
  public JointLaw law() {
    return JointLaw.verificationGame(fraudRate, 1 - errorRate);
  }

  /** Returns the probability that two honest verifiers both accept. */
  public double bothAccept() {
    return law().probability(0, 0);
  }

  /** Returns the probability that two honest verifiers both reject. */
  public double bothReject() {
    return law().probability(1, 1);
  }

  /**
   * Returns the probability that the first of two honest verifiers accepts and the second rejects.
   */
  public double acceptReject() {
    return law().probability(0, 1);
  }

  /** Returns what one honest verifier is paid on average, before costs: the budget per verifier. */
  public double budget(Payoffs pay) {
    return pay.bothAccept() * bothAccept()
        + pay.bothReject() * bothReject()
        - 2 * pay.mismatchPenalty() * acceptReject();
  }

  /**
   * Returns by how much honest verification beats accepting unseen, when the other verifier is
   * honest.
   */
  public double marginOverAlwaysAccept(Payoffs pay) {
    return (pay.bothReject() + pay.mismatchPenalty()) * bothReject()
        - (pay.bothAccept() + pay.mismatchPenalty()) * acceptReject()
        - cost;
  }

  /**
   * Returns by how much honest verification beats rejecting unseen, when the other verifier is
   * honest.
   */
  public double marginOverAlwaysReject(Payoffs pay) {
    return (pay.bothAccept() + pay.mismatchPenalty()) * bothAccept()
        - (pay.bothReject() + pay.mismatchPenalty()) * acceptReject()
        - cost;
  }

  /** Returns by how much everybody verifying beats everybody accepting unseen. */
  public double marginOverEverybodyAccepts(Payoffs pay) {
    return budget(pay) - cost - pay.bothAccept();
  }

  /** Returns the conditions under which honesty is an equilibrium by more than {@code margin}. */
  public List<Condition> conditions(Payoffs pay, double margin) {
    return List.of(
        new Condition(
            "verifying beats accepting unseen by the margin", marginOverAlwaysAccept(pay), margin),
        new Condition(
            "verifying beats rejecting unseen by the margin", marginOverAlwaysReject(pay), margin),
        new Condition(
            "everybody verifying beats everybody accepting", marginOverEverybodyAccepts(pay), 0));
  }

  /**
   * Returns the payments for a joint rejection that make honesty an equilibrium with {@code margin}
   * at z = 0.
   */
  public Interval bothRejectRange(double bothAcceptPay, double margin) {
    return new Interval(
        (bothAcceptPay * acceptReject() + cost + margin) / bothReject(),
        (bothAcceptPay * bothAccept() - cost - margin) / acceptReject());
  }

  /**
   * Returns the least payment for a joint rejection at which everybody verifying matches everybody
   * accepting.
   */
  public double bothRejectAgainstRubberStamping(double bothAcceptPay, double mismatchPenalty) {
    return (bothAcceptPay * (1 - bothAccept()) + 2 * mismatchPenalty * acceptReject() + cost)
        / bothReject();
  }
}
