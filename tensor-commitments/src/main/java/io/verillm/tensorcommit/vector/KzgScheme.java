package io.verillm.tensorcommit.vector;

import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.G2Point;
import io.verillm.tensorcommit.curve.PointTable;
import io.verillm.tensorcommit.curve.Scalars;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Univariate KZG in the Lagrange basis: cell i is the polynomial's value at the root of unity with
 * the bit-reversed index, as in EIP-4844, whose commitments to 4096 cells these are. Thread-safe.
 *
 * <p>Any number of claims about any number of vectors is proven by two points: D commits to g = Σ
 * ρ^k (f_k − y_k)/(X − z_k), and π opens Σ ρ^k f_k/(s − z_k) − g at the challenge s.
 */
public final class KzgScheme implements VectorScheme {
  private final KzgSetup setup;
  private final RootsOfUnity roots;
  private final List<G1Point> points;
  private final PointTable lagrange;

  /** 1 / (w^k − 1) for k of 1 to n − 1. */
  private final FrVector inverses;

  KzgScheme(KzgSetup setup, RootsOfUnity roots, List<G1Point> lagrange) {
    this.setup = setup;
    this.roots = roots;
    this.points = List.copyOf(lagrange);
    this.lagrange = setup.curve().table(lagrange);
    FrVector differences = new FrVector(roots.size());
    differences.set(0, Fr.ONE); // unused; keeps the batch inversion total
    for (int k = 1; k < roots.size(); k++) {
      differences.set(k, roots.power(k).subtract(Fr.ONE));
    }
    differences.invertAll();
    this.inverses = differences;
  }

  @Override
  public String name() {
    return "kzg";
  }

  @Override
  public CurveBackend curve() {
    return setup.curve();
  }

  @Override
  public Digest32 setupId() {
    return setup.id();
  }

  @Override
  public boolean isInsecure() {
    return false;
  }

  @Override
  public int cells() {
    return roots.size();
  }

  @Override
  public G1Point commit(Scalars values) {
    return curve().msm(lagrange, 0, values);
  }

  @Override
  public G1Point basis(int cell) {
    return points.get(cell);
  }

  @Override
  public int proofPoints(int claims) {
    return 2;
  }

  private int exponent(int cell) {
    return RootsOfUnity.reverse(cell, cells());
  }

  /** The root that a cell belongs to. */
  Fr root(int cell) {
    return roots.power(exponent(cell));
  }

  @Override
  public List<G1Point> prove(
      List<Cells> vectors,
      List<G1Point> commitments,
      List<CellClaim> claims,
      Transcript transcript) {
    if (!VectorScheme.inRange(claims, vectors.size(), cells())) {
      throw new IllegalArgumentException("claims out of range");
    }
    bind(commitments, claims, transcript);
    Fr rho = transcript.challenge("rho");
    // One combined polynomial per opened cell, because division is linear, divided by its root.
    TreeMap<Integer, FrVector> byCell = new TreeMap<>();
    Fr weight = Fr.ONE;
    for (CellClaim claim : claims) {
      FrVector sum = byCell.computeIfAbsent(claim.cell(), cell -> new FrVector(cells()));
      vectors.get(claim.vector()).addTo(sum, weight.multiply(inverseRoot(claim.cell())));
      weight = weight.multiply(rho);
    }
    FrVector g = new FrVector(cells());
    byCell.forEach((cell, sum) -> addQuotient(g, sum, cell));
    G1Point d = commit(g.toScalars());
    transcript.absorb("quotient", d.encode());
    Fr s = outside(transcript);
    FrVector h = new FrVector(cells());
    h.addMultiple(Fr.of(-1), g);
    Fr value = Fr.ZERO;
    for (var entry : byCell.entrySet()) {
      Fr root = root(entry.getKey());
      Fr factor = s.subtract(root).invert().multiply(root);
      h.addMultiple(factor, entry.getValue());
      value = value.add(factor.multiply(entry.getValue().get(entry.getKey())));
    }
    FrVector inverses = differences(s);
    inverses.invertAll();
    return List.of(d, commit(quotient(h, value, inverses).toScalars()));
  }

  /**
   * g += (f − f(z)) / (X − z) for the root z of a cell.
   *
   * @param f the polynomial's values, each divided by z
   */
  private void addQuotient(FrVector g, FrVector f, int cell) {
    int at = exponent(cell);
    int last = cells() - 1;
    Fr y = f.get(cell);
    // At z itself it is −Σ q(w^j)·w^(j−at), and w^k / (w^k − 1) = 1 + 1 / (w^k − 1).
    FrVector own = new FrVector(1);
    FrVector one = new FrVector(1);
    for (int j = 0; j <= last; j++) {
      if (j == cell) {
        continue;
      }
      one.set(0, f, j);
      one.subtract(0, y);
      own.subtract(0, one, 0);
      one.multiply(0, inverses, (exponent(j) - at) & last);
      own.subtract(0, one, 0);
      g.add(j, one, 0);
    }
    g.add(cell, own, 0);
  }

  private Fr inverseRoot(int cell) {
    return roots.power((cells() - exponent(cell)) & (cells() - 1));
  }

  /** The roots minus a point. */
  private FrVector differences(Fr point) {
    FrVector out = new FrVector(cells());
    for (int j = 0; j < cells(); j++) {
      out.set(j, roots.powers(), exponent(j));
      out.subtract(j, point);
    }
    return out;
  }

