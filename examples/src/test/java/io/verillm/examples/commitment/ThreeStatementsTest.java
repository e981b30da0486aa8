package io.verillm.examples.commitment;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.demo.DemoModel;
import io.verillm.examples.commitment.ThreeStatements.Statements;
import io.verillm.exec.Models;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.trace.RowCommitter;
import io.verillm.tensorcommit.trace.RowTree;
import io.verillm.tensorcommit.vector.KzgSetup;
import io.verillm.testkit.AlteredWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each statement can fail alone of the others that do not rest on it. */
class ThreeStatementsTest {
  private static final int[] TOKENS = {5, 17, 300, 42, 1999, 8};
  private static final int POSITION = 3;
  private static final Digest32 NONCE = Digest32.sha256(new byte[] {1});
  private static final TraceId ID =
      TraceId.compute(
          Digest32.sha256(), new byte[32], TraceRole.PROVER, RecordedRun.PROFILE.digest());

  @TempDir private static Path scratch;
  private static Models.LoadedModel ordered;
  private static Models.LoadedModel cheaper;
  private static RowCommitter committer;
  private static RowTree tree;
  private static RowTree otherTree;
  private static RecordedRun honest;

  @BeforeAll
  static void load() throws Exception {
    Path folder = DemoModel.MAIN.copyTo(scratch.resolve("model"));
    ordered = Models.load(folder);
    cheaper = Models.load(AlteredWeights.int4Groups(folder, scratch.resolve("int4")));
    KzgSetup setup = KzgSetup.ethereum(CurveBackends.best());
    committer = new RowCommitter(setup);
    tree = RowTree.terkle(setup, ThreeStatements.row(ordered.executor()));
    otherTree = RowTree.terkle(setup, new RowKey(TensorKind.KEY, HookPoint.AFTER_ROPE, 0));
    honest = RecordedRun.of(ordered.executor(), TOKENS, ID, committer, tree);
  }

  @AfterAll
  static void close() throws Exception {
    ordered.close();
    cheaper.close();
  }

  private static Statements look(
      RecordedRun run,
      RecordedRun openedRun,
      List<TensorCommitment> commitments,
      Optional<ModelExecutor> model)
      throws Exception {
    TraceOpening rows = ThreeStatements.openRows(openedRun, POSITION);
    return new ThreeStatements(committer, tree)
        .look(
            rows,
            ThreeStatements.openRoot(openedRun, tree, POSITION, NONCE),
            run.head(),
            commitments,
            ID,
            run.trace().layout(),
            POSITION,
            NONCE,
            model,
            TOKENS);
  }

  @Test
  void look_honestRun_showsAllThree() throws Exception {
    Statements found = look(honest, honest, honest.commitments(), Optional.of(ordered.executor()));
    assertThat(found).isEqualTo(new Statements(true, true, true));
    assertThat(found.sentences()).allMatch(sentence -> sentence.startsWith("holds"));
  }

  /** Bound and one, and still not what was ordered: commitments do not compute. */
  @Test
  void look_cheaperModel_isBoundAndOneAndNotComputed() throws Exception {
    RecordedRun run = RecordedRun.of(cheaper.executor(), TOKENS, ID, committer, tree);
    assertThat(look(run, run, run.commitments(), Optional.of(ordered.executor())))
        .isEqualTo(new Statements(true, true, false));
  }

  @Test
  void look_withoutAModel_saysNothingAboutComputing() throws Exception {
    assertThat(look(honest, honest, honest.commitments(), Optional.empty()))
        .isEqualTo(new Statements(true, true, false));
  }

  /** A receipt that carries the root of another run's rows, or of another row. */
  @Test
  void look_rootOfOtherRows_isBoundAndComputedAndNotOne() throws Exception {
    RecordedRun other = RecordedRun.of(cheaper.executor(), TOKENS, ID, committer, tree);
    RecordedRun keys = RecordedRun.of(ordered.executor(), TOKENS, ID, committer, otherTree);
    for (List<TensorCommitment> commitments :
        List.of(other.commitments(), keys.commitments(), List.<TensorCommitment>of())) {
      assertThat(look(honest, honest, commitments, Optional.of(ordered.executor())))
          .isEqualTo(new Statements(true, false, true));
    }
  }

  /** Rows that lead to another head: nothing was shown, whatever else they agree with. */
  @Test
  void look_rowsOfAnotherTrace_showsNothing() throws Exception {
    RecordedRun other = RecordedRun.of(cheaper.executor(), TOKENS, ID, committer, tree);
    assertThat(look(other, honest, honest.commitments(), Optional.of(ordered.executor())))
        .isEqualTo(new Statements(false, false, false));
  }
}
