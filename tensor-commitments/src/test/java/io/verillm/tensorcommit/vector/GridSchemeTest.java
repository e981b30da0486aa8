package io.verillm.tensorcommit.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The multivariate scheme against direct evaluation at known secrets, and its attacks. */
class GridSchemeTest {
  private static final CurveBackend CURVE = CurveBackends.best();
  private static final byte[] SEED = "a seed for tests".getBytes();

  private static int[] dims(String text) {
    return Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  private static long[] values(int count, long seed) {
    return new Random(seed).longs(count, 0, 65536).toArray();
  }

  private static Transcript transcript() {
    return new Transcript("test");
  }

  /** f(t) by naive Lagrange interpolation over the integer grid. */
  private static Fr evaluate(int[] dims, long[] values, Fr[] t) {
    Fr sum = Fr.ZERO;
    for (int cell = 0; cell < values.length; cell++) {
      Fr product = Fr.of(values[cell]);
      int rest = cell;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        int x = rest % dims[axis];
        rest /= dims[axis];
        for (int k = 0; k < dims[axis]; k++) {
          if (k != x) {
            product = product.multiply(t[axis].subtract(Fr.of(k)));
            product = product.multiply(Fr.of(x - k).invert());
          }
        }
      }
      sum = sum.add(product);
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(strings = {"3x4x2", "2x2x2x2", "8", "5x7", "20x2"})
  void commitAndOpen_everyCell_isEvaluationAtTheSecrets(String text) {
    int[] dims = dims(text);
    Fr[] t = new Fr[dims.length];
    for (int i = 0; i < t.length; i++) {
      t[i] = Fr.of(1000003L * (i + 1) + 17);
    }
    GridScheme grid = InsecureSetup.ofSecrets(dims, t, CURVE).scheme();
    long[] values = values(grid.cells(), 3);
    Cells cells = Cells.of(values);
    G1Point commitment = grid.commit(cells.toScalars());
    assertThat(commitment).isEqualTo(CURVE.multiply(G1Point.GENERATOR, evaluate(dims, values, t)));
    FrVector asField = new FrVector(values.length);
    for (int i = 0; i < values.length; i++) {
      asField.set(i, values[i]);
    }
    for (int cell = 0; cell < grid.cells(); cell++) {
      CellClaim claim = new CellClaim(0, cell, Fr.of(values[cell]));
      List<G1Point> proof =
          grid.prove(List.of(cells), List.of(commitment), List.of(claim), transcript());
      // small integers and field elements give the same quotients
      assertThat(
              grid.prove(
                  List.of(Cells.of(asField)), List.of(commitment), List.of(claim), transcript()))
          .isEqualTo(proof);
      assertThat(grid.verify(List.of(commitment), List.of(claim), proof, transcript()))
          .isEqualTo(VectorOutcome.VERIFIED);
      CellClaim wrong = new CellClaim(0, cell, Fr.of(values[cell] + 1));
      assertThat(grid.verify(List.of(commitment), List.of(wrong), proof, transcript()))
          .isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    }
  }

  @Test
  void verify_otherNumberOfQuotients_isRefusedBeforeArithmetic() {
    GridScheme grid = InsecureSetup.generate(new int[] {3, 4}, SEED, CURVE).scheme();
    long[] values = values(12, 4);
    G1Point c = grid.commit(Cells.of(values).toScalars());
    CellClaim claim = new CellClaim(0, 5, Fr.of(values[5]));
    List<G1Point> proof =
        grid.prove(List.of(Cells.of(values)), List.of(c), List.of(claim), transcript());
    assertThat(grid.verify(List.of(c), List.of(claim), proof.subList(0, 1), transcript()))
        .isEqualTo(VectorOutcome.WRONG_POINT_COUNT);
    List<G1Point> three = new ArrayList<>(proof);
    three.add(G1Point.INFINITY);
    assertThat(grid.verify(List.of(c), List.of(claim), three, transcript()))
        .isEqualTo(VectorOutcome.WRONG_POINT_COUNT);
    assertThat(
            grid.verify(
                List.of(c), List.of(claim), List.of(proof.get(1), proof.get(0)), transcript()))
        .isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    assertThat(grid.verify(List.of(c), List.of(new CellClaim(0, 12, Fr.ONE)), proof, transcript()))
        .isEqualTo(VectorOutcome.OUT_OF_RANGE);
    assertThat(grid.verify(List.of(c), List.of(), List.of(), transcript()))
        .isEqualTo(VectorOutcome.OUT_OF_RANGE);
  }

  /**
   * With t_1 = t_0^d the polynomial X_0^d − X_1 vanishes in the setup: from an honest proof anyone
   * makes one for any value, and the pairing check passes. Loading such a setup is refused.
   */
  @Test
  void dependentSecrets_anyValueOpens_soLoadingRefusesThem() throws MalformedMessageException {
    int d = 3;
    Fr t = Fr.of(987654321);
    Fr[] secrets = {t, t.power(java.math.BigInteger.valueOf(d))};
    InsecureSetup setup = InsecureSetup.ofSecrets(new int[] {d, 4}, secrets, CURVE);
    GridScheme grid = setup.scheme();
    long[] values = values(12, 5);
    G1Point c = grid.commit(Cells.of(values).toScalars());
    int x = 2;
    int y = 1;
    Fr honest = Fr.of(values[x * 4 + y]);
    List<G1Point> proof =
        grid.prove(
            List.of(Cells.of(values)),
            List.of(c),
            List.of(new CellClaim(0, x * 4 + y, honest)),
            transcript());
    Fr forged = honest.add(Fr.of(5));
    // c·1 = z_0^d − z_1 with z = (x, y); delta = y − y'
    Fr factor = honest.subtract(forged).multiply(Fr.of((long) x * x * x - y).invert());
    FrVector constant = new FrVector(12);
    FrVector slope = new FrVector(12);
    for (int i = 0; i < 12; i++) {
      int node = i / 4;
      constant.set(i, factor);
      // (X^3 − x^3)/(X − x) = X² + xX + x²
      slope.set(i, factor.multiply(Fr.of((long) node * node + (long) x * node + (long) x * x)));
    }
    List<G1Point> attack =
        List.of(
            CURVE.add(proof.get(0), CURVE.negate(grid.commit(slope.toScalars()))),
            CURVE.add(proof.get(1), grid.commit(constant.toScalars())));
    assertThat(
            grid.verify(
                List.of(c), List.of(new CellClaim(0, x * 4 + y, forged)), attack, transcript()))
        .isEqualTo(VectorOutcome.VERIFIED); // binding is gone, which is why:
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> InsecureSetup.load(setup.encode(), setup.id(), CURVE))
        .withMessageContaining("secret 1 is power 3 of secret 0");
  }

  @Test
  void load_ownFile_givesTheSameSchemeAndRefusesDamage() throws MalformedMessageException {
    InsecureSetup setup = InsecureSetup.generate(new int[] {3, 2, 4}, SEED, CURVE);
    byte[] file = setup.encode();
    InsecureSetup loaded = InsecureSetup.load(file, setup.id(), CURVE);
    assertThat(loaded.id()).isEqualTo(Digest32.sha256(file));
    assertThat(new String(file, java.nio.charset.StandardCharsets.ISO_8859_1)).contains("INSECURE");
    refuse(file, Digest32.sha256(new byte[1]), "is not the setup");
    byte[] other = file.clone();
    System.arraycopy(G1Point.GENERATOR.encode(), 0, other, 28, 48);
    refuse(other, Digest32.sha256(other), "does not sum to the generator");
    byte[] swapped = file.clone(); // two cells exchanged: the sum is as before
    System.arraycopy(file, 28, swapped, 28 + 48, 48);
    System.arraycopy(file, 28 + 48, swapped, 28, 48);
    refuse(swapped, Digest32.sha256(swapped), "is not a grid of axis");
    byte[] stray = file.clone();
    stray[28] = (byte) 0xC0;
    refuse(stray, Digest32.sha256(stray), "infinity with stray bits");
    byte[] longer = Arrays.copyOf(file, file.length + 1);
    refuse(longer, Digest32.sha256(longer), "does not end the file");
    byte[] shorter = Arrays.copyOf(file, file.length - 97);
    refuse(shorter, Digest32.sha256(shorter), "need");
    byte[] huge = file.clone();
    huge[16] = 0x7F;
    refuse(huge, Digest32.sha256(huge), "is not in 1..");
  }

  private static void refuse(byte[] file, Digest32 id, String reason) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> InsecureSetup.load(file, id, CURVE))
        .withMessageContaining(reason);
  }

  /** Setups of the two kinds do not pass for each other. */
  @Test
  void load_otherKind_isRefused() throws Exception {
    byte[] ceremony = KzgSetup.class.getResourceAsStream("ethereum-4096.srs").readAllBytes();
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> InsecureSetup.load(ceremony, KzgSetup.ETHEREUM_ID, CURVE))
        .withMessageContaining("is kind 1, needed is kind 2");
    InsecureSetup grid = InsecureSetup.generate(new int[] {2}, SEED, CURVE);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> KzgSetup.load(grid.encode(), grid.id(), CURVE))
        .withMessageContaining("is kind 2, needed is kind 1");
    byte[] flipped = ceremony.clone();
    flipped[100] ^= 1;
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> KzgSetup.load(flipped, KzgSetup.ETHEREUM_ID, CURVE))
        .withMessageContaining("is not the setup");
  }

  /** One variable, one quotient: the smallest case of the telescoping sum. */
  @Test
  void generate_badDimensions_areRefused() {
    for (int[] bad : new int[][] {{}, {1}, {3, 1}, {1 << 11, 1 << 11}, {0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> InsecureSetup.generate(bad, SEED, CURVE));
    }
  }
}
