package io.verillm.tensorcommit.selection;

import io.verillm.core.tensor.FloatTensors;
import io.verillm.core.tensor.TensorView;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Scores of weight matrices for {@link LayerSelector}. They are guesses about which layers matter,
 * made without looking at one deviation; measured detection power ({@link DetectionPower}) is the
 * thing itself. Thread-safe.
 */
public final class WeightScores {
  private static final int BINS = 100;

  private WeightScores() {}

  /** Mean absolute weight. */
  public static double l1(TensorView weights) {
    double sum = 0;
    for (float weight : FloatTensors.toFloats(weights)) {
      sum += Math.abs(weight);
    }
    return sum / weights.shape().elements();
  }

  /** Root of the mean square of the weights. */
  public static double l2(TensorView weights) {
    double sum = 0;
    for (float weight : FloatTensors.toFloats(weights)) {
      sum += (double) weight * weight;
    }
    return Math.sqrt(sum / weights.shape().elements());
  }

  /** As many seeded uniform scores, what every other score has to beat. */
  public static double[] random(int layers, long seed) {
    return new SplittableRandom(seed).doubles(layers).toArray();
  }

  /**
   * The exponent of a power law fitted to the tail of the spectrum of WᵀW, which begins near the
   * peak of its histogram.
   *
   * <p>Source: the maximum-likelihood fit of Clauset, Shalizi and Newman 2009 (section 3.1), α = 1
   * + n / Σ ln(λ / λ_min), with λ_min chosen by the smallest Kolmogorov–Smirnov distance among the
   * eigenvalues between 0.95 and 1.5 times the peak of the histogram of log λ, as AlphaPruning
   * (arXiv 2410.10912) does. Cubic in the shorter side of the matrix.
   *
   * @param weights shape [rows, columns], at least 8 on each side
   */
  public static double spectralExponent(TensorView weights) {
    double[] spectrum = spectrum(weights);
    double[] logs = Arrays.stream(spectrum).map(Math::log).toArray();
    double peak = peak(logs);
    double bestDistance = Double.POSITIVE_INFINITY;
    double best = Double.NaN;
    for (int from = 0; from < spectrum.length - 1; from++) {
      if (logs[from] < Math.log(0.95) + peak || logs[from] > Math.log(1.5) + peak) {
        continue;
      }
      int n = spectrum.length - from;
      double sum = 0;
      for (int i = from; i < spectrum.length; i++) {
        sum += logs[i] - logs[from];
      }
      double alpha = 1 + n / sum;
      double distance = 0;
      for (int i = from; i < spectrum.length; i++) {
        double above = Math.exp((1 - alpha) * (logs[i] - logs[from]));
        distance = Math.max(distance, Math.abs(1 - above - (double) (i - from) / n));
      }
      if (distance < bestDistance) {
        bestDistance = distance;
        best = alpha;
      }
    }
    if (Double.isNaN(best)) {
      throw new IllegalArgumentException("the spectrum has no tail behind its peak");
    }
    return best;
  }

  /** Positive eigenvalues of the smaller Gram matrix, ascending. */
  private static double[] spectrum(TensorView weights) {
    if (weights.shape().rank() != 2
        || weights.shape().dimension(0) < 8
        || weights.shape().dimension(1) < 8) {
      throw new IllegalArgumentException("no matrix to have a spectrum: " + weights.shape());
    }
    int rows = (int) weights.shape().dimension(0);
    int columns = (int) weights.shape().dimension(1);
    float[] flat = FloatTensors.toFloats(weights);
    double[][] w = new double[rows][columns];
    for (int i = 0; i < flat.length; i++) {
      w[i / columns][i % columns] = flat[i];
    }
    Array2DRowRealMatrix matrix = new Array2DRowRealMatrix(w, false);
    var gram =
        rows < columns ? matrix.multiply(matrix.transpose()) : matrix.transpose().multiply(matrix);
    double[] eigenvalues = new EigenDecomposition(gram).getRealEigenvalues();
    Arrays.sort(eigenvalues);
    double floor = 1e-12 * eigenvalues[eigenvalues.length - 1];
    return Arrays.stream(eigenvalues).filter(value -> value > floor).toArray();
  }

  /** Lower edge of the fullest of {@value #BINS} bins. */
  private static double peak(double[] logs) {
    double low = logs[0];
    double width = (logs[logs.length - 1] - low) / BINS;
    int[] counts = new int[BINS];
    for (double value : logs) {
      counts[(int) Math.min(BINS - 1, (value - low) / width)]++;
    }
    int fullest = 0;
    for (int bin = 1; bin < BINS; bin++) {
      if (counts[bin] > counts[fullest]) {
        fullest = bin;
      }
    }
    return low + fullest * width;
  }

  /**
   * Significances from spectral exponents, as the paper takes them: AlphaPruning's pruning ratio
   * rises with the exponent from (1 − ε)·s to (1 + ε)·s, and a layer's significance is one minus
   * its ratio, with s = 0.7 and ε = 0.3.
   *
   * @param exponents one per layer
   * @param costs number of weights per layer, by which the ratios are scaled to the mean s
   */
  public static double[] significance(double[] exponents, long[] costs) {
    double sparsity = 0.7;
    double spread = 0.3;
    double least = Arrays.stream(exponents).min().orElseThrow();
    double most = Arrays.stream(exponents).max().orElseThrow();
    double[] ratios = new double[exponents.length];
    double weighted = 0;
    double total = 0;
    for (int i = 0; i < ratios.length; i++) {
      double place = most > least ? (exponents[i] - least) / (most - least) : 0.5;
      ratios[i] = 1 - spread + 2 * spread * place;
      weighted += ratios[i] * costs[i];
      total += costs[i];
    }
    double scale = sparsity * total / weighted;
    return Arrays.stream(ratios).map(ratio -> Math.max(0, 1 - ratio * scale)).toArray();
  }
}
