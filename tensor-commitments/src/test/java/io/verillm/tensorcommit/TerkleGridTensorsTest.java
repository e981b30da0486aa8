package io.verillm.tensorcommit;

import io.verillm.tensorcommit.vector.InsecureSetup;

/** The contract of all schemes. */
class TerkleGridTensorsTest extends TensorSchemeContract {
  private static final TensorCommitmentScheme SUBJECT =
      new TerkleTensors(
          InsecureSetup.generate(new int[] {2, 3, 4}, new byte[16], CURVE).scheme(), 2, 3, 4);

  @Override
  TensorCommitmentScheme subject() {
    return SUBJECT;
  }
}
