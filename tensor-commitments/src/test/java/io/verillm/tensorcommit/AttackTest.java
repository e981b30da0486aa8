package io.verillm.tensorcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.curve.Fr;
import io.verillm.tensorcommit.curve.FrVector;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.curve.Scalars;
import io.verillm.tensorcommit.vector.CellClaim;
import io.verillm.tensorcommit.vector.Cells;
import io.verillm.tensorcommit.vector.EthereumSetup;
import io.verillm.tensorcommit.vector.KzgScheme;
import io.verillm.tensorcommit.vector.Transcript;
import io.verillm.tensorcommit.vector.VectorOutcome;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each attack is rejected, and for the reason that stands against it. */
class AttackTest {
  private static final CurveBackend CURVE = CurveBackends.best();
  private static final KzgScheme EIGHT = EthereumSetup.get().scheme(8);
  private static final TerkleTensors TREE = new TerkleTensors(EIGHT, 2, 2, 2);
  private static final Shape SHAPE = TensorSchemeContract.SHAPE;
  private static final Digest32 CONTEXT = TensorSchemeContract.CONTEXT;
  private static final Digest32 NONCE = TensorSchemeContract.NONCE;

  private final TensorView tensor = TensorSchemeContract.tensor(SHAPE, 1);
  private final CommittedTensor committed = TREE.commit(tensor, CONTEXT);
  private final Region entry = Region.entry(1, 1, 1);

  private TensorOutcome check(TensorRoot root, Region region, TensorOpening opening) {
    return TREE.verify(List.of(new Claim(root, region)), NONCE, opening).outcome();
  }

  private TensorOpening open(Region region) {
    return TREE.open(List.of(new OpenRequest(committed, region)), NONCE);
  }

  private static TerkleLayout layout() {
    return new TerkleLayout("terkle-kzg", SHAPE, new int[] {2, 2, 2});
  }

  /**
   * Leaf forgery: the prover commits to a bottom node with the value it wants and hands that in as
   * the child. Against the published digest, an x-coordinate, a child for any digest can be found;
   * here the parent would have to contain the hash of the forged child.
   */
  @Test
  void forgedChild_underAnHonestParent_failsThePairing() {
    TensorOpening honest = open(entry);
    byte[] wanted = {7, 7};
    CommittedTensor other = TREE.commit(tensor, CONTEXT);
    other.update(entry, wanted);
    TensorOpening forged = TREE.open(List.of(new OpenRequest(other, entry)), NONCE);
    assertThat(check(other.root(), entry, forged)).isEqualTo(TensorOutcome.VERIFIED);
    assertThat(check(committed.root(), entry, forged)).isEqualTo(TensorOutcome.PAIRING_MISMATCH);
    List<G1Point> mixed = new ArrayList<>(honest.points());
    mixed.set(0, forged.points().get(0)); // the bottom node alone
    TensorOpening graft =
        TensorSchemeContract.with(honest, List.of(new OpenedRegion(entry, wanted)), mixed);
    assertThat(check(committed.root(), entry, graft)).isEqualTo(TensorOutcome.PAIRING_MISMATCH);
  }

  /** A digest binds level, place and extent, so no node can stand where another belongs. */
  @Test
  void digest_otherLevelPlaceArityOrScheme_isAnother() {
    TerkleLayout layout = layout();
    G1Point point = G1Point.GENERATOR;
    List<Fr> digests = new ArrayList<>();
    digests.add(layout.digest(0, 0, point));
    digests.add(layout.digest(0, 1, point));
    digests.add(layout.digest(1, 0, point));
    digests.add(layout.digest(0, layout.nodes(0) - 1, point)); // fewer children at the edge
    digests.add(new TerkleLayout("terkle-grid", SHAPE, new int[] {2, 2, 2}).digest(0, 0, point));
    digests.add(new TerkleLayout("terkle-kzg", SHAPE, new int[] {2, 2, 3}).digest(0, 0, point));
    digests.add(layout.digest(0, 0, CURVE.negate(point)));
    assertThat(digests).doesNotHaveDuplicates();
  }

