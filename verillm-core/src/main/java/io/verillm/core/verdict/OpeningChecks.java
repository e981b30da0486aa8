package io.verillm.core.verdict;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the prover opens: against its receipt, the challenge, and the rules of the order. */
final class OpeningChecks {
  private final CaseFile file;
  private final Optional<Tokenizer> tokenizer;

  OpeningChecks(CaseFile file, Optional<Tokenizer> tokenizer) {
    this.file = file;
    this.tokenizer = tokenizer;
  }

  Optional<Verdict> opening(Submission files) {
    if (files.opening().isEmpty()) {
      return file.inconclusive(CheckName.OPENING, Shortfall.NO_OPENING, "no opening was given");
    }
    byte[] bytes = files.opening().get();
    if (bytes.length > file.policy().maxOpeningBytes()) {
      return file.abstained(
          CheckName.OPENING,
          Cause.TOO_LARGE,
          "the opening has "
              + bytes.length
              + " bytes, the policy allows "
              + file.policy().maxOpeningBytes());
    }
    SignedMessage message;
    try {
      message = SignedMessage.decode(bytes);
    } catch (MalformedMessageException e) {
      return file.rejected(
          CheckName.OPENING,
          Reason.MALFORMED,
          false,
          "the opening is unreadable: " + e.getMessage());
    }
    if (message.type() != MessageType.OPENING
        || !message.verify(file.order().node(), file.policy().networkId())) {
      return file.rejected(
          CheckName.OPENING,
          Reason.BAD_SIGNATURE,
          false,
          "the opening does not carry the prover's signature");
    }
    Opening read;
    try {
      read = Opening.decode(message.payload());
    } catch (MalformedMessageException e) {
      return file.rejected(
          CheckName.OPENING,
          Reason.MALFORMED,
          false,
          "the signed opening is unreadable: " + e.getMessage());
    }
    if (!read.receipt().equals(file.receiptMessage().id())
        || !read.challenge().equals(file.answered())) {
      // Anyone can put an opening of another challenge here; that is no fault of the prover.
      return file.inconclusive(
          CheckName.OPENING, Shortfall.NO_OPENING, "the opening answers another challenge");
    }
    file.establishOpening(read);
    return Optional.empty();
  }

  Optional<Verdict> answerAgainstReceipt() {
    Receipt claimed = file.receipt();
    var answer = file.opening().answer();
    String difference = null;
    if (!answer.promptDigest(file.order().prompt()).equals(claimed.prompt())) {
      difference = "the receipt was made for other prompt tokens than the order's";
    } else if (answer.output().size() != claimed.outputTokens()
        || !answer.outputDigest().equals(claimed.output())) {
      difference = "the output tokens are not the ones that the receipt binds";
    } else if (!answer.responseDigest().equals(claimed.response())) {
      difference = "the delivered bytes are not the ones that the receipt binds";
    }
    if (difference != null) {
      return file.rejected(CheckName.OPENING, Reason.DIGEST_MISMATCH, true, difference);
    }
    // Ids outside the vocabulary would make the executor fail, and our failure would acquit.
    int vocabulary = file.layout().dimensions().vocabulary();
    for (int i = 0; i < answer.output().size(); i++) {
      if (answer.output().get(i) >= vocabulary) {
        return file.rejected(
            CheckName.OPENING,
            Reason.TOKEN_MISMATCH,
            true,
            Location.ofToken(claimed.promptTokens() + i),
            "output token " + answer.output().get(i) + " is not in the model's vocabulary");
      }
    }
    return Optional.empty();
  }

  Optional<Verdict> trace() {
    TraceLayout rows = file.layout();
    Receipt claimed = file.receipt();
    TraceId expected =
        TraceId.compute(
            claimed.order(),
            file.order().node().toByteArray(),
            TraceRole.PROVER,
            claimed.profile());
    OpeningOutcome outcome = file.opening().trace().verify(claimed.head(), expected, rows);
    if (outcome instanceof OpeningOutcome.Mismatch mismatch) {
      return traceMismatch(mismatch);
    }
    OpeningOutcome.Verified verified = (OpeningOutcome.Verified) outcome;
    int committed = file.committed();
    SortedMap<Integer, List<Integer>> all =
        file.challenge().draw(file.challengeValue(), rows, committed);
    SortedMap<Integer, List<Integer>> drawn = file.shown().map(DrawnRows.Shown::spots).orElse(all);
    Optional<Verdict> added = added(verified, drawn);
    if (added.isPresent()) {
      return added;
    }
    TokenIds fed = file.fedTokens();
    SortedMap<Integer, List<Integer>> checkable = new TreeMap<>();
    for (var asked : drawn.entrySet()) {
      int position = asked.getKey();
      Optional<PositionEntry> entry = verified.entry(position);
      if (entry.isEmpty()) {
        return incomplete("position " + position);
      }
      if (entry.get().tokenId() != fed.get(position)) {
        return file.rejected(
            CheckName.OPENING,
            Reason.FED_TOKEN_MISMATCH,
            true,
            Location.ofToken(position),
            "token "
                + entry.get().tokenId()
                + " was fed at position "
                + position
                + ", order and answer have "
                + fed.get(position));
      }
      if (!entry.get().loaded()) {
        checkable.put(position, asked.getValue());
      }
    }
    Optional<OpeningOutcome.Mismatch> missing = verified.missing(checkable);
    if (missing.isPresent()) {
      return incomplete(
          "row " + missing.get().rowIndex() + " of position " + missing.get().position());
    }
    if (file.shown().isPresent() && checkable.size() < drawn.size()) {
      return file.inconclusive(
          CheckName.OPENING,
          Shortfall.COVERAGE,
          "a spot lies in a reused prefix, whose rows are not checked");
    }
    // Sketches count for nothing here: whoever computes honestly once it is challenged has right
    // sketches of rows that it never committed to, and only the spots would show it.
    int rowCount = checkable.values().stream().mapToInt(List::size).sum();
    int layers = ChallengePlan.layersOf(rows).size();
    file.establishRows(
        new DrawnRows(file.challenge().plan(), file.challengeValue(), all, file.shown()),
        verified,
        new Coverage(
            claimed.outputTokens(),
            0,
            committed,
            checkable.size(),
            drawn.size() - checkable.size(),
            layers,
            rowCount,
            missProbabilities(committed, checkable.size(), layers)));
    file.held(
        CheckName.OPENING,
        rowCount + " rows at " + checkable.size() + " positions lead to the signed head");
    return Optional.empty();
  }

