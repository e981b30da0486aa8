package io.verillm.tensorcommit;

/** The contract of all schemes. */
class MerkleTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT = new MerkleTensors();

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
