package io.verillm.incentives.pool;

import io.verillm.incentives.internal.Require;

/**
 * What the hardened pool still rewards, computed exactly over the random draw of its committees.
 *
 * <p>It supposes that seats are drawn independently after the answer was acknowledged. It does not
 * cover a generator that works with the verifiers; {@code simulation.MechanismValidator} bounds
 * that.
 *
 * @param terms the rules
 */
public record HardenedIncentives(HardenedTerms terms) {
  /** Expected gain of the coalition, and how the game ends, from some committee on. */
  private record Outlook(double gain, double rejects) {}

  /**
   * Returns what a coalition gains over honest pay by rejecting an honest answer, in micro-units
   * per game, when honest verifiers accept it and, against the rules, every such rejection were
   * taken as proven: the worst case for the pool.
   *
   * @param share share of verifier selection in the coalition's hands, in [0, 1]
   */
  public double framingGain(double share) {
    Require.probability(share, "share");
    Outlook outlook = new Outlook(0, 0);
    for (int committee = 0; committee < terms.maxCommittees(); committee++) {
      outlook = before(outlook, share);
    }
    return outlook.gain();
  }

  /** Returns the probability that a coalition of the given share gets an honest answer rejected. */
  public double framingSuccess(double share) {
    Require.probability(share, "share");
    Outlook outlook = new Outlook(0, 0);
    for (int committee = 0; committee < terms.maxCommittees(); committee++) {
      outlook = before(outlook, share);
    }
    return outlook.rejects();
  }

  private Outlook before(Outlook later, double share) {
    double fee = terms.pool().verificationFee().doubleValue();
    double bonus = terms.finderBonus().value();
    double gain = 0;
    double rejects = 0;
    int seats = terms.committeeSize();
    for (int drawn = 0; drawn <= seats; drawn++) {
      double weight = binomial(seats, drawn, share);
      if (drawn >= terms.quorum()) {
        gain += weight * drawn * bonus;
        rejects += weight;
      } else if (seats - drawn >= terms.quorum()) {
        gain -= weight * drawn * fee;
      } else {
        // The seats of this committee are paid by how the game ends later; without an end nobody is
        // paid.
        gain += weight * (drawn * (later.rejects() * bonus - (1 - later.rejects()) * fee));
        gain += weight * later.gain();
        rejects += weight * later.rejects();
      }
    }
    return new Outlook(gain, rejects);
  }

  /**
   * Returns what accepting unseen gains over verifying, per task in micro-units: the cost saved
   * less what missed decoys forfeit, fee and bond.
   *
   * @param decoyRate share of tasks that are known-bad decoys
   * @param verifierCost what verifying costs, in micro-units
   * @param power probability that a diligent verifier finds a decoy bad
   */
  public double lazyGain(double decoyRate, double verifierCost, double power) {
    Require.probability(decoyRate, "decoyRate");
    Require.notNegative(verifierCost, "verifierCost");
    Require.probability(power, "power");
    double lost = terms.pool().verificationFee().plus(terms.pool().verifierStake()).doubleValue();
    return verifierCost - decoyRate * power * lost;
  }

  private static double binomial(int n, int k, double p) {
    double choose = 1;
    for (int j = 1; j <= k; j++) {
      choose = choose * (n - k + j) / j;
    }
    return choose * StrictMath.pow(p, k) * StrictMath.pow(1 - p, n - k);
  }
}
