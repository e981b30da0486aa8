package io.verillm.tensorcommit.trace;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.receipt.TensorCommitment;
import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LayerRange;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceId;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model whose runs also give the algebraic commitments that a trace asks for: every row that
 * leaves it is committed to on the spot and both are handed on. For the prover; a verifier compares
 * opened commitments with opened rows ({@link CommittedRowCheck}) and needs none of its own.
 *
 * <p>Rows are committed as the model gives them, so the profile must have the model's own type:
 * nothing is rounded here. One session at a time collects rows for {@link #receiptCommitments}; not
 * thread-safe. Closing it closes the model.
 */
public final class CommittingExecutor implements ModelExecutor {
  private final ModelExecutor model;
  private final RowCommitter committer;
  private final @Nullable RowTree tree;
  private RowTree.@Nullable Collector collector;

  /**
   * Wraps a model.
   *
   * @param tree what receipts are to carry beside the trace, or null
   */
  public CommittingExecutor(ModelExecutor model, RowCommitter committer, @Nullable RowTree tree) {
    this.model = Objects.requireNonNull(model, "model");
    this.committer = Objects.requireNonNull(committer, "committer");
    this.tree = tree;
  }

  /**
   * The root over the rows of the last decode session, for its receipt; empty without a tree.
   *
   * @throws IllegalStateException if no session has run
   */
  public List<TensorCommitment> receiptCommitments(TraceId trace) {
    if (tree == null) {
      return List.of();
    }
    if (collector == null) {
      throw new IllegalStateException("nothing was decoded");
    }
    return List.of(collector.commit(trace).root().toReceipt());
  }

  @Override
  public ExecutionClass describe() {
    return model.describe();
  }

  @Override
  public ModelDimensions dimensions() {
    return model.dimensions();
  }

  @Override
  public Digest32 modelDigest() {
    return model.modelDigest();
  }

  @Override
  public void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits) {
    model.prefill(tokens, layers, boundaryStates, new Committing(capture, null), logits);
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    collector = tree == null ? null : tree.collector();
    return model.openSession(capacity, new Committing(capture, collector));
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    return model.decodeStep(session, token);
  }

  @Override
  public LayerResult layer(
      int layer,
      int firstPosition,
      TensorView inputRows,
      TensorView keyRows,
      TensorView valueRows) {
    return model.layer(layer, firstPosition, inputRows, keyRows, valueRows);
  }

  @Override
  public void close() {
    model.close();
  }

  private final class Committing implements CaptureSink {
    private final CaptureSink target;
    private final RowTree.@Nullable Collector collecting;

    Committing(CaptureSink target, RowTree.@Nullable Collector collecting) {
      this.target = target;
      this.collecting = collecting;
    }

    @Override
    public boolean wants(RowKey key) {
      return key.kind() != TensorKind.COMMITMENT
          && (target.wants(key)
              || target.wants(key.commitment())
              || (collecting != null && collecting.wants(key)));
    }

    @Override
    public void accept(RowKey key, int firstPosition, TensorView rows) {
      if (target.wants(key)) {
        target.accept(key, firstPosition, rows);
      }
      if (collecting != null && collecting.wants(key)) {
        collecting.accept(firstPosition, rows);
      }
      if (target.wants(key.commitment())) {
        target.accept(key.commitment(), firstPosition, points(rows));
      }
    }

    private TensorView points(TensorView rows) {
      int count = Math.toIntExact(rows.shape().dimension(0));
      int rowBytes = Math.toIntExact(rows.shape().dimension(1) * rows.dtype().bytes());
      int width = RowCommitter.commitmentBytes(rowBytes);
      ByteBuffer all = ByteBuffer.allocate(Math.multiplyExact(count, width));
      for (int i = 0; i < count; i++) {
        all.put(committer.commit(rows.row(i).bytes()));
      }
      return TensorView.of(DType.U8, Shape.of(count, width), all.flip());
    }
  }
}
