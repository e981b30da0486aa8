package io.verillm.examples.commitment;

import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.demo.DemoModel;
import io.verillm.exec.Models;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorRoot;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.trace.RowCommitter;
import io.verillm.tensorcommit.trace.RowTree;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A verifier that looks at one row of one position in three ways and says what each of them proves:
 *
 * <ol>
 *   <li><b>Bound</b>: the row's Merkle path leads to the signed head. The prover had these bytes
 *       when it signed, before it knew which row would be drawn.
 *   <li><b>One</b>: the point in the row's trace, and the root in the receipt, are commitments to
 *       the very same bytes. Whoever holds only 48 bytes can now be shown single entries of it.
 *   <li><b>Computed</b>: re-executing the ordered model gives the row. Only this says that a model
 *       was run, and only about the rows that were compared.
 * </ol>
 *
 * <p>Run it with the class path of this module: no arguments.
 */
public final class ThreeStatements {
  /** The row that is looked at: the last block's output. */
  static RowKey row(ModelExecutor model) {
    return new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, model.dimensions().layers() - 1);
  }

  private final RowCommitter committer;
  private final RowTree tree;

  /**
   * Makes a verifier.
   *
   * @param tree over the row that is looked at
   */
  public ThreeStatements(RowCommitter committer, RowTree tree) {
    this.committer = committer;
    this.tree = tree;
  }

  /**
   * What holds of a row; each is false where the one before it left nothing to look at.
   *
   * @param bound the prover committed to these bytes
   * @param one point and root are commitments to these bytes
   * @param computed the model gives these bytes
   */
  public record Statements(boolean bound, boolean one, boolean computed) {
    /** For people. */
    public List<String> sentences() {
      return List.of(
          (bound ? "holds: " : "NOT SHOWN: ") + "the prover was bound to this row when it signed",
          (one ? "holds: " : "NOT SHOWN: ") + "its algebraic commitments are to this very row",
          (computed ? "holds: " : "NOT SHOWN: ") + "the ordered model computes this row");
    }
  }

  /**
   * Looks at the row of a position.
   *
   * @param model what the verifier re-executes with, or null if it has none
   */
  public Statements look(
      TraceOpening opening,
      TensorOpening rootOpening,
      TraceHead head,
      List<TensorCommitment> commitments,
      TraceId id,
      TraceLayout layout,
      int position,
      Digest32 nonce,
      Optional<ModelExecutor> model,
      int[] tokens)
      throws MalformedMessageException {
    if (!(opening.verify(head, id, layout) instanceof OpeningOutcome.Verified shown)) {
      return new Statements(false, false, false);
    }
    Optional<TensorView> row = shown.row(position, tree.key());
    Optional<TensorView> point = shown.row(position, tree.key().commitment());
    if (row.isEmpty() || point.isEmpty()) {
      return new Statements(false, false, false);
    }
    byte[] bytes = bytes(row.get());
    boolean one =
        Arrays.equals(committer.commit(ByteBuffer.wrap(bytes)), bytes(point.get()))
            && rootHolds(rootOpening, commitments, id, position, nonce, bytes);
    boolean computed =
        model.isPresent() && Arrays.equals(recompute(model.get(), tokens, position), bytes);
    return new Statements(true, one, computed);
  }

  private boolean rootHolds(
      TensorOpening opening,
      List<TensorCommitment> commitments,
      TraceId id,
      int position,
      Digest32 nonce,
      byte[] row)
      throws MalformedMessageException {
    if (commitments.size() != 1) {
      return false;
    }
    TensorRoot root = TensorRoot.ofReceipt(commitments.get(0));
    Region region = Region.row(root.statement().shape(), position);
    return root.statement().context().equals(tree.context(id))
        && tree.scheme().verify(List.of(new Claim(root, region)), nonce, opening).verified()
        && Arrays.equals(opening.opened().get(0).toByteArray(), row);
  }

  private byte[] recompute(ModelExecutor model, int[] tokens, int position) {
    List<byte[]> found = new ArrayList<>();
    model.prefill(
        tokens,
        new LayerRange(0, model.dimensions().layers()),
        null,
        new CaptureSink() {
          @Override
          public boolean wants(RowKey key) {
            return key.equals(tree.key());
          }

          @Override
          public void accept(RowKey key, int firstPosition, TensorView rows) {
            if (position >= firstPosition && position < firstPosition + rows.shape().dimension(0)) {
              found.add(bytes(rows.row(position - firstPosition)));
            }
          }
        },
        LogitsSink.none());
    return found.get(0);
  }

  private static byte[] bytes(TensorView view) {
    byte[] out = new byte[view.bytes().remaining()];
    view.bytes().get(out);
    return out;
  }

  /** Opens the row and the root at a position, as the prover of a run. */
  static TensorOpening openRoot(RecordedRun run, RowTree tree, int position, Digest32 nonce)
      throws IOException {
    var tensor = tree.commit(run.trace());
    Region region = Region.row(tensor.root().statement().shape(), position);
    return tree.scheme().open(List.of(new OpenRequest(tensor, region)), nonce);
  }

  /** Opens all rows of a position by their Merkle paths. */
  static TraceOpening openRows(RecordedRun run, int position) throws IOException {
    List<Integer> rows = run.trace().layout().rows().stream().map(TraceLayout.Row::index).toList();
    return TraceOpening.open(run.trace(), Map.of(position, rows));
  }

  /** Prints the three statements about an honest run. */
  public static void main(String[] arguments) throws Exception {
    Path folder = DemoModel.MAIN.copyTo(Files.createTempDirectory("statements"));
    try (var loaded = Models.load(folder)) {
      ModelExecutor model = loaded.executor();
      int[] tokens = loaded.tokenizer().encode("In the beginning God created", true);
      KzgSetup setup = KzgSetup.ethereum(CurveBackends.best());
      RowCommitter committer = new RowCommitter(setup);
      RowTree tree = RowTree.terkle(setup, row(model));
      TraceId id =
          TraceId.compute(
              Digest32.sha256(), new byte[32], TraceRole.PROVER, RecordedRun.PROFILE.digest());
      RecordedRun run = RecordedRun.of(model, tokens, id, committer, tree);
      Digest32 nonce = Digest32.sha256(new byte[] {1}); // the verifier's, after the receipt
      int position = tokens.length / 2;
      Statements found =
          new ThreeStatements(committer, tree)
              .look(
                  openRows(run, position),
                  openRoot(run, tree, position, nonce),
                  run.head(),
                  run.commitments(),
                  id,
                  run.trace().layout(),
                  position,
                  nonce,
                  Optional.of(model),
                  tokens);
      found.sentences().forEach(System.out::println);
    }
  }
}
