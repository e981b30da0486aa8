package io.verillm.examples.commitment;

import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.tensorcommit.trace.CommittingExecutor;
import io.verillm.tensorcommit.trace.RowCommitter;
import io.verillm.tensorcommit.trace.RowTree;
import java.util.List;

/**
 * What a prover keeps and says about one run over given tokens. A real prover signs head and
 * commitments in a receipt; see {@code AnswerRecording}.
 *
 * @param trace stays with the prover
 * @param head the signed state of the trace log
 * @param commitments what the receipt carries beside it
 */
public record RecordedRun(MemoryTrace trace, TraceHead head, List<TensorCommitment> commitments) {
  /** Every row of every block, and a point to each of them. */
  public static final TraceProfile PROFILE = TraceProfile.standard(DType.F32).withCommitments();

  /** Runs a model over tokens and commits to what happens in it. */
  public static RecordedRun of(
      ModelExecutor model, int[] tokens, TraceId id, RowCommitter committer, RowTree tree) {
    // Closing it would close the model, which is the caller's.
    CommittingExecutor prover = new CommittingExecutor(model, committer, tree);
    MemoryTrace trace = new MemoryTrace();
    TraceRecorder recorder =
        new TraceRecorder(PROFILE, model.dimensions(), id, JobSecret.copyOf(new byte[32]), trace);
    try (DecodeSession session = prover.openSession(tokens.length, recorder)) {
      for (int token : tokens) {
        recorder.feed(token);
        prover.decodeStep(session, token);
      }
    }
    return new RecordedRun(trace, recorder.head(), prover.receiptCommitments(id));
  }
}
