package io.verillm.core.verdict;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.Opening;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One verification in progress: what earlier steps established, what was found so far, and the only
 * ways in which a step can end. Each step relies on the ones before it, in the order of {@link
 * ReceiptVerifier#verify}. Used once, by one thread.
 */
final class CaseFile {
  private final VerificationPolicy policy;
  private final long nowMillis;

  private final List<CheckFinding> checks = new ArrayList<>();
  private final Set<CheckName> held = EnumSet.noneOf(CheckName.class);
  private List<CellDifference> cells = List.of();
  private List<String> providers = List.of();
  private Coverage coverage = Coverage.NONE;
  private Standing standing = Standing.PRIVATE;
  private Optional<CombinedEvidence> evidence = Optional.empty();

  private @Nullable SignedMessage orderMessage;
  private @Nullable JobOrder order;
  private @Nullable SignedMessage receiptMessage;
  private @Nullable Receipt receipt;
  private @Nullable TraceLayout layout;
  private @Nullable SamplingSeed seed;
  private @Nullable Challenge challenge;
  private @Nullable Digest32 challengeValue;
  private @Nullable Opening opening;
  private Optional<DrawnRows.Shown> shown = Optional.empty();
  private @Nullable Digest32 answered;
  private @Nullable DrawnRows drawn;
  private OpeningOutcome.@Nullable Verified rows;

  CaseFile(VerificationPolicy policy, long nowMillis) {
    this.policy = policy;
    this.nowMillis = nowMillis;
  }

  VerificationPolicy policy() {
    return policy;
  }

  // ---- how a step ends ----

  /** Records the result of an exact check; a verdict follows from all but one that holds. */
  Optional<Verdict> conclude(CheckResult result) {
    if (result instanceof CheckResult.Held fine) {
      held(fine.check(), fine.statement());
      return Optional.empty();
    }
    if (result instanceof CheckResult.Failed failed) {
      return rejected(failed.check(), failed.reason(), true, failed.location(), failed.statement());
    }
    if (result instanceof CheckResult.Undecided undecided) {
      return inconclusive(undecided.check(), undecided.shortfall(), undecided.statement());
    }
    if (result instanceof CheckResult.Unavailable unavailable) {
      return abstained(unavailable.check(), unavailable.cause(), unavailable.statement());
    }
    throw new IllegalStateException("evidence decides nothing before it is combined");
  }

  /** Records every check that could not decide; the first of them gives the verdict. */
  Optional<Verdict> undecided(List<CheckResult> results) {
    for (CheckResult one : results) {
      checks.add(new CheckFinding(one.check(), CheckFinding.State.UNDECIDED, one.statement()));
    }
    return results.stream().findFirst().map(this::undecided);
  }

  private Verdict undecided(CheckResult first) {
    Findings findings = findings(Optional.empty(), false);
    if (first instanceof CheckResult.Undecided undecided) {
      return new Verdict.Inconclusive(undecided.shortfall(), findings);
    }
    if (first instanceof CheckResult.Unavailable unavailable) {
      return new Verdict.Abstained(unavailable.cause(), findings);
    }
    throw new IllegalStateException(first.check() + " decided");
  }

  void held(CheckName check, String statement) {
    held.add(check);
    checks.add(new CheckFinding(check, CheckFinding.State.HELD, statement));
  }

  boolean hasHeld(CheckName check) {
    return held.contains(check);
  }

  void notRun(CheckName check, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.NOT_RUN, statement));
  }

  Optional<Verdict> rejected(
      CheckName check, Reason reason, boolean attributable, String statement) {
    return rejected(check, reason, attributable, Optional.empty(), statement);
  }

  Optional<Verdict> rejected(
      CheckName check,
      Reason reason,
      boolean attributable,
      Optional<Location> location,
      String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.FAILED, statement));
    return Optional.of(new Verdict.Rejected(reason, findings(location, attributable)));
  }

  /** By evidence, which refuses pay for this answer and is never held against the key by itself. */
  Optional<Verdict> rejectedByEvidence(
      CheckName check, Reason reason, Optional<Location> location, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.FAILED, statement));
    return Optional.of(new Verdict.Rejected(reason, findings(location, false)));
  }

  Optional<Verdict> inconclusive(CheckName check, Shortfall shortfall, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.UNDECIDED, statement));
    return Optional.of(new Verdict.Inconclusive(shortfall, findings(Optional.empty(), false)));
  }

  Optional<Verdict> abstained(CheckName check, Cause cause, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.UNDECIDED, statement));
    return Optional.of(new Verdict.Abstained(cause, findings(Optional.empty(), false)));
  }

  Verdict accepted() {
    return new Verdict.Accepted(findings(Optional.empty(), evidence.isEmpty()));
  }

  private Findings findings(Optional<Location> location, boolean attributable) {
    return new Findings(
        new Subject(
            Optional.ofNullable(orderMessage).map(SignedMessage::id),
            Optional.ofNullable(receiptMessage).map(SignedMessage::id),
            Optional.ofNullable(challenge).map(Challenge::digest)),
        checks,
        coverage,
        location,
        cells,
        standing,
        attributable,
        evidence,
        providers,
        nowMillis);
  }

  // ---- what a step adds ----

  void establishOrderMessage(SignedMessage message) {
    orderMessage = message;
  }

  void establishOrder(JobOrder read) {
    order = read;
  }

  void establishReceiptMessage(SignedMessage message) {
    receiptMessage = message;
  }

  void establishReceipt(Receipt read) {
    receipt = read;
  }

  void establishLayout(TraceLayout made) {
    layout = made;
  }

  void establishSeed(SamplingSeed proven) {
    seed = proven;
  }

  void establishChallenge(Challenge read, Digest32 value, Standing stands) {
    challenge = read;
    challengeValue = value;
    standing = stands;
    answered = read.digest();
  }

  void establishSketches(DrawnRows.Shown sketched, Digest32 spotChallenge) {
    shown = Optional.of(sketched);
    answered = spotChallenge;
  }

  void establishOpening(Opening read) {
    opening = read;
  }

  void establishRows(DrawnRows asked, OpeningOutcome.Verified verified, Coverage looked) {
    drawn = asked;
    rows = verified;
    coverage = looked;
  }

  void establishReplay(ReplayCheck.Replay replay) {
    cells = replay.cells();
    providers = replay.providers();
    coverage = coverage.withTokensReplayed(replay.tokensReplayed());
  }

  void establishEvidence(CombinedEvidence combined) {
    evidence = Optional.of(combined);
  }

  // ---- what earlier steps established ----

  SignedMessage orderMessage() {
    return established(orderMessage);
  }

  JobOrder order() {
    return established(order);
  }

  SignedMessage receiptMessage() {
    return established(receiptMessage);
  }

  Receipt receipt() {
    return established(receipt);
  }

  TraceLayout layout() {
    return established(layout);
  }

  SamplingSeed seed() {
    return established(seed);
  }

  Challenge challenge() {
    return established(challenge);
  }

  Digest32 challengeValue() {
    return established(challengeValue);
  }

  Opening opening() {
    return established(opening);
  }

  Optional<DrawnRows.Shown> shown() {
    return shown;
  }

  /** Digest of the challenge that the opening must answer: the last one. */
  Digest32 answered() {
    return established(answered);
  }

  /** Positions that have rows: the last sampled token is never fed. */
  int committed() {
    return receipt().promptTokens() + receipt().outputTokens() - 1;
  }

  DrawnRows drawn() {
    return established(drawn);
  }

  OpeningOutcome.Verified rows() {
    return established(rows);
  }

  Coverage coverage() {
    return coverage;
  }

  TokenIds fedTokens() {
    TokenIds output = opening().answer().output();
    return order().prompt().concat(output.prefix(output.size() - 1));
  }

  private static <T> T established(@Nullable T value) {
    return Objects.requireNonNull(value, "steps ran out of order");
  }
}
