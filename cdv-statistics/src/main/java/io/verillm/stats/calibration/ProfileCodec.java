package io.verillm.stats.calibration;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The bytes of a profile. Scores are written as the first one and the steps to the next. */
final class ProfileCodec {
  private static final int VERSION = 1;
  private static final int MAX_STATISTICS = 4096;
  private static final int MAX_SEQUENCES = 1 << 20;
  private static final int MAX_ITEMS = 64;
  private static final int MAX_NAME = 128;
  private static final long MAX_SCORE = 1L << 50;

  private ProfileCodec() {}

  static byte[] encode(CalibrationProfile profile) {
    CborWriter out = new CborWriter().map(13);
    out.unsigned(1).unsigned(VERSION);
    out.unsigned(2).digest(profile.model());
    out.unsigned(3).digest(profile.traceProfile());
    out.unsigned(4);
    profile.prover().encode(out);
    out.unsigned(5);
    profile.verifier().encode(out);
    Conditions conditions = profile.conditions();
    out.unsigned(6).array(4).unsigned(conditions.shortestOutput());
    out.unsigned(conditions.longestSequence()).unsigned(conditions.positionsOpened());
    out.array(conditions.regimes().size());
    for (Conditions.Regime regime : conditions.regimes()) {
      out.array(3).unsigned(regime.temperatureMicros()).unsigned(regime.topK());
      out.unsigned(regime.topPMicros());
    }
    out.unsigned(7).array(profile.statistics().size());
    for (StatisticCalibration statistic : profile.statistics()) {
      out.array(4).text(statistic.name()).bool(statistic.side() == StatisticCalibration.Side.BOTH);
      out.unsigned(statistic.resolution()).array(statistic.sequences());
      long before = 0;
      for (int i = 0; i < statistic.sequences(); i++) {
        long score = statistic.score(i);
        out.integer(i == 0 ? score : score - before);
        before = score;
      }
    }
    out.unsigned(8).array(profile.receipts().size());
    profile.receipts().forEach(out::digest);
    out.unsigned(9).array(profile.confirmations().size());
    for (Confirmation confirmation : profile.confirmations()) {
      out.array(3);
      confirmation.executor().encode(out);
      out.unsigned(confirmation.sequences()).unsigned(confirmation.largestShiftMicros());
    }
    out.unsigned(10).array(profile.power().size());
    for (Power power : profile.power()) {
      out.array(3).text(power.deviation()).unsigned(power.requests()).unsigned(power.detected());
    }
    out.unsigned(11);
    if (profile.anchor().isPresent()) {
      out.digest(profile.anchor().get());
    } else {
      out.nul();
    }
    out.unsigned(12).digest(profile.corpus());
    out.unsigned(13).unsigned(profile.madeAtMillis());
    return out.toByteArray();
  }

