package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.EthereumSetup;

/** The contract of all schemes. */
class ChunkedRowTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      new RowTensors(EthereumSetup.get().scheme(4));

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
