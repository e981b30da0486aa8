package io.verillm.tensorcommit;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.util.List;

/**
 * Commits to tensors and opens any box in them. Thread-safe, except for the {@link
 * CommittedTensor}s that it makes.
 *
 * <p>A commitment binds elements to places. It does not hide them (equal tensors give equal roots),
 * and it does not prove that a model computed them: for that, compare opened rows with
 * re-execution.
 */
public interface TensorCommitmentScheme {
  /** Stable name, part of every statement. */
  String name();

  /** Id of the setup, {@link TensorStatement#NONE} where there is none. */
  Digest32 setupId();

  /**
   * What a tensor would cost.
   *
   * @throws IllegalArgumentException if the scheme cannot take it
   */
  SchemeCost cost(DType dtype, Shape shape);

  /**
   * Commits to a tensor.
   *
   * @param context 32 bytes that the commitment is bound to
   * @throws IllegalArgumentException if the scheme does not take the type, the shape or a NaN
   */
  CommittedTensor commit(TensorView tensor, Digest32 context);

  /**
   * Opens regions of tensors that this scheme committed to, with one proof for all.
   *
   * @param requests at least one
   * @param nonce drawn by the verifier after it received the roots
   */
  TensorOpening open(List<OpenRequest> requests, Digest32 nonce);

  /**
   * Checks an opening. A bad proof is an outcome; it never throws for one.
   *
   * @param claims what the verifier asked for, in its own words
   * @param nonce the one that the verifier drew
   */
  @CheckReturnValue
  TensorVerdict verify(List<Claim> claims, Digest32 nonce, TensorOpening opening);

  /**
   * A region to open.
   *
   * @param tensor committed by the scheme that opens
   */
  record OpenRequest(CommittedTensor tensor, Region region) {}

  /** A region of a committed tensor that a verifier asked for. */
  record Claim(TensorRoot root, Region region) {}
}
