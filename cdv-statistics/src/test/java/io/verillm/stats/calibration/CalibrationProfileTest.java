package io.verillm.stats.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.stats.random.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CalibrationProfileTest {
  private static final CalibrationProfile PROFILE = Profiles.of(400, 1, 5);

  @Test
  void decode_encoded_isTheSameProfile() throws Exception {
    CalibrationProfile read = CalibrationProfile.decode(PROFILE.encode());
    assertThat(read).isEqualTo(PROFILE);
    assertThat(read.id()).isEqualTo(PROFILE.id());
    assertThat(read.statistic("both").orElseThrow().pValue(1_200_000))
        .isEqualTo(PROFILE.statistic("both").orElseThrow().pValue(1_200_000));
    CalibrationProfile anchored = Profiles.anchoredAt(PROFILE, PROFILE);
    assertThat(CalibrationProfile.decode(anchored.encode()).anchor()).contains(PROFILE.id());
  }

  /** 1 − 0.999^2995 ≥ 0.95, and 2994 are too few. */
  @Test
  void confidenceOf_leastSequences_is95Percent() {
    assertThat(1 - Math.pow(0.999, CalibrationProfile.SEQUENCES)).isGreaterThanOrEqualTo(0.95);
    assertThat(1 - Math.pow(0.999, CalibrationProfile.SEQUENCES - 1)).isLessThan(0.95);
    assertThat(PROFILE.confidenceOf(0.999)).isCloseTo(1 - Math.pow(0.999, 400), within(1e-12));
  }

  @Test
  void decode_everyTruncation_isMalformed() {
    byte[] bytes = PROFILE.encode();
    // Every length at both ends, where the fields change, and a prime step between them.
    for (int length = 0; length < bytes.length; length += inside(length, bytes.length) ? 37 : 1) {
      byte[] part = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> CalibrationProfile.decode(part))
          .isInstanceOf(MalformedMessageException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> CalibrationProfile.decode(longer))
        .isInstanceOf(MalformedMessageException.class);
  }

  private static boolean inside(int length, int all) {
    return length > 1500 && length < all - 500;
  }

  /** Whatever a flipped bit does, it is refused with the one exception or gives another id. */
  @Test
  void decode_flippedBits_areRefusedOrAnotherProfile() {
    byte[] bytes = PROFILE.encode();
    int refused = 0;
    for (int i = 0; i < bytes.length; i += inside(i, bytes.length) ? 41 : 1) {
      byte[] changed = bytes.clone();
      changed[i] ^= (byte) (1 << (i % 8));
      try {
        CalibrationProfile read = CalibrationProfile.decode(changed);
        assertThat(read.encode()).isEqualTo(changed);
        assertThat(read.id()).isNotEqualTo(PROFILE.id());
      } catch (MalformedMessageException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void decode_randomBytes_onlyOneExceptionGetsOut() {
    SplitMix64 random = new SplitMix64(11);
    byte[] bytes = PROFILE.encode();
    for (int trial = 0; trial < 2_000; trial++) {
      byte[] changed = bytes.clone();
      for (int edit = 0; edit < 4; edit++) {
        changed[(int) (random.nextLong() >>> 33) % changed.length] = (byte) random.nextLong();
      }
      try {
        assertThat(CalibrationProfile.decode(changed).encode()).isEqualTo(changed);
      } catch (MalformedMessageException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  /** Says a million scores and has none: nothing may be allocated for them. */
  @Test
  void decode_countWithoutItems_isMalformed() {
    byte[] bytes = PROFILE.encode();
    byte[] honest = {(byte) 0x99, 0x01, (byte) 0x90}; // array of 400
    byte[] boastful = {(byte) 0x9a, 0x00, 0x0f, (byte) 0xff, (byte) 0xff}; // array of 2²⁰ − 1
    List<byte[]> tries = new ArrayList<>();
    for (int i = 0; i + honest.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + honest.length, honest, 0, honest.length)) {
        byte[] changed = new byte[bytes.length - honest.length + boastful.length];
        System.arraycopy(bytes, 0, changed, 0, i);
        System.arraycopy(boastful, 0, changed, i, boastful.length);
        System.arraycopy(
            bytes,
            i + honest.length,
            changed,
            i + boastful.length,
            bytes.length - i - honest.length);
        tries.add(changed);
      }
    }
    assertThat(tries).hasSizeGreaterThanOrEqualTo(3);
    for (byte[] changed : tries) {
      assertThatThrownBy(() -> CalibrationProfile.decode(changed))
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  /** One statistic after the version with its scores in an order that no writer gives. */
  @Test
  void decode_descendingScores_isMalformed() {
    byte[] bytes = PROFILE.encode();
    long first = PROFILE.statistics().get(0).score(0);
    long step = PROFILE.statistics().get(0).score(1) - first;
    byte[] pair = pair(first, step);
    byte[] descending = pair(first, -step - 1);
    assertThat(descending).hasSameSizeAs(pair);
    int at = indexOf(bytes, pair);
    System.arraycopy(descending, 0, bytes, at, descending.length);
    assertThatThrownBy(() -> CalibrationProfile.decode(bytes))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("step");
  }

  private static byte[] pair(long first, long second) {
    byte[] one = new CborWriter().integer(first).toByteArray();
    byte[] other = new CborWriter().integer(second).toByteArray();
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static int indexOf(byte[] in, byte[] what) {
    for (int i = 0; i + what.length <= in.length; i++) {
      if (Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  @Test
  void decode_unknownVersion_isMalformed() {
    byte[] bytes = PROFILE.encode();
    assertThat(bytes[2]).isEqualTo((byte) 1);
    bytes[2] = 2;
    assertThatThrownBy(() -> CalibrationProfile.decode(bytes))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("version");
  }

  @Test
  void construct_whatDoesNotFit_isRefused() {
    StatisticCalibration one = PROFILE.statistics().get(0);
    List<Digest32> receipts = Profiles.receipts(400);
    List<Digest32> fewer = receipts.subList(0, 399);
    List<Digest32> twice = new ArrayList<>(receipts);
    twice.set(7, twice.get(8));
    refused(() -> with(List.of(), receipts, List.of()), "statistics");
    refused(() -> with(List.of(one, one), receipts, List.of()), "twice");
    refused(() -> with(List.of(one), fewer, List.of()), "399 runs");
    refused(() -> with(List.of(one), twice, List.of()), "receipt is there twice");
    refused(
        () -> with(List.of(one), receipts, List.of(new Confirmation(Profiles.VERIFIER, 9, 0))),
        "confirm itself");
  }

  /** Half an octave is for distances of a prover in F32 and widens nothing else. */
  @Test
  void agreement_proverInF32_isAtLeastHalfAnOctave() {
    StatisticCalibration narrow = octaves("KEY/log2-distance", 0.5);
    StatisticCalibration wide = octaves("VALUE/log2-distance", 10);
    StatisticCalibration margin = octaves("TOKENS/margin", 0.5);
    assertThat(narrow.spread()).isBetween(50_000L, 90_000L);
    assertThat(wide.spread()).isGreaterThan(1_000_000);
    CalibrationProfile rounded = Profiles.of(48, narrow, wide, margin);
    CalibrationProfile full =
        new CalibrationProfile(
            rounded.model(),
            rounded.traceProfile(),
            new ExecutionClass("engine", "1", "split", "F32", "kernels", "cpu", "1"),
            rounded.verifier(),
            rounded.conditions(),
            rounded.statistics(),
            rounded.receipts(),
            rounded.confirmations(),
            rounded.power(),
            rounded.anchor(),
            rounded.corpus(),
            rounded.madeAtMillis());
    assertThat(full.agreement(narrow)).isEqualTo(500_000);
    assertThat(full.agreement(wide)).isEqualTo(wide.spread());
    assertThat(full.agreement(margin)).isEqualTo(margin.spread());
    assertThat(rounded.agreement(narrow)).isEqualTo(narrow.spread());
  }

  private static StatisticCalibration octaves(String name, double scale) {
    return StatisticCalibration.of(
        name, StatisticCalibration.Side.BOTH, 1, Profiles.scores(3, 400, scale));
  }

  private static CalibrationProfile with(
      List<StatisticCalibration> statistics,
      List<Digest32> receipts,
      List<Confirmation> confirmations) {
    return new CalibrationProfile(
        PROFILE.model(),
        PROFILE.traceProfile(),
        PROFILE.prover(),
        PROFILE.verifier(),
        PROFILE.conditions(),
        statistics,
        receipts,
        confirmations,
        List.of(),
        Optional.empty(),
        PROFILE.corpus(),
        0);
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable made, String why) {
    assertThatIllegalArgumentException().isThrownBy(made).withMessageContaining(why);
  }

  @Test
  void conditions_otherSettings_areNotCovered() {
    Conditions conditions = Profiles.conditions(48);
    var plain = SamplingManifest.builder(64).temperatureMicros(1_000_000);
    assertThat(conditions.coversMargins(plain.build(), 48)).isTrue();
    assertThat(conditions.coversMargins(plain.build(), 47)).isFalse();
    assertThat(conditions.coversMargins(plain.topK(5).build(), 48)).isFalse();
    assertThat(
            conditions.coversMargins(
                SamplingManifest.builder(64).temperatureMicros(999_999).build(), 48))
        .isFalse();
    assertThat(
            conditions.coversMargins(
                SamplingManifest.builder(64)
                    .temperatureMicros(1_000_000)
                    .repetitionPenaltyMicros(1_100_000)
                    .build(),
                48))
        .isFalse();
  }
}
