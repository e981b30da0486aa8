package io.verillm.tensorcommit.vector;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.FixedBase;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.G2Point;
import io.verillm.tensorcommit.curve.HashToField;
import io.verillm.tensorcommit.curve.Marginal;
import io.verillm.tensorcommit.curve.PointTable;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A setup for a multivariate scheme that was made by one party, who knows the secrets or knew them:
 * <b>whoever made it can open every commitment under it to any value</b>. No public ceremony for
 * several variables is known to us. It is for comparison and for tests; its file says INSECURE, and
 * so does every statement and outcome made with it.
 *
 * <p>Holds the point of every grid cell's Lagrange polynomial, and one point of the second group
 * per variable. Axis i has the integer nodes 0 to n_i − 1. Thread-safe.
 */
public final class InsecureSetup {
  /** Most cells of a grid. */
  public static final int MAX_CELLS = 1 << 21;

  /** Most variables: a grid of {@value #MAX_CELLS} cells has no more axes of length two or more. */
  public static final int MAX_VARIABLES = 21;

  private static final byte[] MARK = "INSECURE".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST_EXPONENT = 16;

  private final CurveBackend curve;
  private final int[] dimensions;
  private final List<G1Point> points;
  private final List<G2Point> secrets;
  private final Digest32 id;
  private final Map<Integer, PointTable> tables = new HashMap<>();
  private final Object lock = new Object();

  private InsecureSetup(
      CurveBackend curve,
      int[] dimensions,
      List<G1Point> points,
      List<G2Point> secrets,
      Digest32 id) {
    this.curve = curve;
    this.dimensions = dimensions;
    this.points = points;
    this.secrets = secrets;
    this.id = id;
  }

  /**
   * Makes a setup from a seed; equal seeds give equal setups, so a seed is as good as the secrets.
   *
   * @param dimensions length of each axis, at least 2, with at most {@value #MAX_CELLS} cells
   * @param seed 16 bytes or more; from a good source of randomness unless for tests
   */
  public static InsecureSetup generate(int[] dimensions, byte[] seed, CurveBackend curve) {
    Fr[] secrets = new Fr[dimensions.length];
    for (int i = 0; i < secrets.length; i++) {
      byte[] message = ByteBuffer.allocate(seed.length + 4).put(seed).putInt(i).array();
      secrets[i] = HashToField.scalar("VERILLM-INSECURE-SETUP-V1", message);
    }
    return ofSecrets(dimensions, secrets, curve);
  }

  /** Makes a setup of chosen secrets, related ones too: for tests of what that breaks. */
  static InsecureSetup ofSecrets(int[] dimensions, Fr[] secrets, CurveBackend curve) {
    int cells = requireDimensions(dimensions);
    FrVector values = new FrVector(cells);
    values.set(0, 1);
    int filled = 1;
    for (int axis = 0; axis < dimensions.length; axis++) {
      // Row-major: the new, inner axis multiplies the cells that are there.
      Fr[] basis = lagrangeAt(dimensions[axis], secrets[axis]);
      for (int cell = filled - 1; cell >= 0; cell--) {
        Fr outer = values.get(cell);
        for (int x = dimensions[axis] - 1; x >= 0; x--) {
          values.set(cell * dimensions[axis] + x, outer.multiply(basis[x]));
        }
      }
      filled *= dimensions[axis];
    }
    int width = cells > 1 << 14 ? 12 : cells > 256 ? 8 : 4;
    List<G1Point> points = new FixedBase(G1Point.GENERATOR, width, 255).multiplyAll(values);
    List<G2Point> second = new ArrayList<>();
    for (Fr secret : secrets) {
      second.add(curve.multiply(G2Point.GENERATOR, secret));
    }
    byte[] file = encode(dimensions, points, second);
    return new InsecureSetup(
        curve, dimensions.clone(), points, List.copyOf(second), Digest32.sha256(file));
  }

