package io.verillm.core.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.VerifyingKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How calibrated evidence becomes a verdict, and what it can never do. */
class StatisticalVerdictTest {
  private static final double ALPHA = 1e-5;
  private static final double BORDERLINE = 1e-3;

  static CheckResult.Measured measured(CheckName check, double eValue) {
    Reason reason =
        switch (check) {
          case ACTIVATIONS -> Reason.ACTIVATION_MISMATCH;
          case CACHE -> Reason.CACHE_MISMATCH;
          default -> Reason.TOKEN_MISMATCH;
        };
    return new CheckResult.Measured(
        new Evidence(
            check,
            JobFixture.digest("calibration"),
            "mean-log2-distance",
            17_250_000,
            -4,
            16_000_000,
            eValue,
            12,
            "gpd-excess-v1"),
        reason,
        Location.ofRow(2, 7),
        check + " measured");
  }

  private static Verdict judge(CheckResult... results) {
    JobFixture job = new JobFixture().make();
    return ReceiptVerifier.of(JobFixture.policy().build())
        .withReplay(
            JobFixture.replay(
                subject ->
                    new ReplayCheck.Replay(
                        List.of(results), List.of(), subject.output().size(), List.of("fixture"))))
        .verify(job.submission());
  }

  @Test
  void verify_quietEvidence_isAcceptedOnStatisticalGrounds() {
    Verdict verdict = judge(measured(CheckName.ACTIVATIONS, 0.4), measured(CheckName.TOKENS, 0));
    assertThat(verdict.kind()).isEqualTo("ACCEPTED");
    assertThat(verdict.findings().basis()).isEqualTo(Basis.STATISTICAL);
    assertThat(verdict.findings().attributable()).isFalse();
    assertThat(verdict.findings().calibration())
        .contains(JobFixture.digest("calibration").toString());
  }

  @Test
  void verify_loudEvidence_isRejectedAndNeverAttributable() {
    Verdict verdict =
        judge(measured(CheckName.ACTIVATIONS, 3e5 * 1.001), measured(CheckName.TOKENS, 0));
    assertThat(verdict.kind()).isEqualTo("REJECTED");
    assertThat(verdict.reasonName()).isEqualTo("ACTIVATION_MISMATCH");
    assertThat(verdict.findings().basis()).isEqualTo(Basis.STATISTICAL);
    assertThat(verdict.findings().attributable()).isFalse();
    assertThat(verdict.findings().location()).isEqualTo(Location.ofRow(2, 7));
    assertThat(verdict.findings().decisive()).contains("combined evidence 1.00e+05", "statistical");
  }

  @Test
  void verify_justBelowTheLevel_isBorderlineAndNotAccepted() {
    Verdict verdict =
        judge(measured(CheckName.ACTIVATIONS, 3e5 * 0.999), measured(CheckName.TOKENS, 0));
    assertThat(verdict.kind()).isEqualTo("INCONCLUSIVE");
    assertThat(verdict.reasonName()).isEqualTo("BORDERLINE");
    assertThat(judge(measured(CheckName.ACTIVATIONS, 2999), measured(CheckName.TOKENS, 0)).kind())
        .isEqualTo("ACCEPTED");
    assertThat(judge(measured(CheckName.ACTIVATIONS, 3001), measured(CheckName.TOKENS, 0)).kind())
        .isEqualTo("INCONCLUSIVE");
  }

  @Test
  void verify_evidenceBesideExactFailure_isTheObjectiveRejection() {
    Verdict verdict =
        judge(
            measured(CheckName.ACTIVATIONS, 1e200),
            new CheckResult.Failed(
                CheckName.TOKENS, Reason.TOKEN_MISMATCH, Location.ofToken(4), "wrong"));
    assertThat(verdict.reasonName()).isEqualTo("TOKEN_MISMATCH");
    assertThat(verdict.findings().basis()).isEqualTo(Basis.OBJECTIVE);
    assertThat(verdict.findings().attributable()).isTrue();
  }

