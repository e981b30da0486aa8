package io.verillm.tensorcommit.vector;

import static org.assertj.core.api.Assertions.assertThat;

import ethereum.ckzg4844.CKZG4844JNI;
import ethereum.ckzg4844.ProofAndY;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.JavaCurve;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agreement with jc-kzg-4844, the Java binding of c-kzg-4844, on commitments and proofs. */
class CkzgAgreementTest {
  private static KzgScheme ours;

  @BeforeAll
  static void load() throws Exception {
    CKZG4844JNI.loadNativeLibrary();
    byte[] text = CkzgAgreementTest.class.getResourceAsStream("/trusted_setup.txt").readAllBytes();
    String[] tokens = new String(text, java.nio.charset.StandardCharsets.US_ASCII).split("\\s+");
    CKZG4844JNI.loadTrustedSetup(
        join(tokens, 2 + 4096 + 65, 4096), join(tokens, 2, 4096), join(tokens, 2 + 4096, 65), 0);
    ours = EthereumSetup.get().scheme(4096);
  }

  @AfterAll
  static void unload() {
    CKZG4844JNI.freeTrustedSetup();
  }

  private static byte[] join(String[] tokens, int from, int count) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = from; i < from + count; i++) {
      out.writeBytes(HexFormat.of().parseHex(tokens[i]));
    }
    return out.toByteArray();
  }

  /** The shipped file against the text file of the ceremony, byte for byte. */
  @Test
  void setupFile_shipped_holdsThePointsOfTheCeremony() throws Exception {
    byte[] shipped = KzgSetup.class.getResourceAsStream("ethereum-4096.srs").readAllBytes();
    String text =
        new String(
            CkzgAgreementTest.class.getResourceAsStream("/trusted_setup.txt").readAllBytes(),
            java.nio.charset.StandardCharsets.US_ASCII);
    String[] tokens = text.split("\\s+");
    ByteArrayOutputStream expected = SetupFile.start(SetupFile.UNIVARIATE);
    SetupFile.writeNumber(expected, 4096);
    SetupFile.writeNumber(expected, 65);
    for (int i = 2; i < tokens.length; i++) {
      expected.writeBytes(HexFormat.of().parseHex(tokens[i]));
    }
    expected.writeBytes(new byte[4]);
    assertThat(shipped).isEqualTo(expected.toByteArray());
  }

  private static FrVector vector(int kind) {
    Random random = new Random(kind);
    FrVector values = new FrVector(4096);
    for (int i = 0; i < 4096; i++) {
      switch (kind) {
        case 0 -> {} // all zero
        case 1 -> values.set(i, 1);
        case 2 -> values.set(i, Fr.of(-1));
        case 3 -> values.set(i, i == 4095 ? 1 : 0);
        case 4 -> values.set(i, random.nextInt(65536));
        case 5 -> values.set(i, i); // not a low-degree polynomial in this order
        default -> values.set(i, Fr.reduce(new BigInteger(300, random)));
      }
    }
    return values;
  }

  private static byte[] blob(FrVector values) {
    byte[] blob = new byte[4096 * 32];
    for (int i = 0; i < 4096; i++) {
      System.arraycopy(values.get(i).encode(), 0, blob, 32 * i, 32);
    }
    return blob;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void commitAndOpen_randomAndEdgeBlobs_agreeBothWays(int kind) throws MalformedMessageException {
    FrVector values = vector(kind);
    byte[] blob = blob(values);
    G1Point commitment = ours.commit(values.toScalars());
    assertThat(commitment.encode()).isEqualTo(CKZG4844JNI.blobToKzgCommitment(blob));
    for (Fr z : new Fr[] {Fr.of(123456789L + kind), ours.root(0), ours.root(4095), Fr.ZERO}) {
      KzgScheme.PointOpening opening = ours.open(Cells.of(values), z);
      ProofAndY theirs = CKZG4844JNI.computeKzgProof(blob, z.encode());
      assertThat(opening.proof().encode()).isEqualTo(theirs.getProof());
      assertThat(opening.value().encode()).isEqualTo(theirs.getY());
      // each verifies the other's proof, and neither a value that is one off
      byte[] y = opening.value().encode();
      byte[] wrong = opening.value().add(Fr.ONE).encode();
      byte[] proof = opening.proof().encode();
      assertThat(CKZG4844JNI.verifyKzgProof(commitment.encode(), z.encode(), y, proof)).isTrue();
      assertThat(CKZG4844JNI.verifyKzgProof(commitment.encode(), z.encode(), wrong, proof))
          .isFalse();
      CurveBackend curve = ours.curve();
      KzgScheme.PointOpening decoded =
          new KzgScheme.PointOpening(
              Fr.decode(theirs.getY(), "y"), curve.decodeG1(theirs.getProof(), "proof"));
      assertThat(ours.verify(commitment, z, decoded)).isEqualTo(VectorOutcome.VERIFIED);
      KzgScheme.PointOpening off =
          new KzgScheme.PointOpening(decoded.value().add(Fr.ONE), decoded.proof());
      assertThat(ours.verify(commitment, z, off)).isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    }
  }

  /**
   * The smaller domains come from the powers by our own transform; here is the size that exists.
   */
  @Test
  void interpolatePoints_smallSize_equalsEvaluationOfLagrangePolynomials() {
    KzgScheme small = EthereumSetup.get().scheme(8);
    CurveBackend curve = ours.curve();
    // The polynomial X^3 committed over 8 cells is the power τ^3, as it is over 4096.
    FrVector eight = new FrVector(8);
    for (int i = 0; i < 8; i++) {
      eight.set(i, small.root(i).power(BigInteger.valueOf(3)));
    }
    FrVector all = new FrVector(4096);
    for (int i = 0; i < 4096; i++) {
      all.set(i, ours.root(i).power(BigInteger.valueOf(3)));
    }
    assertThat(small.commit(eight.toScalars())).isEqualTo(ours.commit(all.toScalars()));
    G1Point sum = G1Point.INFINITY;
    for (int i = 0; i < 8; i++) {
      sum = curve.add(sum, small.basis(i));
    }
    assertThat(sum).isEqualTo(G1Point.GENERATOR);
  }

  @Test
  void plainJava_commitAndVerify_agreeWithTheRest() throws MalformedMessageException {
    // One short row: the plain-Java curve over the same points.
    JavaCurve java = new JavaCurve();
    FrVector values = vector(4);
    G1Point expected = ours.commit(values.toScalars());
    java.util.List<G1Point> points = new java.util.ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      points.add(ours.basis(i));
    }
    assertThat(java.msm(points, values.toScalars())).isEqualTo(expected);
  }
}
