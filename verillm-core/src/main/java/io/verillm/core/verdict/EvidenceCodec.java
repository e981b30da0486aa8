package io.verillm.core.verdict;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;

/**
 * Evidence inside a signed verdict: levels in trillionths and natural logarithms of e-values in
 * millionths, since signed bytes hold no floats.
 */
final class EvidenceCodec {
  private static final double TRILLION = 1e12;
  private static final double MILLION = 1e6;
  private static final long LARGEST_LOG = 691_000_000; // 10^300 has ln 690.8

  private EvidenceCodec() {}

  static void encode(CborWriter out, CombinedEvidence evidence) {
    out.array(3);
    out.unsigned(Math.round(evidence.alpha() * TRILLION));
    out.unsigned(Math.round(evidence.borderline() * TRILLION));
    out.array(evidence.parts().size());
    for (Evidence part : evidence.parts()) {
      out.array(9).text(part.check().name()).digest(part.calibration()).text(part.statistic());
      out.integer(part.valueMicros()).integer(part.lowMicros()).integer(part.highMicros());
      if (part.eValue() == 0) {
        out.nul();
      } else {
        out.integer(Math.round(StrictMath.log(part.eValue()) * MILLION));
      }
      out.unsigned(part.judged()).text(part.tailModel());
    }
  }

  static CombinedEvidence decode(CborReader in) throws MalformedMessageException {
    int start = in.offset();
    in.arrayOf("verdict.evidence", 3);
    double alpha = in.unsigned("verdict.evidence.alpha", (long) TRILLION) / TRILLION;
    double borderline = in.unsigned("verdict.evidence.borderline", (long) TRILLION) / TRILLION;
    int count = in.array("verdict.evidence.parts", CombinedEvidence.SLOTS.size());
    List<Evidence> parts = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        parts.add(part(in));
      }
      return new CombinedEvidence(parts, alpha, borderline);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "verdict.evidence", start, String.valueOf(e.getMessage()));
    }
  }

  private static Evidence part(CborReader in) throws MalformedMessageException {
    in.arrayOf("verdict.evidence.part", 9);
    CheckName check = CheckName.valueOf(in.text("verdict.evidence.check", Evidence.MAX_NAME));
    Digest32 calibration = in.digest("verdict.evidence.calibration");
    String statistic = in.text("verdict.evidence.statistic", Evidence.MAX_NAME);
    long value = in.integer("verdict.evidence.value");
    long low = in.integer("verdict.evidence.low");
    long high = in.integer("verdict.evidence.high");
    double eValue = 0;
    if (in.nextIsNull()) {
      in.nul("verdict.evidence.log");
    } else {
      int offset = in.offset();
      long log = in.integer("verdict.evidence.log");
      if (log < -LARGEST_LOG || log > LARGEST_LOG) {
        throw new MalformedMessageException("verdict.evidence.log", offset, "out of range: " + log);
      }
      eValue = Math.min(Evidence.LARGEST, StrictMath.exp(log / MILLION));
      if (Math.round(StrictMath.log(eValue) * MILLION) != log) {
        throw new MalformedMessageException("verdict.evidence.log", offset, "out of range: " + log);
      }
    }
    int judged = (int) in.unsigned("verdict.evidence.judged", Integer.MAX_VALUE);
    String tail = in.text("verdict.evidence.tail", Evidence.MAX_NAME);
    return new Evidence(check, calibration, statistic, value, low, high, eValue, judged, tail);
  }
}
