package io.verillm.tensorcommit.vector;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.G2Point;
import io.verillm.tensorcommit.curve.PointTable;
import io.verillm.tensorcommit.curve.Scalars;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Powers of a secret that a public ceremony destroyed. Thread-safe.
 *
 * <p>Loading checks the file's hash, every point, and that the points are what they should be: the
 * generators first, consecutive powers by a pairing, the Lagrange form against the powers. The
 * secret stays unknown as long as one participant of the ceremony was honest.
 */
public final class KzgSetup {
  /** Largest number of cells. */
  public static final int MAX_CELLS = 4096;

  /** SHA-256 of the shipped file. */
  public static final Digest32 ETHEREUM_ID =
      Digest32.parse("30a3c023c9d6bdbd27fa38282f2676fc34dd744dcffadd85bed68287c0b9dd68");

  private static final String RESOURCE = "ethereum-4096.srs";

  private final CurveBackend curve;
  private final Digest32 id;
  private final List<G1Point> lagrange;
  private final List<G1Point> powers;
  private final List<G2Point> secondPowers;
  private final Map<Integer, KzgScheme> schemes = new HashMap<>();
  private final Object lock = new Object();

  private KzgSetup(
      CurveBackend curve,
      Digest32 id,
      List<G1Point> lagrange,
      List<G1Point> powers,
      List<G2Point> secondPowers) {
    this.curve = curve;
    this.id = id;
    this.lagrange = lagrange;
    this.powers = powers;
    this.secondPowers = secondPowers;
  }

  /**
   * Loads the shipped output of the Ethereum ceremony, 4096 powers.
   *
   * @throws IllegalStateException if the file on the class path is not that
   */
  public static KzgSetup ethereum(CurveBackend curve) {
    try (InputStream in = KzgSetup.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return load(in.readAllBytes(), ETHEREUM_ID, curve);
    } catch (IOException | MalformedMessageException e) {
      throw new IllegalStateException(RESOURCE + " is damaged", e);
    }
  }

  /**
   * Loads a univariate setup file.
   *
   * @param expected the hash that the caller trusts
   * @throws MalformedMessageException if the hash is another one, the file holds another kind of
   *     setup, a point is refused, or the points do not belong together
   */
  public static KzgSetup load(byte[] file, Digest32 expected, CurveBackend curve)
      throws MalformedMessageException {
    SetupFile in = SetupFile.read(file, expected, SetupFile.UNIVARIATE);
    int size = in.number("size", MAX_CELLS);
    int second = in.number("g2-size", MAX_CELLS);
    if (Integer.bitCount(size) != 1 || second < 2) {
      throw new MalformedMessageException("size", 0, "not a power of two, or no second power");
    }
    in.requireBytes((long) size * 2 * G1Point.BYTES + (long) second * G2Point.BYTES);
    List<G1Point> lagrange = in.g1Points("lagrange", size, curve);
    List<G2Point> secondPowers = in.g2Points("g2-powers", second, curve);
    List<G1Point> powers = in.g1Points("g1-powers", size, curve);
    in.end();
    KzgSetup setup = new KzgSetup(curve, expected, lagrange, powers, secondPowers);
    setup.checkRelations(file);
    return setup;
  }

  /**
   * One random combination shows that the powers are consecutive, another that the Lagrange points
   * are theirs. The coefficients follow from the file, so a wrong file passes with probability
   * about 2^-128.
   */
  private void checkRelations(byte[] file) throws MalformedMessageException {
    int size = powers.size();
    if (!powers.get(0).equals(G1Point.GENERATOR)
        || !secondPowers.get(0).equals(G2Point.GENERATOR)) {
      throw new MalformedMessageException("g1-powers", 0, "does not start with the generators");
    }
    byte[] coefficients = coefficients(file, size);
    PointTable table = curve.table(powers);
    G1Point low = curve.msm(table, 0, scalars(coefficients, 0, size - 1));
    G1Point high = curve.msm(table, 1, scalars(coefficients, 0, size - 1));
    if (!curve.pairingProductIsOne(
        List.of(curve.negate(low), high), List.of(secondPowers.get(1), G2Point.GENERATOR))) {
      throw new MalformedMessageException("g1-powers", 0, "are not powers of one secret");
    }
    checkSecondPowers(table, coefficients);
    G1Point direct = curve.msm(curve.table(lagrange), 0, scalars(coefficients, 0, size));
    FrVector values = new FrVector(size);
    for (int i = 0; i < size; i++) {
      values.set(i, coefficient(coefficients, i));
    }
    RootsOfUnity roots = RootsOfUnity.of(size);
    G1Point byPowers = curve.msm(table, 0, roots.interpolate(values).toScalars());
    if (!direct.equals(byPowers)) {
      throw new MalformedMessageException("lagrange", 0, "is not the Lagrange form of the powers");
    }
  }

