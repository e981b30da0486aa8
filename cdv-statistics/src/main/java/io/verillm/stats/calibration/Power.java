package io.verillm.stats.calibration;

import io.verillm.stats.internal.Require;
import io.verillm.stats.robust.ClopperPearson;

/**
 * How many requests of a known deviation the profile's thresholds detected, where detected means
 * rejected.
 *
 * @param deviation stable name, such as {@link #INT4}
 * @param requests requests made
 * @param detected requests rejected
 */
public record Power(String deviation, int requests, int detected) {
  /** The deviation that every admissible profile must detect. */
  public static final String INT4 = "int4-weights";

  /** Refuses counts that do not fit. */
  public Power {
    Require.that(!deviation.isEmpty() && deviation.length() <= 128, "deviation name");
    Require.atLeast(requests, 1, "requests");
    Require.that(detected >= 0 && detected <= requests, "detected " + detected);
  }

  /** Returns the 95 % lower confidence bound of the detection rate. */
  public double lowerBound() {
    return ClopperPearson.lowerBound(detected, requests, 0.95);
  }
}
