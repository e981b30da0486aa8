package io.verillm.core.trace;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.tree.ConsistencyProof;
import io.verillm.core.tree.ProofOutcome;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The heads that a prover signed while an answer streamed, each shown to extend the one before, and
 * the last one to lead to the receipt's head.
 *
 * <p>Whoever received a head during the answer can see that the receipt's trace extends it and was
 * not rebuilt afterwards. A chain that does not hold proves no fault: anybody can damage a file,
 * and a prover that was interrupted starts over with other salts and hence other heads. Immutable.
 *
 * @param links heads in the order of their sizes; at most {@value #MAX_LINKS}
 * @param closing from the last of them, or from leaf 0 alone if there are none, to the receipt's
 *     head
 */
public record HeadChain(List<Link> links, ConsistencyProof closing) {
  /** Most heads of one answer. */
  public static final int MAX_LINKS = 1 << 16;

  private static final int VERSION = 1;
  private static final int MAX_HEAD_BYTES = 512;

  /**
   * One head.
   *
   * @param head signed {@link TraceHead.Payload}
   * @param sincePrevious shows that the log only grew since the head before it
   */
  public record Link(SignedMessage head, ConsistencyProof sincePrevious) {
    /** Refuses nulls. */
    public Link {
      Objects.requireNonNull(head, "head");
      Objects.requireNonNull(sincePrevious, "sincePrevious");
    }
  }

  /** How a chain comes out. */
  public enum Outcome {
    /** Every head is the prover's, of this trace, and each extends the one before. */
    LINKED,
    /** A message is not a readable head. */
    NOT_A_HEAD,
    /** A head does not carry the prover's signature for this network. */
    BAD_SIGNATURE,
    /** A head belongs to another trace. */
    OTHER_TRACE,
    /** A head is not larger than the one before it. */
    NOT_GROWING,
    /** A consistency proof does not hold. */
    NOT_LINKED
  }

  /** Copies the list. */
  public HeadChain {
    links = List.copyOf(links);
    Objects.requireNonNull(closing, "closing");
    if (links.size() > MAX_LINKS) {
      throw new IllegalArgumentException(links.size() + " heads are more than " + MAX_LINKS);
    }
  }

  /**
   * Walks the chain up to the receipt's head.
   *
   * @param id the trace that the order and the receipt name
   * @param last the head in the signed receipt
   */
  @CheckReturnValue
  public Outcome check(TraceId id, VerifyingKey prover, String networkId, TraceHead last) {
    Digest32 root = TraceLog.leafZeroHash(id); // the root of a log that holds leaf 0 alone
    long leaves = 1;
    for (Link link : links) {
      if (link.head().type() != MessageType.TRACE_HEAD) {
        return Outcome.NOT_A_HEAD;
      }
      if (!link.head().verify(prover, networkId)) {
        return Outcome.BAD_SIGNATURE;
      }
      TraceHead.Payload next;
      try {
        next = TraceHead.Payload.decode(link.head().payload());
      } catch (MalformedMessageException e) {
        return Outcome.NOT_A_HEAD;
      }
      if (!next.id().equals(id)) {
        return Outcome.OTHER_TRACE;
      }
      if (next.head().leafCount() <= leaves) {
        return Outcome.NOT_GROWING;
      }
      if (link.sincePrevious().verify(leaves, root, next.head().leafCount(), next.head().root())
          != ProofOutcome.VERIFIED) {
        return Outcome.NOT_LINKED;
      }
      root = next.head().root();
      leaves = next.head().leafCount();
    }
    if (last.leafCount() < leaves) {
      return Outcome.NOT_GROWING;
    }
    return closing.verify(leaves, root, last.leafCount(), last.root()) == ProofOutcome.VERIFIED
        ? Outcome.LINKED
        : Outcome.NOT_LINKED;
  }

  /** Returns the deterministic CBOR form. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(3).unsigned(1).unsigned(VERSION).unsigned(2);
    out.array(links.size());
    for (Link link : links) {
      out.array(2).bytes(link.head().encode());
      link.sincePrevious().write(out);
    }
    out.unsigned(3);
    closing.write(out);
    return out.toByteArray();
  }

  /**
   * Reads one chain and nothing else.
   *
   * @throws MalformedMessageException if the bytes are not exactly what {@link #encode} gives for
   *     some chain
   */
  public static HeadChain decode(byte[] bytes) throws MalformedMessageException {
    CborReader in = CborReader.of(bytes);
    in.mapOf("head-chain", 3);
    in.key("head-chain.version", 1);
    if (in.unsigned("head-chain.version", VERSION) != VERSION) {
      throw in.malformed("head-chain.version", "unknown version");
    }
    in.key("head-chain.heads", 2);
    int count = in.array("head-chain.heads", MAX_LINKS);
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      in.arrayOf("head-chain.link", 2);
      SignedMessage head = SignedMessage.decode(in.bytes("head-chain.head", MAX_HEAD_BYTES));
      links.add(new Link(head, ConsistencyProof.read(in)));
    }
    in.key("head-chain.closing", 3);
    ConsistencyProof closing = ConsistencyProof.read(in);
    in.end();
    return new HeadChain(links, closing);
  }
}