  static CalibrationProfile decode(byte[] payload) throws MalformedMessageException {
    CborReader in = CborReader.of(payload);
    in.mapOf("calibration", 13);
    in.key("calibration.version", 1);
    if (in.unsigned("calibration.version", VERSION) != VERSION) {
      throw new MalformedMessageException("calibration.version", in.offset(), "unknown version");
    }
    try {
      in.key("calibration.model", 2);
      Digest32 model = in.digest("calibration.model");
      in.key("calibration.trace-profile", 3);
      Digest32 traceProfile = in.digest("calibration.trace-profile");
      in.key("calibration.prover", 4);
      ExecutionClass prover = ExecutionClass.decode(in);
      in.key("calibration.verifier", 5);
      ExecutionClass verifier = ExecutionClass.decode(in);
      in.key("calibration.conditions", 6);
      Conditions conditions = conditions(in);
      in.key("calibration.statistics", 7);
      int count = in.array("calibration.statistics", MAX_STATISTICS);
      List<StatisticCalibration> statistics = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        statistics.add(statistic(in));
      }
      in.key("calibration.receipts", 8);
      int runs = in.array("calibration.receipts", MAX_SEQUENCES);
      List<Digest32> receipts = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        receipts.add(in.digest("calibration.receipt"));
      }
      in.key("calibration.confirmations", 9);
      List<Confirmation> confirmations = new ArrayList<>();
      int confirmed = in.array("calibration.confirmations", MAX_ITEMS);
      for (int i = 0; i < confirmed; i++) {
        in.arrayOf("calibration.confirmation", 3);
        confirmations.add(
            new Confirmation(
                ExecutionClass.decode(in),
                (int) in.unsigned("calibration.confirmation", MAX_SEQUENCES),
                in.unsigned("calibration.confirmation", MAX_SCORE)));
      }
      in.key("calibration.power", 10);
      List<Power> power = new ArrayList<>();
      int deviations = in.array("calibration.power", MAX_ITEMS);
      for (int i = 0; i < deviations; i++) {
        in.arrayOf("calibration.power", 3);
        power.add(
            new Power(
                in.text("calibration.power", MAX_NAME),
                (int) in.unsigned("calibration.power", Integer.MAX_VALUE),
                (int) in.unsigned("calibration.power", Integer.MAX_VALUE)));
      }
      in.key("calibration.anchor", 11);
      Optional<Digest32> anchor = Optional.empty();
      if (in.nextIsNull()) {
        in.nul("calibration.anchor");
      } else {
        anchor = Optional.of(in.digest("calibration.anchor"));
      }
      in.key("calibration.corpus", 12);
      Digest32 corpus = in.digest("calibration.corpus");
      in.key("calibration.time", 13);
      long time = in.unsigned("calibration.time");
      in.end();
      return new CalibrationProfile(
          model,
          traceProfile,
          prover,
          verifier,
          conditions,
          statistics,
          receipts,
          confirmations,
          power,
          anchor,
          corpus,
          time);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "calibration", in.offset(), String.valueOf(e.getMessage()));
    }
  }

  private static Conditions conditions(CborReader in) throws MalformedMessageException {
    in.arrayOf("calibration.conditions", 4);
    int shortest = (int) in.unsigned("calibration.conditions", MAX_SEQUENCES);
    int longest = (int) in.unsigned("calibration.conditions", MAX_SEQUENCES);
    int positions = (int) in.unsigned("calibration.conditions", MAX_SEQUENCES);
    List<Conditions.Regime> regimes = new ArrayList<>();
    int count = in.array("calibration.regimes", MAX_ITEMS);
    for (int i = 0; i < count; i++) {
      in.arrayOf("calibration.regime", 3);
      regimes.add(
          new Conditions.Regime(
              (int) in.unsigned("calibration.regime", Integer.MAX_VALUE),
              (int) in.unsigned("calibration.regime", Integer.MAX_VALUE),
              (int) in.unsigned("calibration.regime", Integer.MAX_VALUE)));
    }
    return new Conditions(shortest, longest, positions, regimes);
  }

  private static StatisticCalibration statistic(CborReader in) throws MalformedMessageException {
    in.arrayOf("calibration.statistic", 4);
    String name = in.text("calibration.statistic.name", MAX_NAME);
    boolean both = in.bool("calibration.statistic.side");
    long resolution = in.unsigned("calibration.statistic.resolution", MAX_SCORE);
    int runs = in.array("calibration.statistic.scores", MAX_SEQUENCES);
    long[] scores = new long[runs];
    for (int i = 0; i < runs; i++) {
      int offset = in.offset();
      long step = in.integer("calibration.statistic.score");
      if (Math.abs(step) > MAX_SCORE || step == Long.MIN_VALUE || (i > 0 && step < 0)) {
        throw new MalformedMessageException("calibration.statistic.score", offset, "step " + step);
      }
      scores[i] = i == 0 ? step : scores[i - 1] + step;
      if (Math.abs(scores[i]) > MAX_SCORE) {
        throw new MalformedMessageException(
            "calibration.statistic.score", offset, "score " + scores[i]);
      }
    }
    return StatisticCalibration.of(
        name,
        both ? StatisticCalibration.Side.BOTH : StatisticCalibration.Side.UPPER,
        resolution,
        scores);
  }
}
