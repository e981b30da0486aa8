package io.verillm.core.verdict;

import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.util.Optional;

/**
 * What the prover claims, against the order and against what this verifier trusts. Only what the
 * prover signed for this order is held against its key.
 */
final class ReceiptChecks {
  private final CaseFile file;
  private final Optional<ReplayCheck> replayCheck;

  ReceiptChecks(CaseFile file, Optional<ReplayCheck> replayCheck) {
    this.file = file;
    this.replayCheck = replayCheck;
  }

  Optional<Verdict> receipt(Submission files) {
    if (files.receipt().isEmpty()) {
      return file.inconclusive(CheckName.RECEIPT, Shortfall.NO_RECEIPT, "no receipt was given");
    }
    SignedMessage message;
    try {
      message = SignedMessage.decode(files.receipt().get());
    } catch (MalformedMessageException e) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.MALFORMED,
          false,
          "the receipt is unreadable: " + e.getMessage());
    }
    if (message.type() != MessageType.RECEIPT || !message.verify(file.policy().networkId())) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.BAD_SIGNATURE,
          false,
          "the receipt's signature does not hold for network " + file.policy().networkId());
    }
    file.establishReceiptMessage(message);
    try {
      file.establishReceipt(Receipt.decode(message.payload()));
    } catch (MalformedMessageException e) {
      // Signed, and still not held against the key: it may be a version that we do not know yet.
      return file.rejected(
          CheckName.RECEIPT,
          Reason.MALFORMED,
          false,
          "the signed receipt is unreadable: " + e.getMessage());
    }
    if (!message.signer().equals(file.order().node())) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.ORDER_MISMATCH,
          false,
          "the receipt is signed by "
              + message.signer().shortHex()
              + ", the order is for "
              + file.order().node().shortHex());
    }
    return Optional.empty();
  }

  Optional<Verdict> receiptAgainstOrder() {
    JobOrder promised = file.order();
    Receipt claimed = file.receipt();
    if (!claimed.order().equals(file.orderMessage().id())) {
      // Whoever hands in the files chose the pair; the prover never said it answers this order.
      return file.rejected(
          CheckName.ORDER,
          Reason.ORDER_MISMATCH,
          false,
          "the receipt answers order "
              + claimed.order().shortHex()
              + ", not "
              + file.orderMessage().id().shortHex());
    }
    String difference = null;
    if (!claimed.requestBody().equals(promised.requestBody())) {
      difference = "the receipt names another request body";
    } else if (!claimed.model().equals(promised.model())) {
      difference =
          "the receipt claims model "
              + claimed.model().shortHex()
              + ", ordered was "
              + promised.model().shortHex();
    } else if (!claimed.profile().equals(promised.profile())) {
      difference = "the receipt claims another trace profile";
    } else if (claimed.promptTokens() != promised.prompt().size()) {
      difference =
          "the receipt counts "
              + claimed.promptTokens()
              + " prompt tokens, ordered were "
              + promised.prompt().size();
    }
    if (difference != null) {
      return file.rejected(CheckName.ORDER, Reason.ORDER_MISMATCH, true, difference);
    }
    file.held(CheckName.ORDER, "the receipt answers this order");
    long leaves = 1L + claimed.promptTokens() + claimed.outputTokens();
    if (claimed.head().leafCount() != leaves) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.TRACE_SIZE_MISMATCH,
          true,
          "the trace has "
              + claimed.head().leafCount()
              + " leaves, "
              + leaves
              + " follow from the counts");
    }
    if (claimed.outputTokens() > promised.sampling().maxTokens()) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.LATE_STOP,
          true,
          claimed.outputTokens()
              + " output tokens are more than the ordered "
              + promised.sampling().maxTokens());
    }
    return Optional.empty();
  }

  Optional<Verdict> trust() {
    Optional<String> unsupported = file.order().sampling().unsupportedFeature();
    if (unsupported.isPresent()) {
      return file.abstained(
          CheckName.TOKENS,
          Cause.UNSUPPORTED_SAMPLER,
          "the sampler cannot be replayed: " + unsupported.get());
    }
    if (!file.policy().admits(file.receipt().executionClass())) {
      return file.abstained(
          CheckName.RECEIPT,
          Cause.CLASS_NOT_ADMISSIBLE,
          "class " + file.receipt().executionClass() + " is not admitted by the policy");
    }
    var dimensions = file.policy().dimensionsOf(file.order().model());
    if (dimensions.isEmpty()) {
      return file.abstained(
          CheckName.RECEIPT,
          Cause.MODEL_NOT_TRUSTED,
          "model " + file.order().model().shortHex() + " is not trusted by the policy");
    }
    var profile = file.policy().profile(file.order().profile());
    if (profile.isEmpty()) {
      return file.abstained(
          CheckName.RECEIPT,
          Cause.PROFILE_UNKNOWN,
          "trace profile " + file.order().profile().shortHex() + " is not known to the policy");
    }
    if (replayCheck.isPresent()
        && replayCheck.get().modelDigest().equals(file.order().model())
        && !replayCheck.get().dimensions().equals(dimensions.get())) {
      // Wrong sizes in the policy would make every honest opening look wrong.
      return file.abstained(
          CheckName.RECEIPT,
          Cause.MODEL_UNAVAILABLE,
          "the policy states other sizes for the model than the loaded one has: "
              + dimensions.get()
              + ", "
              + replayCheck.get().dimensions());
    }
    for (int id : file.order().prompt().toArray()) {
      if (id >= dimensions.get().vocabulary()) {
        return file.inconclusive(
            CheckName.ORDER,
            Shortfall.ORDER_INVALID,
            "prompt token " + id + " is not in the model's vocabulary");
      }
    }
    long prefill = (long) file.receipt().promptTokens() + file.receipt().outputTokens() - 1;
    if (prefill > file.policy().maxPrefillTokens() || prefill > dimensions.get().maxPositions()) {
      return file.abstained(
          CheckName.RECEIPT,
          Cause.TOO_LARGE,
          "re-execution would prefill "
              + prefill
              + " tokens; the policy allows "
              + file.policy().maxPrefillTokens()
              + ", the model "
              + dimensions.get().maxPositions());
    }
    try {
      file.establishLayout(TraceLayout.of(profile.get(), dimensions.get()));
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return file.abstained(
          CheckName.RECEIPT,
          Cause.PROFILE_UNKNOWN,
          "the ordered trace profile does not fit the ordered model: " + e.getMessage());
    }
  }

  Optional<Verdict> seed() {
    Optional<SamplingSeed> proven =
        file.receipt().seedProof().seed(file.order().node(), file.receipt().order());
    if (proven.isEmpty()) {
      return file.rejected(
          CheckName.RECEIPT,
          Reason.SEED_PROOF_INVALID,
          true,
          "the sampling seed is not the VRF output of the node's key on the order");
    }
    file.establishSeed(proven.get());
    file.held(CheckName.RECEIPT, "signature, counts and seed proof hold");
    return Optional.empty();
  }
}
