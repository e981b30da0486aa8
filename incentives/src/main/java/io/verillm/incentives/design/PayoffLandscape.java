package io.verillm.incentives.design;

import io.verillm.incentives.internal.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * A grid of what cheating gains, with the contour where it gains nothing; the data of a picture.
 * Immutable.
 *
 * @param terms what was computed
 * @param cheatShares the columns, rising from 0 to 1
 * @param auditRates the rows, rising from 0 to 1
 * @param gains one list per audit rate, one gain per cheat share
 * @param zeroContour points (cheat share, least audit rate without gain), left to right; shares
 *     that no audit rate deters are left out
 */
public record PayoffLandscape(
    LandscapeTerms terms,
    List<Double> cheatShares,
    List<Double> auditRates,
    List<List<Double>> gains,
    List<ContourPoint> zeroContour) {
  /** A point of the contour. */
  public record ContourPoint(double cheatShare, double auditRate) {}

  /** Copies the lists. */
  public PayoffLandscape {
    cheatShares = List.copyOf(cheatShares);
    auditRates = List.copyOf(auditRates);
    gains = gains.stream().map(List::copyOf).toList();
    zeroContour = List.copyOf(zeroContour);
  }

  /**
   * Computes a landscape on a regular grid.
   *
   * @param columns number of cheat shares, 2 to 2000
   * @param rows number of audit rates, 2 to 2000
   */
  public static PayoffLandscape of(LandscapeTerms terms, int columns, int rows) {
    List<Double> cheatShares = axis(columns);
    List<Double> auditRates = axis(rows);
    List<List<Double>> gains = new ArrayList<>();
    for (double auditRate : auditRates) {
      gains.add(cheatShares.stream().map(share -> terms.gain(share, auditRate)).toList());
    }
    List<ContourPoint> contour = new ArrayList<>();
    for (double share : cheatShares) {
      double rate = terms.breakEvenAuditRate(share);
      if (share > 0 && rate <= 1) {
        contour.add(new ContourPoint(share, rate));
      }
    }
    return new PayoffLandscape(terms, cheatShares, auditRates, gains, contour);
  }

  private static List<Double> axis(int points) {
    Require.that(points >= 2 && points <= 2000, "an axis has 2 to 2000 points, got " + points);
    List<Double> axis = new ArrayList<>();
    for (int k = 0; k < points; k++) {
      axis.add(k / (points - 1.0));
    }
    return axis;
  }
}
