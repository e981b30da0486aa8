package io.verillm.stats.twosample;

import org.apache.commons.math3.fitting.PolynomialCurveFitter;
import org.apache.commons.math3.fitting.WeightedObservedPoints;

/** Least-squares parabola through a small table. */
final class QuadraticFit {
  private QuadraticFit() {}

  static double at(double[] x, double[] y, double where) {
    WeightedObservedPoints points = new WeightedObservedPoints();
    for (int i = 0; i < x.length; i++) {
      points.add(x[i], y[i]);
    }
    double[] c = PolynomialCurveFitter.create(2).fit(points.toList());
    return c[0] + where * (c[1] + where * c[2]);
  }
}
