package io.verillm.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.stats.calibration.CalibrationProfile;
import io.verillm.stats.calibration.Conditions;
import io.verillm.stats.calibration.Confirmation;
import io.verillm.stats.calibration.Power;
import io.verillm.stats.calibration.ProfileBook;
import io.verillm.stats.calibration.StatisticCalibration;
import io.verillm.stats.calibration.TailModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A calibration profile as people read it. Never signed, never read back. */
final class ProfileView {
  /** P-value of the limits that are shown. */
  static final double LEVEL = Study.ALPHA / 100;

  private ProfileView() {}

  /** Reads a signed profile without asking who signed it. */
  static CalibrationProfile read(Path file) throws IOException, MalformedMessageException {
    SignedMessage message = SignedMessage.decode(Files.readAllBytes(file));
    if (message.type() != MessageType.CALIBRATION) {
      throw new MalformedMessageException("type", 0, file + " is a " + message.type());
    }
    return CalibrationProfile.decode(message.payload());
  }

  static boolean isAdmissible(byte[] message) throws MalformedMessageException {
    return ProfileBook.inadmissible(
            CalibrationProfile.decode(SignedMessage.decode(message).payload()))
        .isEmpty();
  }

  static ObjectNode of(CalibrationProfile profile) {
    ObjectNode view = Json.object();
    view.put("calibration", profile.id().toString());
    view.put("model", profile.model().toString());
    view.put("traceProfile", profile.traceProfile().toString());
    view.put("prover", profile.prover().toString());
    view.put("verifier", profile.verifier().toString());
    Conditions conditions = profile.conditions();
    ObjectNode under = view.putObject("conditions");
    under.put("shortestOutput", conditions.shortestOutput());
    under.put("longestSequence", conditions.longestSequence());
    under.put("positionsOpened", conditions.positionsOpened());
    ArrayNode regimes = under.putArray("regimes");
    for (Conditions.Regime regime : conditions.regimes()) {
      regimes
          .addObject()
          .put("temperature", regime.temperatureMicros() / 1e6)
          .put("topK", regime.topK())
          .put("topP", regime.topPMicros() / 1e6);
    }
    view.put("sequences", profile.sequences());
    view.put("confidenceOf999", profile.confidenceOf(0.999));
    view.put("limitsAtP", LEVEL);
    ArrayNode statistics = view.putArray("statistics");
    profile.statistics().forEach(one -> statistics.add(statistic(one)));
    ArrayNode confirmations = view.putArray("confirmations");
    for (Confirmation one : profile.confirmations()) {
      confirmations
          .addObject()
          .put("executor", one.executor().toString())
          .put("sequences", one.sequences())
          .put("largestShiftOfAllowed", one.largestShiftMicros() / 1e6);
    }
    ArrayNode power = view.putArray("power");
    for (Power one : profile.power()) {
      power
          .addObject()
          .put("deviation", one.deviation())
          .put("requests", one.requests())
          .put("detected", one.detected())
          .put("lowerBound95", one.lowerBound());
    }
    view.put("anchor", profile.anchor().map(Digest32::toString).orElse(null));
    view.put("corpus", profile.corpus().toString());
    view.put("madeAtMillis", profile.madeAtMillis());
    view.put("admissible", ProfileBook.inadmissible(profile).isEmpty());
    view.put("objection", ProfileBook.inadmissible(profile).orElse(null));
    return view;
  }

  private static ObjectNode statistic(StatisticCalibration one) {
    TailModel tail = one.upperTail();
    ObjectNode view =
        Json.object()
            .put("name", one.name())
            .put("side", one.side().name())
            .put("median", one.median() / 1e6)
            .put("smallest", one.score(0) / 1e6)
            .put("largest", one.score(one.sequences() - 1) / 1e6)
            .put("highLimit", one.highThreshold(LEVEL) / 1e6);
    if (one.side() == StatisticCalibration.Side.BOTH) {
      view.put("lowLimit", one.lowThreshold(LEVEL) / 1e6);
    }
    view.putObject("tail")
        .put("law", TailModel.NAME)
        .put("from", tail.from() / 1e6)
        .put("excesses", tail.excesses())
        .put("fittedShape", tail.fittedShape())
        .put("shape", tail.shape())
        .put("meanExcess", tail.fittedMean() / 1e6)
        .put("largestDistance", tail.distance());
    return view;
  }

  static String line(StatisticCalibration one) {
    return String.format(
        Locale.ROOT,
        "%-44s median %.4f, honest %.4f to %.4f, limit%s %.4f",
        one.name(),
        one.median() / 1e6,
        one.score(0) / 1e6,
        one.score(one.sequences() - 1) / 1e6,
        one.side() == StatisticCalibration.Side.BOTH
            ? String.format(Locale.ROOT, "s %.4f and", one.lowThreshold(LEVEL) / 1e6)
            : "",
        one.highThreshold(LEVEL) / 1e6);
  }
}
