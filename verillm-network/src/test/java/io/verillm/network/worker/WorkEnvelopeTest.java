package io.verillm.network.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.order.EvidenceLevel;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.SignedMessage;
import io.verillm.network.Jobs;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkEnvelopeTest {
  private static SignedMessage order(int prefix) {
    Digest32 any = Digest32.sha256();
    return new JobOrder(
            Jobs.PROVER.verifyingKey(),
            any,
            any,
            any,
            any,
            TokenIds.of(new int[prefix]),
            SamplingManifest.builder(8).build(),
            any,
            EvidenceLevel.CACHE,
            any,
            Optional.empty(),
            0)
        .sign(Jobs.CLIENT, Jobs.NETWORK);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 64, 65, 1000, 4096})
  void seal_anyPrefix_hasTheLengthOfItsClassAndComesBack(int prefix) throws Exception {
    byte[] sealed = WorkEnvelope.seal(order(prefix));
    SizeClass size = SizeClass.ofPrefix(prefix).orElseThrow();
    assertThat(sealed).hasSize(size.envelopeBytes());
    assertThat(size.prefixTokens()).isGreaterThanOrEqualTo(prefix);
    assertThat(WorkEnvelope.open(sealed)).isEqualTo(order(prefix));
  }

  @Test
  void open_changedBytes_areRefused() throws Exception {
    byte[] sealed = WorkEnvelope.seal(order(20));
    byte[] filled = sealed.clone();
    filled[filled.length - 1] = 1;
    byte[] shorter = java.util.Arrays.copyOf(sealed, sealed.length - 1);
    byte[] otherVersion = sealed.clone();
    otherVersion[1] = 2;
    for (byte[] bad : new byte[][] {filled, shorter, otherVersion, new byte[0]}) {
      assertThatThrownBy(() -> WorkEnvelope.open(bad))
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @Test
  void ofPrefix_longerThanEveryClass_isNothing() {
    assertThat(SizeClass.ofPrefix(SizeClass.MAX_PREFIX)).isPresent();
    assertThat(SizeClass.ofPrefix(SizeClass.MAX_PREFIX + 1)).isEmpty();
  }
}
