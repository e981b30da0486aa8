package io.verillm.core.spi;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import org.jspecify.annotations.Nullable;

/**
 * Runs one loaded model. A failure to run is an exception and never a statement about a prover.
 *
 * <p>Rows that leave are F32, or of the 16-bit type that {@code describe().dtype()} names. Rows
 * that enter may be of any floating-point type, which {@code FloatTensors} widens. Thread-safety is
 * the implementation's to state; sessions never are.
 */
public interface ModelExecutor extends AutoCloseable {
  /** The class of runs made by this executor. */
  ExecutionClass describe();

  /** Sizes of the loaded model. */
  ModelDimensions dimensions();

  /** Digest of the weights as they are served, see {@code ModelDigest}. */
  Digest32 modelDigest();

  /**
   * Runs a causal forward pass over {@code tokens} from position 0.
   *
   * @param layers blocks to run; the embedding is applied if the range starts at 0, the final norm
   *     and the output projection if it ends at the last block
   * @param boundaryStates input rows of the first block, shape [tokens, hidden]; null exactly if
   *     the range starts at 0
   * @throws IllegalArgumentException if a token or the length is out of the model's range
   */
  void prefill(
      int[] tokens,
      LayerRange layers,
      @Nullable TensorView boundaryStates,
      CaptureSink capture,
      LogitsSink logits);

  /**
   * Opens an empty session.
   *
   * @param capacity most tokens that will be fed
   */
  DecodeSession openSession(int capacity, CaptureSink capture);

  /**
   * Feeds one token and returns the logits that follow it.
   *
   * @return one value per vocabulary entry, owned by the session and overwritten by its next step
   */
  float[] decodeStep(DecodeSession session, int token);

  /**
   * Runs one block on consecutive positions, given what the cache held before them.
   *
   * @param firstPosition position of the first input row
   * @param inputRows shape [n, hidden]
   * @param keyRows keys after RoPE of positions 0 .. firstPosition − 1, shape [firstPosition,
   *     keyWidth]
   * @param valueRows values of the same positions
   */
  LayerResult layer(
      int layer, int firstPosition, TensorView inputRows, TensorView keyRows, TensorView valueRows);

  @Override
  void close();

  /**
   * What one block gives.
   *
   * @param outputRows shape [n, hidden]
   * @param keyRows keys after RoPE of the same positions, shape [n, keyWidth]
   * @param valueRows values of the same positions, shape [n, valueWidth]
   */
  record LayerResult(TensorView outputRows, TensorView keyRows, TensorView valueRows) {}
}
