package io.verillm.core.tree;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;

/** Whatever the bytes are: the documented exception, or a proof that encodes to the same bytes. */
class ProofFuzzTest {
  @FuzzTest
  void inclusion(byte[] bytes) {
    try {
      requireSame(bytes, InclusionProof.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  @FuzzTest
  void consistency(byte[] bytes) {
    try {
      requireSame(bytes, ConsistencyProof.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  @FuzzTest
  void multi(byte[] bytes) {
    try {
      requireSame(bytes, MultiProof.decode(bytes).encode());
    } catch (MalformedMessageException e) {
      // the documented exception
    }
  }

  private static void requireSame(byte[] in, byte[] out) {
    if (!Arrays.equals(in, out)) {
      throw new AssertionError("accepted bytes that are not canonical");
    }
  }
}
