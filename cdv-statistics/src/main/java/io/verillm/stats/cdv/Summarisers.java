package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import io.verillm.stats.robust.Moments;
import io.verillm.stats.robust.QuantileSketch;
import java.util.EnumSet;
import java.util.Set;

/** The built-in summaries. Thread-safe. */
@CheckReturnValue
public final class Summarisers {
  private static final Set<Modality> NUMBERS = EnumSet.of(Modality.SCALAR, Modality.LOGPROBS);
  private static final Set<Modality> VECTORS =
      EnumSet.of(Modality.TENSOR, Modality.EMBEDDING, Modality.SCALAR);

  private Summarisers() {}

  /**
   * Returns the summary of numbers by a quantile sketch.
   *
   * @param compression of the sketch, see {@link QuantileSketch}
   * @param width number of quantiles that are compared, at least 2
   */
  public static Summariser<Double, QuantileSketch> quantiles(int compression, int width) {
    Require.atLeast(width, 2, "width");
    QuantileSketch.requireCompression(compression);
    return new Summariser<>() {
      @Override
      public String id() {
        return "quantiles(t-digest," + compression + "," + width + ")";
      }

      @Override
      public boolean accepts(Modality modality) {
        return NUMBERS.contains(modality);
      }

      @Override
      public QuantileSketch empty() {
        return new QuantileSketch(compression);
      }

      @Override
      public void add(QuantileSketch summary, Double payload) {
        Require.that(Double.isFinite(payload), "payload is not finite: " + payload);
        summary.add(payload);
      }

      @Override
      public void merge(QuantileSketch summary, QuantileSketch other) {
        summary.merge(other);
      }

      @Override
      public long count(QuantileSketch summary) {
        return summary.count();
      }

      @Override
      public int width() {
        return width;
      }

      @Override
      public double[] profile(QuantileSketch summary) {
        return summary.profile(width);
      }
    };
  }

  /**
   * Returns the summary of numbers by mean and standard deviation, the published one.
   *
   * <p>A change that keeps both passes it; use quantiles, or paired comparison for tensors.
   */
  public static Summariser<Double, Moments> moments() {
    return new Summariser<>() {
      @Override
      public String id() {
        return "moments(2)";
      }

      @Override
      public boolean accepts(Modality modality) {
        return NUMBERS.contains(modality);
      }

      @Override
      public Moments empty() {
        return new Moments();
      }

      @Override
      public void add(Moments summary, Double payload) {
        Require.that(Double.isFinite(payload), "payload is not finite: " + payload);
        summary.add(payload);
      }

      @Override
      public void merge(Moments summary, Moments other) {
        summary.merge(other);
      }

      @Override
      public long count(Moments summary) {
        return summary.count();
      }

      @Override
      public int width() {
        return 2;
      }

      @Override
      public double[] profile(Moments summary) {
        double deviation = summary.count() < 2 ? 0 : summary.standardDeviation();
        return new double[] {summary.mean(), deviation};
      }
    };
  }

  /** The running mean of vectors. */
  public static final class VectorMean {
    private final double[] mean;
    private long count;

    private VectorMean(int width) {
      mean = new double[width];
    }
  }

  /**
   * Returns the summary of vectors by their mean: embeddings, or tensor rows on shared inputs.
   *
   * @param width length of every vector, at least 1
   */
  public static Summariser<double[], VectorMean> vectorMean(int width) {
    Require.atLeast(width, 1, "width");
    return new Summariser<>() {
      @Override
      public String id() {
        return "vector-mean(" + width + ")";
      }

      @Override
      public boolean accepts(Modality modality) {
        return VECTORS.contains(modality);
      }

      @Override
      public VectorMean empty() {
        return new VectorMean(width);
      }

      @Override
      public void add(VectorMean summary, double[] payload) {
        Require.finite(payload, "payload", width);
        Require.that(payload.length == width, "payload has length " + payload.length);
        summary.count++;
        for (int k = 0; k < width; k++) {
          summary.mean[k] += (payload[k] - summary.mean[k]) / summary.count;
        }
      }

      @Override
      public void merge(VectorMean summary, VectorMean other) {
        if (other.count == 0) {
          return;
        }
        summary.count += other.count;
        double share = (double) other.count / summary.count;
        for (int k = 0; k < width; k++) {
          summary.mean[k] += (other.mean[k] - summary.mean[k]) * share;
        }
      }

      @Override
      public long count(VectorMean summary) {
        return summary.count;
      }

      @Override
      public int width() {
        return width;
      }

      @Override
      public double[] profile(VectorMean summary) {
        Require.that(summary.count >= 1, "needs at least 1 vector, has none");
        return summary.mean.clone();
      }
    };
  }
}
