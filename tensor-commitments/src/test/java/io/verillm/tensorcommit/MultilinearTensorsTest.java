package io.verillm.tensorcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.tensor.Shape;
import io.verillm.core.tensor.TensorView;
import io.verillm.tensorcommit.TensorCommitmentScheme.Claim;
import io.verillm.tensorcommit.TensorCommitmentScheme.OpenRequest;
import io.verillm.tensorcommit.vector.InsecureSetup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of all schemes. */
class MultilinearTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      GridTensors.multilinear(
          InsecureSetup.generate(GridTensors.dimensions(SHAPE, true), new byte[16], CURVE).scheme(),
          SHAPE);

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }

  @Override
  boolean grows() {
    return false;
  }

  /** The grid is padded to eight along the first axis; what fills it up needs no new setup. */
  @Test
  void append_upToThePaddedLength_equalsCommittingAtOnceAndNoFurther() {
    TensorView whole = tensor(Shape.of(8, 3, 7), 4);
    CommittedTensor growing = SUBJECT.commit(part(whole, 0, 5), CONTEXT);
    TensorRoot before = growing.root();
    growing.append(part(whole, 5, 1));
    growing.append(part(whole, 6, 2));
    assertThat(growing.root()).isEqualTo(SUBJECT.commit(whole, CONTEXT).root());
    for (Region region :
        List.of(
            Region.entry(7, 2, 6),
            Region.slice(whole.shape(), 1, 1),
            Region.block(new long[] {3, 0, 1}, new long[] {4, 2, 3}),
            Region.all(whole.shape()))) {
      TensorOpening opening = SUBJECT.open(List.of(new OpenRequest(growing, region)), NONCE);
      assertThat(verify(growing.root(), region, opening)).isEqualTo(TensorOutcome.VERIFIED);
      assertThat(verify(before, region, opening)).isNotEqualTo(TensorOutcome.VERIFIED);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> growing.append(part(whole, 0, 1)))
        .withMessageContaining("room for 0 more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SUBJECT.commit(tensor(Shape.of(4, 3, 7), 1), CONTEXT));
  }

  private static TensorOutcome verify(TensorRoot root, Region region, TensorOpening opening) {
    return SUBJECT.verify(List.of(new Claim(root, region)), NONCE, opening).outcome();
  }
}
