package io.verillm.tensorcommit.vector;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.G2Point;
import io.verillm.tensorcommit.curve.Scalars;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The multivariate scheme of Papamanthou, Shi and Tamassia on a grid: the axes are the polynomial's
 * variables, a cell is its value at an integer point. With all axes of length two it is the
 * multilinear scheme. Thread-safe; its setup is insecure, see {@link InsecureSetup}.
 *
 * <p>An opening has one quotient per fixed variable: f − f(z) = Σ q_i (X_i − z_i). (One quotient
 * for all variables, as in the paper's text, is not complete: X + Y − 2 at (1, 1) is no multiple of
 * (X − 1)(Y − 1).) Several claims are checked at once: their equations are added with powers of a
 * challenge, which leaves one pairing per variable and one more.
 */
public final class GridScheme implements VectorScheme {
  private final InsecureSetup setup;
  private final int[] dimensions;
  private final int all;

  GridScheme(InsecureSetup setup) {
    this.setup = setup;
    this.dimensions = setup.dimensions();
    this.all = (1 << dimensions.length) - 1;
  }

  @Override
  public String name() {
    return "grid";
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
    return true;
  }

  @Override
  public int cells() {
    return setup.cells();
  }

  /** Length of each axis. */
  public int[] dimensions() {
    return dimensions.clone();
  }

  @Override
  public G1Point commit(Scalars values) {
    return commitFrom(0, values);
  }

  /** The commitment to a run of cells from {@code first} on; all others are zero. */
  public G1Point commitFrom(int first, Scalars values) {
    return curve().msm(setup.basis(all), first, values);
  }

  @Override
  public G1Point basis(int cell) {
    return setup.point(cell);
  }

  @Override
  public int proofPoints(int claims) {
    return Math.multiplyExact(claims, dimensions.length);
  }

  private SliceClaim whole(CellClaim claim) {
    FrVector value = new FrVector(1);
    value.set(0, claim.value());
    int[] coordinates = new int[dimensions.length];
    int rest = claim.cell();
    for (int axis = dimensions.length - 1; axis >= 0; axis--) {
      coordinates[axis] = rest % dimensions[axis];
      rest /= dimensions[axis];
    }
    return new SliceClaim(claim.vector(), all, coordinates, Cells.of(value));
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
    return proveSlices(vectors, claims.stream().map(this::whole).toList());
  }

  /** The quotients of each claim in turn, one per fixed axis. No challenge enters them. */
  public List<G1Point> proveSlices(List<Cells> vectors, List<SliceClaim> claims) {
    List<G1Point> proof = new ArrayList<>();
    for (SliceClaim claim : claims) {
      quotients(vectors.get(claim.vector()), claim, proof);
    }
    return proof;
  }

  private void quotients(Cells vector, SliceClaim claim, List<G1Point> proof) {
    long[] small = vector.small();
    if (small != null) {
      small = Arrays.copyOf(small, cells());
    }
    FrVector field = small == null ? vector.toField(cells()) : new FrVector(0);
    int left = all;
    for (int axis = 0; axis < dimensions.length; axis++) {
      if ((claim.fixedAxes() >>> axis & 1) == 0) {
        continue;
      }
      int inner = product(left & ~((2 << axis) - 1));
      int outer = product(left & ((1 << axis) - 1));
      int n = dimensions[axis];
      int c = claim.coordinate(axis);
      DividedDifference division = new DividedDifference(n, c);
      if (small != null && division.scale() != 0 && fitsLongs(small, division.scale(), n)) {
        proof.add(shortQuotient(small, outer, n, inner, division, left, axis));
      } else {
        if (small != null) {
          field = Cells.of(small).toField(small.length);
          small = null;
        }
        proof.add(commitOver(left, fieldQuotient(field, outer, n, inner, division, c)));
      }
      if (small != null) {
        small = restrict(small, outer, n, inner, c);
      } else {
        field = restrict(field, outer, n, inner, c);
      }
      left &= ~(1 << axis);
    }
  }

