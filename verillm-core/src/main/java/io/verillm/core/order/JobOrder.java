package io.verillm.core.order;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import java.util.Objects;
import java.util.Optional;

/**
 * What a client orders: which node, which model, which prompt, how tokens are drawn, and what must
 * be committed. The client signs it; every later message names its digest.
 *
 * <p>An order says what was asked for. It does not prove that the client's prompt tokens are the
 * ones its text encodes to; the text check does.
 *
 * @param node key of the node that is to answer; a receipt of any other key answers another order
 * @param model digest of the weights, see {@code ModelDigest}
 * @param tokenizer SHA-256 of the tokenizer's definition
 * @param chatTemplate SHA-256 of the chat template's UTF-8 text; of the empty text for a raw prompt
 * @param requestBody SHA-256 of the request's bytes
 * @param prompt prompt token ids, at least one
 * @param sampling every setting that decides which token is drawn
 * @param profile digest of the trace profile to record
 * @param evidence what the prover has to be able to show
 * @param nonce 32 fresh random bytes, so that no two orders are alike
 * @param nonceCommitment SHA-256 of a nonce that one verifier keeps; verdicts from it are private
 * @param deadlineMillis time by which the receipt must be delivered, Unix milliseconds
 */
public record JobOrder(
    VerifyingKey node,
    Digest32 model,
    Digest32 tokenizer,
    Digest32 chatTemplate,
    Digest32 requestBody,
    TokenIds prompt,
    SamplingManifest sampling,
    Digest32 profile,
    EvidenceLevel evidence,
    Digest32 nonce,
    Optional<Digest32> nonceCommitment,
    long deadlineMillis) {
  private static final int VERSION = 1;

  /** Refuses nulls, an empty prompt and a negative deadline. */
  public JobOrder {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(chatTemplate, "chatTemplate");
    Objects.requireNonNull(requestBody, "requestBody");
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(profile, "profile");
    Objects.requireNonNull(evidence, "evidence");
    Objects.requireNonNull(nonce, "nonce");
    Objects.requireNonNull(nonceCommitment, "nonceCommitment");
    if (prompt.size() == 0) {
      throw new IllegalArgumentException("an order needs at least one prompt token");
    }
    if (deadlineMillis < 0) {
      throw new IllegalArgumentException("negative deadline " + deadlineMillis);
    }
  }

  /** Returns the payload that is signed: a CBOR map, see {@code docs/wire.cddl}. */
  public byte[] encode() {
    CborWriter out = new CborWriter().map(nonceCommitment.isPresent() ? 13 : 12);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).bytes(node.toByteArray());
    out.unsigned(3).digest(model);
    out.unsigned(4).digest(tokenizer);
    out.unsigned(5).digest(chatTemplate);
    out.unsigned(6).digest(requestBody);
    out.unsigned(7);
    prompt.encode(out);
    out.unsigned(8);
    sampling.encode(out);
    out.unsigned(9).digest(profile);
    out.unsigned(10).unsigned(evidence.code());
    out.unsigned(11).digest(nonce);
    out.unsigned(12).unsigned(deadlineMillis);
    nonceCommitment.ifPresent(commitment -> out.unsigned(13).digest(commitment));
    return out.toByteArray();
  }

  /**
   * Reads a payload.
   *
   * @throws MalformedMessageException if the bytes are not exactly one canonical order
   */
  public static JobOrder decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    int entries = in.map("order", 13);
    in.key("order.version", 1);
    if (in.unsigned("order.version", VERSION) != VERSION) {
      throw new MalformedMessageException("order.version", in.offset(), "unknown version");
    }
    in.key("order.node", 2);
    VerifyingKey node = VerifyingKey.decode(in.bytesExactly("order.node", 32));
    in.key("order.model", 3);
    Digest32 model = in.digest("order.model");
    in.key("order.tokenizer", 4);
    Digest32 tokenizer = in.digest("order.tokenizer");
    in.key("order.chat-template", 5);
    Digest32 chatTemplate = in.digest("order.chat-template");
    in.key("order.request-body", 6);
    Digest32 requestBody = in.digest("order.request-body");
    in.key("order.prompt", 7);
    TokenIds prompt = TokenIds.decode(in, "order.prompt");
    in.key("order.sampling", 8);
    SamplingManifest sampling = SamplingManifest.decode(in);
    in.key("order.profile", 9);
    Digest32 profile = in.digest("order.profile");
    in.key("order.evidence", 10);
    int evidenceOffset = in.offset();
    long level = in.unsigned("order.evidence", EvidenceLevel.values().length - 1L);
    EvidenceLevel evidence =
        EvidenceLevel.ofCode(level)
            .orElseThrow(
                () ->
                    new MalformedMessageException(
                        "order.evidence", evidenceOffset, "unknown level"));
    in.key("order.nonce", 11);
    Digest32 nonce = in.digest("order.nonce");
    in.key("order.deadline", 12);
    long deadline = in.unsigned("order.deadline");
    Optional<Digest32> commitment = Optional.empty();
    if (entries == 13) {
      in.key("order.nonce-commitment", 13);
      commitment = Optional.of(in.digest("order.nonce-commitment"));
    } else if (entries != 12) {
      throw new MalformedMessageException("order", 0, "12 or 13 fields, found " + entries);
    }
    in.end();
    if (prompt.size() == 0) {
      throw new MalformedMessageException("order.prompt", 0, "no prompt tokens");
    }
    return new JobOrder(
        node,
        model,
        tokenizer,
        chatTemplate,
        requestBody,
        prompt,
        sampling,
        profile,
        evidence,
        nonce,
        commitment,
        deadline);
  }

  /** The order's id, which receipts carry: SHA-256 of the payload. */
  public Digest32 digest() {
    return Digest32.sha256(encode());
  }

  /** Signs the order with the client's key. */
  public SignedMessage sign(SigningKey client, String networkId) {
    return SignedMessage.sign(client, MessageType.ORDER, encode(), networkId);
  }
}
