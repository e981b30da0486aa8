package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.EthereumSetup;

/** The contract of all schemes. */
class TerkleKzgTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      new TerkleTensors(EthereumSetup.get().scheme(8), 2, 2, 2);

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