  /** Π e(c_i·G, H_i) against e(Σ c_i·P_i, H): the two groups hold the same powers. */
  private void checkSecondPowers(PointTable table, byte[] coefficients)
      throws MalformedMessageException {
    int count = Math.min(secondPowers.size(), powers.size());
    List<G1Point> left = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      left.add(curve.multiply(G1Point.GENERATOR, coefficient(coefficients, i)));
    }
    left.add(curve.negate(curve.msm(table, 0, scalars(coefficients, 0, count))));
    List<G2Point> right = new ArrayList<>(secondPowers.subList(0, count));
    right.add(G2Point.GENERATOR);
    if (secondPowers.size() > powers.size() || !curve.pairingProductIsOne(left, right)) {
      throw new MalformedMessageException("g2-powers", 0, "are not the same powers");
    }
  }

  private static Fr coefficient(byte[] coefficients, int index) {
    byte[] big = new byte[16];
    for (int k = 0; k < 16; k++) {
      big[k] = coefficients[16 * index + 15 - k];
    }
    return Fr.reduce(new BigInteger(1, big));
  }

  private static byte[] coefficients(byte[] file, int size) {
    byte[] seed = Digest32.sha256(file, new byte[] {1}).toByteArray();
    byte[] out = new byte[16 * size];
    for (int i = 0; i < size; i += 2) {
      byte[] block =
          Digest32.sha256(seed, new byte[] {(byte) (i >>> 16), (byte) (i >>> 8), (byte) i})
              .toByteArray();
      System.arraycopy(block, 0, out, 16 * i, Math.min(32, out.length - 16 * i));
    }
    return out;
  }

  private static Scalars scalars(byte[] all, int from, int count) {
    return new Scalars(
        java.util.Arrays.copyOfRange(all, 16 * from, 16 * (from + count)), count, 128);
  }

  /** SHA-256 of the file. */
  public Digest32 id() {
    return id;
  }

  CurveBackend curve() {
    return curve;
  }

  G2Point secondPower() {
    return secondPowers.get(1);
  }

  /**
   * The scheme for vectors of up to {@code cells} cells: its domain is the next power of two, whose
   * Lagrange points are computed from the powers on first use.
   *
   * @throws IllegalArgumentException unless 1 ≤ cells ≤ the setup's size
   */
  public KzgScheme scheme(int cells) {
    if (cells < 1 || cells > powers.size()) {
      throw new IllegalArgumentException(cells + " cells are not in 1.." + powers.size());
    }
    int size = Math.max(2, cells == 1 ? 1 : Integer.highestOneBit(cells - 1) << 1);
    synchronized (lock) {
      KzgScheme known = schemes.get(size);
      if (known == null) {
        known = new KzgScheme(this, RootsOfUnity.of(size), lagrangeOf(size));
        schemes.put(size, known);
      }
      return known;
    }
  }

  /** Lagrange points in the order of the cells. */
  private List<G1Point> lagrangeOf(int size) {
    List<G1Point> natural =
        size == lagrange.size()
            ? lagrange
            : RootsOfUnity.of(size).interpolatePoints(powers.subList(0, size), curve);
    List<G1Point> ordered = new ArrayList<>(size);
    for (int cell = 0; cell < size; cell++) {
      ordered.add(natural.get(RootsOfUnity.reverse(cell, size)));
    }
    return ordered;
  }
}