  /**
   * Inner cell as leaf: the root's own cells hold digests. A statement of a smaller shape makes the
   * root a bottom node; the prover opens a digest honestly and presents 16 bits of it.
   */
  @Test
  void innerCell_presentedAsAnElement_failsThePairing() {
    Shape small = Shape.of(2, 2, 2);
    TensorStatement s = committed.root().statement();
    TensorRoot asLeaf =
        new TensorRoot(
            new TensorStatement(
                s.scheme(), s.dtype(), small, s.setup(), s.context(), s.parameters()),
            committed.root().root());
    FrVector cells = new FrVector(8);
    TerkleLayout layout = layout();
    int below = layout.levels() - 2;
    Region corner = Region.entry(0, 0, 0);
    G1Point top = open(corner).points().get(below); // the last node before the root
    cells.set(0, layout.digest(below, 0, top));
    byte[] digest = cells.get(0).encode();
    byte[] low = {digest[31], (byte) (digest[30] & 0x3F)};
    List<Claim> claims = List.of(new Claim(asLeaf, corner));
    List<OpenedRegion> opened = List.of(new OpenedRegion(corner, low));
    Transcript transcript = OpeningChecks.transcript(TREE.name(), claims, opened, NONCE);
    G1Point root;
    try {
      root = CURVE.decodeG1(committed.root().root(), "root");
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
    List<G1Point> proof =
        EIGHT.prove(
            List.of(Cells.of(cells)),
            List.of(root),
            List.of(new CellClaim(0, 0, cells.get(0))),
            transcript);
    TensorOpening opening =
        new TensorOpening(TREE.name(), NONCE, opened, proof, List.of(), List.of());
    assertThat(TREE.verify(claims, NONCE, opening).outcome())
        .isEqualTo(TensorOutcome.PAIRING_MISMATCH);
    // and a path of the deeper tree is no proof for the shallower one
    assertThat(check(asLeaf, corner, open(corner))).isEqualTo(TensorOutcome.WRONG_PROOF_SIZE);
  }

  /** The axes in another order are another statement; the same flat index is another place. */
  @Test
  void swappedAxes_sameRoot_failsThePairingOrTheSize() {
    TensorStatement s = committed.root().statement();
    TensorRoot swapped =
        new TensorRoot(
            new TensorStatement(
                s.scheme(), s.dtype(), Shape.of(7, 3, 5), s.setup(), s.context(), s.parameters()),
            committed.root().root());
    assertThat(check(swapped, entry, open(entry))).isEqualTo(TensorOutcome.PAIRING_MISMATCH);
  }

  /** Points in an opening's bytes: every refusal names the point and the reason. */
  @ParameterizedTest
  @CsvSource({
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004,not"
        + " in the subgroup",
    "c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001,infinity"
        + " with stray bits",
    "9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab,not"
        + " below p",
    "800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001,not"
        + " on the curve"
  })
  void badPoint_inAnOpening_isMalformed(String hex, String reason) {
    TensorOpening opening = open(entry);
    byte[] wire = opening.encode();
    byte[] good = opening.points().get(0).encode();
    int at = indexOf(wire, good);
    System.arraycopy(HexFormat.of().parseHex(hex), 0, wire, at, 48);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TensorOpening.decode(wire, CURVE))
        .withMessageContaining(reason)
        .withMessageContaining("opening.points[0]");
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int i = 0; i <= all.length - part.length; i++) {
      if (java.util.Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  /** Truncations and flipped bits: the one exception or an outcome, and never VERIFIED. */
  @Test
  void hostileBytes_anyFlipOrCut_neverVerify() {
    byte[] wire = open(entry).encode();
    Random random = new Random(5);
    int decoded = 0;
    for (int i = 0; i < 400; i++) {
      byte[] bad = wire.clone();
      if (i % 4 == 0) {
        bad = java.util.Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        TensorOpening opening = TensorOpening.decode(bad, CURVE);
        decoded++;
        assertThat(check(committed.root(), entry, opening)).isNotEqualTo(TensorOutcome.VERIFIED);
      } catch (MalformedMessageException e) {
        assertThat(e.field()).isNotEmpty();
      }
    }
    assertThat(decoded).isPositive();
  }

  /** A value plus r is the same residue: refused as bytes, never reduced. */
  @Test
  void valuePlusModulus_asBytes_isMalformed() {
    byte[] bytes = Fr.MODULUS.add(BigInteger.valueOf(5)).toByteArray();
    byte[] wide = new byte[32];
    System.arraycopy(bytes, bytes.length - 32, wide, 0, 32);
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Fr.decode(wide, "value"))
        .withMessageContaining("not below the modulus");
  }

  /** Two points prove a set of claims in one order for one transcript. */
  @Test
  void kzgProof_permutedClaimsOrMissingTerm_failsThePairing() {
    long[] values = {5, 6, 7, 8, 9, 10, 11, 12};
    G1Point c = EIGHT.commit(Scalars.ofLongs(values));
    List<CellClaim> claims = List.of(new CellClaim(0, 1, Fr.of(6)), new CellClaim(0, 4, Fr.of(9)));
    List<G1Point> proof = EIGHT.prove(List.of(Cells.of(values)), List.of(c), claims, full());
    assertThat(EIGHT.verify(List.of(c), claims, proof, full())).isEqualTo(VectorOutcome.VERIFIED);
    assertThat(EIGHT.verify(List.of(c), List.of(claims.get(1), claims.get(0)), proof, full()))
        .isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    Transcript without = new Transcript("protocol");
    without.absorb("statement", new byte[] {1});
    List<G1Point> cheaper = EIGHT.prove(List.of(Cells.of(values)), List.of(c), claims, without);
    assertThat(EIGHT.verify(List.of(c), claims, cheaper, full()))
        .isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    Transcript used = full();
    EIGHT.prove(List.of(Cells.of(values)), List.of(c), claims, used);
    List<G1Point> continued = EIGHT.prove(List.of(Cells.of(values)), List.of(c), claims, used);
    assertThat(EIGHT.verify(List.of(c), claims, continued, full()))
        .isEqualTo(VectorOutcome.PAIRING_MISMATCH);
    List<CellClaim> wrong = List.of(new CellClaim(0, 1, Fr.of(7)), new CellClaim(0, 4, Fr.of(8)));
    assertThat(EIGHT.verify(List.of(c), wrong, proof, full()))
        .isEqualTo(VectorOutcome.PAIRING_MISMATCH); // two errors that cancel in a plain sum
  }

  private static Transcript full() {
    Transcript transcript = new Transcript("protocol");
    transcript.absorb("statement", new byte[] {1});
    transcript.absorb("nonce", new byte[] {2});
    return transcript;
  }

  /**
   * Every item changes every later challenge, and moving a byte over the border of two items does
   * too.
   */
  @Test
  void transcript_everyItemAndBorder_matters() {
    List<Fr> challenges = new ArrayList<>();
    for (String[] items :
        new String[][] {{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"ab"}, {"c", "ab"}, {}}) {
      Transcript transcript = new Transcript("protocol");
      for (String item : items) {
        transcript.absorb("item", item.getBytes());
      }
      challenges.add(transcript.challenge("x"));
    }
    Transcript label = new Transcript("protocol");
    label.absorb("itemab", new byte[0]);
    challenges.add(label.challenge("x"));
    challenges.add(label.challenge("x"));
    challenges.add(new Transcript("protocol2").challenge("x"));
    assertThat(challenges).doesNotHaveDuplicates();
  }

  /** A root that is no point, or a hash where a point should be. */
  @Test
  void badRoot_isRejectedForItsReason() {
    TensorStatement s = committed.root().statement();
    byte[] off = new byte[48];
    off[0] = (byte) 0x80;
    off[47] = 4;
    assertThat(check(new TensorRoot(s, off), entry, open(entry)))
        .isEqualTo(TensorOutcome.WRONG_ROOT);
    assertThat(check(new TensorRoot(s, new byte[32]), entry, open(entry)))
        .isEqualTo(TensorOutcome.WRONG_ROOT);
  }

  /** What a verdict says under an insecure setup says so. */
  @Test
  void verdict_statesWhatItDoesNotSay() {
    TensorVerdict verdict = new TensorVerdict(TensorOutcome.VERIFIED, "multivariate", true);
    assertThat(verdict.statement())
        .contains("INSECURE SETUP")
        .contains("nothing is said about how");
    assertThat(new TensorVerdict(TensorOutcome.PAIRING_MISMATCH, "kzg", false).statement())
        .contains("PAIRING_MISMATCH")
        .doesNotContain("INSECURE");
  }

  /** A log of turns: appended turns are proven consistent, an altered one is not. */
  @Test
  void log_turnsAppended_areConsistentAndAlteredOnesAreNot() {
    TerkleLog log = new TerkleLog();
    List<TerkleLog.Head> heads = new ArrayList<>();
    List<TensorRoot> roots = new ArrayList<>();
    for (int turn = 0; turn < 5; turn++) {
      TensorRoot root = TREE.commit(TensorSchemeContract.tensor(SHAPE, turn), CONTEXT).root();
      roots.add(root);
      heads.add(log.append(root));
    }
    for (int i = 0; i < 5; i++) {
      for (int j = i; j < 5; j++) {
        assertThat(
                TerkleLog.verifyGrowth(
                    heads.get(i), heads.get(j), log.consistency(heads.get(i), heads.get(j))))
            .isEqualTo(io.verillm.core.tree.ProofOutcome.VERIFIED);
        assertThat(
                TerkleLog.verifyTurn(roots.get(i), i, heads.get(j), log.inclusion(i, heads.get(j))))
            .isEqualTo(io.verillm.core.tree.ProofOutcome.VERIFIED);
      }
    }
    TerkleLog altered = new TerkleLog();
    altered.append(roots.get(1));
    altered.append(roots.get(1));
    TerkleLog.Head three = altered.append(roots.get(2));
    TerkleLog.Head two = heads.get(1);
    assertThat(
            TerkleLog.verifyGrowth(
                two, three, altered.consistency(new TerkleLog.Head(2, two.root()), three)))
        .isNotEqualTo(io.verillm.core.tree.ProofOutcome.VERIFIED);
    assertThat(TerkleLog.verifyTurn(roots.get(0), 1, heads.get(4), log.inclusion(0, heads.get(4))))
        .isNotEqualTo(io.verillm.core.tree.ProofOutcome.VERIFIED);
  }

  /** F32 and wider types go into Merkle trees only. */
  @Test
  void algebraicScheme_ofF32_isRefused() {
    TensorView floats = TensorView.copyOf(Shape.of(2, 2, 2), new float[8]);
    assertThat(floats.dtype()).isEqualTo(DType.F32);
    org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> TREE.commit(floats, CONTEXT))
        .withMessageContaining("merkle");
    assertThat(new MerkleTensors().commit(floats, CONTEXT).root()).isNotNull();
  }

  /** Signed bytes are biased: x is the cell x + 128, so short scalars stay short. */
  @Test
  void signedTypes_areBiasedAndComeBackAsTheyWere() {
    byte[] raw = {-128, -1, 0, 1, 127, 5, -5, 77};
    TensorView bytes = TensorView.of(DType.I8, Shape.of(2, 2, 2), java.nio.ByteBuffer.wrap(raw));
    CommittedTensor tensor = TREE.commit(bytes, CONTEXT);
    Region all = Region.all(Shape.of(2, 2, 2));
    TensorOpening opening = TREE.open(List.of(new OpenRequest(tensor, all)), NONCE);
    assertThat(opening.opened().get(0).toByteArray()).isEqualTo(raw);
    assertThat(check(tensor.root(), all, opening)).isEqualTo(TensorOutcome.VERIFIED);
    long[] biased = {0, 127, 128, 129, 255, 133, 123, 205};
    assertThat(tensor.root().root()).isEqualTo(EIGHT.commit(Scalars.ofLongs(biased)).encode());
  }
}
