package io.verillm.core.trace;

import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Signs the heads of a growing trace and keeps them as a {@link HeadChain}.
 *
 * <p>Pass it to {@link TraceRecorder#onHead}. An engine that streams its answer sends each head on
 * as it comes; this one keeps them. Whether anybody received a head while the answer streamed is
 * not shown by the chain. Not thread-safe beyond what the recorder gives: heads come one at a time,
 * and {@link #chain} waits for them.
 */
public final class HeadSigner implements HeadListener {
  private final SigningKey key;
  private final String networkId;
  private final TraceId id;
  private final List<HeadChain.Link> links = new ArrayList<>();
  private long leaves = 1;

  /** Signs heads of the trace {@code id} with a prover's key. */
  public HeadSigner(SigningKey key, String networkId, TraceId id) {
    this.key = Objects.requireNonNull(key, "key");
    this.networkId = Objects.requireNonNull(networkId, "networkId");
    this.id = Objects.requireNonNull(id, "id");
  }

  /**
   * Signs one head.
   *
   * @throws IllegalStateException after {@value HeadChain#MAX_LINKS} heads
   */
  @Override
  public void head(TraceHead head, ConsistencyProof sincePrevious) {
    if (links.size() == HeadChain.MAX_LINKS) {
      throw new IllegalStateException("more than " + HeadChain.MAX_LINKS + " heads");
    }
    SignedMessage signed =
        SignedMessage.sign(key, MessageType.TRACE_HEAD, head.payload(id), networkId);
    links.add(new HeadChain.Link(signed, sincePrevious));
    leaves = head.leafCount();
  }

  /**
   * The chain up to the recorder's present head.
   *
   * @param recorder the one that called this
   * @throws IllegalArgumentException if it records another trace
   */
  public HeadChain chain(TraceRecorder recorder) {
    if (!recorder.id().equals(id)) {
      throw new IllegalArgumentException("the recorder records another trace");
    }
    recorder.head(); // waits until every head before it has come
    return new HeadChain(links, recorder.since(leaves));
  }
}
