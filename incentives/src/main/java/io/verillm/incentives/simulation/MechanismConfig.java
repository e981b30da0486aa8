package io.verillm.incentives.simulation;

import io.verillm.incentives.design.PayoffTable;
import io.verillm.incentives.internal.Require;

/**
 * All rules of a market. Constructing one checks ranges only; {@link MechanismValidator} says
 * whether it pays honesty.
 *
 * @param verifiers pay of the committee
 * @param provers pay of the jobs
 * @param audits who is checked how often and how well
 */
public record MechanismConfig(VerifierTerms verifiers, ProverTerms provers, AuditTerms audits) {
  /**
   * Returns rules sized for a fraud rate and a signal accuracy: seven seats, a tenth of the jobs
   * audited, a tenth of the committee's tasks known-bad and a tenth known-good, decoy losses three
   * times what deters laziness.
   *
   * @param fraudRate highest share of bad jobs, in [0, 1]
   * @param accuracy power, and one minus the false-positive rate, above 0.8
   */
  public static MechanismConfig reference(double fraudRate, double accuracy) {
    Require.that(accuracy > 0.8 && accuracy <= 1, "the reference rules need an accuracy above 0.8");
    double decoys = 0.1;
    long look = 10_000;
    long decoyLoss = Math.round(3 * look / (decoys * (2 * accuracy - 1)));
    VerifierTerms verifiers =
        new VerifierTerms(
            Math.round(2 * look + 2 * decoys * (1 - accuracy) * decoyLoss),
            look,
            decoyLoss,
            decoyLoss,
            5 * look,
            new PayoffTable(0, 0, 0, 0));
    ProverTerms provers =
        new ProverTerms(
            2_500_000, 1_000_000, 800_000, 25_000_000, 200_000, 100_000_000, 25_000_000);
    AuditTerms audits =
        new AuditTerms(0.1, 7, decoys, decoys, accuracy, 1 - accuracy, fraudRate, 0.3, true);
    return new MechanismConfig(verifiers, provers, audits);
  }

  /** Returns the same rules with another power of the test. */
  public MechanismConfig withPower(double power) {
    return new MechanismConfig(
        verifiers,
        provers,
        new AuditTerms(
            audits.auditRate(),
            audits.committeeSize(),
            audits.badDecoyRate(),
            audits.goodDecoyRate(),
            power,
            audits.falsePositive(),
            audits.fraudRate(),
            audits.exceedanceBound(),
            audits.commitReveal()));
  }

  /** Returns the same rules with other verifier terms. */
  public MechanismConfig withVerifiers(VerifierTerms other) {
    return new MechanismConfig(other, provers, audits);
  }

  /** Returns the same rules with other prover terms. */
  public MechanismConfig withProvers(ProverTerms other) {
    return new MechanismConfig(verifiers, other, audits);
  }

  /** Returns the same rules with other audit terms. */
  public MechanismConfig withAudits(AuditTerms other) {
    return new MechanismConfig(verifiers, provers, other);
  }
}
