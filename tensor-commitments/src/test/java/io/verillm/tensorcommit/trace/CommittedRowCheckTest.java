package io.verillm.tensorcommit.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.RowTensors;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorRoot;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TerkleTensors;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.vector.EthereumSetup;
import io.verillm.tensorcommit.vector.InsecureSetup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Committed points beside rows, and roots in receipts: agreement, and every way to disagree. */
class CommittedRowCheckTest {
  private static final RowCommitter COMMITTER = new RowCommitter(EthereumSetup.get());
  private static final RowTree TREE = RowTree.terkle(EthereumSetup.get(), CommittedRun.LAST);
  private static final CommittedRowCheck CHECK = new CommittedRowCheck(COMMITTER);
  private static final Digest32 CHALLENGE = Digest32.sha256(new byte[] {9});
  private static final UnaryOperator<Map.Entry<RowKey, TensorView>> HONEST = row -> row;

  private final CommittedRun run = run(HONEST);

  private static CommittedRun run(UnaryOperator<Map.Entry<RowKey, TensorView>> lie) {
    return new CommittedRun(model -> new CommittingExecutor(model, COMMITTER, TREE), lie);
  }

  private static CheckResult result(CommittedRowCheck check, ReplaySubject subject) {
    return check.begin(subject, subject.receipt().executionClass()).result();
  }

  private RootOpening open(Integer... positions) throws IOException {
    return RootOpening.of(TREE, run.trace, List.of(positions), CHALLENGE);
  }

  private ReplaySubject subject(int... positions) throws IOException {
    return run.subject(run.receipt, run.allRows(), positions);
  }

  /** The point of a BF16 row is the one that the scheme kzg gives the row as a tensor. */
  @Test
  void commit_row_isThePointOfTheSchemeKzg() throws MalformedMessageException {
    byte[] row = new byte[2 * 5000];
    new Random(4).nextBytes(row);
    TensorView tensor = TensorView.of(DType.U16, Shape.of(1, 5000), ByteBuffer.wrap(row));
    RowTensors rows = new RowTensors(EthereumSetup.get().scheme(4096));
    CommittedTensor committed = rows.commit(tensor, TensorStatement.NONE);
    TensorOpening whole =
        rows.open(List.of(new OpenRequest(committed, Region.all(tensor.shape()))), CHALLENGE);
    byte[] points = COMMITTER.commit(ByteBuffer.wrap(row));
    assertThat(points).hasSize(96);
    assertThat(Arrays.copyOf(points, 48)).isEqualTo(whole.points().get(0).encode());
    assertThat(Arrays.copyOfRange(points, 48, 96)).isEqualTo(whole.points().get(1).encode());
  }