  /**
   * (f − value) / (X − s) for a point s that is no root; overwrites {@code f}.
   *
   * @param inverses of the roots minus s
   */
  private FrVector quotient(FrVector f, Fr value, FrVector inverses) {
    for (int j = 0; j < cells(); j++) {
      f.subtract(j, value);
      f.multiply(j, inverses, j);
    }
    return f;
  }

  /** A challenge that is none of the roots. */
  private Fr outside(Transcript transcript) {
    Fr s = transcript.challenge("s");
    while (s.power(BigInteger.valueOf(cells())).equals(Fr.ONE)) {
      s = transcript.challenge("s");
    }
    return s;
  }

  @Override
  public VectorOutcome verify(
      List<G1Point> commitments,
      List<CellClaim> claims,
      List<G1Point> proof,
      Transcript transcript) {
    if (!VectorScheme.inRange(claims, commitments.size(), cells())) {
      return VectorOutcome.OUT_OF_RANGE;
    }
    if (proof.size() != proofPoints(claims.size())) {
      return VectorOutcome.WRONG_POINT_COUNT;
    }
    bind(commitments, claims, transcript);
    Fr rho = transcript.challenge("rho");
    transcript.absorb("quotient", proof.get(0).encode());
    Fr s = outside(transcript);
    TreeMap<Integer, Fr> inverses = new TreeMap<>();
    claims.forEach(claim -> inverses.put(claim.cell(), s.subtract(root(claim.cell()))));
    FrVector batch = new FrVector(inverses.size());
    int next = 0;
    for (Fr difference : inverses.values()) {
      batch.set(next++, difference);
    }
    batch.invertAll();
    next = 0;
    for (var entry : inverses.entrySet()) {
      entry.setValue(batch.get(next++));
    }
    FrVector factors = new FrVector(commitments.size() + 3);
    Fr value = Fr.ZERO;
    Fr weight = Fr.ONE;
    for (CellClaim claim : claims) {
      Fr factor = weight.multiply(java.util.Objects.requireNonNull(inverses.get(claim.cell())));
      factors.add(claim.vector(), factor);
      value = value.add(factor.multiply(claim.value()));
      weight = weight.multiply(rho);
    }
    List<G1Point> points = new ArrayList<>(commitments);
    points.add(proof.get(0));
    points.add(G1Point.GENERATOR);
    points.add(proof.get(1));
    factors.set(commitments.size(), Fr.of(-1));
    factors.set(commitments.size() + 1, value.negate());
    factors.set(commitments.size() + 2, s);
    return pairs(curve().msm(points, factors.toScalars()), proof.get(1));
  }

  /**
   * Opens at any point: the value and its proof, as EIP-4844 defines them.
   *
   * @param z any element, a root included
   */
  public PointOpening open(Cells cells, Fr z) {
    FrVector differences = differences(z);
    for (int cell = 0; cell < cells(); cell++) {
      if (differences.isZero(cell)) {
        FrVector divided = new FrVector(cells());
        cells.addTo(divided, inverseRoot(cell));
        FrVector quotient = new FrVector(cells());
        addQuotient(quotient, divided, cell);
        return new PointOpening(cells.get(cell), commit(quotient.toScalars()));
      }
    }
    differences.invertAll();
    FrVector f = cells.toField(cells());
    Fr y = evaluate(f, z, differences);
    return new PointOpening(y, commit(quotient(f, y, differences).toScalars()));
  }

  /** f(z) = (1 − z^n)/n · Σ f_j w_j / (w_j − z). */
  private Fr evaluate(FrVector f, Fr z, FrVector inverses) {
    FrVector sum = new FrVector(1);
    FrVector term = new FrVector(1);
    for (int j = 0; j < cells(); j++) {
      term.set(0, f, j);
      term.multiply(0, roots.powers(), exponent(j));
      term.multiply(0, inverses, j);
      sum.add(0, term, 0);
    }
    BigInteger n = BigInteger.valueOf(cells());
    return sum.get(0).multiply(Fr.ONE.subtract(z.power(n))).multiply(Fr.reduce(n).invert());
  }

  /**
   * Checks a single opening: e(C − y·G + z·π, H) · e(−π, τH) = 1.
   *
   * @return {@link VectorOutcome#VERIFIED} or {@link VectorOutcome#PAIRING_MISMATCH}
   */
  @com.google.errorprone.annotations.CheckReturnValue
  public VectorOutcome verify(G1Point commitment, Fr z, PointOpening opening) {
    G1Point left =
        curve()
            .add(
                commitment,
                curve()
                    .add(
                        curve().multiply(G1Point.GENERATOR, opening.value().negate()),
                        curve().multiply(opening.proof(), z)));
    return pairs(left, opening.proof());
  }

  private VectorOutcome pairs(G1Point left, G1Point proof) {
    return curve()
            .pairingProductIsOne(
                List.of(left, curve().negate(proof)),
                List.of(G2Point.GENERATOR, setup.secondPower()))
        ? VectorOutcome.VERIFIED
        : VectorOutcome.PAIRING_MISMATCH;
  }

  /** A value and the proof for it. */
  public record PointOpening(Fr value, G1Point proof) {
    /** Refuses null. */
    public PointOpening {
      java.util.Objects.requireNonNull(value, "value");
      java.util.Objects.requireNonNull(proof, "proof");
    }
  }
}
