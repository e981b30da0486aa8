package io.verillm.core.receipt;

import io.verillm.core.order.TokenIds;
import io.verillm.core.trace.TraceHead;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a prover signs about one answer: which order it answers, what it delivered, what it claims
 * to have run, and the head of the trace it can open.
 *
 * <p>A receipt binds the prover to bytes. It does not prove that any model computed them.
 *
 * @param order digest of the order
 * @param requestBody SHA-256 of the request's bytes as received
 * @param response SHA-256 of the delivered bytes
 * @param prompt salted digest of the prompt tokens
 * @param promptTokens their number
 * @param output salted digest of the output tokens
 * @param outputTokens their number, at least 1
 * @param finish why generation ended
 * @param model digest of the weights as served
 * @param executionClass numeric class of the run, recorded from what ran
 * @param profile digest of the trace profile that was recorded
 * @param head root and leaf count of the trace log
 * @param seedProof ECVRF proof of the sampling seed under the prover's key, 80 bytes
 * @param position epoch, sequence number and predecessor in the node's chain of receipts
 * @param commitments optional algebraic commitments, in the order of their scheme names
 */
public record Receipt(
    Digest32 order,
    Digest32 requestBody,
    Digest32 response,
    Digest32 prompt,
    int promptTokens,
    Digest32 output,
    int outputTokens,
    FinishReason finish,
    Digest32 model,
    ExecutionClass executionClass,
    Digest32 profile,
    TraceHead head,
    SeedProof seedProof,
    ChainPosition position,
    List<TensorCommitment> commitments) {
  private static final int VERSION = 1;
  private static final int MAX_COMMITMENTS = 16;

  /** Refuses nulls and counts that no order can have. */
  public Receipt {
    Objects.requireNonNull(order, "order");
    Objects.requireNonNull(requestBody, "requestBody");
    Objects.requireNonNull(response, "response");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(finish, "finish");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(executionClass, "executionClass");
    Objects.requireNonNull(profile, "profile");
    Objects.requireNonNull(head, "head");
    Objects.requireNonNull(seedProof, "seedProof");
    Objects.requireNonNull(position, "position");
    commitments = List.copyOf(commitments);
    if (promptTokens < 1 || outputTokens < 1) {
      throw new IllegalArgumentException("a receipt covers at least one token in and one out");
    }
    if (commitments.size() > MAX_COMMITMENTS) {
      throw new IllegalArgumentException("more than " + MAX_COMMITMENTS + " commitments");
    }
  }

  /** The name of the trace that belongs to this receipt when {@code prover} signed it. */
  public TraceId traceId(VerifyingKey prover) {
    return TraceId.compute(order, prover.toByteArray(), TraceRole.PROVER, profile);
  }

  /** Returns the payload that is signed: a CBOR map, see {@code docs/wire.cddl}. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(commitments.isEmpty() ? 15 : 16);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(order);
    out.unsigned(3).digest(requestBody);
    out.unsigned(4).digest(response);
    out.unsigned(5).digest(prompt);
    out.unsigned(6).unsigned(promptTokens);
    out.unsigned(7).digest(output);
    out.unsigned(8).unsigned(outputTokens);
    out.unsigned(9).unsigned(finish.code());
    out.unsigned(10).digest(model);
    out.unsigned(11);
    executionClass.encode(out);
    out.unsigned(12).digest(profile);
    out.unsigned(13).array(2).digest(head.root()).unsigned(head.leafCount());
    out.unsigned(14).bytes(seedProof.toByteArray());
    out.unsigned(15);
    position.encode(out);
    if (!commitments.isEmpty()) {
      out.unsigned(16).array(commitments.size());
      for (TensorCommitment commitment : commitments) {
        commitment.encode(out);
      }
    }
    return out.toByteArray();
  }

  /**
   * Reads a payload.
   *
   * @throws MalformedMessageException if the bytes are not exactly one canonical receipt
   */
  public static Receipt decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    int entries = in.map("receipt", 16);
    if (entries < 15) {
      throw new MalformedMessageException("receipt", 0, "15 or 16 fields, found " + entries);
    }
    in.key("receipt.version", 1);
    if (in.unsigned("receipt.version", VERSION) != VERSION) {
      throw new MalformedMessageException("receipt.version", in.offset(), "unknown version");
    }
    in.key("receipt.order", 2);
    Digest32 order = in.digest("receipt.order");
    in.key("receipt.request-body", 3);
    Digest32 requestBody = in.digest("receipt.request-body");
    in.key("receipt.response", 4);
    Digest32 response = in.digest("receipt.response");
    in.key("receipt.prompt", 5);
    Digest32 prompt = in.digest("receipt.prompt");
    in.key("receipt.prompt-tokens", 6);
    int promptTokens = positive(in, "receipt.prompt-tokens", TokenIds.MAX_LENGTH);
    in.key("receipt.output", 7);
    Digest32 output = in.digest("receipt.output");
    in.key("receipt.output-tokens", 8);
    int outputTokens = positive(in, "receipt.output-tokens", TokenIds.MAX_LENGTH);
    in.key("receipt.finish", 9);
    int finishOffset = in.offset();
    FinishReason finish =
        FinishReason.ofCode(in.unsigned("receipt.finish", 255))
            .orElseThrow(
                () ->
                    new MalformedMessageException(
                        "receipt.finish", finishOffset, "unknown finish reason"));
    in.key("receipt.model", 10);
    Digest32 model = in.digest("receipt.model");
    in.key("receipt.class", 11);
    ExecutionClass executionClass = ExecutionClass.decode(in);
    in.key("receipt.profile", 12);
    Digest32 profile = in.digest("receipt.profile");
    in.key("receipt.head", 13);
    in.arrayOf("receipt.head", 2);
    Digest32 root = in.digest("receipt.head.root");
    int leafCount = positive(in, "receipt.head.leaf-count", Integer.MAX_VALUE);
    in.key("receipt.seed-proof", 14);
    SeedProof seedProof = SeedProof.copyOf(in.bytesExactly("receipt.seed-proof", SeedProof.LENGTH));
    in.key("receipt.position", 15);
    ChainPosition position = ChainPosition.decode(in);
    List<TensorCommitment> commitments = new ArrayList<>();
    if (entries == 16) {
      in.key("receipt.commitments", 16);
      int count = in.array("receipt.commitments", MAX_COMMITMENTS);
      if (count == 0) {
        throw new MalformedMessageException(
            "receipt.commitments", in.offset(), "an empty list must be left out");
      }
      for (int i = 0; i < count; i++) {
        commitments.add(TensorCommitment.decode(in));
      }
    }
    in.end();
    return new Receipt(
        order,
        requestBody,
        response,
        prompt,
        promptTokens,
        output,
        outputTokens,
        finish,
        model,
        executionClass,
        profile,
        new TraceHead(root, leafCount),
        seedProof,
        position,
        commitments);
  }

  private static int positive(CborReader in, String field, int max)
      throws MalformedMessageException {
    int offset = in.offset();
    long value = in.unsigned(field, max);
    if (value == 0) {
      throw new MalformedMessageException(field, offset, "must be at least 1");
    }
    return (int) value;
  }

  /** The receipt's id: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs the receipt with the prover's key. */
  public SignedMessage sign(SigningKey prover, String networkId) {
    return SignedMessage.sign(prover, MessageType.RECEIPT, encode(), networkId);
  }
}
