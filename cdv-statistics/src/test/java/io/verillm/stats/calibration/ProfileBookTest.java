package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.verdict.VerificationPolicy;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every line of the reader has a profile that fails only there. */
class ProfileBookTest {
  private static final String NETWORK = "test";
  private static final SigningKey CALIBRATOR =
      SigningKey.fromSeed(Profiles.digest("calibrator", 0).toByteArray());
  private static final SigningKey STRANGER =
      SigningKey.fromSeed(Profiles.digest("stranger", 0).toByteArray());
  private static final VerificationPolicy POLICY =
      VerificationPolicy.builder(NETWORK).trustCalibrator(CALIBRATOR.verifyingKey()).build();
  private static final CalibrationProfile GOOD = Profiles.of(CalibrationProfile.SEQUENCES, 1, 5);

  private static byte[] signed(CalibrationProfile profile) {
    return profile.sign(CALIBRATOR, NETWORK).encode();
  }

  private static void refused(byte[] message, String why) {
    assertThatThrownBy(() -> ProfileBook.read(POLICY, List.of(message)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(why);
  }

  private static Optional<ProfileBook.Entry> find(ProfileBook book, int outputTokens) {
    return book.find(
        GOOD.model(), GOOD.traceProfile(), GOOD.prover(), GOOD.verifier(), outputTokens);
  }

  @Test
  void read_trustedAndAdmissible_isFoundForItsPairOnly() throws Exception {
    ProfileBook book = ProfileBook.read(POLICY, List.of(signed(GOOD)));
    assertThat(find(book, 48).orElseThrow().id()).isEqualTo(GOOD.id());
    assertThat(book.find(GOOD.model(), GOOD.traceProfile(), GOOD.verifier(), GOOD.prover(), 48))
        .isEmpty();
    assertThat(
            book.find(
                Profiles.digest("model", 1),
                GOOD.traceProfile(),
                GOOD.prover(),
                GOOD.verifier(),
                48))
        .isEmpty();
    assertThat(
            book.find(
                GOOD.model(),
                Profiles.digest("trace profile", 1),
                GOOD.prover(),
                GOOD.verifier(),
                48))
        .isEmpty();
    ExecutionClass batched =
        new ExecutionClass("engine", "1", "bf16", "BF16", "kernels", "cpu", "2");
    assertThat(book.find(GOOD.model(), GOOD.traceProfile(), batched, GOOD.verifier(), 48))
        .isEmpty();
  }

  @Test
  void find_severalLengths_givesTheLongestThatIsNotLonger() throws Exception {
    StatisticCalibration[] statistics = GOOD.statistics().toArray(new StatisticCalibration[0]);
    CalibrationProfile longer = Profiles.of(128, statistics);
    ProfileBook book = ProfileBook.read(POLICY, List.of(signed(longer), signed(GOOD)));
    assertThat(find(book, 127).orElseThrow().id()).isEqualTo(GOOD.id());
    assertThat(find(book, 128).orElseThrow().id()).isEqualTo(longer.id());
    assertThat(find(book, 5).orElseThrow().id()).isEqualTo(GOOD.id());
  }

  @Test
  void read_otherNetwork_isRefused() {
    refused(GOOD.sign(CALIBRATOR, "elsewhere").encode(), "network");
  }

  @Test
  void read_unknownSigner_isRefused() {
    refused(GOOD.sign(STRANGER, NETWORK).encode(), "no calibrator");
  }

  @Test
  void read_otherTypeOfMessage_isRefused() {
    refused(
        SignedMessage.sign(CALIBRATOR, MessageType.RECEIPT, GOOD.encode(), NETWORK).encode(),
        "calibration");
  }

  @Test
  void read_brokenSignature_isRefused() {
    byte[] bytes = signed(GOOD);
    bytes[bytes.length - 1] ^= 1;
    assertThatThrownBy(() -> ProfileBook.read(POLICY, List.of(bytes)))
        .isInstanceOf(MalformedMessageException.class);
    byte[] payload = signed(GOOD);
    payload[payload.length / 2] ^= 1;
    assertThatThrownBy(() -> ProfileBook.read(POLICY, List.of(payload)))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void read_oneRunTooFew_isRefused() {
    refused(signed(Profiles.of(CalibrationProfile.SEQUENCES - 1, 1, 5)), "runs");
  }

  @Test
  void read_unconfirmed_isRefused() {
    refused(signed(GOOD.with(List.of(), GOOD.power(), 0)), "no second executor");
  }

  @Test
  void read_confirmationThatFindsOtherScores_isRefused() {
    refused(
        signed(
            GOOD.with(List.of(new Confirmation(Profiles.SECOND, 64, 1_000_001)), GOOD.power(), 0)),
        "other scores");
  }

  /** Its distances to the prover's own class are zero or rest on luck. */
  @Test
  void read_confirmationByTheProversOwnClass_isRefused() {
    refused(
        signed(GOOD.with(List.of(new Confirmation(Profiles.PROVER, 64, 0)), GOOD.power(), 0)),
        "prover's own class");
  }

  /** Honest runs so wide that 4-bit weights hide in them. */
  @Test
  void read_withoutPowerAgainstFourBits_isRefused() {
    refused(signed(GOOD.with(GOOD.confirmations(), List.of(), 0)), "4-bit");
    refused(
        signed(GOOD.with(GOOD.confirmations(), List.of(new Power("int8-weights", 64, 64)), 0)),
        "4-bit");
    // 57 of 58: the lower 95 % bound is 0.9207
    refused(
        signed(GOOD.with(GOOD.confirmations(), List.of(new Power(Power.INT4, 58, 57)), 0)),
        "57 of 58");
    // 58 of 58: 0.05^(1/58) = 0.9497 is still below 0.95
    refused(
        signed(GOOD.with(GOOD.confirmations(), List.of(new Power(Power.INT4, 58, 58)), 0)),
        "58 of 58");
  }

  /** 0.05^(1/59) = 0.9505. */
  @Test
  void inadmissible_leastPower_isAdmitted() {
    assertThat(
            ProfileBook.inadmissible(
                GOOD.with(GOOD.confirmations(), List.of(new Power(Power.INT4, 59, 59)), 0)))
        .isEmpty();
  }

  @Test
  void power_countsThatDoNotFit_areRefused() {
    assertThatThrownBy(() -> new Power(Power.INT4, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Power(Power.INT4, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Power("", 3, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void empty_findsNothing() {
    assertThat(find(ProfileBook.empty(), 48)).isEmpty();
  }
}
