package io.verillm.tensorcommit;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the schemes over the curve share: which elements they take, what is checked before any
 * arithmetic, and how a change becomes differences of cells.
 *
 * @param <T> the prover's side of a commitment
 */
abstract class AlgebraicTensors<T extends AlgebraicTensors.Committed>
    implements TensorCommitmentScheme {
  private final Class<T> committed;

  AlgebraicTensors(Class<T> committed) {
    this.committed = committed;
  }

  /** Whether somebody may know the setup's secret. */
  abstract boolean isInsecure();

  /** Refuses shapes that the scheme cannot take. */
  abstract void requireFits(Shape shape);

  /** Commits to elements that were checked. */
  abstract T commit(TensorBytes bytes, Digest32 context);

  /** Opens regions of tensors of this scheme; their values are read already. */
  abstract TensorOpening open(List<T> tensors, List<OpenedRegion> opened, Digest32 nonce);

  /** Checks an opening whose form, nonce, regions and values have been checked. */
  abstract TensorOutcome check(List<Claim> claims, Digest32 nonce, TensorOpening opening);

  @Override
  public final CommittedTensor commit(TensorView tensor, Digest32 context) {
    ElementCodec.requireAlgebraic(tensor.dtype());
    requireFits(tensor.shape());
    TensorBytes bytes = new TensorBytes(tensor);
    TensorBytes.requireNumbers(bytes.dtype(), bytes.data());
    return commit(bytes, context);
  }

  @Override
  public final TensorOpening open(List<OpenRequest> requests, Digest32 nonce) {
    List<T> tensors = new ArrayList<>();
    List<OpenedRegion> opened = new ArrayList<>();
    for (OpenRequest request : requests) {
      if (!committed.isInstance(request.tensor())) {
        throw new IllegalArgumentException("a tensor of another scheme");
      }
      tensors.add(committed.cast(request.tensor()));
      opened.add(new OpenedRegion(request.region(), request.tensor().read(request.region())));
    }
    return open(tensors, opened, nonce);
  }

  /** The claims that an opening of these regions answers. */
  static List<Claim> claims(List<? extends CommittedTensor> tensors, List<OpenedRegion> opened) {
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      claims.add(new Claim(tensors.get(i).root(), opened.get(i).region()));
    }
    return claims;
  }

  @Override
  @CheckReturnValue
  public final TensorVerdict verify(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    return new TensorVerdict(outcome(claims, nonce, opening), name(), isInsecure());
  }

  private TensorOutcome outcome(List<Claim> claims, Digest32 nonce, TensorOpening opening) {
    Optional<TensorOutcome> problem = OpeningChecks.firstProblem(this, claims, nonce, opening);
    if (problem.isPresent()) {
      return problem.get();
    }
    if (OpeningChecks.hasNan(claims, opening)) {
      return TensorOutcome.NOT_A_NUMBER;
    }
    return check(claims, nonce, opening);
  }

  /** The elements of a committed tensor, and their changes as differences of cells. */
  abstract static class Committed implements CommittedTensor {
    final TensorBytes bytes;
    final Digest32 context;

    Committed(TensorBytes bytes, Digest32 context) {
      this.bytes = bytes;
      this.context = context;
    }

    /** One element's cell grew by {@code delta}, which is not 0; the index is only to be read. */
    abstract void grow(long[] index, long delta);

    /** All differences of one change are in. */
    abstract void settle();

    @Override
    public final byte[] read(Region region) {
      return bytes.read(region);
    }

    @Override
    public final void update(Region region, byte[] values) {
      TensorBytes.requireNumbers(bytes.dtype(), values);
      byte[] before = bytes.read(region);
      bytes.write(region, values);
      int[] at = {0};
      region.forEach(
          index -> {
            long delta =
                ElementCodec.cell(bytes.dtype(), values, at[0])
                    - ElementCodec.cell(bytes.dtype(), before, at[0]);
            at[0] += bytes.dtype().bytes();
            if (delta != 0) {
              grow(index, delta);
            }
          });
      settle();
    }

    /** Takes rows in, after checking that they are numbers. */
    final void take(TensorView rows) {
      byte[] added = new byte[rows.bytes().remaining()];
      rows.bytes().get(added);
      TensorBytes.requireNumbers(bytes.dtype(), added);
      bytes.append(rows);
    }
  }
}
