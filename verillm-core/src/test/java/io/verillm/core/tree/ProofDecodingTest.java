package io.verillm.core.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.verillm.core.wire.MalformedMessageException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProofDecodingTest {
  private static final MerkleTree TREE =
      MerkleTree.of(ReferenceTree.hashes(ReferenceTree.leaves(21)));

  private interface Decoder {
    Object decode(byte[] bytes) throws MalformedMessageException;
  }

  @Test
  void decode_encoded_isTheSameProof() throws MalformedMessageException {
    InclusionProof inclusion = TREE.inclusion(4, 21);
    ConsistencyProof consistency = TREE.consistency(6, 21);
    MultiProof multi = TREE.multiProof(new long[] {0, 7, 20}, 21);
    assertThat(InclusionProof.decode(inclusion.encode())).isEqualTo(inclusion);
    assertThat(ConsistencyProof.decode(consistency.encode())).isEqualTo(consistency);
    assertThat(MultiProof.decode(multi.encode())).isEqualTo(multi);
    assertThat(MultiProof.decode(new byte[] {(byte) 0x80})).isEqualTo(MultiProof.empty());
  }

  @Test
  void decode_truncatedOrExtended_isMalformed() {
    refuses(InclusionProof::decode, TREE.inclusion(4, 21).encode());
    refuses(ConsistencyProof::decode, TREE.consistency(6, 21).encode());
    refuses(MultiProof::decode, TREE.multiProof(new long[] {0, 7, 20}, 21).encode());
  }

  private static void refuses(Decoder decoder, byte[] good) {
    for (int length = 0; length <= good.length + 1; length++) {
      byte[] bytes = Arrays.copyOf(good, length);
      if (length != good.length) {
        assertThatExceptionOfType(MalformedMessageException.class)
            .isThrownBy(() -> decoder.decode(bytes));
      }
    }
    byte[] wrongType = good.clone();
    wrongType[0] ^= 0x20;
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> decoder.decode(wrongType));
    byte[] shortNode = good.clone();
    shortNode[2] = 31;
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> decoder.decode(shortNode));
  }

  @Test
  void decode_countOverTheLimitOrTheInput_isMalformedBeforeAllocating() {
    byte[] huge = {(byte) 0x9b, 0x7f, -1, -1, -1, -1, -1, -1, -1};
    byte[] sixtyFive = {(byte) 0x98, 65};
    byte[] million = {(byte) 0x9a, 0, 16, 0, 0};
    for (byte[] bytes : new byte[][] {huge, sixtyFive, million}) {
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> InclusionProof.decode(bytes));
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> ConsistencyProof.decode(bytes));
      assertThatExceptionOfType(MalformedMessageException.class)
          .isThrownBy(() -> MultiProof.decode(bytes));
    }
  }
}
