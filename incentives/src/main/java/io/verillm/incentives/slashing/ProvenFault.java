package io.verillm.incentives.slashing;

import java.util.Optional;

/** An objective fault that a checker verified. There is no other way to obtain one. Immutable. */
public final class ProvenFault {
  private final FaultProof proof;

  private ProvenFault(FaultProof proof) {
    this.proof = proof;
  }

  /** Returns the fault if {@code checker} verifies the proof. */
  public static Optional<ProvenFault> verify(FaultProof proof, FaultProofChecker checker) {
    return checker.check(proof) instanceof FaultProofChecker.Result.Proven
        ? Optional.of(new ProvenFault(proof))
        : Optional.empty();
  }

  /** Returns the proof that was verified. */
  public FaultProof proof() {
    return proof;
  }
}
