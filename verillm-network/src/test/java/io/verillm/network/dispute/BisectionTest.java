package io.verillm.network.dispute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.order.JobOrder;
import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.DType;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.HookPoint;
import io.verillm.core.trace.JobSecret;
import io.verillm.core.trace.MemoryTrace;
import io.verillm.core.trace.RowKey;
import io.verillm.core.trace.TensorKind;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceOpening;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.trace.TraceRecorder;
import io.verillm.core.verdict.Location;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.verdict.Verdict;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.exec.AnswerGenerator;
import io.verillm.exec.Models;
import io.verillm.exec.PrefillReplay;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Micros;
import io.verillm.network.Jobs;
import io.verillm.network.RowChanger;
import io.verillm.network.dispute.Bisection.Recorded;
import io.verillm.network.dispute.Bisection.Refusal;
import io.verillm.network.dispute.BisectionState.Awaited;
import io.verillm.network.worker.WorkedOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BisectionTest {
  private static final BisectionTerms TERMS =
      new BisectionTerms(1000, Micros.of(500), Micros.of(300), Micros.of(40));
  private static final SigningKey CHALLENGER = Jobs.key(9);

  @TempDir static Path folder;

  private static Jobs jobs;
  private static TraceLayout layout;

  @BeforeAll
  static void load() throws Exception {
    jobs = new Jobs(folder, TraceProfile.dispute(DType.F32));
    layout = TraceLayout.of(jobs.profile, jobs.model.executor().dimensions());
  }

  @AfterAll
  static void close() {
    jobs.close();
  }

  private static LayerJudge judge(Optional<StepLimit> tolerance) {
    return new LayerJudge(jobs.model.executor(), tolerance);
  }

  private static Bisection referee(WorkedOrder job, StepJudge judge) throws Exception {
    return new Bisection(Jobs.NETWORK, job.order(), job.receiptMessage(), layout, TERMS, judge);
  }

  private static WorkedOrder honest() throws Exception {
    return jobs.work(jobs.sampling(jobs.model.executor()));
  }

  /** A whole dispute between a prover that answers and a challenger that looks. */
  private record Played(BisectionState end, List<Recorded> log) {}

  private static Played play(
      WorkedOrder job, Bisection referee, BisectionMove.Open open, BisectionChallenger challenger)
      throws Exception {
    List<Recorded> log = new ArrayList<>();
    log.add(new Recorded(open.sign(CHALLENGER, Jobs.NETWORK), 10));
    BisectionState state = referee.open(log.get(0).message(), 10).state().orElseThrow();
    while (state.awaited() != Awaited.NOTHING) {
      boolean provers = state.awaited() == Awaited.SHOW;
      BisectionMove move =
          provers ? new BisectionResponder(job.trace()).answer(state) : challenger.answer(state);
      SignedMessage message = move.sign(provers ? Jobs.PROVER : CHALLENGER, Jobs.NETWORK);
      // Everything crosses the wire.
      message = SignedMessage.decode(message.encode());
      log.add(new Recorded(message, 10L + log.size()));
      Bisection.Step step = referee.receive(state, message, 10L + log.size());
      assertThat(step.refused()).isEmpty();
      state = step.state().orElseThrow();
    }
    return new Played(state, log);
  }

  private static Verdict verdict(WorkedOrder job) throws Exception {
    return ReceiptVerifier.of(jobs.policy())
        .withReplay(new PrefillReplay(jobs.model.executor()))
        .verify(jobs.submission(job, ChallengePlan.EVERYTHING));
  }

  private static Played disputed(WorkedOrder job) throws Exception {
    Verdict verdict = verdict(job);
    BisectionChallenger challenger =
        new BisectionChallenger(
            jobs.model.executor(), StepLimit.exact(), job.order(), job.receipt());
    BisectionMove.Open open =
        challenger
            .open(verdict.findings().cells())
            .orElseGet(
                () ->
                    challenger.openDraw(
                        verdict.findings().location().map(Location::position).orElseThrow()));
    return play(job, referee(job, judge(Optional.empty())), open, challenger);
  }

  private static int mostMessages(int steps) {
    return 2 * (32 - Integer.numberOfLeadingZeros(steps - 1)) + 3;
  }

  @Test
  void play_anyChangedRow_endsAtThatStepInFewMessages() throws Exception {
    for (TraceLayout.Row row : layout.rows()) {
      for (int position : new int[] {0, 6, 12}) {
        RowKey key = row.key();
        Played played =
            disputed(
                jobs.work(
                    jobs.sampling(new RowChanger(jobs.model.executor(), key, position, 1.01f))));
        BisectionState end = played.end();
        assertThat(end.outcome())
            .as("%s at %s: %s", key, position, end.statement())
            .contains(BisectionOutcome.STEP_WRONG);
        boolean input = key.hook() == HookPoint.BLOCK_INPUT;
        assertThat(end.lower()).isEqualTo(input ? Math.max(0, key.layer() - 1) : key.layer());
        assertThat(end.statement()).contains("token " + position).contains(key.toString());
        assertThat(played.log()).hasSizeLessThanOrEqualTo(mostMessages(Jobs.LAYERS));
      }
    }
  }

  @Test
  void play_otherWeights_areWrongInTheFirstStep() throws Exception {
    try (Models.LoadedModel other = jobs.otherModel()) {
      Played played = disputed(jobs.work(jobs.sampling(other.executor())));
      assertThat(played.end().outcome()).contains(BisectionOutcome.STEP_WRONG);
      assertThat(played.end().lower()).isZero();
    }
  }

  /** Every row is right for the text; only the draws are not. */
  @Test
  void play_otherSeed_isWrongInTheDraw() throws Exception {
    AnswerGenerator inner = jobs.sampling(jobs.model.executor());
    Played played =
        disputed(
            jobs.work(
                new Delegating(inner) {
                  @Override
                  public Generated generate(
                      JobOrder order, SamplingSeed seed, TraceRecorder to, IntConsumer progress) {
                    return inner.generate(order, SamplingSeed.ofKey(1, 2), to, progress);
                  }
                }));
    assertThat(played.end().outcome()).contains(BisectionOutcome.STEP_WRONG);
    assertThat(played.end().lower()).isEqualTo(Jobs.LAYERS);
    assertThat(played.log()).hasSizeLessThanOrEqualTo(mostMessages(Jobs.LAYERS + 1));
  }

  /** The one that matters most: no step of an honest answer can be made to look wrong. */
  @Test
  void claim_anyStepOfAnHonestAnswer_isRightAndCostsTheChallengerItsBond() throws Exception {
    WorkedOrder job = honest();
    Bisection referee = referee(job, judge(Optional.empty()));
    int fed = Jobs.PROMPT + Jobs.OUTPUT - 1;
    for (int upper = 1; upper <= Jobs.LAYERS + 1; upper++) {
      for (boolean above : new boolean[] {false, true}) {
        for (int position = 0; position < fed; position += 3) {
          BisectionState end = lie(job, referee, upper, above, position, fed);
          assertThat(end.outcome()).as(end.statement()).contains(BisectionOutcome.STEP_RIGHT);
        }
      }
    }
  }

  /** Walks to one end of the steps whatever the rows say, and accuses. */
  private static BisectionState lie(
      WorkedOrder job, Bisection referee, int upper, boolean above, int position, int positions)
      throws Exception {
    BisectionMove.Open open = new BisectionMove.Open(job.receipt().digest(), upper, positions);
    BisectionState state =
        referee.open(open.sign(CHALLENGER, Jobs.NETWORK), 0).state().orElseThrow();
    while (state.awaited() != Awaited.NOTHING) {
      BisectionMove move =
          switch (state.awaited()) {
            case SHOW -> new BisectionResponder(job.trace()).answer(state);
            case CHOICE -> new BisectionMove.Choose(state.dispute(), state.moves(), above);
            default -> new BisectionMove.Claim(state.dispute(), state.moves(), position);
          };
      SigningKey key = move instanceof BisectionMove.Show ? Jobs.PROVER : CHALLENGER;
      Bisection.Step step = referee.receive(state, move.sign(key, Jobs.NETWORK), 1);
      assertThat(step.refused()).isEmpty();
      state = step.state().orElseThrow();
    }
    return state;
  }

  @Test
  void play_honestAnswerInAnotherArithmetic_hasNoSingleFault() throws Exception {
    try (Models.LoadedModel foreign = jobs.foreign()) {
      WorkedOrder job = jobs.work(jobs.sampling(foreign.executor()));
      assertThat(job.receipt().executionClass().isCanonical()).isFalse();
      StepLimit limit = StepLimit.relativeError(0.05);
      Bisection referee = referee(job, judge(Optional.of(limit)));
      BisectionChallenger challenger =
          new BisectionChallenger(jobs.model.executor(), limit, job.order(), job.receipt());
      BisectionMove.Open open = challenger.open(verdict(job).findings().cells()).orElseThrow();
      Played played = play(job, referee, open, challenger);
      assertThat(played.end().outcome()).contains(BisectionOutcome.NO_SINGLE_FAULT);
      for (int upper = 1; upper <= Jobs.LAYERS; upper++) {
        assertThat(lie(job, referee, upper, true, 9, 12).outcome())
            .contains(BisectionOutcome.NO_SINGLE_FAULT);
      }
      assertThat(lie(job, referee, Jobs.LAYERS + 1, true, 9, 12).outcome())
          .contains(BisectionOutcome.UNDECIDED);
      Bisection without = referee(job, judge(Optional.empty()));
      assertThat(lie(job, without, 2, true, 9, 12).outcome()).contains(BisectionOutcome.UNDECIDED);
    }
  }

  @Test
  void play_rowOverTheLimitInAnotherArithmetic_isFound() throws Exception {
    try (Models.LoadedModel foreign = jobs.foreign()) {
      RowKey key = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, 3);
      WorkedOrder job = jobs.work(jobs.sampling(new RowChanger(foreign.executor(), key, 8, -40f)));
      StepLimit limit = StepLimit.relativeError(0.05);
      BisectionChallenger challenger =
          new BisectionChallenger(jobs.model.executor(), limit, job.order(), job.receipt());
      BisectionMove.Open open =
          new BisectionMove.Open(
              job.receipt().digest(), Jobs.LAYERS, Jobs.PROMPT + Jobs.OUTPUT - 1);
      Played played = play(job, referee(job, judge(Optional.of(limit))), open, challenger);
      assertThat(played.end().outcome()).contains(BisectionOutcome.STEP_WRONG);
      assertThat(played.end().lower()).isEqualTo(2);
    }
  }

  @Test
  void isOver_rowsAtTheLimit_areInsideAndOutside() {
    StepLimit limit = StepLimit.relativeError(0.1);
    RowKey key = new RowKey(TensorKind.HIDDEN, HookPoint.BLOCK_INPUT, 0);
    TensorView rerun = view(3, 4); // norm 5
    assertThat(limit.isOver(key, view(3, 4.499f), rerun)).isFalse();
    assertThat(limit.isOver(key, view(3, 4.501f), rerun)).isTrue();
    assertThat(limit.isOver(key, view(Float.NaN, 4), rerun)).isTrue();
    assertThat(limit.isOver(key, rerun, view(Float.NaN, 4))).isTrue();
    assertThat(limit.isOver(key, view(Float.POSITIVE_INFINITY, 4), rerun)).isTrue();
    assertThat(limit.isOver(key, view(0, 0), view(0, 0))).isFalse();
    assertThat(limit.isOver(key, view(0, 1e-30f), view(0, 0))).isTrue();
    assertThatThrownBy(() -> StepLimit.relativeError(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static TensorView view(float... values) {
    return TensorView.copyOf(io.verillm.core.tensor.Shape.of(values.length), values);
  }

  // ---- silence ----

  @Test
  void tick_afterTheDeadline_whoeverIsDueHasLost() throws Exception {
    WorkedOrder job = honest();
    Bisection referee = referee(job, judge(Optional.empty()));
    BisectionState opened = opened(job, referee, 4);
    assertThat(referee.tick(opened, 1000).awaited()).isEqualTo(Awaited.SHOW);
    assertThat(referee.tick(opened, 1001).outcome()).contains(BisectionOutcome.PROVER_SILENT);
    SignedMessage show =
        new BisectionResponder(job.trace()).answer(opened).sign(Jobs.PROVER, Jobs.NETWORK);
    BisectionState shown = referee.receive(opened, show, 1000).state().orElseThrow();
    assertThat(shown.awaited()).isEqualTo(Awaited.CHOICE);
    assertThat(referee.receive(opened, show, 1001).refused()).contains(Refusal.TOO_LATE);
    assertThat(referee.receive(opened, show, 1001).state().orElseThrow().outcome())
        .contains(BisectionOutcome.PROVER_SILENT);
    assertThat(referee.tick(shown, 2001).outcome()).contains(BisectionOutcome.CHALLENGER_SILENT);
  }

  private static BisectionState opened(WorkedOrder job, Bisection referee, int upper) {
    return referee
        .open(
            new BisectionMove.Open(job.receipt().digest(), upper, 5).sign(CHALLENGER, Jobs.NETWORK),
            0)
        .state()
        .orElseThrow();
  }

  // ---- hostile input ----

  @Test
  void open_whatDoesNotFit_isRefused() throws Exception {
    WorkedOrder job = honest();
    Bisection referee = referee(job, judge(Optional.empty()));
    var fine = new BisectionMove.Open(job.receipt().digest(), 3, 5);
    assertThat(referee.open(fine.sign(Jobs.PROVER, Jobs.NETWORK), 0).refused())
        .contains(Refusal.WRONG_SIGNER);
    assertThat(referee.open(fine.sign(CHALLENGER, "other"), 0).refused())
        .contains(Refusal.BAD_SIGNATURE);
    assertThat(
            referee
                .open(
                    new BisectionMove.Open(job.order().digest(), 3, 5)
                        .sign(CHALLENGER, Jobs.NETWORK),
                    0)
                .refused())
        .contains(Refusal.NOT_EXPECTED);
    for (int[] range : new int[][] {{Jobs.LAYERS + 2, 5}, {3, Jobs.PROMPT + Jobs.OUTPUT}}) {
      assertThat(
              referee
                  .open(
                      new BisectionMove.Open(job.receipt().digest(), range[0], range[1])
                          .sign(CHALLENGER, Jobs.NETWORK),
                      0)
                  .refused())
          .contains(Refusal.OUT_OF_RANGE);
    }
    assertThat(referee.open(job.receiptMessage(), 0).refused()).contains(Refusal.NOT_EXPECTED);
  }

  @Test
  void receive_movesThatDoNotFit_changeNothing() throws Exception {
    WorkedOrder job = honest();
    WorkedOrder otherJob = honest();
    Bisection referee = referee(job, judge(Optional.empty()));
    BisectionState state = opened(job, referee, 4);
    BisectionResponder responder = new BisectionResponder(job.trace());
    BisectionMove.Show show = responder.answer(state);
    var id = state.dispute();
    TraceOpening little = TraceOpening.open(job.trace(), Map.of(0, List.of(0)));
    TraceOpening foreign = new BisectionResponder(otherJob.trace()).answer(state).opening();
    Map<SignedMessage, Refusal> refused = new HashMap<>();
    refused.put(show.sign(CHALLENGER, Jobs.NETWORK), Refusal.WRONG_SIGNER);
    refused.put(show.sign(Jobs.PROVER, "other"), Refusal.BAD_SIGNATURE);
    refused.put(sign(new BisectionMove.Show(id, 2, show.opening())), Refusal.NOT_EXPECTED);
    refused.put(
        sign(new BisectionMove.Show(job.order().digest(), 1, show.opening())),
        Refusal.NOT_EXPECTED);
    refused.put(sign(new BisectionMove.Show(id, 1, little)), Refusal.BAD_OPENING);
    refused.put(sign(new BisectionMove.Show(id, 1, foreign)), Refusal.BAD_OPENING);
    refused.put(sign(new BisectionMove.Choose(id, 1, true)), Refusal.NOT_EXPECTED);
    refused.put(sign(new BisectionMove.Withdraw(id, 1)), Refusal.NOT_EXPECTED);
    refused.put(job.receiptMessage(), Refusal.NOT_EXPECTED);
    refused.forEach(
        (message, why) -> {
          Bisection.Step step = referee.receive(state, message, 5);
          assertThat(step.refused()).contains(why);
          assertThat(step.state()).contains(state);
        });
    BisectionState shown = referee.receive(state, sign(show), 5).state().orElseThrow();
    BisectionMove early = new BisectionMove.Claim(id, 2, 0);
    assertThat(referee.receive(shown, early.sign(CHALLENGER, Jobs.NETWORK), 6).refused())
        .contains(Refusal.NOT_EXPECTED);
  }

  private static SignedMessage sign(BisectionMove move) {
    return move.sign(Jobs.PROVER, Jobs.NETWORK);
  }

  @Test
  void receive_anyFlippedByteOfAnOpening_isNeverTaken() throws Exception {
    WorkedOrder job = honest();
    Bisection referee = referee(job, judge(Optional.empty()));
    BisectionState state = opened(job, referee, 1);
    byte[] payload = new BisectionResponder(job.trace()).answer(state).encode();
    Random random = new Random(4);
    for (int i = 0; i < 400; i++) {
      byte[] changed = payload.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      SignedMessage message =
          SignedMessage.sign(
              Jobs.PROVER, io.verillm.core.wire.MessageType.BISECTION, changed, Jobs.NETWORK);
      assertThat(referee.receive(state, message, 1).refused()).isPresent();
    }
  }

  @Test
  void decode_everyMove_comesBackAndNothingElseIsRead() throws Exception {
    WorkedOrder job = honest();
    var id = job.receipt().digest();
    List<BisectionMove> moves =
        List.of(
            new BisectionMove.Open(id, 5, 9),
            new BisectionMove.Choose(id, 7, true),
            new BisectionMove.Show(id, 3, TraceOpening.open(job.trace(), Map.of(0, List.of(0)))),
            new BisectionMove.Claim(id, 200, 12),
            new BisectionMove.Withdraw(id, 0));
    for (BisectionMove move : moves) {
      byte[] bytes = move.encode();
      assertThat(BisectionMove.decode(bytes).encode()).isEqualTo(bytes);
      for (int length = 0; length < Math.min(bytes.length, 80); length++) {
        byte[] cut = java.util.Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> BisectionMove.decode(cut))
            .isInstanceOf(io.verillm.core.wire.MalformedMessageException.class);
      }
      byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> BisectionMove.decode(longer))
          .isInstanceOf(io.verillm.core.wire.MalformedMessageException.class);
    }
  }

  @Test
  void replay_theLogWithRefusedMessages_givesTheSameState() throws Exception {
    RowKey key = new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 2);
    WorkedOrder job = jobs.work(jobs.sampling(new RowChanger(jobs.model.executor(), key, 4, 1.5f)));
    Played played = disputed(job);
    List<Recorded> log = new ArrayList<>();
    for (Recorded one : played.log()) {
      log.add(one);
      log.add(one); // twice is refused the second time
      log.add(new Recorded(job.receiptMessage(), one.atMillis()));
    }
    BisectionState again = referee(job, judge(Optional.empty())).replay(log).orElseThrow();
    assertThat(again.outcome()).isEqualTo(played.end().outcome());
    assertThat(again.statement()).isEqualTo(played.end().statement());
    assertThat(again.moves()).isEqualTo(played.end().moves());
  }

  // ---- what nobody can judge ----

  @Test
  void show_rowsLoadedFromAReusedPrefix_endUndecided() throws Exception {
    AnswerGenerator inner = jobs.sampling(jobs.model.executor());
    WorkedOrder job =
        jobs.work(
            new Delegating(inner) {
              @Override
              public Generated generate(
                  JobOrder order, SamplingSeed seed, TraceRecorder to, IntConsumer progress) {
                MemoryTrace kept = new MemoryTrace();
                TraceRecorder first =
                    new TraceRecorder(
                        jobs.profile,
                        inner.dimensions(),
                        to.id(),
                        JobSecret.copyOf(new byte[32]),
                        kept);
                Generated generated = inner.generate(order, seed, first, progress);
                for (int p = 0; p < kept.positions() - 1; p++) {
                  Map<RowKey, TensorView> rows = new HashMap<>();
                  for (TraceLayout.Row row : layout.rows()) {
                    rows.put(row.key(), rowOf(kept, p, row.index()));
                  }
                  if (p < 2) {
                    to.pushLoaded(p, kept.entry(p).tokenId());
                  } else {
                    to.push(p, kept.entry(p).tokenId(), rows);
                  }
                }
                to.pushUnfed(kept.positions() - 1, generated.output().last());
                return generated;
              }
            });
    assertThat(lie(job, referee(job, judge(Optional.empty())), 3, true, 4, 9).outcome())
        .contains(BisectionOutcome.UNDECIDED);
  }

  private static TensorView rowOf(MemoryTrace trace, int position, int index) {
    try {
      return trace.row(position, index);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void construct_traceWithoutEveryLayer_isLeftToACommittee() throws Exception {
    Jobs standard = new Jobs(folder.resolve("standard"), TraceProfile.standard(DType.F32));
    try (standard) {
      WorkedOrder job = standard.work(standard.sampling(standard.model.executor()));
      TraceLayout other = TraceLayout.of(standard.profile, standard.model.executor().dimensions());
      assertThatThrownBy(
              () ->
                  new Bisection(
                      Jobs.NETWORK,
                      job.order(),
                      job.receiptMessage(),
                      other,
                      TERMS,
                      judge(Optional.empty())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("committee");
    }
  }

  @Test
  void judge_otherModelLoaded_isUndecidedAndForeignArithmeticIsRefused() throws Exception {
    try (Models.LoadedModel other = jobs.otherModel();
        Models.LoadedModel foreign = jobs.foreign()) {
      WorkedOrder job = honest();
      Bisection referee = referee(job, new LayerJudge(other.executor(), Optional.empty()));
      assertThat(lie(job, referee, 2, true, 4, 9).outcome()).contains(BisectionOutcome.UNDECIDED);
      assertThatThrownBy(() -> new LayerJudge(foreign.executor(), Optional.empty()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- money and cost ----

  @ParameterizedTest
  @EnumSource(BisectionOutcome.class)
  void settle_anyOutcome_movesBothBondsAndNothingElse(BisectionOutcome outcome) {
    var id = layout.profile().digest();
    Account prover = Account.wallet("prover");
    Account challenger = Account.wallet("challenger");
    var settlement = BondSettlement.of(id, outcome, TERMS, prover, challenger);
    assertThat(settlement.total()).isEqualTo(Micros.of(800));
    long[] expected =
        switch (outcome) {
          case STEP_WRONG, PROVER_SILENT -> new long[] {0, 760, 40};
          case STEP_RIGHT, CHALLENGER_SILENT -> new long[] {760, 0, 40};
          default -> new long[] {500, 300, 0};
        };
    assertThat(settlement.netOf(prover)).isEqualTo(Micros.of(expected[0]));
    assertThat(settlement.netOf(challenger)).isEqualTo(Micros.of(expected[1]));
    assertThat(settlement.netOf(Account.TREASURY)).isEqualTo(Micros.of(expected[2]));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4})
  void judge_oneLayer_runsOneRowThroughOneLayer(int layer) throws Exception {
    WorkedOrder job = honest();
    Counting counting = new Counting(jobs.model.executor());
    Bisection referee = referee(job, new LayerJudge(counting, Optional.empty()));
    assertThat(lie(job, referee, layer + 1, true, 9, 12).outcome())
        .contains(BisectionOutcome.STEP_RIGHT);
    assertThat(counting.layerRows).isEqualTo(1 + (layer == 0 ? 1 : 0)); // and one embedding
  }

  private static final class Counting extends RowChanger {
    private int layerRows;

    Counting(ModelExecutor honest) {
      super(honest, new RowKey(TensorKind.VALUE, HookPoint.AS_CACHED, 0), -1, 1);
    }

    @Override
    public LayerResult layer(int layer, int first, TensorView in, TensorView k, TensorView v) {
      layerRows += (int) in.shape().dimension(0);
      return super.layer(layer, first, in, k, v);
    }

    @Override
    public void prefill(
        int[] tokens,
        io.verillm.core.spi.LayerRange layers,
        @org.jspecify.annotations.Nullable TensorView boundaryStates,
        io.verillm.core.spi.CaptureSink capture,
        io.verillm.core.spi.LogitsSink logits) {
      layerRows += tokens.length * (layers.end() - layers.first());
      super.prefill(tokens, layers, boundaryStates, capture, logits);
    }
  }

  private abstract static class Delegating implements AnswerGenerator {
    private final AnswerGenerator inner;

    Delegating(AnswerGenerator inner) {
      this.inner = inner;
    }

    @Override
    public ExecutionClass executionClass() {
      return inner.executionClass();
    }

    @Override
    public ModelDimensions dimensions() {
      return inner.dimensions();
    }
  }
}