  @Test
  void verify_loudEvidenceBesideUndecided_isRejected() {
    Verdict verdict =
        judge(
            new CheckResult.Undecided(CheckName.TOKENS, Shortfall.UNCALIBRATED, "no calibration"),
            measured(CheckName.ACTIVATIONS, 1e9));
    assertThat(verdict.kind()).isEqualTo("REJECTED");
    assertThat(verdict.findings().decisive()).contains("ACTIVATIONS measured");
    assertThat(state(verdict, CheckName.TOKENS)).isEqualTo(CheckFinding.State.UNDECIDED);
  }

  private static CheckFinding.State state(Verdict verdict, CheckName check) {
    return verdict.findings().checks().stream()
        .filter(finding -> finding.check() == check)
        .findFirst()
        .orElseThrow()
        .state();
  }

  /** Whoever reads the verdict sees each check that could not decide, and what the others found. */
  @Test
  void verify_severalUndecided_allStandInTheFindingsAndTheFirstDecides() {
    Verdict verdict =
        judge(
            new CheckResult.Undecided(CheckName.ACTIVATIONS, Shortfall.COVERAGE, "too few rows"),
            new CheckResult.Undecided(CheckName.TOKENS, Shortfall.UNCALIBRATED, "no calibration"),
            new CheckResult.Held(CheckName.COMMITMENTS, "agree"),
            new CheckResult.Unavailable(CheckName.CACHE, Cause.CHECK_UNAVAILABLE, "not there"));
    assertThat(verdict.kind()).isEqualTo("INCONCLUSIVE");
    assertThat(verdict.reasonName()).isEqualTo("COVERAGE");
    assertThat(verdict.findings().decisive()).isEqualTo("too few rows");
    for (CheckName undecided : List.of(CheckName.ACTIVATIONS, CheckName.TOKENS, CheckName.CACHE)) {
      assertThat(state(verdict, undecided)).isEqualTo(CheckFinding.State.UNDECIDED);
    }
    assertThat(state(verdict, CheckName.COMMITMENTS)).isEqualTo(CheckFinding.State.HELD);
  }

  @Test
  void verify_quietEvidenceBesideUndecided_showsBoth() {
    Verdict verdict =
        judge(
            new CheckResult.Undecided(CheckName.TOKENS, Shortfall.UNCALIBRATED, "no calibration"),
            measured(CheckName.ACTIVATIONS, 1));
    assertThat(state(verdict, CheckName.ACTIVATIONS)).isEqualTo(CheckFinding.State.HELD);
    assertThat(state(verdict, CheckName.TOKENS)).isEqualTo(CheckFinding.State.UNDECIDED);
    assertThat(verdict.findings().evidence()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 2e5})
  void verify_quietEvidenceBesideUndecided_isWhatIsMissing(double eValue) {
    Verdict verdict =
        judge(
            measured(CheckName.ACTIVATIONS, eValue),
            new CheckResult.Undecided(CheckName.TOKENS, Shortfall.UNCALIBRATED, "no calibration"));
    assertThat(verdict.reasonName()).isEqualTo("UNCALIBRATED");
  }

  @Test
  void verify_evidenceWithoutTheTokenCheck_isNotAccepted() {
    assertThat(judge(measured(CheckName.ACTIVATIONS, 0)).kind()).isEqualTo("ABSTAINED");
  }

  @Test
  void verify_twoPiecesOfEvidenceForOneCheck_isOurFailureAndNotTheProvers() {
    Verdict verdict = judge(measured(CheckName.TOKENS, 1e200), measured(CheckName.TOKENS, 1e200));
    assertThat(verdict.reasonName()).isEqualTo("EXECUTION_FAILED");
  }

  @Test
  void combined_twoDependentHalves_areAveragedAndNotMultiplied() {
    Evidence a = measured(CheckName.ACTIVATIONS, 1000).evidence();
    Evidence t = measured(CheckName.TOKENS, 1000).evidence();
    CombinedEvidence both = new CombinedEvidence(List.of(a, t), ALPHA, BORDERLINE);
    assertThat(both.eValue()).isEqualTo(2000.0 / 3); // the product would be 10^6 and reject
    assertThat(both.rejects()).isFalse();
    assertThat(both.exceeds()).isFalse();
    Evidence cache = measured(CheckName.CACHE, 1001).evidence();
    CombinedEvidence three = new CombinedEvidence(List.of(a, cache, t), ALPHA, BORDERLINE);
    assertThat(three.isBorderline()).isTrue();
    assertThat(three.loudest()).isEqualTo(cache);
  }