  @Test
  void commit_oddRow_isThatOfTheRowWithAZeroByteAndAnyBitChangesIt() {
    byte[] odd = {1, 2, 3};
    byte[] point = COMMITTER.commit(ByteBuffer.wrap(odd));
    assertThat(COMMITTER.commit(ByteBuffer.wrap(new byte[] {1, 2, 3, 0}))).isEqualTo(point);
    for (int bit = 0; bit < 24; bit++) {
      byte[] other = odd.clone();
      other[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(COMMITTER.commit(ByteBuffer.wrap(other))).isNotEqualTo(point);
    }
  }

  @Test
  void result_honestRun_holdsForPointsAndRoot() throws IOException {
    CheckResult points = result(CHECK, subject(0, 3));
    assertThat(points).isInstanceOf(CheckResult.Held.class);
    assertThat(points.statement())
        .startsWith("10 committed points") // two positions, five rows each
        .contains("1 tensor roots were not opened");
    CheckResult both = result(CHECK.withOpening(open(0, 3)), subject(0, 3));
    assertThat(both).isInstanceOf(CheckResult.Held.class);
    assertThat(both.statement()).contains("2 rows in the receipt's terkle-kzg root");
  }

  /** A prover that commits to another row than the one beside it, in any of the rows. */
  @Test
  void result_pointOfAnotherRow_failsThere() throws IOException {
    RowKey target = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 1);
    byte[] other = COMMITTER.commit(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    int[] seen = {0};
    CommittedRun lying =
        run(
            row ->
                row.getKey().equals(target.commitment()) && seen[0]++ == 3
                    ? Map.entry(
                        row.getKey(),
                        TensorView.of(DType.U8, Shape.of(1, 48), ByteBuffer.wrap(other)))
                    : row);
    CheckResult found = result(CHECK, lying.subject(lying.receipt, lying.allRows(), 0, 1, 2, 3, 4));
    assertThat(found)
        .isInstanceOfSatisfying(
            CheckResult.Failed.class,
            failed -> {
              assertThat(failed.reason()).isEqualTo(Reason.COMMITMENT_MISMATCH);
              assertThat(failed.location()).isEqualTo(Location.ofRow(1, 3));
            });
    assertThat(result(CHECK, lying.subject(lying.receipt, lying.allRows(), 0, 1, 2, 4)))
        .isInstanceOf(CheckResult.Held.class); // what is not opened is not looked at
  }

  /** Root over the rows as computed, trace over others: both signed, and they contradict. */
  @Test
  void result_rootOverOtherRows_fails() throws IOException {
    CommittedTensor tensor = TREE.commit(run.trace);
    byte[] wrong = tensor.read(Region.entry(3, 1));
    wrong[0] ^= 1;
    tensor.update(Region.entry(3, 1), wrong);
    Receipt signed = run.receipt(List.of(tensor.root().toReceipt()));
    Shape shape = tensor.root().statement().shape();
    TensorOpening opening =
        TREE.scheme().open(List.of(new OpenRequest(tensor, Region.row(shape, 3))), CHALLENGE);
    CheckResult found =
        result(
            CHECK.withOpening(new RootOpening(TREE, CHALLENGE, opening)),
            run.subject(signed, run.allRows(), 3));
    assertThat(found)
        .isInstanceOfSatisfying(
            CheckResult.Failed.class,
            failed -> assertThat(failed.location()).isEqualTo(Location.ofRow(1, 3)));
  }

  /** An opening is unsigned: whatever is wrong with it accuses nobody. */
  @Test
  void result_openingThatDoesNotVerify_isUndecided() throws IOException {
    RootOpening good = open(1, 2);
    List<RootOpening> bad =
        List.of(
            open(1),
            open(2, 1),
            open(1, 3),
            new RootOpening(TREE, Digest32.sha256(), good.opening()),
            new RootOpening(
                TREE,
                CHALLENGE,
                new TensorOpening(
                    good.opening().scheme(),
                    CHALLENGE,
                    good.opening().opened(),
                    good.opening().points().subList(1, good.opening().points().size()),
                    List.of(),
                    List.of())));
    for (RootOpening each : bad) {
      assertThat(result(CHECK.withOpening(each), subject(1, 2)))
          .isInstanceOf(CheckResult.Undecided.class);
    }
  }

  /** A root of another trace, of another row, of another scheme, or of no scheme that we know. */
  @Test
  void result_rootThatIsNotThisTracesRow_isUndecided() throws IOException {
    RowTree keys =
        RowTree.terkle(EthereumSetup.get(), new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 0));
    TensorRoot own = TREE.commit(run.trace).root();
    TensorStatement s = own.statement();
    TensorRoot otherTrace =
        new TensorRoot(
            new TensorStatement(
                s.scheme(), s.dtype(), s.shape(), s.setup(), Digest32.sha256(), s.parameters()),
            own.root());
    List<List<TensorCommitment>> carried = new ArrayList<>();
    carried.add(List.of());
    carried.add(List.of(keys.commit(run.trace).root().toReceipt()));
    carried.add(List.of(otherTrace.toReceipt()));
    carried.add(List.of(new TensorCommitment("terkle-kzg", new byte[] {1, 2, 3})));
    carried.add(List.of(new TensorCommitment("tomorrow", own.encode())));
    carried.add(List.of(own.toReceipt(), own.toReceipt()));
    for (List<TensorCommitment> roots : carried) {
      CheckResult found =
          result(
              CHECK.withOpening(open(1, 2)), run.subject(run.receipt(roots), run.allRows(), 1, 2));
      assertThat(found).isInstanceOf(CheckResult.Undecided.class);
    }
  }

