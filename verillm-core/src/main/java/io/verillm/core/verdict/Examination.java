package io.verillm.core.verdict;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.challenge.Opening;
import io.verillm.core.challenge.RandomnessSource;
import io.verillm.core.challenge.RandomnessValue;
import io.verillm.core.challenge.VerifierNonce;
import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.order.JobOrder;
import io.verillm.core.order.TokenIds;
import io.verillm.core.receipt.Receipt;
import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.Tokenizer;
import io.verillm.core.trace.OpeningOutcome;
import io.verillm.core.trace.PositionEntry;
import io.verillm.core.trace.TraceId;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceRole;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One verification in progress. Each step returns a verdict if it decides and nothing if the next
 * step may go on; the steps are called in the order of {@link ReceiptVerifier#verify}, and each
 * relies on the ones before it. Used once, by one thread.
 */
final class Examination {
  private final VerificationPolicy policy;
  private final Optional<ReplayCheck> replayCheck;
  private final Optional<Tokenizer> tokenizer;
  private final long nowMillis;

  private final List<CheckFinding> checks = new ArrayList<>();
  private final Set<CheckName> held = EnumSet.noneOf(CheckName.class);
  private List<CellDifference> cells = List.of();
  private List<String> providers = List.of();
  private Coverage coverage = Coverage.NONE;
  private Standing standing = Standing.PRIVATE;

  private @Nullable SignedMessage orderMessage;
  private @Nullable JobOrder order;
  private @Nullable SignedMessage receiptMessage;
  private @Nullable Receipt receipt;
  private @Nullable SamplingSeed seed;
  private @Nullable TraceLayout layout;
  private @Nullable ReceiptAck ack;
  private @Nullable Challenge challenge;
  private @Nullable Digest32 challengeValue;
  private @Nullable Opening opening;
  private OpeningOutcome.@Nullable Verified opened;

  Examination(
      VerificationPolicy policy,
      Optional<ReplayCheck> replayCheck,
      Optional<Tokenizer> tokenizer,
      long nowMillis) {
    this.policy = policy;
    this.replayCheck = replayCheck;
    this.tokenizer = tokenizer;
    this.nowMillis = nowMillis;
  }

  // ---- the client's side: nothing here can reject a prover ----

  Optional<Verdict> order(Submission files) {
    if (files.order().isEmpty()) {
      return inconclusive(CheckName.ORDER, Shortfall.NO_ORDER, "no order was given");
    }
    try {
      SignedMessage message = SignedMessage.decode(files.order().get());
      if (message.type() != MessageType.ORDER || !message.verify(policy.networkId())) {
        return inconclusive(
            CheckName.ORDER,
            Shortfall.ORDER_INVALID,
            "the order's signature does not hold for network " + policy.networkId());
      }
      orderMessage = message;
      order = JobOrder.decode(message.payload());
      return Optional.empty();
    } catch (MalformedMessageException e) {
      return inconclusive(
          CheckName.ORDER, Shortfall.ORDER_INVALID, "the order is unreadable: " + e.getMessage());
    }
  }

  // ---- the prover's claim ----

  Optional<Verdict> receipt(Submission files) {
    if (files.receipt().isEmpty()) {
      return inconclusive(CheckName.RECEIPT, Shortfall.NO_RECEIPT, "no receipt was given");
    }
    SignedMessage message;
    try {
      message = SignedMessage.decode(files.receipt().get());
    } catch (MalformedMessageException e) {
      return rejected(
          CheckName.RECEIPT,
          Reason.MALFORMED,
          false,
          "the receipt is unreadable: " + e.getMessage());
    }
    if (message.type() != MessageType.RECEIPT || !message.verify(policy.networkId())) {
      return rejected(
          CheckName.RECEIPT,
          Reason.BAD_SIGNATURE,
          false,
          "the receipt's signature does not hold for network " + policy.networkId());
    }
    receiptMessage = message;
    try {
      receipt = Receipt.decode(message.payload());
    } catch (MalformedMessageException e) {
      // Signed, and still not held against the key: it may be a version that we do not know yet.
      return rejected(
          CheckName.RECEIPT,
          Reason.MALFORMED,
          false,
          "the signed receipt is unreadable: " + e.getMessage());
    }
    if (!message.signer().equals(theOrder().node())) {
      return rejected(
          CheckName.RECEIPT,
          Reason.ORDER_MISMATCH,
          false,
          "the receipt is signed by "
              + message.signer().shortHex()
              + ", the order is for "
              + theOrder().node().shortHex());
    }
    return Optional.empty();
  }

  Optional<Verdict> receiptAgainstOrder() {
    JobOrder promised = theOrder();
    Receipt claimed = theReceipt();
    if (!claimed.order().equals(theOrderMessage().id())) {
      // Whoever hands in the files chose the pair; the prover never said it answers this order.
      return rejected(
          CheckName.ORDER,
          Reason.ORDER_MISMATCH,
          false,
          "the receipt answers order "
              + claimed.order().shortHex()
              + ", not "
              + theOrderMessage().id().shortHex());
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
      return rejected(CheckName.ORDER, Reason.ORDER_MISMATCH, true, difference);
    }
    held(CheckName.ORDER, "the receipt answers this order");
    long leaves = 1L + claimed.promptTokens() + claimed.outputTokens();
    if (claimed.head().leafCount() != leaves) {
      return rejected(
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
      return rejected(
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
    Optional<String> unsupported = theOrder().sampling().unsupportedFeature();
    if (unsupported.isPresent()) {
      return abstained(
          CheckName.TOKENS,
          Cause.UNSUPPORTED_SAMPLER,
          "the sampler cannot be replayed: " + unsupported.get());
    }
    if (!policy.admits(theReceipt().executionClass())) {
      return abstained(
          CheckName.RECEIPT,
          Cause.CLASS_NOT_ADMISSIBLE,
          "class " + theReceipt().executionClass() + " is not admitted by the policy");
    }
    var dimensions = policy.dimensionsOf(theOrder().model());
    if (dimensions.isEmpty()) {
      return abstained(
          CheckName.RECEIPT,
          Cause.MODEL_NOT_TRUSTED,
          "model " + theOrder().model().shortHex() + " is not trusted by the policy");
    }
    var profile = policy.profile(theOrder().profile());
    if (profile.isEmpty()) {
      return abstained(
          CheckName.RECEIPT,
          Cause.PROFILE_UNKNOWN,
          "trace profile " + theOrder().profile().shortHex() + " is not known to the policy");
    }
    if (replayCheck.isPresent()
        && replayCheck.get().modelDigest().equals(theOrder().model())
        && !replayCheck.get().dimensions().equals(dimensions.get())) {
      // Wrong sizes in the policy would make every honest opening look wrong.
      return abstained(
          CheckName.RECEIPT,
          Cause.MODEL_UNAVAILABLE,
          "the policy states other sizes for the model than the loaded one has: "
              + dimensions.get()
              + ", "
              + replayCheck.get().dimensions());
    }
    for (int id : theOrder().prompt().toArray()) {
      if (id >= dimensions.get().vocabulary()) {
        return inconclusive(
            CheckName.ORDER,
            Shortfall.ORDER_INVALID,
            "prompt token " + id + " is not in the model's vocabulary");
      }
    }
    long prefill = (long) theReceipt().promptTokens() + theReceipt().outputTokens() - 1;
    if (prefill > policy.maxPrefillTokens() || prefill > dimensions.get().maxPositions()) {
      return abstained(
          CheckName.RECEIPT,
          Cause.TOO_LARGE,
          "re-execution would prefill "
              + prefill
              + " tokens; the policy allows "
              + policy.maxPrefillTokens()
              + ", the model "
              + dimensions.get().maxPositions());
    }
    try {
      layout = TraceLayout.of(profile.get(), dimensions.get());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return abstained(
          CheckName.RECEIPT,
          Cause.PROFILE_UNKNOWN,
          "the ordered trace profile does not fit the ordered model: " + e.getMessage());
    }
  }

  Optional<Verdict> seed() {
    Optional<SamplingSeed> proven =
        theReceipt().seedProof().seed(theOrder().node(), theReceipt().order());
    if (proven.isEmpty()) {
      return rejected(
          CheckName.RECEIPT,
          Reason.SEED_PROOF_INVALID,
          true,
          "the sampling seed is not the VRF output of the node's key on the order");
    }
    seed = proven.get();
    held(CheckName.RECEIPT, "signature, counts and seed proof hold");
    return Optional.empty();
  }

  // ---- the witness's and the challenger's side: nothing here can reject a prover ----

  Optional<Verdict> ack(Submission files) {
    if (files.ack().isEmpty()) {
      return Optional.empty();
    }
    try {
      SignedMessage message = SignedMessage.decode(files.ack().get());
      boolean admissible =
          message.type() == MessageType.ACK
              && message.verify(policy.networkId())
              && !message.signer().equals(theOrder().node())
              && (message.signer().equals(theOrderMessage().signer())
                  || policy.isWitness(message.signer()));
      if (!admissible) {
        return inconclusive(
            CheckName.CHALLENGE,
            Shortfall.ACK_INVALID,
            "the ack is not signed by the client or an admitted witness");
      }
      ReceiptAck read = ReceiptAck.decode(message.payload());
      if (!read.receipt().equals(theReceiptMessage().id())) {
        return inconclusive(
            CheckName.CHALLENGE, Shortfall.ACK_INVALID, "the ack names another receipt");
      }
      ack = read;
      return Optional.empty();
    } catch (MalformedMessageException e) {
      return inconclusive(
          CheckName.CHALLENGE, Shortfall.ACK_INVALID, "the ack is unreadable: " + e.getMessage());
    }
  }

  Optional<Verdict> challenge(Submission files) {
    if (files.challenge().isEmpty()) {
      return inconclusive(CheckName.CHALLENGE, Shortfall.NO_CHALLENGE, "no challenge was given");
    }
    Challenge read;
    try {
      SignedMessage message = SignedMessage.decode(files.challenge().get());
      if (message.type() != MessageType.CHALLENGE
          || !message.verify(policy.networkId())
          || message.signer().equals(theOrder().node())) {
        return challengeInvalid("the challenge is not signed by a key other than the prover's");
      }
      read = Challenge.decode(message.payload());
    } catch (MalformedMessageException e) {
      return challengeInvalid("the challenge is unreadable: " + e.getMessage());
    }
    if (!read.order().equals(theReceipt().order())
        || !read.receipt().equals(theReceiptMessage().id())) {
      return challengeInvalid("the challenge is for another receipt");
    }
    ReceiptAck acknowledged = ack;
    boolean namesAck =
        acknowledged != null && read.ack().equals(Optional.of(acknowledged.digest()));
    if (read.ack().isPresent() && !namesAck) {
      return challengeInvalid("the challenge names another ack than the one given");
    }
    RandomnessValue randomness = read.randomness();
    Optional<Digest32> commitment = theOrder().nonceCommitment();
    RandomnessSource source;
    if (commitment.isPresent() && randomness.source().equals(commitment.get())) {
      source = new VerifierNonce(commitment.get());
    } else {
      Optional<RandomnessSource> admitted = policy.source(randomness.source());
      if (admitted.isEmpty()) {
        return challengeInvalid("the policy does not admit the challenge's randomness source");
      }
      source = admitted.get();
      if (isPartys(source)) {
        return challengeInvalid("the randomness comes from a key of the prover or the client");
      }
      if (acknowledged != null && namesAck) {
        if (!randomness.source().equals(acknowledged.source())
            || randomness.round() != acknowledged.challengeRound()) {
          return challengeInvalid(
              "the challenge uses round "
                  + randomness.round()
                  + ", the ack allows only "
                  + acknowledged.challengeRound());
        }
        standing = Standing.PUBLIC;
      }
    }
    Optional<Digest32> value = source.check(randomness);
    if (value.isEmpty()) {
      return challengeInvalid("the proof of the challenge's randomness does not hold");
    }
    challenge = read;
    challengeValue = value.get();
    held(
        CheckName.CHALLENGE,
        standing == Standing.PUBLIC
            ? "drawn from round " + randomness.round() + ", after the ack"
            : "drawn from randomness that convinces this verifier only");
    return Optional.empty();
  }

  private boolean isPartys(RandomnessSource source) {
    VerifyingKey client = theOrderMessage().signer();
    return source instanceof VrfRandomness vrf
        && (vrf.key().equals(theOrder().node()) || vrf.key().equals(client));
  }

  private Optional<Verdict> challengeInvalid(String statement) {
    return inconclusive(CheckName.CHALLENGE, Shortfall.CHALLENGE_INVALID, statement);
  }

  // ---- what the prover opens ----

  Optional<Verdict> opening(Submission files) {
    if (files.opening().isEmpty()) {
      return inconclusive(CheckName.OPENING, Shortfall.NO_OPENING, "no opening was given");
    }
    byte[] bytes = files.opening().get();
    if (bytes.length > policy.maxOpeningBytes()) {
      return abstained(
          CheckName.OPENING,
          Cause.TOO_LARGE,
          "the opening has "
              + bytes.length
              + " bytes, the policy allows "
              + policy.maxOpeningBytes());
    }
    SignedMessage message;
    try {
      message = SignedMessage.decode(bytes);
    } catch (MalformedMessageException e) {
      return rejected(
          CheckName.OPENING,
          Reason.MALFORMED,
          false,
          "the opening is unreadable: " + e.getMessage());
    }
    if (message.type() != MessageType.OPENING
        || !message.verify(theOrder().node(), policy.networkId())) {
      return rejected(
          CheckName.OPENING,
          Reason.BAD_SIGNATURE,
          false,
          "the opening does not carry the prover's signature");
    }
    Opening read;
    try {
      read = Opening.decode(message.payload());
    } catch (MalformedMessageException e) {
      return rejected(
          CheckName.OPENING,
          Reason.MALFORMED,
          false,
          "the signed opening is unreadable: " + e.getMessage());
    }
    if (!read.receipt().equals(theReceiptMessage().id())
        || !read.challenge().equals(theChallenge().digest())) {
      // Anyone can put an opening of another challenge here; that is no fault of the prover.
      return inconclusive(
          CheckName.OPENING, Shortfall.NO_OPENING, "the opening answers another challenge");
    }
    opening = read;
    return Optional.empty();
  }

  Optional<Verdict> answerAgainstReceipt() {
    Receipt claimed = theReceipt();
    var answer = theOpening().answer();
    String difference = null;
    if (!answer.promptDigest(theOrder().prompt()).equals(claimed.prompt())) {
      difference = "the receipt was made for other prompt tokens than the order's";
    } else if (answer.output().size() != claimed.outputTokens()
        || !answer.outputDigest().equals(claimed.output())) {
      difference = "the output tokens are not the ones that the receipt binds";
    } else if (!answer.responseDigest().equals(claimed.response())) {
      difference = "the delivered bytes are not the ones that the receipt binds";
    }
    if (difference != null) {
      return rejected(CheckName.OPENING, Reason.DIGEST_MISMATCH, true, difference);
    }
    // Ids outside the vocabulary would make the executor fail, and our failure would acquit.
    int vocabulary = theLayout().dimensions().vocabulary();
    for (int i = 0; i < answer.output().size(); i++) {
      if (answer.output().get(i) >= vocabulary) {
        return rejected(
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
    TraceLayout rows = theLayout();
    Receipt claimed = theReceipt();
    TraceId expected =
        TraceId.compute(
            claimed.order(), theOrder().node().toByteArray(), TraceRole.PROVER, claimed.profile());
    OpeningOutcome outcome = theOpening().trace().verify(claimed.head(), expected, rows);
    if (outcome instanceof OpeningOutcome.Mismatch mismatch) {
      return traceMismatch(mismatch);
    }
    OpeningOutcome.Verified verified = (OpeningOutcome.Verified) outcome;
    int committed = claimed.promptTokens() + claimed.outputTokens() - 1;
    SortedMap<Integer, List<Integer>> drawn =
        theChallenge().draw(theChallengeValue(), rows, committed);
    TokenIds fed = fedTokens();
    SortedMap<Integer, List<Integer>> checkable = new TreeMap<>();
    for (var asked : drawn.entrySet()) {
      int position = asked.getKey();
      Optional<PositionEntry> entry = verified.entry(position);
      if (entry.isEmpty()) {
        return incomplete("position " + position);
      }
      if (entry.get().tokenId() != fed.get(position)) {
        return rejected(
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
    opened = verified;
    int rowCount = checkable.values().stream().mapToInt(List::size).sum();
    int layers = ChallengePlan.layersOf(rows).size();
    coverage =
        new Coverage(
            claimed.outputTokens(),
            0,
            committed,
            checkable.size(),
            drawn.size() - checkable.size(),
            layers,
            rowCount,
            missProbabilities(committed, checkable.size(), layers));
    held(
        CheckName.OPENING,
        rowCount + " rows at " + checkable.size() + " positions lead to the signed head");
    return Optional.empty();
  }

  private Optional<Verdict> traceMismatch(OpeningOutcome.Mismatch mismatch) {
    Reason reason =
        switch (mismatch.kind()) {
          case LEAF_ZERO -> Reason.TRACE_ID_MISMATCH;
          case LEAF_COUNT -> Reason.TRACE_SIZE_MISMATCH;
          default -> Reason.BAD_PATH;
        };
    return rejected(
        CheckName.OPENING,
        reason,
        true,
        mismatch.position() >= 0 ? Location.ofToken(mismatch.position()) : Optional.empty(),
        reason == Reason.TRACE_ID_MISMATCH
            ? "the trace was recorded by another party or for another order"
            : "the opening does not lead to the signed head: " + mismatch.kind());
  }

  private Optional<Verdict> incomplete(String what) {
    return rejected(
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
              : new ChallengePlan(checkable, theChallenge().plan().layersPerPosition())
                  .missProbability(deviation, committed, layers));
    }
    return miss;
  }

  Optional<Verdict> finish() {
    try {
      return conclude(
          FinishRule.check(
              theOrder().sampling(),
              theReceipt().finish(),
              theOpening().answer().output(),
              matchingTokenizer(),
              theReceipt().promptTokens()));
    } catch (RuntimeException e) {
      return abstained(
          CheckName.FINISH, Cause.EXECUTION_FAILED, "the tokenizer failed on the output: " + e);
    }
  }

  Optional<Verdict> text(Submission files) {
    Optional<Tokenizer> ordered = matchingTokenizer();
    if (ordered.isEmpty()) {
      notRun(CheckName.TEXT, "no tokenizer with the order's digest was given");
      return Optional.empty();
    }
    CheckResult result;
    try {
      result = TextRule.check(theOrder(), theOpening().answer(), ordered.get(), files.request());
    } catch (RuntimeException e) {
      // A model may have ids that its tokenizer has no text for. The token check still judges them,
      // and a policy that requires the text check does not accept.
      notRun(CheckName.TEXT, "the tokenizer failed on the output: " + e);
      return Optional.empty();
    }
    return conclude(result);
  }

  /** A tokenizer other than the ordered one would accuse the prover of our own mistake. */
  private Optional<Tokenizer> matchingTokenizer() {
    return tokenizer.filter(given -> given.digest().equals(theOrder().tokenizer()));
  }

  Optional<Verdict> coverage() {
    for (var demand : policy.largestMiss().entrySet()) {
      double miss = coverage.missProbability().getOrDefault(demand.getKey(), 1.0);
      if (!(miss <= demand.getValue())) {
        return inconclusive(
            CheckName.OPENING,
            Shortfall.COVERAGE,
            "the opened rows miss "
                + demand.getKey()
                + " with probability "
                + miss
                + ", the policy allows "
                + demand.getValue());
      }
    }
    return Optional.empty();
  }

  // ---- the dear part ----

  Optional<Verdict> replay() {
    if (replayCheck.isEmpty()) {
      return Optional.empty();
    }
    ReplayCheck check = replayCheck.get();
    if (!check.modelDigest().equals(theOrder().model())) {
      return abstained(
          CheckName.ACTIVATIONS,
          Cause.MODEL_UNAVAILABLE,
          "the executor holds model "
              + check.modelDigest().shortHex()
              + ", ordered was "
              + theOrder().model().shortHex());
    }
    ReplayCheck.Replay result;
    try {
      result =
          check.replay(
              new ReplaySubject(
                  theOrder(), theReceipt(), theOpening().answer().output(), theSeed(), theRows()));
    } catch (RuntimeException | OutOfMemoryError e) {
      // Our failure to compute is never the prover's fault.
      return abstained(CheckName.ACTIVATIONS, Cause.EXECUTION_FAILED, "re-execution failed: " + e);
    }
    cells = result.cells();
    providers = result.providers();
    coverage = coverage.withTokensReplayed(result.tokensReplayed());
    // Failures first: what is proven wrong outweighs what another check could not decide.
    Optional<Verdict> decided = Optional.empty();
    for (CheckResult one : result.results()) {
      if (one instanceof CheckResult.Failed) {
        return conclude(one);
      }
    }
    for (CheckResult one : result.results()) {
      Optional<Verdict> verdict = conclude(one);
      if (decided.isEmpty()) {
        decided = verdict;
      }
    }
    return decided;
  }

  Verdict accept() {
    for (CheckName name : CheckName.values()) {
      if (policy.required().contains(name) && !held.contains(name)) {
        return abstained(
                name,
                Cause.CHECK_UNAVAILABLE,
                "the policy requires the check "
                    + name
                    + ", which did not run; give the verifier "
                    + (name == CheckName.TEXT ? "a tokenizer" : "a model"))
            .orElseThrow();
      }
    }
    if (coverage.tokensReplayed() != coverage.outputTokens()) {
      return inconclusive(
              CheckName.TOKENS,
              Shortfall.COVERAGE,
              "only "
                  + coverage.tokensReplayed()
                  + " of "
                  + coverage.outputTokens()
                  + " output tokens were replayed")
          .orElseThrow();
    }
    return new Verdict.Accepted(findings(Optional.empty(), true));
  }

  // ---- how a step ends ----

  /** Records a check's result; a verdict follows from all but one that holds. */
  private Optional<Verdict> conclude(CheckResult result) {
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
    CheckResult.Unavailable unavailable = (CheckResult.Unavailable) result;
    return abstained(unavailable.check(), unavailable.cause(), unavailable.statement());
  }

  private void held(CheckName check, String statement) {
    held.add(check);
    checks.add(new CheckFinding(check, CheckFinding.State.HELD, statement));
  }

  private void notRun(CheckName check, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.NOT_RUN, statement));
  }

  private Optional<Verdict> rejected(
      CheckName check, Reason reason, boolean attributable, String statement) {
    return rejected(check, reason, attributable, Optional.empty(), statement);
  }

  private Optional<Verdict> rejected(
      CheckName check,
      Reason reason,
      boolean attributable,
      Optional<Location> location,
      String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.FAILED, statement));
    return Optional.of(new Verdict.Rejected(reason, findings(location, attributable)));
  }

  private Optional<Verdict> inconclusive(CheckName check, Shortfall shortfall, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.UNDECIDED, statement));
    return Optional.of(new Verdict.Inconclusive(shortfall, findings(Optional.empty(), false)));
  }

  private Optional<Verdict> abstained(CheckName check, Cause cause, String statement) {
    checks.add(new CheckFinding(check, CheckFinding.State.UNDECIDED, statement));
    return Optional.of(new Verdict.Abstained(cause, findings(Optional.empty(), false)));
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
        Optional.empty(),
        providers,
        nowMillis);
  }

  // ---- what earlier steps established ----

  private TokenIds fedTokens() {
    TokenIds output = theOpening().answer().output();
    return theOrder().prompt().concat(output.prefix(output.size() - 1));
  }

  private SignedMessage theOrderMessage() {
    return established(orderMessage);
  }

  private JobOrder theOrder() {
    return established(order);
  }

  private SignedMessage theReceiptMessage() {
    return established(receiptMessage);
  }

  private Receipt theReceipt() {
    return established(receipt);
  }

  private SamplingSeed theSeed() {
    return established(seed);
  }

  private TraceLayout theLayout() {
    return established(layout);
  }

  private Challenge theChallenge() {
    return established(challenge);
  }

  private Digest32 theChallengeValue() {
    return established(challengeValue);
  }

  private Opening theOpening() {
    return established(opening);
  }

  private OpeningOutcome.Verified theRows() {
    return established(opened);
  }

  private static <T> T established(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("steps ran out of order");
    }
    return value;
  }
}
