package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.EthereumSetup;

/** The contract of all schemes. */
class RowTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      new RowTensors(EthereumSetup.get().scheme(8));

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
