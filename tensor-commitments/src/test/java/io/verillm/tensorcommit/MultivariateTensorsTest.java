package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.InsecureSetup;

/** The contract of all schemes. */
class MultivariateTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      GridTensors.multivariate(
          InsecureSetup.generate(new int[] {5, 3, 7}, new byte[16], CURVE).scheme(), SHAPE);

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }

  @Override
  boolean grows() {
    return false;
  }
}
