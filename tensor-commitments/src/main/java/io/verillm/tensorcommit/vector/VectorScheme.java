package io.verillm.tensorcommit.vector;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import java.util.List;

/**
 * A homomorphic commitment to a fixed number of cells. Thread-safe.
 *
 * <p>It binds positions, under the assumption that nobody knows the setup's secret. It does not
 * hide the cells, and it does not prove how they were computed.
 */
public interface VectorScheme {
  /** Stable name. */
  String name();

  /** The arithmetic behind it. */
  CurveBackend curve();

  /** SHA-256 of the setup file; a proof under another setup means nothing. */
  Digest32 setupId();

  /** Whether somebody may know the secret, who can then open anything to anything. */
  boolean isInsecure();

  /** Number of cells. */
  int cells();

  /**
   * Commits to the first cells; the others are zero.
   *
   * @throws IllegalArgumentException if there are more scalars than cells
   */
  G1Point commit(Scalars values);

  /** The commitment to 1 in one cell and 0 in all others: what a change by one adds. */
  G1Point basis(int cell);

  /** The commitment after one cell grew by {@code delta}: one scalar multiplication. */
  default G1Point moved(G1Point commitment, int cell, Fr delta) {
    return curve().addMultiple(commitment, basis(cell), delta);
  }

  /** As {@link #moved(G1Point, int, Fr)}, cheaper for the small differences of elements. */
  default G1Point moved(G1Point commitment, int cell, long delta) {
    G1Point step = delta < 0 ? curve().negate(basis(cell)) : basis(cell);
    return curve().addMultiple(commitment, step, Fr.of(Math.abs(delta)));
  }

  /** Number of points in a proof of {@code claims} claims. */
  int proofPoints(int claims);

  /**
   * Proves claims about cells; it computes the values from {@code vectors}, not from the claims.
   *
   * @param vectors the committed values
   * @param commitments their commitments, in the same order
   * @param claims at least one; values as in {@code vectors}
   * @param transcript holds the statement and the verifier's nonce already
   */
  List<G1Point> prove(
      List<Cells> vectors,
      List<G1Point> commitments,
      List<CellClaim> claims,
      Transcript transcript);

  /** Checks such a proof; the transcript holds what the prover's held. */
  @CheckReturnValue
  VectorOutcome verify(
      List<G1Point> commitments,
      List<CellClaim> claims,
      List<G1Point> proof,
      Transcript transcript);

  /** Puts the setup, the commitments and the claims into a transcript. */
  default void bind(List<G1Point> commitments, List<CellClaim> claims, Transcript transcript) {
    transcript.absorb("scheme", name().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    transcript.absorb("setup", setupId().toByteArray());
    transcript.absorb("cells", cells());
    transcript.absorb("commitments", commitments.size());
    for (G1Point commitment : commitments) {
      transcript.absorb("commitment", commitment.encode());
    }
    transcript.absorb("claims", claims.size());
    for (CellClaim claim : claims) {
      transcript.absorb("vector", claim.vector());
      transcript.absorb("cell", claim.cell());
      transcript.absorb("value", claim.value().encode());
    }
  }

  /** Whether every claim names a vector and a cell that exist, and there is one. */
  static boolean inRange(List<CellClaim> claims, int vectors, int cells) {
    for (CellClaim claim : claims) {
      if (claim.vector() < 0
          || claim.vector() >= vectors
          || claim.cell() < 0
          || claim.cell() >= cells) {
        return false;
      }
    }
    return !claims.isEmpty();
  }
}