  /** Integers times the scale and a sum of n terms stay inside 62 bits. */
  private static boolean fitsLongs(long[] values, long scale, int n) {
    long most = 1;
    for (long value : values) {
      most |= value;
    }
    int bits = 64 - Long.numberOfLeadingZeros(most);
    int weight = 64 - Long.numberOfLeadingZeros(scale);
    return bits + weight + 2 * n < 60; // own weights are binomials, below 2^n each
  }

  /** Commits to M·q with a bias that makes it non-negative, then takes both away again. */
  private G1Point shortQuotient(
      long[] values, int outer, int n, int inner, DividedDifference division, int left, int axis) {
    boolean linear = n == 2; // then the quotient does not depend on its own variable
    long[] quotient = new long[linear ? outer * inner : values.length];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int from = o * n * inner + i;
        if (linear) {
          quotient[o * inner + i] = values[from + inner] - values[from];
        } else {
          division.integers(values, from, inner, quotient, from);
        }
      }
    }
    long lowest = 0;
    for (long value : quotient) {
      lowest = Math.min(lowest, value);
    }
    for (int i = 0; i < quotient.length; i++) {
      quotient[i] -= lowest;
    }
    int axes = linear ? left & ~(1 << axis) : left;
    G1Point biased = curve().msm(setup.basis(axes), 0, Scalars.ofLongs(quotient));
    G1Point scaled = curve().add(biased, curve().multiply(G1Point.GENERATOR, Fr.of(lowest)));
    long scale = linear ? 1 : division.scale();
    return scale == 1 ? scaled : curve().multiply(scaled, Fr.of(scale).invert());
  }

  private static FrVector fieldQuotient(
      FrVector values, int outer, int n, int inner, DividedDifference division, int c) {
    FrVector quotient = new FrVector(values.size());
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int from = o * n * inner + i;
        int own = from + c * inner;
        for (int j = 0; j < n; j++) {
          if (j != c) {
            int at = from + j * inner;
            quotient.add(at, values, at);
            quotient.subtract(at, values, own);
            quotient.multiply(at, division.inverse(j));
            quotient.add(own, quotient.get(at).multiply(division.own(j)));
          }
        }
      }
    }
    return quotient;
  }

  private G1Point commitOver(int axes, FrVector values) {
    return curve().msm(setup.basis(axes), 0, values.toScalars());
  }

  private static long[] restrict(long[] values, int outer, int n, int inner, int c) {
    long[] out = new long[outer * inner];
    for (int o = 0; o < outer; o++) {
      System.arraycopy(values, (o * n + c) * inner, out, o * inner, inner);
    }
    return out;
  }

  private static FrVector restrict(FrVector values, int outer, int n, int inner, int c) {
    FrVector out = new FrVector(outer * inner);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        out.add(o * inner + i, values, (o * n + c) * inner + i);
      }
    }
    return out;
  }

  private int product(int axes) {
    int product = 1;
    for (int axis = 0; axis < dimensions.length; axis++) {
      if ((axes >>> axis & 1) != 0) {
        product *= dimensions[axis];
      }
    }
    return product;
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
    return verifySlices(commitments, claims.stream().map(this::whole).toList(), proof, transcript);
  }

  /** Checks slices; the transcript holds the statement and the nonce. */
  @CheckReturnValue
  public VectorOutcome verifySlices(
      List<G1Point> commitments,
      List<SliceClaim> claims,
      List<G1Point> proof,
      Transcript transcript) {
    int needed = 0;
    for (SliceClaim claim : claims) {
      if (!inRange(claim, commitments.size())) {
        return VectorOutcome.OUT_OF_RANGE;
      }
      needed = Math.addExact(needed, Integer.bitCount(claim.fixedAxes()));
    }
    if (claims.isEmpty()) {
      return VectorOutcome.OUT_OF_RANGE;
    }
    if (proof.size() != needed) {
      return VectorOutcome.WRONG_POINT_COUNT;
    }
    bind(commitments, List.of(), transcript);
    for (SliceClaim claim : claims) {
      transcript.absorb("vector", claim.vector());
      transcript.absorb("axes", claim.fixedAxes());
      for (int axis = 0; axis < claim.axes(); axis++) {
        transcript.absorb("coordinate", claim.coordinate(axis));
      }
      transcript.absorb("values", claim.values().count());
      for (int i = 0; i < claim.values().count(); i++) {
        transcript.absorb("value", claim.values().get(i).encode());
      }
    }
    for (G1Point point : proof) {
      transcript.absorb("quotient", point.encode());
    }
    Fr rho = transcript.challenge("rho");
    return combine(commitments, claims, proof, rho);
  }

  private boolean inRange(SliceClaim claim, int vectors) {
    boolean good =
        claim.vector() >= 0
            && claim.vector() < vectors
            && claim.fixedAxes() > 0
            && claim.fixedAxes() <= all
            && claim.axes() == dimensions.length
            && claim.values().count() == product(all & ~claim.fixedAxes());
    for (int axis = 0; good && axis < dimensions.length; axis++) {
      int length = (claim.fixedAxes() >>> axis & 1) == 0 ? 1 : dimensions[axis];
      good = claim.coordinate(axis) >= 0 && claim.coordinate(axis) < length;
    }
    return good;
  }

  /** Σ ρ^k (C_k − [g_k] + Σ z·π) against H, and −Σ ρ^k π_k,i against each secret. */
  private VectorOutcome combine(
      List<G1Point> commitments, List<SliceClaim> claims, List<G1Point> proof, Fr rho) {
    List<G1Point> points = new ArrayList<>();
    List<Fr> factors = new ArrayList<>();
    List<List<G1Point>> axisPoints = new ArrayList<>();
    List<List<Fr>> axisFactors = new ArrayList<>();
    for (int axis = 0; axis < dimensions.length; axis++) {
      axisPoints.add(new ArrayList<>());
      axisFactors.add(new ArrayList<>());
    }
    Fr weight = Fr.ONE;
    int next = 0;
    for (SliceClaim claim : claims) {
      points.add(commitments.get(claim.vector()));
      factors.add(weight);
      Cells values = claim.values();
      if (claim.fixedAxes() == all) {
        points.add(G1Point.GENERATOR);
        factors.add(values.get(0).multiply(weight).negate());
      } else {
        points.add(curve().msm(setup.basis(all & ~claim.fixedAxes()), 0, values.toScalars()));
        factors.add(weight.negate());
      }
      for (int axis = 0; axis < dimensions.length; axis++) {
        if ((claim.fixedAxes() >>> axis & 1) != 0) {
          G1Point quotient = proof.get(next++);
          points.add(quotient);
          factors.add(weight.multiply(Fr.of(claim.coordinate(axis))));
          axisPoints.get(axis).add(quotient);
          axisFactors.get(axis).add(weight.negate());
        }
      }
      weight = weight.multiply(rho);
    }
    List<G1Point> left = new ArrayList<>();
    List<G2Point> right = new ArrayList<>();
    left.add(sum(points, factors));
    right.add(G2Point.GENERATOR);
    for (int axis = 0; axis < dimensions.length; axis++) {
      if (!axisPoints.get(axis).isEmpty()) {
        left.add(sum(axisPoints.get(axis), axisFactors.get(axis)));
        right.add(setup.secret(axis));
      }
    }
    return curve().pairingProductIsOne(left, right)
        ? VectorOutcome.VERIFIED
        : VectorOutcome.PAIRING_MISMATCH;
  }

  private G1Point sum(List<G1Point> points, List<Fr> factors) {
    if (points.size() == 1) {
      // the only factor of a single claim is −1
      return factors.get(0).equals(Fr.of(-1))
          ? curve().negate(points.get(0))
          : curve().multiply(points.get(0), factors.get(0));
    }
    FrVector scalars = new FrVector(factors.size());
    for (int i = 0; i < factors.size(); i++) {
      scalars.set(i, factors.get(i));
    }
    return curve().msm(points, scalars.toScalars());
  }
}