  /**
   * Rows that nobody drew would be a prover's choice among those that are judged: enough of them,
   * and a statistic speaks of what it chose.
   */
  private Optional<Verdict> added(
      OpeningOutcome.Verified verified, SortedMap<Integer, List<Integer>> drawn) {
    for (PositionEntry entry : verified.entries()) {
      List<Integer> asked = drawn.get(entry.position());
      if (asked == null) {
        return surplus("position " + entry.position());
      }
      for (RowKey key : verified.rowsAt(entry.position())) {
        if (!asked.contains(verified.layout().indexOf(key).orElseThrow())) {
          return surplus(key + " of position " + entry.position());
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Verdict> surplus(String what) {
    return file.rejected(
        CheckName.OPENING,
        Reason.OPENING_INCOMPLETE,
        true,
        "the signed opening adds " + what + ", which the challenge did not draw");
  }

  private Optional<Verdict> traceMismatch(OpeningOutcome.Mismatch mismatch) {
    Reason reason =
        switch (mismatch.kind()) {
          case LEAF_ZERO -> Reason.TRACE_ID_MISMATCH;
          case LEAF_COUNT -> Reason.TRACE_SIZE_MISMATCH;
          default -> Reason.BAD_PATH;
        };
    return file.rejected(
        CheckName.OPENING,
        reason,
        true,
        mismatch.position() >= 0 ? Location.ofToken(mismatch.position()) : Optional.empty(),
        reason == Reason.TRACE_ID_MISMATCH
            ? "the trace was recorded by another party or for another order"
            : "the opening does not lead to the signed head: " + mismatch.kind());
  }

  private Optional<Verdict> incomplete(String what) {
    return file.rejected(
        CheckName.OPENING,
        Reason.OPENING_INCOMPLETE,
        true,
        "the signed opening leaves out " + what + ", which the challenge drew");
  }

  /** A loaded position shows nothing, so the plan counts as if it had not been drawn. */
  private Map<Deviation, Double> missProbabilities(int committed, int checkable, int layers) {
    Map<Deviation, Double> miss = new EnumMap<>(Deviation.class);
    for (Deviation deviation : Deviation.values()) {
      miss.put(
          deviation,
          checkable == 0
              ? 1.0
              : file.challenge()
                  .plan()
                  .withPositions(checkable)
                  .missProbability(deviation, committed, layers));
    }
    return miss;
  }

  Optional<Verdict> finish() {
    try {
      return file.conclude(
          FinishRule.check(
              file.order().sampling(),
              file.receipt().finish(),
              file.opening().answer().output(),
              matchingTokenizer(),
              file.receipt().promptTokens()));
    } catch (RuntimeException e) {
      return file.abstained(
          CheckName.FINISH, Cause.EXECUTION_FAILED, "the tokenizer failed on the output: " + e);
    }
  }

  Optional<Verdict> text(Submission files) {
    Optional<Tokenizer> ordered = matchingTokenizer();
    if (ordered.isEmpty()) {
      file.notRun(CheckName.TEXT, "no tokenizer with the order's digest was given");
      return Optional.empty();
    }
    CheckResult result;
    try {
      result =
          TextRule.check(file.order(), file.opening().answer(), ordered.get(), files.request());
    } catch (RuntimeException e) {
      // A model may have ids that its tokenizer has no text for. The token check still judges them,
      // and a policy that requires the text check does not accept.
      file.notRun(CheckName.TEXT, "the tokenizer failed on the output: " + e);
      return Optional.empty();
    }
    return file.conclude(result);
  }

  /** A tokenizer other than the ordered one would accuse the prover of our own mistake. */
  private Optional<Tokenizer> matchingTokenizer() {
    return tokenizer.filter(given -> given.digest().equals(file.order().tokenizer()));
  }
}
