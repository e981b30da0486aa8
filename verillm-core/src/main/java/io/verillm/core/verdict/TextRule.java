package io.verillm.core.verdict;

import io.verillm.core.order.JobOrder;
import io.verillm.core.order.OutputText;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Answer;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Whether delivered bytes are the text of the output tokens (the prover's doing), and whether the
 * order's prompt tokens are those of the request's text (the client's doing).
 *
 * <p>The prompt side covers raw prompts only; with a chat template it is not checked and the
 * finding says so.
 */
final class TextRule {
  private static final Digest32 NO_TEMPLATE = Digest32.sha256();

  private TextRule() {}

  static CheckResult check(
      JobOrder order, Answer answer, Tokenizer tokenizer, Optional<byte[]> request) {
    byte[] expected = OutputText.delivered(answer.output(), order.sampling(), tokenizer);
    if (!Arrays.equals(expected, answer.response())) {
      return new CheckResult.Failed(
          CheckName.TEXT,
          Reason.TEXT_MISMATCH,
          Optional.empty(),
          "the delivered bytes are not the text of the output tokens");
    }
    if (request.isEmpty() || !order.chatTemplate().equals(NO_TEMPLATE)) {
      return new CheckResult.Held(
          CheckName.TEXT,
          "delivered bytes are the text of the tokens; the prompt's text was not compared");
    }
    if (!Digest32.sha256(request.get()).equals(order.requestBody())) {
      return new CheckResult.Undecided(
          CheckName.TEXT, Shortfall.ORDER_INVALID, "the request is not the one that was ordered");
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(request.get())).toString();
      TokenIds prompt =
          TokenIds.of(tokenizer.promptPrefix()).concat(TokenIds.of(tokenizer.encode(text, false)));
      if (!prompt.equals(order.prompt())) {
        return new CheckResult.Undecided(
            CheckName.TEXT,
            Shortfall.ORDER_INVALID,
            "the order's prompt tokens are not those of the request's text");
      }
    } catch (CharacterCodingException e) {
      return new CheckResult.Undecided(
          CheckName.TEXT, Shortfall.ORDER_INVALID, "the request is not UTF-8");
    }
    return new CheckResult.Held(
        CheckName.TEXT, "prompt tokens and delivered bytes are the texts' own");
  }
}
