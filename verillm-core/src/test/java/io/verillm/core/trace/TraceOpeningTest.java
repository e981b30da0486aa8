package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.OpeningOutcome.Kind;
import io.verillm.core.trace.OpeningOutcome.Mismatch;
import io.verillm.core.trace.OpeningOutcome.Verified;
import io.verillm.core.tree.MultiProof;
import io.verillm.core.tree.ReferenceTree;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TraceOpeningTest {
  private static final TraceLayout LAYOUT = TraceFixtures.LAYOUT;
  private static final long LIMIT = 1 << 20;
  private MemoryTrace trace;
  private TraceHead head;
  private TraceOpening opening;

  @BeforeEach
  void open() throws Exception {
    trace = TraceFixtures.trace(9);
    head = trace.head();
    opening = TraceOpening.open(trace, TraceFixtures.request());
  }

  @Test
  void verify_honestOpening_givesRowsAndTokens() throws Exception {
    TraceOpening sent = TraceOpening.decode(opening.encode(), LIMIT);
    assertThat(sent).isEqualTo(opening);
    Verified verified =
        (Verified) sent.verify(head, TraceFixtures.ID, LAYOUT, TraceFixtures.request());
    assertThat(verified.entries())
        .extracting(PositionEntry::position)
        .containsExactly(0, 3, 4, 6, 8);
    assertThat(verified.token(3)).hasValue(13);
    assertThat(verified.token(8)).hasValue(18);
    assertThat(verified.token(5)).isEmpty();
    assertThat(verified.entry(0).orElseThrow().loaded()).isTrue();
    for (int rowIndex : new int[] {0, 2, 4}) {
      TraceLayout.Row row = LAYOUT.row(rowIndex);
      assertThat(verified.row(3, row.key()).orElseThrow().bytes())
          .isEqualTo(
              ByteBuffer.wrap(TraceFixtures.rowBytes(LAYOUT, 3), row.byteOffset(), row.rowBytes()));
    }
    assertThat(verified.row(3, LAYOUT.row(1).key())).isEmpty();
    assertThat(verified.row(4, LAYOUT.row(0).key())).isEmpty();
    assertThat(verified.rowsAt(3))
        .containsExactly(LAYOUT.row(0).key(), LAYOUT.row(2).key(), LAYOUT.row(4).key());
    assertThat(verified.rowsAt(5)).isEmpty();
  }

  @Test
  void verify_everySingleRow_opensAlone() throws Exception {
    for (int position = 2; position < 8; position++) {
      for (int row = 0; row < LAYOUT.rows().size(); row++) {
        Map<Integer, List<Integer>> request = Map.of(position, List.of(row));
        assertThat(
                TraceOpening.open(trace, request).verify(head, TraceFixtures.ID, LAYOUT, request))
            .isInstanceOf(Verified.class);
      }
    }
  }

  @Test
  void verify_somethingAskedForIsLeftOut_isNotOpened() {
    assertThat(opening.verify(head, TraceFixtures.ID, LAYOUT, Map.of(3, List.of(0, 1, 2))))
        .isEqualTo(new Mismatch(Kind.NOT_OPENED, 3, 1));
    assertThat(opening.verify(head, TraceFixtures.ID, LAYOUT, Map.of(5, List.of())))
        .isEqualTo(new Mismatch(Kind.NOT_OPENED, 5, -1));
    // A position without rows cannot satisfy a request for them.
    assertThat(opening.verify(head, TraceFixtures.ID, LAYOUT, Map.of(8, List.of(0))))
        .isEqualTo(new Mismatch(Kind.NOT_OPENED, 8, 0));
  }

  @Test
  void verify_anotherTrace_isLeafZero() {
    TraceId other =
        TraceId.compute(
            Digest32.sha256(new byte[1]),
            TraceFixtures.filled(32, 2),
            TraceRole.PROVER,
            TraceFixtures.PROFILE.digest());
    expect(opening, head, other, LAYOUT, Kind.LEAF_ZERO, -1, -1);
    // Naming the expected trace does not help: leaf 0 is under the root.
    TraceOpening renamed =
        new TraceOpening(other, opening.leafCount(), opening.positions(), opening.logProof());
    expect(renamed, head, other, LAYOUT, Kind.LOG_PATH, -1, -1);
  }

  @Test
  void verify_otherHead_isRefused() {
    expect(
        opening,
        new TraceHead(ReferenceTree.flip(head.root(), 9), head.leafCount()),
        TraceFixtures.ID,
        LAYOUT,
        Kind.LOG_PATH,
        -1,
        -1);
    for (long leaves : new long[] {1, 4, 9, 11, TraceHead.MAX_LEAVES}) {
      TraceHead other = new TraceHead(head.root(), leaves);
      expect(opening, other, TraceFixtures.ID, LAYOUT, Kind.LEAF_COUNT, -1, -1);
    }
    // An opening that claims the head's wrong count as its own gets no further.
    TraceOpening longer =
        new TraceOpening(TraceFixtures.ID, 300, opening.positions(), opening.logProof());
    TraceHead claimed = new TraceHead(head.root(), 300);
    expect(longer, claimed, TraceFixtures.ID, LAYOUT, Kind.UNFED_INSIDE, 8, -1);
    TraceOpening shorter =
        new TraceOpening(TraceFixtures.ID, 8, opening.positions(), opening.logProof());
    expect(
        shorter,
        new TraceHead(head.root(), 8),
        TraceFixtures.ID,
        LAYOUT,
        Kind.POSITION_RANGE,
        8,
        -1);
  }

  @Test
  void verify_otherLayout_isRefused() {
    ModelDimensions wider = new ModelDimensions(2, 6, 3, 2, 100, 64);
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(TraceFixtures.PROFILE, wider),
        Kind.ROW_SHAPE,
        3,
        4);
    ModelDimensions fewerTokens = new ModelDimensions(2, 5, 3, 2, 15, 64);
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(TraceFixtures.PROFILE, fewerTokens),
        Kind.TOKEN_RANGE,
        6,
        -1);
    TraceProfile onlyKeys = new TraceProfile(TraceFixtures.PROFILE.entries().subList(0, 1), 8);
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(onlyKeys, TraceFixtures.DIMENSIONS),
        Kind.TOKEN_PATH,
        0,
        -1);
    TraceProfile otherChunks = new TraceProfile(TraceFixtures.PROFILE.entries(), 12);
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(otherChunks, TraceFixtures.DIMENSIONS),
        Kind.SALT_LENGTH,
        0,
        0);
    // Same widths and chunks, other meaning: the leaf's tag tells them apart.
    List<TraceProfile.Entry> beforeRope = new ArrayList<>(TraceFixtures.PROFILE.entries());
    beforeRope.set(
        0,
        new TraceProfile.Entry(
            TensorKind.KEY, HookPoint.BEFORE_ROPE, new LayerSelection.All(), DType.F32));
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(new TraceProfile(beforeRope, 8), TraceFixtures.DIMENSIONS),
        Kind.TOKEN_PATH,
        0,
        -1);
    List<TraceProfile.Entry> integers = new ArrayList<>(TraceFixtures.PROFILE.entries());
    integers.set(
        0,
        new TraceProfile.Entry(
            TensorKind.KEY, HookPoint.AFTER_ROPE, new LayerSelection.All(), DType.I32));
    expect(
        opening,
        head,
        TraceFixtures.ID,
        TraceLayout.of(new TraceProfile(integers, 8), TraceFixtures.DIMENSIONS),
        Kind.TOKEN_PATH,
        0,
        -1);
  }

  @Test
  void verify_entryFieldsChanged_areRefused() {
    Digest32 root = trace.entry(3).tokenRoot();
    changedEntry(entry -> new PositionEntry(2, 13, root, false), Kind.LOG_PATH, -1);
    changedEntry(entry -> new PositionEntry(3, 14, root, false), Kind.LOG_PATH, -1);
    changedEntry(entry -> new PositionEntry(3, 100, root, false), Kind.TOKEN_RANGE, 3);
    changedEntry(entry -> new PositionEntry(3, 13, root, true), Kind.LOG_PATH, -1);
    changedEntry(
        entry -> new PositionEntry(3, 13, ReferenceTree.flip(root, 0), false), Kind.LOG_PATH, -1);
  }

  private void changedEntry(UnaryOperator<PositionEntry> change, Kind kind, int position) {
    TraceOpening changed =
        replace(
            1, old -> new OpenedPosition(change.apply(old.entry()), old.rows(), old.tokenProof()));
    expect(changed, head, TraceFixtures.ID, LAYOUT, kind, position, -1);
  }

  @Test
  void verify_committedAsUnfedInside_isRefused() throws Exception {
    // A prover that commits to "never fed" in the middle escapes no challenge there.
    MemoryTrace forged = new MemoryTrace();
    forged.begin(TraceFixtures.ID, LAYOUT, TraceFixtures.SECRET);
    for (int position = 0; position < 4; position++) {
      forged.append(new PositionEntry(position, 1, null, false), null);
    }
    Map<Integer, List<Integer>> request = Map.of(1, List.of());
    assertThat(
            TraceOpening.open(forged, request)
                .verify(forged.head(), TraceFixtures.ID, LAYOUT, request))
        .isEqualTo(new Mismatch(Kind.UNFED_INSIDE, 1, -1));
    assertThat(
            TraceOpening.open(forged, Map.of(3, List.of()))
                .verify(forged.head(), TraceFixtures.ID, LAYOUT))
        .isInstanceOf(Verified.class);
  }

  @Test
  void verify_rowFieldsChanged_areRefused() {
    OpenedRow row = opening.positions().get(1).rows().get(1);
    byte[] data = row.data();
    byte[] salts = row.salts();
    for (int bit = 0; bit < data.length * 8; bit++) {
      changedRow(OpenedRow.copyOf(2, flip(data, bit), salts), Kind.TOKEN_PATH, -1);
    }
    for (int bit = 0; bit < salts.length * 8; bit++) {
      changedRow(OpenedRow.copyOf(2, data, flip(salts, bit)), Kind.TOKEN_PATH, -1);
    }
    changedRow(OpenedRow.copyOf(2, Arrays.copyOf(data, 7), salts), Kind.ROW_SHAPE, 2);
    changedRow(OpenedRow.copyOf(2, Arrays.copyOf(data, 9), salts), Kind.ROW_SHAPE, 2);
    changedRow(OpenedRow.copyOf(2, new byte[0], salts), Kind.ROW_SHAPE, 2);
    changedRow(OpenedRow.copyOf(2, data, new byte[0]), Kind.SALT_LENGTH, 2);
    changedRow(OpenedRow.copyOf(2, data, Arrays.copyOf(salts, 15)), Kind.SALT_LENGTH, 2);
    changedRow(OpenedRow.copyOf(2, data, Arrays.copyOf(salts, 32)), Kind.SALT_LENGTH, 2);
    changedRow(OpenedRow.copyOf(3, data, salts), Kind.TOKEN_PATH, -1); // same size, other layer
    changedRow(OpenedRow.copyOf(1, data, salts), Kind.ROW_SHAPE, 1);
  }

  private void changedRow(OpenedRow row, Kind kind, int rowIndex) {
    TraceOpening changed =
        replace(
            1,
            old ->
                new OpenedPosition(
                    old.entry(),
                    List.of(old.rows().get(0), row, old.rows().get(2)),
                    old.tokenProof()));
    expect(changed, head, TraceFixtures.ID, LAYOUT, kind, 3, rowIndex);
  }

  @Test
  void verify_rowsLeftOutOrAdded_areRefused() {
    OpenedPosition old = opening.positions().get(1);
    for (int left = 0; left < 3; left++) {
      List<OpenedRow> rows = new ArrayList<>(old.rows());
      rows.remove(left);
      expect(
          replace(1, p -> new OpenedPosition(p.entry(), rows, p.tokenProof())),
          head,
          TraceFixtures.ID,
          LAYOUT,
          Kind.TOKEN_PATH,
          3,
          -1);
    }
    List<OpenedRow> more = new ArrayList<>(old.rows());
    more.add(OpenedRow.copyOf(5, new byte[8], new byte[16]));
    expect(
        replace(1, p -> new OpenedPosition(p.entry(), more, p.tokenProof())),
        head,
        TraceFixtures.ID,
        LAYOUT,
        Kind.ROW_INDEX,
        3,
        5);
  }

  @Test
  void verify_proofNodesChanged_areRefused() {
    for (int at = 0; at < opening.logProof().nodes().size(); at++) {
      for (MultiProof proof : changes(opening.logProof(), at)) {
        TraceOpening changed =
            new TraceOpening(opening.id(), opening.leafCount(), opening.positions(), proof);
        expect(changed, head, TraceFixtures.ID, LAYOUT, Kind.LOG_PATH, -1, -1);
      }
    }
    MultiProof token = opening.positions().get(1).tokenProof();
    assertThat(token.nodes()).isNotEmpty();
    for (int at = 0; at < token.nodes().size(); at++) {
      for (MultiProof proof : changes(token, at)) {
        expect(
            replace(1, p -> new OpenedPosition(p.entry(), p.rows(), proof)),
            head,
            TraceFixtures.ID,
            LAYOUT,
            Kind.TOKEN_PATH,
            3,
            -1);
      }
    }
  }

  private static List<MultiProof> changes(MultiProof proof, int at) {
    List<Digest32> flipped = new ArrayList<>(proof.nodes());
    flipped.set(at, ReferenceTree.flip(flipped.get(at), 100));
    List<Digest32> removed = new ArrayList<>(proof.nodes());
    removed.remove(at);
    List<Digest32> doubled = new ArrayList<>(proof.nodes());
    doubled.add(at, doubled.get(at));
    return List.of(new MultiProof(flipped), new MultiProof(removed), new MultiProof(doubled));
  }

  @Test
  void verify_positionsLeftOutOrSwapped_areRefused() {
    for (int left = 0; left < opening.positions().size(); left++) {
      List<OpenedPosition> positions = new ArrayList<>(opening.positions());
      positions.remove(left);
      TraceOpening changed =
          new TraceOpening(opening.id(), opening.leafCount(), positions, opening.logProof());
      expect(changed, head, TraceFixtures.ID, LAYOUT, Kind.LOG_PATH, -1, -1);
    }
  }

  @Test
  void verify_rowsOfAnotherPosition_areRefused() throws Exception {
    // Position 5's honest rows, salts and proof under position 6's entry.
    OpenedPosition five = TraceOpening.open(trace, Map.of(5, List.of(4))).positions().get(0);
    TraceOpening changed =
        replace(3, p -> new OpenedPosition(p.entry(), five.rows(), five.tokenProof()));
    expect(changed, head, TraceFixtures.ID, LAYOUT, Kind.TOKEN_PATH, 6, -1);
  }

  @Test
  void construct_disorder_isRefused() {
    OpenedPosition a = opening.positions().get(0);
    OpenedPosition b = opening.positions().get(1);
    assertThatIllegalArgumentException().isThrownBy(() -> withPositions(b, a));
    assertThatIllegalArgumentException().isThrownBy(() -> withPositions(a, a));
    assertThatIllegalArgumentException().isThrownBy(() -> withPositions());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new OpenedPosition(
                    b.entry(), List.of(b.rows().get(1), b.rows().get(0)), b.tokenProof()));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new OpenedPosition(
                    b.entry(), List.of(b.rows().get(0), b.rows().get(0)), b.tokenProof()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OpenedPosition(b.entry(), List.of(), b.tokenProof()));
    PositionEntry rootless = new PositionEntry(3, 13, null, true);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OpenedPosition(rootless, b.rows(), b.tokenProof()));
  }

  private TraceOpening withPositions(OpenedPosition... positions) {
    return new TraceOpening(
        opening.id(), opening.leafCount(), List.of(positions), opening.logProof());
  }

  @Test
  void open_revealsOnlyItsOwnSalts() {
    TraceSalts salts = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    byte[] sent = opening.encode();
    for (int position = 0; position < 9; position++) {
      for (TraceLayout.Row row : LAYOUT.rows()) {
        for (int chunk = 0; chunk < row.chunks(); chunk++) {
          byte[] salt = salts.salt(position * 9L + row.firstLeaf() + chunk);
          boolean asked =
              TraceFixtures.request().getOrDefault(position, List.of()).contains(row.index());
          assertThat(indexOf(sent, salt) >= 0)
              .as("position %d row %d chunk %d", position, row.index(), chunk)
              .isEqualTo(asked);
        }
      }
    }
    assertThat(indexOf(sent, TraceFixtures.SECRET.toByteArray())).isNegative();
  }

  @Test
  void open_whatDoesNotExist_isRefused() {
    for (Map<Integer, List<Integer>> request :
        List.<Map<Integer, List<Integer>>>of(
            Map.of(),
            Map.of(-1, List.of(0)),
            Map.of(9, List.of(0)),
            Map.of(3, List.of(5)),
            Map.of(3, List.of(-1)),
            Map.of(1, List.of(0)),
            Map.of(8, List.of(0)))) {
      assertThatIllegalArgumentException().isThrownBy(() -> TraceOpening.open(trace, request));
    }
  }

  @Test
  void open_keptRowsChanged_isRefusedInsteadOfSent() throws Exception {
    MemoryTrace changed = new MemoryTrace();
    changed.begin(TraceFixtures.ID, LAYOUT, TraceFixtures.SECRET);
    byte[] rows = TraceFixtures.rowBytes(LAYOUT, 2);
    changed.append(
        new PositionEntry(0, 1, trace.entry(2).tokenRoot(), false), ByteBuffer.wrap(rows));
    assertThatIllegalStateException()
        .isThrownBy(() -> TraceOpening.open(changed, Map.of(0, List.of(0))));
  }

  @Test
  void decode_truncatedExtendedOrOverTheLimit_isMalformed() throws Exception {
    byte[] good = opening.encode();
    for (int length = 0; length <= good.length + 1; length++) {
      byte[] bytes = Arrays.copyOf(good, length);
      if (length != good.length) {
        malformed(bytes, LIMIT);
      }
    }
    malformed(good, good.length - 1);
    assertThat(TraceOpening.decode(good, good.length)).isEqualTo(opening);
  }

  @Test
  void decode_anyByteChanged_isMalformedOrMismatch() {
    byte[] good = opening.encode();
    for (int at = 0; at < good.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] bytes = good.clone();
        bytes[at] ^= (byte) (1 << bit);
        try {
          TraceOpening changed = TraceOpening.decode(bytes, LIMIT);
          assertThat(changed.encode()).isEqualTo(bytes);
          assertThat(changed.verify(head, TraceFixtures.ID, LAYOUT))
              .as("bit %d of byte %d", bit, at)
              .isInstanceOf(Mismatch.class);
        } catch (MalformedMessageException e) {
          assertThat(e.offset()).isBetween(0L, (long) good.length);
        }
      }
    }
  }

  private TraceOpening replace(int at, UnaryOperator<OpenedPosition> change) {
    List<OpenedPosition> positions = new ArrayList<>(opening.positions());
    positions.set(at, change.apply(positions.get(at)));
    return new TraceOpening(opening.id(), opening.leafCount(), positions, opening.logProof());
  }

  private static void expect(
      TraceOpening opening,
      TraceHead head,
      TraceId id,
      TraceLayout layout,
      Kind kind,
      int position,
      int row) {
    assertThat(opening.verify(head, id, layout)).isEqualTo(new Mismatch(kind, position, row));
  }

  private static void malformed(byte[] bytes, long limit) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TraceOpening.decode(bytes, limit));
  }

  private static byte[] flip(byte[] bytes, int bit) {
    byte[] flipped = bytes.clone();
    flipped[bit / 8] ^= (byte) (1 << bit % 8);
    return flipped;
  }

  private static int indexOf(byte[] in, byte[] what) {
    for (int at = 0; at + what.length <= in.length; at++) {
      if (Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    return -1;
  }
}
