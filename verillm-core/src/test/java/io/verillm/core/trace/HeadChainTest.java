package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadChainTest {
  private static final String NETWORK = "test";
  private static final SigningKey PROVER = SigningKey.fromSeed(TraceFixtures.filled(32, 3));
  private static final SigningKey OTHER = SigningKey.fromSeed(TraceFixtures.filled(32, 4));

  private final List<HeadChain.Link> links;
  private final TraceHead last;
  private final HeadChain chain;

  HeadChainTest() {
    TraceRecorder recorder = TraceFixtures.recorder(new MemoryTrace());
    HeadSigner signer = new HeadSigner(PROVER, NETWORK, TraceFixtures.ID);
    recorder.onHead(4, signer);
    TraceFixtures.fill(recorder, 18);
    last = recorder.head();
    chain = signer.chain(recorder);
    links = chain.links();
  }

  private static SignedMessage sign(SigningKey key, TraceHead head, String network) {
    return SignedMessage.sign(key, MessageType.TRACE_HEAD, head.payload(TraceFixtures.ID), network);
  }

  private HeadChain.Outcome check(HeadChain given) {
    return given.check(TraceFixtures.ID, PROVER.verifyingKey(), NETWORK, last);
  }

  private HeadChain with(int index, HeadChain.Link link) {
    List<HeadChain.Link> changed = new ArrayList<>(links);
    changed.set(index, link);
    return new HeadChain(changed, chain.closing());
  }

  @Test
  void check_everyHead_isLinked() {
    assertThat(links).hasSize(4);
    assertThat(check(chain)).isEqualTo(HeadChain.Outcome.LINKED);
  }

  @Test
  void signer_anotherRecorder_isRefused() {
    HeadSigner signer = new HeadSigner(PROVER, NETWORK, new TraceId(last.root()));
    assertThatThrownBy(() -> signer.chain(TraceFixtures.recorder(new MemoryTrace())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void check_noHeads_needsOnlyTheClosingProof() {
    TraceRecorder recorder = TraceFixtures.recorder(new MemoryTrace());
    TraceFixtures.fill(recorder, 5);
    assertThat(
            new HeadChain(List.of(), recorder.since(1))
                .check(TraceFixtures.ID, PROVER.verifyingKey(), NETWORK, recorder.head()))
        .isEqualTo(HeadChain.Outcome.LINKED);
  }

  @Test
  void check_wrongSignerNetworkTypeOrTrace_isNamed() throws Exception {
    TraceHead second = TraceHead.Payload.decode(links.get(1).head().payload()).head();
    ConsistencyProof since = links.get(1).sincePrevious();
    assertThat(check(with(1, new HeadChain.Link(sign(OTHER, second, NETWORK), since))))
        .isEqualTo(HeadChain.Outcome.BAD_SIGNATURE);
    assertThat(check(with(1, new HeadChain.Link(sign(PROVER, second, "elsewhere"), since))))
        .isEqualTo(HeadChain.Outcome.BAD_SIGNATURE);
    SignedMessage asAck =
        SignedMessage.sign(PROVER, MessageType.ACK, second.payload(TraceFixtures.ID), NETWORK);
    assertThat(check(with(1, new HeadChain.Link(asAck, since))))
        .isEqualTo(HeadChain.Outcome.NOT_A_HEAD);
    SignedMessage noise =
        SignedMessage.sign(PROVER, MessageType.TRACE_HEAD, new byte[] {1}, NETWORK);
    assertThat(check(with(1, new HeadChain.Link(noise, since))))
        .isEqualTo(HeadChain.Outcome.NOT_A_HEAD);
    TraceId other = new TraceId(last.root());
    SignedMessage foreign =
        SignedMessage.sign(PROVER, MessageType.TRACE_HEAD, second.payload(other), NETWORK);
    assertThat(check(with(1, new HeadChain.Link(foreign, since))))
        .isEqualTo(HeadChain.Outcome.OTHER_TRACE);
    assertThat(chain.check(other, PROVER.verifyingKey(), NETWORK, last))
        .isEqualTo(HeadChain.Outcome.OTHER_TRACE);
  }

  @Test
  void check_omittedSwappedOrRebuilt_isNotLinked() {
    List<HeadChain.Link> omitted = new ArrayList<>(links);
    omitted.remove(1);
    assertThat(check(new HeadChain(omitted, chain.closing())))
        .isEqualTo(HeadChain.Outcome.NOT_LINKED);
    List<HeadChain.Link> swapped = new ArrayList<>(links);
    swapped.set(0, links.get(1));
    swapped.set(1, links.get(0));
    assertThat(check(new HeadChain(swapped, chain.closing())))
        .isNotEqualTo(HeadChain.Outcome.LINKED);
    List<HeadChain.Link> twice = new ArrayList<>(links);
    twice.add(1, links.get(0));
    assertThat(check(new HeadChain(twice, chain.closing())))
        .isEqualTo(HeadChain.Outcome.NOT_GROWING);
    assertThat(check(new HeadChain(links, new ConsistencyProof(List.of()))))
        .isEqualTo(HeadChain.Outcome.NOT_LINKED);
    // Another trace under the same name: what a prover has who computes the answer anew.
    TraceRecorder rebuilt =
        new TraceRecorder(
            TraceFixtures.PROFILE,
            TraceFixtures.DIMENSIONS,
            TraceFixtures.ID,
            JobSecret.copyOf(new byte[32]),
            new MemoryTrace());
    TraceFixtures.fill(rebuilt, 18);
    assertThat(
            new HeadChain(links, rebuilt.since(17))
                .check(TraceFixtures.ID, PROVER.verifyingKey(), NETWORK, rebuilt.head()))
        .isEqualTo(HeadChain.Outcome.NOT_LINKED);
  }

  @Test
  void check_receiptSmallerThanAHead_isNotGrowing() {
    assertThat(
            chain.check(
                TraceFixtures.ID, PROVER.verifyingKey(), NETWORK, new TraceHead(last.root(), 5)))
        .isEqualTo(HeadChain.Outcome.NOT_GROWING);
  }

  @Test
  void decode_encoded_isTheSame() throws Exception {
    assertThat(HeadChain.decode(chain.encode())).isEqualTo(chain);
    HeadChain none = new HeadChain(List.of(), new ConsistencyProof(List.of()));
    assertThat(HeadChain.decode(none.encode())).isEqualTo(none);
  }

  @Test
  void decode_anyTruncationOrFlippedBit_isRefusedOrAnotherChain() {
    byte[] bytes = chain.encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> HeadChain.decode(cut)).isInstanceOf(MalformedMessageException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> HeadChain.decode(longer))
        .isInstanceOf(MalformedMessageException.class);
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= (byte) (1 << (i % 8));
      try {
        assertThat(check(HeadChain.decode(flipped))).isNotEqualTo(HeadChain.Outcome.LINKED);
      } catch (MalformedMessageException expected) {
        // The documented refusal.
      }
    }
  }

  @Test
  void decode_claimsMillionsOfHeads_isRefusedBeforeItAllocates() {
    byte[] bytes = {(byte) 0xA3, 1, 1, 2, (byte) 0x9A, 0x7F, 0, 0, 0};
    assertThatThrownBy(() -> HeadChain.decode(bytes)).isInstanceOf(MalformedMessageException.class);
  }
}
