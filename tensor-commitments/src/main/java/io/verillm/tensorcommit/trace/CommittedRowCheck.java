package io.verillm.tensorcommit.trace;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.verdict.Cause;
import io.verillm.core.verdict.CheckName;
import io.verillm.core.verdict.CheckResult;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.PrefillCheck;
import io.verillm.core.verdict.Reason;
import io.verillm.core.verdict.ReplaySubject;
import io.verillm.core.verdict.Shortfall;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks every opened algebraic commitment against the row that was opened beside it, and, if one
 * is at hand, the opening of the receipt's tensor root against the same rows.
 *
 * <p>Both compare bytes that the prover signed with each other, so a difference is the prover's
 * fault whatever machine it runs. An opening of the root is not signed: one that does not verify is
 * undecided, never a fault. Agreement says that row, point and root are one; it does not say that a
 * model computed the row, which is {@link CheckName#ACTIVATIONS}' to say. Thread-safe.
 */
public final class CommittedRowCheck implements PrefillCheck {
  private final RowCommitter committer;
  private final @Nullable RootOpening opening;

  /** Checks the points in traces. */
  public CommittedRowCheck(RowCommitter committer) {
    this(committer, null);
  }

  private CommittedRowCheck(RowCommitter committer, @Nullable RootOpening opening) {
    this.committer = Objects.requireNonNull(committer, "committer");
    this.opening = opening;
  }

  /** The same check with an opening of the receipt's root; for one receipt only. */
  public CommittedRowCheck withOpening(RootOpening added) {
    return new CommittedRowCheck(committer, Objects.requireNonNull(added, "added"));
  }

  @Override
  public CheckName check() {
    return CheckName.COMMITMENTS;
  }

  @Override
  public Run begin(ReplaySubject subject, ExecutionClass verifier) {
    return new Comparison(subject);
  }

  private final class Comparison implements Run {
    private final ReplaySubject subject;

    Comparison(ReplaySubject subject) {
      this.subject = subject;
    }

    @Override
    public CaptureSink rows() {
      return CaptureSink.none();
    }

    @Override
    public LogitsSink logits() {
      return LogitsSink.none();
    }

    @Override
    public CheckResult result() {
      int compared = 0;
      int alone = 0;
      for (PositionEntry entry : subject.opened().entries()) {
        for (RowKey key : subject.opened().rowsAt(entry.position())) {
          if (key.kind() != TensorKind.COMMITMENT) {
            continue;
          }
          Optional<TensorView> row = subject.opened().row(entry.position(), key.committed());
          if (row.isEmpty()) {
            alone++;
          } else if (agrees(row.get(), entry.position(), key)) {
            compared++;
          } else {
            return new CheckResult.Failed(
                CheckName.COMMITMENTS,
                Reason.COMMITMENT_MISMATCH,
                Location.ofRow(key.layer(), entry.position()),
                "the committed point at token "
                    + entry.position()
                    + " is not one to the row "
                    + key.committed()
                    + " that was committed beside it");
          }
        }
      }
      if (opening != null) {
        CheckResult root = opening.check(subject);
        if (!(root instanceof CheckResult.Held)) {
          return root;
        }
        return new CheckResult.Held(
            CheckName.COMMITMENTS,
            compared + " committed points are those of the rows beside them; " + root.statement());
      }
      if (compared > 0) {
        return new CheckResult.Held(
            CheckName.COMMITMENTS,
            compared
                + " committed points are those of the rows beside them"
                + (alone == 0 ? "" : "; " + alone + " were opened without their rows")
                + roots());
      }
      return alone > 0
          ? new CheckResult.Undecided(
              CheckName.COMMITMENTS,
              Shortfall.COVERAGE,
              alone + " committed points were opened, none with its row")
          : new CheckResult.Unavailable(
              CheckName.COMMITMENTS,
              Cause.CHECK_UNAVAILABLE,
              "the opening has no committed points, and the receipt's roots were not opened");
    }

    private String roots() {
      int roots = subject.receipt().commitments().size();
      return roots == 0 ? "" : "; the receipt's " + roots + " tensor roots were not opened";
    }

    private boolean agrees(TensorView row, int position, RowKey key) {
      TensorView claimed = subject.opened().row(position, key).orElseThrow();
      byte[] point = new byte[claimed.bytes().remaining()];
      claimed.bytes().get(point);
      return Arrays.equals(point, committer.commit(row.bytes()));
    }
  }
}
