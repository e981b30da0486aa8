package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.InsecureSetup;

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
}