  private static int requireDimensions(int[] dimensions) {
    long cells = 1;
    for (int dimension : dimensions) {
      if (dimension < 2) {
        throw new IllegalArgumentException("an axis of length " + dimension);
      }
      cells = Math.multiplyExact(cells, dimension);
      if (cells > MAX_CELLS) {
        throw new IllegalArgumentException("more than " + MAX_CELLS + " cells");
      }
    }
    if (dimensions.length == 0 || dimensions.length > MAX_VARIABLES) {
      throw new IllegalArgumentException(dimensions.length + " axes");
    }
    return (int) cells;
  }

  /** L_x(t) for the nodes 0 to n − 1. */
  private static Fr[] lagrangeAt(int n, Fr t) {
    Fr[] out = new Fr[n];
    for (int x = 0; x < n; x++) {
      Fr above = Fr.ONE;
      Fr below = Fr.ONE;
      for (int k = 0; k < n; k++) {
        if (k != x) {
          above = above.multiply(t.subtract(Fr.of(k)));
          below = below.multiply(Fr.of(x - k));
        }
      }
      out[x] = above.multiply(below.invert());
    }
    return out;
  }

  /**
   * Reads a setup and checks it: every point, that the grid's points are the Lagrange form of the
   * secrets, and that no secret is a small power of another.
   *
   * <p>The last check finds the setups that a univariate ceremony gives by substitution, t_i =
   * t^(d^(i−1)): under them X_1^d − X_2 vanishes and openings can be forged. It cannot find every
   * relation; whoever needs that needs a ceremony.
   *
   * @param expected the hash that the caller trusts
   * @throws MalformedMessageException if any of that fails, or the file holds another kind
   */
  public static InsecureSetup load(byte[] file, Digest32 expected, CurveBackend curve)
      throws MalformedMessageException {
    SetupFile in = SetupFile.read(file, expected, SetupFile.INSECURE_GRID);
    if (!Arrays.equals(in.bytes("mark", MARK.length), MARK)) {
      throw new MalformedMessageException("mark", 0, "does not say INSECURE");
    }
    int rank = in.bytes("rank", 1)[0] & 0xFF;
    if (rank < 1 || rank > MAX_VARIABLES) {
      throw new MalformedMessageException("rank", 0, rank + " is not in 1.." + MAX_VARIABLES);
    }
    int[] dimensions = new int[rank];
    for (int i = 0; i < rank; i++) {
      dimensions[i] = in.number("dimension", MAX_CELLS);
    }
    int cells;
    try {
      cells = requireDimensions(dimensions);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedMessageException("dimension", 0, String.valueOf(e.getMessage()));
    }
    in.requireBytes((long) cells * G1Point.BYTES + (long) rank * G2Point.BYTES);
    List<G1Point> points = in.g1Points("lagrange", cells, curve);
    List<G2Point> secrets = in.g2Points("secrets", rank, curve);
    in.end();
    InsecureSetup setup = new InsecureSetup(curve, dimensions, points, secrets, expected);
    setup.checkRelations();
    setup.checkIndependence();
    return setup;
  }

