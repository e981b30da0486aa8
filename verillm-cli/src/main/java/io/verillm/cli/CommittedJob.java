package io.verillm.cli;

import io.verillm.cache.compact.EvidenceForm;
import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.OpenedPosition;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceFile;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.Submission;
import io.verillm.core.wire.AtomicFile;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.Prover;
import io.verillm.tensorcommit.TensorOpening;
import io.verillm.tensorcommit.curve.CurveBackends;
import io.verillm.tensorcommit.trace.CommittedRowCheck;
import io.verillm.tensorcommit.trace.CommittingExecutor;
import io.verillm.tensorcommit.trace.RootOpening;
import io.verillm.tensorcommit.trace.RowCommitter;
import io.verillm.tensorcommit.trace.RowTree;
import io.verillm.tensorcommit.vector.KzgSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tensor commitments of a job: a KZG point to every row of the trace, and in the receipt the root
 * of a Terkle tree over the last block's output rows.
 */
final class CommittedJob {
  /** The unsigned opening of the receipt's root. */
  static final String OPENING_FILE = "tensor-opening.cbor";

  /** The scheme's name on the command line. */
  private static final String SCHEME = "kzg";

  private final KzgSetup setup = Ceremony.setup();
  private final RowCommitter committer = new RowCommitter(setup);

  /** Whether a command asked for commitments; refuses schemes that jobs do not have. */
  static boolean isWanted(@Nullable String scheme) {
    if (scheme == null) {
      return false;
    }
    if (!scheme.equals(SCHEME)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "jobs have no commitments by " + scheme,
          "--scheme kzg; the other schemes are for --tensor NAME in a safetensors file");
    }
    return true;
  }

  static boolean isWanted(TensorFile.Choice choice) {
    return isWanted(choice.hasScheme() ? choice.scheme(SCHEME) : null);
  }

  static TraceProfile profile(DType rowType) {
    return TraceProfile.standard(rowType).withCommitments();
  }

  private RowTree tree(ModelDimensions model) {
    return RowTree.terkle(
        setup, new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_OUTPUT, model.layers() - 1));
  }

  /** The model of a prover that commits. */
  CommittingExecutor committing(LoadedModel loaded) {
    return new CommittingExecutor(
        loaded.executor(), committer, tree(loaded.executor().dimensions()));
  }

  /**
   * Opens the receipt's root at the rows that the job's opening shows.
   *
   * @return bytes of the file
   */
  int open(Path job, byte[] opening) throws IOException, MalformedMessageException {
    Receipt receipt = receipt(job);
    TraceFile trace = TraceFile.open(job.resolve(Prover.TRACE_FILE));
    if (receipt.commitments().stream().allMatch(one -> one.scheme().equals(EvidenceForm.SCHEME))) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the receipt of " + job + " carries no commitments",
          "prove the job with --scheme kzg");
    }
    RowTree tree = tree(trace.layout().dimensions());
    int index = trace.layout().indexOf(tree.key()).orElseThrow();
    Opening shown = Opening.decode(SignedMessage.decode(opening).payload());
    List<Integer> positions =
        shown.trace().positions().stream()
            .filter(one -> one.rows().stream().anyMatch(row -> row.rowIndex() == index))
            .map(OpenedPosition::entry)
            .map(entry -> entry.position())
            .toList();
    byte[] bytes = RootOpening.of(tree, trace, positions, shown.challenge()).opening().encode();
    AtomicFile.write(job.resolve(OPENING_FILE), bytes);
    return bytes.length;
  }

  /** Whether a receipt has anything for {@link #check}; nothing is trusted here. */
  static boolean hasCommitments(Path job) {
    try {
      Receipt receipt = receipt(job);
      return receipt.commitments().stream()
              .anyMatch(one -> !one.scheme().equals(EvidenceForm.SCHEME))
          || List.of(DType.F32, DType.BF16).stream()
              .anyMatch(type -> profile(type).digest().equals(receipt.profile()));
    } catch (IOException | MalformedMessageException e) {
      return false; // the verdict will say what is wrong with the file
    }
  }

  /** The check for a job, with the opening of its root if there is one. */
  CommittedRowCheck check(Path job, ModelDimensions model)
      throws IOException, MalformedMessageException {
    CommittedRowCheck points = new CommittedRowCheck(committer);
    Path file = job.resolve(OPENING_FILE);
    Path challenge = job.resolve(Submission.CHALLENGE_FILE);
    if (!Files.exists(file) || !Files.exists(challenge)) {
      return points;
    }
    if (Files.size(file) > TensorOpening.MAX_BYTES) {
      throw new IOException(file + " is larger than " + TensorOpening.MAX_BYTES + " bytes");
    }
    TensorOpening opening = TensorOpening.decode(Files.readAllBytes(file), CurveBackends.best());
    Challenge asked =
        Challenge.decode(SignedMessage.decode(Files.readAllBytes(challenge)).payload());
    return points.withOpening(new RootOpening(tree(model), asked.digest(), opening));
  }

  private static Receipt receipt(Path job) throws IOException, MalformedMessageException {
    return Receipt.decode(
        SignedMessage.decode(Files.readAllBytes(job.resolve(Submission.RECEIPT_FILE))).payload());
  }
}
