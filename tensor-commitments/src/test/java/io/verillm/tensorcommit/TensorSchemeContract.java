package io.verillm.tensorcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.curve.CurveBackend;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.curve.G1Point;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every scheme does with a tensor of shape [5, 3, 7] of BF16. */
abstract class TensorSchemeContract {
  static final Shape SHAPE = Shape.of(5, 3, 7);
  static final Digest32 CONTEXT = Digest32.sha256("a trace".getBytes());
  static final Digest32 NONCE = Digest32.sha256("a nonce".getBytes());
  static final CurveBackend CURVE = CurveBackends.best();

  abstract TensorCommitmentScheme subject();

  /** Whether it can append. */
  boolean grows() {
    return true;
  }

  /** Random numbers without NaN. */
  static TensorView tensor(Shape shape, long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[(int) shape.elements() * 2];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = (byte) random.nextInt();
      bytes[i + 1] = (byte) (random.nextInt(128) - 64 & 0xBF); // exponents below NaN's
    }
    return TensorView.of(DType.BF16, shape, ByteBuffer.wrap(bytes));
  }

  static List<Region> regions() {
    return List.of(
        Region.entry(0, 0, 0),
        Region.entry(4, 2, 6),
        Region.row(SHAPE, 3, 1),
        Region.slice(SHAPE, 0, 2),
        Region.slice(SHAPE, 1, 1),
        Region.slice(SHAPE, 2, 4),
        Region.block(new long[] {1, 0, 2}, new long[] {3, 2, 4}),
        Region.all(SHAPE));
  }

  private TensorOutcome check(TensorRoot root, Region region, TensorOpening opening) {
    return subject().verify(List.of(new Claim(root, region)), NONCE, opening).outcome();
  }

  private TensorOpening open(CommittedTensor tensor, Region region) {
    return subject().open(List.of(new OpenRequest(tensor, region)), NONCE);
  }

  static TensorOpening with(TensorOpening o, List<OpenedRegion> opened, List<G1Point> points) {
    return new TensorOpening(o.scheme(), o.nonce(), opened, points, o.hashes(), o.leaves());
  }

  @Test
  void openAndVerify_everyRegion_holdsThroughBytesToo() throws MalformedMessageException {
    TensorView tensor = tensor(SHAPE, 1);
    CommittedTensor committed = subject().commit(tensor, CONTEXT);
    TensorRoot root = TensorRoot.decode(committed.root().encode());
    assertThat(root).isEqualTo(committed.root());
    for (Region region : regions()) {
      TensorOpening opening = open(committed, region);
      TensorOpening decoded = TensorOpening.decode(opening.encode(), CURVE);
      assertThat(check(root, region, decoded)).as("%s", region).isEqualTo(TensorOutcome.VERIFIED);
      assertThat(decoded.opened().get(0).toByteArray()).isEqualTo(committed.read(region));
    }
  }

  @Test
  void verify_oneElementChanged_isRejected() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    for (Region region : regions()) {
      TensorOpening opening = open(committed, region);
      byte[] values = opening.opened().get(0).toByteArray();
      values[values.length - 2] ^= 1;
      TensorOpening forged =
          with(opening, List.of(new OpenedRegion(region, values)), opening.points());
      assertThat(check(committed.root(), region, forged))
          .isIn(TensorOutcome.PAIRING_MISMATCH, TensorOutcome.ROW_MISMATCH);
    }
  }

  @Test
  void verify_openedElsewhere_isRejectedForItsRegion() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    TensorOpening opening = open(committed, Region.entry(1, 1, 1));
    assertThat(check(committed.root(), Region.entry(1, 1, 2), opening))
        .isEqualTo(TensorOutcome.WRONG_REGION);
    OpenedRegion moved =
        new OpenedRegion(Region.entry(1, 1, 2), opening.opened().get(0).toByteArray());
    assertThat(
            check(
                committed.root(),
                Region.entry(1, 1, 2),
                with(opening, List.of(moved), opening.points())))
        .isIn(
            TensorOutcome.PAIRING_MISMATCH,
            TensorOutcome.ROW_MISMATCH,
            TensorOutcome.ROOT_MISMATCH,
            TensorOutcome.WRONG_PROOF_SIZE);
  }

  @Test
  void verify_outsideOrShortOrNoClaim_isRejectedForItsReason() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    Region region = Region.entry(1, 1, 1);
    TensorOpening opening = open(committed, region);
    assertThat(check(committed.root(), Region.entry(5, 0, 0), opening))
        .isEqualTo(TensorOutcome.OUT_OF_RANGE);
    assertThat(check(committed.root(), Region.entry(1, 1), opening))
        .isEqualTo(TensorOutcome.OUT_OF_RANGE);
    assertThat(subject().verify(List.of(), NONCE, opening).outcome())
        .isEqualTo(TensorOutcome.OUT_OF_RANGE);
    TensorOpening cut =
        with(opening, List.of(new OpenedRegion(region, new byte[1])), opening.points());
    assertThat(check(committed.root(), region, cut)).isEqualTo(TensorOutcome.WRONG_VALUE_COUNT);
  }

  @Test
  void verify_proofWithMoreOrLess_isRejectedForItsSize() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    Region region = Region.entry(1, 1, 1);
    TensorOpening opening = open(committed, region);
    List<G1Point> more = new ArrayList<>(opening.points());
    more.add(G1Point.GENERATOR);
    assertThat(check(committed.root(), region, with(opening, opening.opened(), more)))
        .isEqualTo(TensorOutcome.WRONG_PROOF_SIZE);
    if (!opening.points().isEmpty()) {
      List<G1Point> less = opening.points().subList(1, opening.points().size());
      assertThat(check(committed.root(), region, with(opening, opening.opened(), less)))
          .isIn(TensorOutcome.WRONG_PROOF_SIZE, TensorOutcome.ROOT_MISMATCH);
    }
  }

  @Test
  void verify_otherNonce_isRejectedAsReplay() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    Region region = Region.entry(1, 1, 1);
    TensorOpening opening = open(committed, region);
    Digest32 fresh = Digest32.sha256("another nonce".getBytes());
    List<Claim> claims = List.of(new Claim(committed.root(), region));
    assertThat(subject().verify(claims, fresh, opening).outcome())
        .isEqualTo(TensorOutcome.WRONG_NONCE);
    TensorOpening relabelled =
        new TensorOpening(
            opening.scheme(),
            fresh,
            opening.opened(),
            opening.points(),
            opening.hashes(),
            opening.leaves());
    // A Merkle proof and the quotients of one grid claim have no challenge to be bound to.
    TensorOutcome outcome = subject().verify(claims, fresh, relabelled).outcome();
    if (subject().name().contains("kzg")) {
      assertThat(outcome).isEqualTo(TensorOutcome.PAIRING_MISMATCH);
    }
  }

  @Test
  void verify_otherShapeTypeContextSetupOrScheme_isRejected() {
    CommittedTensor committed = subject().commit(tensor(SHAPE, 1), CONTEXT);
    TensorStatement s = committed.root().statement();
    byte[] root = committed.root().root();
    Region region = Region.entry(1, 1, 1);
    TensorOpening opening = open(committed, region);
    List<TensorStatement> others =
        List.of(
            new TensorStatement(
                s.scheme(), s.dtype(), Shape.of(3, 5, 7), s.setup(), s.context(), s.parameters()),
            new TensorStatement(
                s.scheme(), DType.F16, s.shape(), s.setup(), s.context(), s.parameters()),
            new TensorStatement(
                s.scheme(), DType.F32, s.shape(), s.setup(), s.context(), s.parameters()),
            new TensorStatement(
                s.scheme(), s.dtype(), s.shape(), CONTEXT, s.context(), s.parameters()),
            new TensorStatement(
                "other", s.dtype(), s.shape(), s.setup(), s.context(), s.parameters()),
            new TensorStatement(
                s.scheme(), s.dtype(), s.shape(), s.setup(), s.context(), List.of(2, 2)));
    for (TensorStatement other : others) {
      TensorOutcome outcome = check(new TensorRoot(other, root), region, opening);
      // The quotients of a grid hang on no challenge: there the type is bound by whoever signs the
      // statement with the root, and the same bits under another type are another statement.
      boolean bound =
          subject().setupId().equals(KzgSetup.ETHEREUM_ID)
              || subject().name().equals("merkle")
              || other.dtype() != DType.F16;
      if (bound) {
        assertThat(outcome).as("%s", other).isNotEqualTo(TensorOutcome.VERIFIED);
      }
    }
    assertThat(check(new TensorRoot(others.get(3), root), region, opening))
        .isEqualTo(TensorOutcome.WRONG_SETUP);
    assertThat(check(new TensorRoot(others.get(4), root), region, opening))
        .isEqualTo(TensorOutcome.WRONG_SCHEME);
    assertThat(check(new TensorRoot(others.get(5), root), region, opening))
        .isEqualTo(TensorOutcome.WRONG_STATEMENT);
  }

  @Test
  void batch_manyTensorsAndRegions_holdsAndFailsWhenPermuted() {
    CommittedTensor first = subject().commit(tensor(SHAPE, 1), CONTEXT);
    CommittedTensor second = subject().commit(tensor(SHAPE, 2), CONTEXT);
    Region a = Region.entry(1, 1, 1);
    Region b = Region.slice(SHAPE, 2, 4);
    TensorOpening opening =
        subject().open(List.of(new OpenRequest(first, a), new OpenRequest(second, b)), NONCE);
    Claim one = new Claim(first.root(), a);
    Claim two = new Claim(second.root(), b);
    assertThat(subject().verify(List.of(one, two), NONCE, opening).outcome())
        .isEqualTo(TensorOutcome.VERIFIED);
    assertThat(subject().verify(List.of(two, one), NONCE, opening).outcome())
        .isEqualTo(TensorOutcome.WRONG_REGION);
    List<Claim> crossed = List.of(new Claim(second.root(), a), new Claim(first.root(), b));
    assertThat(subject().verify(crossed, NONCE, opening).verified()).isFalse();
    assertThat(subject().verify(List.of(one), NONCE, opening).verified()).isFalse();
  }

  @Test
  void update_anyRegion_equalsCommittingAnew() {
    TensorView tensor = tensor(SHAPE, 1);
    TensorView other = tensor(SHAPE, 9);
    CommittedTensor committed = subject().commit(tensor, CONTEXT);
    CommittedTensor fresh = subject().commit(other, CONTEXT);
    Region entry = Region.entry(2, 1, 3);
    committed.update(entry, fresh.read(entry));
    assertThat(committed.read(entry)).isEqualTo(fresh.read(entry));
    assertThat(check(committed.root(), entry, open(committed, entry)))
        .isEqualTo(TensorOutcome.VERIFIED);
    Region all = Region.all(SHAPE);
    committed.update(all, fresh.read(all));
    assertThat(committed.root()).isEqualTo(fresh.root());
    assertThatIllegalArgumentException().isThrownBy(() -> committed.update(entry, new byte[3]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> committed.update(Region.entry(5, 0, 0), new byte[2]));
  }

  @Test
  void append_rowsOneTurnAtATime_equalsCommittingAtOnce() {
    assumeThat(grows()).isTrue();
    TensorView whole = tensor(Shape.of(11, 3, 7), 4);
    CommittedTensor growing = subject().commit(part(whole, 0, 2), CONTEXT);
    growing.append(part(whole, 2, 1));
    growing.append(part(whole, 3, 5));
    growing.append(part(whole, 8, 3));
    CommittedTensor atOnce = subject().commit(whole, CONTEXT);
    assertThat(growing.root()).isEqualTo(atOnce.root());
    Region region = Region.block(new long[] {1, 0, 3}, new long[] {9, 2, 1});
    assertThat(check(growing.root(), region, open(growing, region)))
        .isEqualTo(TensorOutcome.VERIFIED);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> growing.append(tensor(Shape.of(1, 3, 6), 1)));
  }

  static TensorView part(TensorView whole, int from, int count) {
    int rowBytes = whole.rowBytes();
    return TensorView.of(
        whole.dtype(),
        Shape.of(count, 3, 7),
        whole.bytes().slice(from * rowBytes, count * rowBytes));
  }

  @Test
  void commit_emptyTensor_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                subject()
                    .commit(
                        TensorView.of(DType.BF16, Shape.of(0, 3, 7), ByteBuffer.allocate(0)),
                        CONTEXT));
  }

  @Test
  void nan_inAnAlgebraicScheme_isRefusedOnBothSides() {
    TensorView tensor = tensor(SHAPE, 1);
    byte[] bytes = new byte[tensor.bytes().remaining()];
    tensor.bytes().get(bytes);
    bytes[10] = (byte) 0x81;
    bytes[11] = (byte) 0xFF; // 0xFF81: exponent all ones, mantissa 1
    TensorView bad = TensorView.of(DType.BF16, SHAPE, ByteBuffer.wrap(bytes));
    if (subject().name().equals("merkle")) {
      assertThat(subject().commit(bad, CONTEXT).root()).isNotNull();
      return;
    }
    assertThatIllegalArgumentException().isThrownBy(() -> subject().commit(bad, CONTEXT));
    CommittedTensor good = subject().commit(tensor, CONTEXT);
    Region region = Region.entry(0, 0, 5);
    TensorOpening opening = open(good, region);
    TensorOpening forged =
        with(
            opening,
            List.of(new OpenedRegion(region, new byte[] {(byte) 0x81, (byte) 0xFF})),
            opening.points());
    assertThat(check(good.root(), region, forged)).isEqualTo(TensorOutcome.NOT_A_NUMBER);
  }

  @Test
  void cost_isKnownBeforeWork() {
    SchemeCost cost = subject().cost(DType.BF16, SHAPE);
    TensorOpening opening =
        open(subject().commit(tensor(SHAPE, 1), CONTEXT), Region.entry(1, 1, 1));
    assertThat(opening.proofBytes()).isLessThanOrEqualTo(cost.entryProofBytes());
  }
}