  /**
   * E(1) = 1 and E(X_i·f) = t_i·E(f) for a random f of degree below n_i − 1 in X_i: together they
   * leave only evaluation at t.
   */
  private void checkRelations() throws MalformedMessageException {
    int all = (1 << dimensions.length) - 1;
    if (!basis(0).get(0).equals(G1Point.GENERATOR)) {
      throw new MalformedMessageException("lagrange", 0, "does not sum to the generator");
    }
    for (int axis = 0; axis < dimensions.length; axis++) {
      int n = dimensions[axis];
      int inner = 1;
      for (int later = axis + 1; later < dimensions.length; later++) {
        inner *= dimensions[later];
      }
      int outer = points.size() / (n * inner);
      FrVector f = new FrVector(points.size());
      FrVector product = new FrVector(points.size());
      Fr[] extrapolate = lagrangeAt(n - 1, Fr.of(n - 1));
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          Fr last = Fr.ZERO;
          for (int x = 0; x < n; x++) {
            int at = (o * n + x) * inner + i;
            Fr value = x == n - 1 ? last : random(axis, at);
            if (x < n - 1) {
              last = last.add(value.multiply(extrapolate[x]));
            }
            f.set(at, value);
            product.set(at, value.multiply(Fr.of(x)));
          }
        }
      }
      G1Point left = curve.msm(basis(all), 0, product.toScalars());
      G1Point right = curve.msm(basis(all), 0, f.toScalars());
      if (!curve.pairingProductIsOne(
          List.of(curve.negate(left), right), List.of(G2Point.GENERATOR, secrets.get(axis)))) {
        throw new MalformedMessageException("lagrange", 0, "is not a grid of axis " + axis);
      }
    }
  }

  private Fr random(int axis, int cell) {
    byte[] message =
        ByteBuffer.allocate(40).put(id.toByteArray()).putInt(axis).putInt(cell).array();
    return Fr.reduce(new BigInteger(1, Digest32.sha256(message).toByteArray()));
  }

  private void checkIndependence() throws MalformedMessageException {
    for (int i = 0; i < dimensions.length; i++) {
      int n = dimensions[i];
      for (int k = 1; k <= n; k++) {
        if (k > LARGEST_EXPONENT && k < n - 1) {
          continue;
        }
        FrVector power = new FrVector(n); // X_i^(k−1) on the nodes
        for (int x = 0; x < n; x++) {
          power.set(x, Fr.of(x).power(BigInteger.valueOf(k - 1)));
        }
        G1Point negated = curve.negate(curve.msm(basis(1 << i), 0, power.toScalars()));
        for (int j = 0; j < dimensions.length; j++) {
          if (j != i
              && curve.pairingProductIsOne(
                  List.of(negated, G1Point.GENERATOR), List.of(secrets.get(i), secrets.get(j)))) {
            throw new MalformedMessageException(
                "secrets", 0, "secret " + j + " is power " + k + " of secret " + i);
          }
        }
      }
    }
  }

  /** The file's bytes. */
  public byte[] encode() {
    return encode(dimensions, points, secrets);
  }

  private static byte[] encode(int[] dimensions, List<G1Point> points, List<G2Point> secrets) {
    ByteArrayOutputStream out = SetupFile.start(SetupFile.INSECURE_GRID);
    out.writeBytes(MARK);
    out.write(dimensions.length);
    for (int dimension : dimensions) {
      SetupFile.writeNumber(out, dimension);
    }
    points.forEach(point -> out.writeBytes(point.encode()));
    secrets.forEach(point -> out.writeBytes(point.encode()));
    SetupFile.writeNumber(out, 0);
    return out.toByteArray();
  }

  /** SHA-256 of the file. */
  public Digest32 id() {
    return id;
  }

  /** The scheme over this setup. */
  public GridScheme scheme() {
    return new GridScheme(this);
  }

  CurveBackend curve() {
    return curve;
  }

  int[] dimensions() {
    return dimensions;
  }

  int cells() {
    return points.size();
  }

  G1Point point(int cell) {
    return points.get(cell);
  }

  G2Point secret(int axis) {
    return secrets.get(axis);
  }

  /**
   * The Lagrange points of the grid that keeps only some axes, row-major; bit i stands for axis i.
   * Sums along the other axes, because each axis' polynomials sum to one.
   */
  PointTable basis(int axes) {
    synchronized (lock) {
      PointTable known = tables.get(axes);
      if (known != null) {
        return known;
      }
    }
    List<G1Point> left = points;
    List<Integer> lengths = new ArrayList<>();
    for (int dimension : dimensions) {
      lengths.add(dimension);
    }
    for (int axis = 0; axis < dimensions.length; axis++) {
      if ((axes >>> axis & 1) == 0) {
        int outer = 1;
        for (int before = 0; before < axis; before++) {
          outer *= lengths.get(before);
        }
        int inner = left.size() / (outer * dimensions[axis]);
        left = Marginal.along(left, outer, dimensions[axis], inner);
        lengths.set(axis, 1);
      }
    }
    PointTable table = curve.table(left);
    synchronized (lock) {
      tables.put(axes, table);
    }
    return table;
  }
}