  /** The shape is signed and follows from the receipt's own counts. */
  @Test
  void result_rootOfAnotherShape_fails() throws IOException {
    TensorRoot own = TREE.commit(run.trace).root();
    TensorStatement s = own.statement();
    for (Shape shape : List.of(Shape.of(4, 5), Shape.of(5, 4), Shape.of(5, 6))) {
      TensorRoot reshaped =
          new TensorRoot(
              new TensorStatement(
                  s.scheme(), s.dtype(), shape, s.setup(), s.context(), s.parameters()),
              own.root());
      CheckResult found =
          result(
              CHECK.withOpening(open(1)),
              run.subject(run.receipt(List.of(reshaped.toReceipt())), run.allRows(), 1));
      assertThat(found).isInstanceOf(CheckResult.Failed.class);
    }
  }

  /** Whoever made an insecure setup can open lies under it, so nothing under it accuses. */
  @Test
  void result_insecureSetup_neverFails() throws IOException {
    RowTree insecure =
        new RowTree(
            new TerkleTensors(
                InsecureSetup.generate(new int[] {4, 4}, new byte[16], CurveBackends.best())
                    .scheme(),
                4,
                4),
            CommittedRun.LAST);
    CommittedTensor tensor = insecure.commit(run.trace);
    tensor.update(Region.entry(1, 0), new byte[] {1, 2});
    TensorOpening opening =
        insecure
            .scheme()
            .open(
                List.of(new OpenRequest(tensor, Region.row(tensor.root().statement().shape(), 1))),
                CHALLENGE);
    CheckResult found =
        result(
            CHECK.withOpening(new RootOpening(insecure, CHALLENGE, opening)),
            run.subject(run.receipt(List.of(tensor.root().toReceipt())), run.allRows(), 1));
    assertThat(found).isInstanceOf(CheckResult.Undecided.class);
    assertThat(found.statement()).contains("INSECURE");
  }

  /** Points without their rows show nothing; no points at all are a check that did not run. */
  @Test
  void result_nothingToCompare_isNotHeld() throws IOException {
    List<Integer> points =
        run.allRows().stream()
            .filter(i -> run.trace.layout().row(i).key().kind() == TensorKind.COMMITMENT)
            .toList();
    List<Integer> rows = run.allRows().stream().filter(index -> !points.contains(index)).toList();
    assertThat(result(CHECK, run.subject(run.receipt, points, 1, 2)))
        .isInstanceOf(CheckResult.Undecided.class);
    assertThat(result(CHECK, run.subject(run.receipt, rows, 1, 2)))
        .isInstanceOf(CheckResult.Unavailable.class);
  }

  /** What a receipt carries is what decodes from it, and its name must be the statement's. */
  @Test
  void root_throughAReceipt_isTheSameAndAWrongNameIsRefused() throws Exception {
    Receipt decoded = Receipt.decode(run.receipt.encode());
    assertThat(decoded.commitments()).hasSize(1);
    TensorRoot root = TensorRoot.ofReceipt(decoded.commitments().get(0));
    assertThat(root).isEqualTo(TREE.commit(run.trace).root());
    assertThat(root.statement().context()).isEqualTo(TREE.context(run.trace.id()));
    assertThat(root.statement().shape()).isEqualTo(Shape.of(CommittedRun.POSITIONS, 5));
    TensorCommitment misnamed = new TensorCommitment("kzg", root.encode());
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> TensorRoot.ofReceipt(misnamed))
        .withMessageContaining("another scheme");
  }

  @Test
  void context_otherTraceOrRow_isAnother() {
    TraceId other = new TraceId(Digest32.sha256(new byte[] {5}));
    RowTree keys = new RowTree(TREE.scheme(), new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 1));
    RowTree layer =
        new RowTree(TREE.scheme(), new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, 0));
    assertThat(
            List.of(
                TREE.context(run.trace.id()),
                TREE.context(other),
                keys.context(other),
                layer.context(other)))
        .doesNotHaveDuplicates();
  }
}
