package io.verillm.tensorcommit.trace;

import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.Trace;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.tensorcommit.CommittedTensor;
import io.verillm.tensorcommit.Region;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.TensorRoot;
import io.verillm.tensorcommit.TensorStatement;
import io.verillm.tensorcommit.TensorVerdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The opening of a receipt's tensor root at the positions whose row a challenge drew, with the
 * challenge's digest as the nonce. Unsigned: only the root, which the receipt carries, is the
 * prover's word.
 *
 * @param tree which root of the receipt
 * @param challenge digest of the challenge that is answered
 * @param opening one row per position, ascending
 */
public record RootOpening(RowTree tree, Digest32 challenge, TensorOpening opening) {
  /** Refuses nulls. */
  public RootOpening {
    Objects.requireNonNull(tree, "tree");
    Objects.requireNonNull(challenge, "challenge");
    Objects.requireNonNull(opening, "opening");
  }

  /**
   * Opens the root of a trace's rows, as the prover.
   *
   * @param positions ascending, at least one, each with rows
   */
  public static RootOpening of(
      RowTree tree, Trace trace, List<Integer> positions, Digest32 challenge) throws IOException {
    CommittedTensor tensor = tree.commit(trace);
    Shape shape = tensor.root().statement().shape();
    List<OpenRequest> requests = new ArrayList<>();
    for (int position : positions) {
      requests.add(new OpenRequest(tensor, Region.row(shape, position)));
    }
    return new RootOpening(tree, challenge, tree.scheme().open(requests, challenge));
  }

  /** The root in a receipt that is bound to this tree and this trace, if one is. */
  static List<TensorRoot> roots(Receipt receipt, RowTree tree, TraceId trace) {
    List<TensorRoot> found = new ArrayList<>();
    for (TensorCommitment commitment : receipt.commitments()) {
      try {
        TensorRoot root = TensorRoot.ofReceipt(commitment);
        if (root.statement().scheme().equals(tree.scheme().name())
            && root.statement().context().equals(tree.context(trace))) {
          found.add(root);
        }
      } catch (MalformedMessageException e) {
        // Opaque to us: perhaps a later scheme's. What we cannot read accuses nobody.
      }
    }
    return found;
  }

  /** Holds the opening against the receipt's root and the rows of the trace. */
  CheckResult check(ReplaySubject subject) {
    TraceId trace = subject.receipt().traceId(subject.order().node());
    List<TensorRoot> roots = roots(subject.receipt(), tree, trace);
    if (roots.size() != 1) {
      return undecided(
          "the receipt carries " + roots.size() + " readable roots over " + tree.key());
    }
    TensorRoot root = roots.get(0);
    TraceLayout layout = subject.opened().layout();
    if (layout.indexOf(tree.key()).isEmpty()) {
      return undecided("the trace has no " + tree.key());
    }
    int rowBytes = layout.row(layout.indexOf(tree.key()).getAsInt()).rowBytes();
    TensorStatement statement = root.statement();
    int positions = subject.receipt().promptTokens() + subject.receipt().outputTokens() - 1;
    if (statement.dtype() != DType.U16
        || !statement.shape().equals(RowTree.shape(positions, rowBytes))) {
      return new CheckResult.Failed(
          CheckName.COMMITMENTS,
          Reason.COMMITMENT_MISMATCH,
          Optional.empty(),
          "the receipt's root is over " + statement.shape() + ", not over the rows of its trace");
    }
    List<Claim> claims = new ArrayList<>();
    List<Integer> opened = new ArrayList<>();
    for (PositionEntry entry : subject.opened().entries()) {
      if (subject.opened().row(entry.position(), tree.key()).isPresent()) {
        claims.add(new Claim(root, Region.row(statement.shape(), entry.position())));
        opened.add(entry.position());
      }
    }
    TensorVerdict verdict = tree.scheme().verify(claims, challenge, opening);
    if (!verdict.verified() || verdict.insecureSetup()) { // whoever made that setup can open lies
      return undecided(verdict.statement());
    }
    for (int i = 0; i < opened.size(); i++) {
      TensorView row = subject.opened().row(opened.get(i), tree.key()).orElseThrow();
      if (!Arrays.equals(opening.opened().get(i).toByteArray(), RowCommitter.words(row.bytes()))) {
        return new CheckResult.Failed(
            CheckName.COMMITMENTS,
            Reason.COMMITMENT_MISMATCH,
            Location.ofRow(tree.key().layer(), opened.get(i)),
            "the receipt's root holds another row "
                + tree.key()
                + " at token "
                + opened.get(i)
                + " than its trace");
      }
    }
    return new CheckResult.Held(
        CheckName.COMMITMENTS,
        opened.size()
            + " rows in the receipt's "
            + statement.scheme()
            + " root are those of its trace");
  }

  private static CheckResult undecided(String why) {
    return new CheckResult.Undecided(CheckName.COMMITMENTS, Shortfall.NO_OPENING, why);
  }
}
