package io.verillm.network.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.verdict.ReceiptVerifier;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.exec.PrefillReplay;
import io.verillm.network.Jobs;
import io.verillm.network.flow.Adjudicator.Ruling;
import io.verillm.network.message.Objection;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptAdjudicatorTest {
  // 8 of 15 positions: the default policy wants a tenth of them, one, to be seen by even odds.
  private static final ChallengePlan PLAN = new ChallengePlan(8, Integer.MAX_VALUE);
  private static final Objection OBJECTION = new Objection(Digest32.sha256(), new byte[0]);

  @TempDir Path folder;

  private static ReceiptAdjudicator adjudicator(Jobs jobs) {
    return ReceiptAdjudicator.of(
        ReceiptVerifier.of(jobs.policy()).withReplay(new PrefillReplay(jobs.model.executor())));
  }

  @Test
  void judge_honestCanonicalAnswer_dismisses() throws Exception {
    try (Jobs jobs = new Jobs(folder, TraceProfile.dispute(io.verillm.core.tensor.DType.F32))) {
      var job = jobs.work(jobs.sampling(jobs.model.executor()));
      assertThat(adjudicator(jobs).judge(jobs.files(job, PLAN), OBJECTION))
          .isEqualTo(Ruling.DISMISSED);
    }
  }

  @Test
  void judge_answerOfAnotherModel_upholds() throws Exception {
    try (Jobs jobs = new Jobs(folder, TraceProfile.dispute(io.verillm.core.tensor.DType.F32));
        var other = jobs.otherModel()) {
      var job = jobs.work(jobs.sampling(other.executor()));
      assertThat(adjudicator(jobs).judge(jobs.files(job, PLAN), OBJECTION))
          .isEqualTo(Ruling.UPHELD);
    }
  }

  @Test
  void judge_whatItCannotDecide_neverUpholds() throws Exception {
    try (Jobs jobs = new Jobs(folder, TraceProfile.dispute(io.verillm.core.tensor.DType.F32));
        var foreign = jobs.foreign();
        var other = jobs.otherModel()) {
      var honest = jobs.work(jobs.sampling(jobs.model.executor()));
      var uncalibrated = jobs.work(jobs.sampling(foreign.executor()));
      var cheating = jobs.work(jobs.sampling(other.executor()));
      assertThat(adjudicator(jobs).judge(jobs.files(uncalibrated, PLAN), OBJECTION))
          .as("a class without a calibration")
          .isEqualTo(Ruling.UNDECIDED);
      ReceiptAdjudicator blind = ReceiptAdjudicator.of(ReceiptVerifier.of(jobs.policy()));
      assertThat(blind.judge(jobs.files(honest, PLAN), OBJECTION))
          .as("nothing to compute with")
          .isEqualTo(Ruling.UNDECIDED);
      Adjudicator.Files files = jobs.files(cheating, PLAN);
      SignedMessage forged =
          SignedMessage.sign(
              Jobs.VERIFIER, files.receipt().type(), files.receipt().payload(), Jobs.NETWORK);
      Adjudicator.Files swapped =
          new Adjudicator.Files(
              files.order(), forged, files.ack(), files.challenge(), files.opening());
      assertThat(adjudicator(jobs).judge(swapped, OBJECTION))
          .as("a receipt that the prover did not sign")
          .isEqualTo(Ruling.UNDECIDED);
      Adjudicator.Files mixed =
          new Adjudicator.Files(
              jobs.files(honest, PLAN).order(),
              files.receipt(),
              files.ack(),
              files.challenge(),
              files.opening());
      assertThat(adjudicator(jobs).judge(mixed, OBJECTION))
          .as("a receipt paired with an order it does not name")
          .isEqualTo(Ruling.UNDECIDED);
    }
  }
}
