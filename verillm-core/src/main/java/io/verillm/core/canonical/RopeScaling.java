package io.verillm.core.canonical;

/**
 * How rotary frequencies are stretched for contexts longer than those of pre-training, as Hugging
 * Face's {@code rope_scaling} names it.
 *
 * <p>Exact: every formula runs in binary64 with {@link StrictMath} in the written order; each
 * frequency is rounded to binary32 once, at the end.
 */
public sealed interface RopeScaling {
  /**
   * The frequencies of one head, in radians per position.
   *
   * @param theta base, {@code rope_theta}
   * @param headDim rotated elements of a head, even
   * @return headDim / 2 values, fastest first
   */
  float[] frequencies(double theta, int headDim);

  /** What sines and cosines are multiplied by. */
  default float attentionFactor() {
    return 1.0f;
  }

  /** No scaling: theta^(−2i / headDim). */
  record Unscaled() implements RopeScaling {
    @Override
    public float[] frequencies(double theta, int headDim) {
      float[] result = new float[headDim / 2];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) plain(theta, headDim, i);
      }
      return result;
    }
  }

  /**
   * Every frequency divided by one factor.
   *
   * @param factor at least 1
   */
  record Linear(double factor) implements RopeScaling {
    /** Checks the factor. */
    public Linear {
      requireFactor(factor);
    }

    @Override
    public float[] frequencies(double theta, int headDim) {
      float[] result = new float[headDim / 2];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) (plain(theta, headDim, i) / factor);
      }
      return result;
    }
  }

  /**
   * Dynamic NTK. Its base grows with the length of the running sequence, so that a longer sequence
   * would turn keys that are already cached. Up to {@code max_position_embeddings} it is the same
   * as no scaling, and executors refuse longer sequences.
   *
   * @param factor at least 1; without effect within the supported lengths
   */
  record DynamicNtk(double factor) implements RopeScaling {
    /** Checks the factor. */
    public DynamicNtk {
      requireFactor(factor);
    }

    @Override
    public float[] frequencies(double theta, int headDim) {
      return new Unscaled().frequencies(theta, headDim);
    }
  }

  /**
   * YaRN (arXiv 2309.00071): slow frequencies are divided, fast ones kept, with a linear ramp
   * between.
   *
   * @param factor at least 1
   * @param originalPositions context length of pre-training
   * @param betaFast rotations over that length above which a frequency is kept
   * @param betaSlow rotations below which it is divided
   * @param truncate whether the ramp's ends are rounded outwards to whole indices
   * @param attentionFactor what sines and cosines are multiplied by; 0.1·ln(factor) + 1 by default
   */
  record Yarn(
      double factor,
      int originalPositions,
      double betaFast,
      double betaSlow,
      boolean truncate,
      float attentionFactor)
      implements RopeScaling {
    /** Checks every number. */
    public Yarn {
      requireFactor(factor);
      if (originalPositions < 1) {
        throw new IllegalArgumentException("original positions " + originalPositions);
      }
      if (!(betaSlow > 0 && betaFast >= betaSlow && betaFast < 1e9)) {
        throw new IllegalArgumentException("beta_fast " + betaFast + ", beta_slow " + betaSlow);
      }
      if (!(attentionFactor > 0 && attentionFactor < 1e6f)) {
        throw new IllegalArgumentException("attention factor " + attentionFactor);
      }
    }

    /** The attention factor of a folder that names none. */
    public static float defaultAttentionFactor(double factor) {
      return factor <= 1 ? 1.0f : (float) (0.1 * StrictMath.log(factor) + 1.0);
    }

    @Override
    public float[] frequencies(double theta, int headDim) {
      double low = correction(betaFast, theta, headDim);
      double high = correction(betaSlow, theta, headDim);
      if (truncate) {
        low = StrictMath.floor(low);
        high = StrictMath.ceil(high);
      }
      low = StrictMath.max(low, 0);
      high = StrictMath.min(high, headDim - 1);
      if (low == high) {
        high += 0.001;
      }
      float[] result = new float[headDim / 2];
      for (int i = 0; i < result.length; i++) {
        double kept = plain(theta, headDim, i);
        double ramp = StrictMath.min(1, StrictMath.max(0, (i - low) / (high - low)));
        result[i] = (float) ((kept / factor) * ramp + kept * (1 - ramp));
      }
      return result;
    }

    private double correction(double rotations, double theta, int headDim) {
      return headDim
          * StrictMath.log(originalPositions / (rotations * 2 * StrictMath.PI))
          / (2 * StrictMath.log(theta));
    }
  }

  /**
   * The rule of the Llama 3.1 models: long wavelengths are divided, short ones kept, with a smooth
   * step between.
   *
   * @param factor at least 1
   * @param lowFrequencyFactor wavelengths above originalPositions / this are divided
   * @param highFrequencyFactor wavelengths below originalPositions / this are kept
   * @param originalPositions context length of pre-training
   */
  record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalPositions)
      implements RopeScaling {
    /** Checks every number. */
    public Llama3 {
      requireFactor(factor);
      if (!(lowFrequencyFactor > 0
          && highFrequencyFactor > lowFrequencyFactor
          && highFrequencyFactor < 1e9)) {
        throw new IllegalArgumentException(
            "low_freq_factor " + lowFrequencyFactor + ", high_freq_factor " + highFrequencyFactor);
      }
      if (originalPositions < 1) {
        throw new IllegalArgumentException("original positions " + originalPositions);
      }
    }

    @Override
    public float[] frequencies(double theta, int headDim) {
      float[] result = new float[headDim / 2];
      for (int i = 0; i < result.length; i++) {
        double kept = plain(theta, headDim, i);
        double wavelength = 2 * StrictMath.PI / kept;
        double value;
        if (wavelength < originalPositions / highFrequencyFactor) {
          value = kept;
        } else if (wavelength > originalPositions / lowFrequencyFactor) {
          value = kept / factor;
        } else {
          double smooth =
              (originalPositions / wavelength - lowFrequencyFactor)
                  / (highFrequencyFactor - lowFrequencyFactor);
          value = (1 - smooth) * kept / factor + smooth * kept;
        }
        result[i] = (float) value;
      }
      return result;
    }
  }

  private static double plain(double theta, int headDim, int i) {
    return 1.0 / StrictMath.pow(theta, 2.0 * i / headDim);
  }

  private static void requireFactor(double factor) {
    if (!(factor >= 1 && factor < 1e9)) {
      throw new IllegalArgumentException("scaling factor " + factor + " is not in [1, 1e9)");
    }
  }
}
