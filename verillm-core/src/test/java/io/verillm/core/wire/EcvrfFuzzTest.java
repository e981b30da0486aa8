package io.verillm.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Optional;

/** No bytes but the proof itself are a proof, and none let an exception out. */
class EcvrfFuzzTest {
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);
  private static final byte[] ALPHA = {1, 2, 3};
  private static final byte[] PROOF = Ecvrf.prove(KEY, ALPHA);

  @FuzzTest
  void verify(byte[] input) {
    Optional<byte[]> output = Ecvrf.verify(KEY.verifyingKey(), ALPHA, input);
    if (output.isPresent() != Arrays.equals(input, PROOF)) {
      throw new AssertionError("a second proof");
    }
    if (Ecvrf.verify(KEY.verifyingKey(), input, PROOF).isPresent() != Arrays.equals(input, ALPHA)) {
      throw new AssertionError("a proof for another input");
    }
  }
}