  @Test
  void findings_statisticalAndAttributable_cannotBeBuilt() {
    Findings quiet =
        judge(measured(CheckName.ACTIVATIONS, 1), measured(CheckName.TOKENS, 1)).findings();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Findings(
                    quiet.subject(),
                    quiet.checks(),
                    quiet.coverage(),
                    Optional.empty(),
                    List.of(),
                    quiet.standing(),
                    true,
                    quiet.evidence(),
                    quiet.providers(),
                    0));
  }

  @Test
  void evidence_outOfRange_isRefused() {
    for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY, 1.1e300}) {
      assertThatIllegalArgumentException().isThrownBy(() -> measured(CheckName.TOKENS, bad));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> measured(CheckName.RECEIPT, 1));
    for (double[] levels : new double[][] {{0, 0.1}, {0.2, 0.1}, {0.1, 0.6}, {Double.NaN, 0.1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  new CombinedEvidence(
                      List.of(measured(CheckName.TOKENS, 1).evidence()), levels[0], levels[1]));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> VerificationPolicy.builder("n").levels(levels[0], levels[1]));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CombinedEvidence(List.of(), ALPHA, BORDERLINE));
  }

  @Test
  void decode_signedVerdictWithEvidence_keepsItAndIsNeverAttributable() throws Exception {
    Verdict verdict = judge(measured(CheckName.ACTIVATIONS, 7.5e77), measured(CheckName.TOKENS, 0));
    byte[] bytes = VerdictMessage.encode(verdict);
    Verdict read = VerdictMessage.decode(bytes);
    CombinedEvidence evidence = read.findings().evidence().orElseThrow();
    assertThat(evidence.alpha()).isEqualTo(ALPHA);
    assertThat(evidence.rejects()).isTrue();
    assertThat(evidence.parts().get(0).valueMicros()).isEqualTo(17_250_000);
    assertThat(evidence.parts().get(1).eValue()).isZero();
    // Key 6 is the attributable flag: claim it, and the message is unreadable.
    List<Integer> flags = new ArrayList<>();
    for (int i = 0; i + 1 < bytes.length; i++) {
      if (bytes[i] == 6 && bytes[i + 1] == (byte) 0xF4) {
        flags.add(i + 1);
      }
    }
    assertThat(flags).hasSize(1);
    bytes[flags.get(0)] = (byte) 0xF5;
    assertThat(catchThrowable(() -> VerdictMessage.decode(bytes)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("convicts nobody");
  }

  @Test
  void decode_versionOne_isStillReadable() throws Exception {
    byte[] bytes = VerdictMessage.encode(new JobFixture().make().judge());
    assertThat(bytes[1]).isEqualTo((byte) 1);
    assertThat(bytes[2]).isEqualTo((byte) 2);
    bytes[2] = 1;
    assertThat(VerdictMessage.decode(bytes).kind()).isEqualTo("ACCEPTED");
    byte[] withEvidence =
        VerdictMessage.encode(
            judge(measured(CheckName.ACTIVATIONS, 1), measured(CheckName.TOKENS, 1)));
    withEvidence[2] = 1;
    assertThat(catchThrowable(() -> VerdictMessage.decode(withEvidence)))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void policyFile_levelsAndCalibrators_areRead() throws Exception {
    String key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    VerificationPolicy policy =
        PolicyFile.parse(
            "{\"network\":\"n\",\"alpha\":1e-6,\"borderline\":0.01,\"calibrators\":[\""
                + key
                + "\"]}");
    assertThat(policy.alpha()).isEqualTo(1e-6);
    assertThat(policy.borderline()).isEqualTo(0.01);
    assertThat(policy.isCalibrator(VerifyingKey.decode(HexFormat.of().parseHex(key)))).isTrue();
    for (String bad :
        List.of("\"alpha\":1e-6", "\"borderline\":0.1", "\"alpha\":0.1,\"borderline\":0.01")) {
      assertThat(catchThrowable(() -> PolicyFile.parse("{\"network\":\"n\"," + bad + "}")))
          .as(bad)
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  @Test
  void build_policyWithoutTokenCheck_isStillRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> VerificationPolicy.builder("n").waive(CheckName.TOKENS).build());
  }
}
