package io.verillm.examples.training;

/**
 * Everything that decides a trained model's bytes apart from the text and the libraries.
 *
 * @param name which of the two models
 * @param shape the model's sizes
 * @param batch windows per step, each {@code shape.context()} tokens
 * @param steps updates
 * @param warmUpSteps updates during which the learning rate rises linearly
 * @param peakRate highest learning rate
 * @param finalShare share of the peak that the cosine falls to
 * @param weightDecay AdamW decay of matrices; norms have none
 * @param beta1 AdamW decay of the first moment
 * @param beta2 AdamW decay of the second moment
 * @param clip largest gradient norm over all parameters
 * @param seed of the first weights; the order of windows uses {@code seed + 1}
 */
public record TrainingPlan(
    String name,
    ModelShape shape,
    int batch,
    int steps,
    int warmUpSteps,
    double peakRate,
    double finalShare,
    double weightDecay,
    double beta1,
    double beta2,
    double clip,
    long seed) {

  private static final int VOCABULARY = 2048;
  private static final int CONTEXT = 512;

  /** Returns the plan of the larger model. */
  public static TrainingPlan main() {
    ModelShape shape = new ModelShape(VOCABULARY, 256, 4, 4, 2, 64, 768, CONTEXT);
    return new TrainingPlan("main", shape, 2, 3000, 100, 2e-3, 0.05, 0.1, 0.9, 0.95, 1.0, 1611);
  }

  /** Returns the plan of the smaller model with the same tokenizer. */
  public static TrainingPlan sibling() {
    ModelShape shape = new ModelShape(VOCABULARY, 128, 3, 4, 2, 32, 384, CONTEXT);
    return new TrainingPlan("sibling", shape, 2, 1500, 100, 3e-3, 0.05, 0.1, 0.9, 0.95, 1.0, 1769);
  }

  /**
   * Returns the plan with that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static TrainingPlan named(String name) {
    return switch (name) {
      case "main" -> main();
      case "sibling" -> sibling();
      default -> throw new IllegalArgumentException("no plan " + name + "; main or sibling");
    };
  }

  /**
   * Returns the learning rate of one step: linear warm-up, then a cosine to the final share.
   *
   * <p>It depends on the step alone. A schedule that reads the clock cannot be repeated.
   *
   * @param step from 0
   */
  public double rate(int step) {
    if (step < warmUpSteps) {
      return peakRate * (step + 1) / warmUpSteps;
    }
    double done = (double) (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
    double wave = 0.5 * (1 + StrictMath.cos(StrictMath.PI * done));
    return peakRate * (finalShare + (1 - finalShare) * wave);
  }
}
