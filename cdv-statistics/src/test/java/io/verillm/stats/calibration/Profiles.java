package io.verillm.stats.calibration;

import io.verillm.core.receipt.ExecutionClass;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.random.SplitMix64;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/** Small honest profiles from seeds. */
final class Profiles {
  static final ExecutionClass PROVER =
      new ExecutionClass("engine", "1", "bf16", "BF16", "kernels", "cpu", "1");
  static final ExecutionClass VERIFIER =
      new ExecutionClass("engine", "1", "fp32", "F32", "kernels", "cpu", "1");
  static final ExecutionClass SECOND =
      new ExecutionClass("other", "1", "fp32", "F32", "kernels", "cpu", "1");
  static final Power STRONG = new Power(Power.INT4, 64, 64);

  private Profiles() {}

  static Digest32 digest(String purpose, int index) {
    return Digest32.sha256(new CborWriter().array(2).text(purpose).unsigned(index).toByteArray());
  }

  /** Normal scores, mean 1, standard deviation 0.1 times {@code scale}, in millionths. */
  static long[] scores(long seed, int count, double scale) {
    return scores(seed, count, z -> 1 + 0.1 * scale * z);
  }

  static long[] scores(long seed, int count, DoubleUnaryOperator law) {
    SplitMix64 random = new SplitMix64(seed);
    long[] micros = new long[count];
    for (int i = 0; i < count; i++) {
      micros[i] = Math.round(1e6 * law.applyAsDouble(random.nextGaussian()));
    }
    return micros;
  }

  static List<Digest32> receipts(int count) {
    List<Digest32> receipts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      receipts.add(digest("receipt", i));
    }
    return receipts;
  }

  static Conditions conditions(int shortest) {
    return new Conditions(
        shortest, 200, 20, List.of(new Conditions.Regime(1_000_000, 0, 1_000_000)));
  }

  static CalibrationProfile of(int shortest, StatisticCalibration... statistics) {
    return new CalibrationProfile(
        digest("model", 0),
        digest("trace profile", 0),
        PROVER,
        VERIFIER,
        conditions(shortest),
        List.of(statistics),
        receipts(statistics[0].sequences()),
        List.of(new Confirmation(SECOND, 64, 100_000)),
        List.of(STRONG),
        Optional.empty(),
        digest("corpus", 0),
        1_700_000_000_000L);
  }

  /** Two statistics, one of them two-sided. */
  static CalibrationProfile of(int sequences, double scale, long seed) {
    return of(
        48,
        StatisticCalibration.of(
            "both", StatisticCalibration.Side.BOTH, 1, scores(seed, sequences, scale)),
        StatisticCalibration.of(
            "upper", StatisticCalibration.Side.UPPER, 1, scores(seed + 1, sequences, scale)));
  }

  static CalibrationProfile anchoredAt(CalibrationProfile candidate, CalibrationProfile anchor) {
    return new CalibrationProfile(
        candidate.model(),
        candidate.traceProfile(),
        candidate.prover(),
        candidate.verifier(),
        candidate.conditions(),
        candidate.statistics(),
        candidate.receipts(),
        candidate.confirmations(),
        candidate.power(),
        Optional.of(anchor.id()),
        candidate.corpus(),
        candidate.madeAtMillis());
  }
}
