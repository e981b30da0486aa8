package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.EthereumSetup;

/** The contract of all schemes. */
class WideTerkleTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      new TerkleTensors(EthereumSetup.get().scheme(16), 2, 3, 2);

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
