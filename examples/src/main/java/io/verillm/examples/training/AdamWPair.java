package io.verillm.examples.training;

import java.util.Collection;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW over matrices with weight decay and over vectors without.
 *
 * <p>Two optimisers stand in for two parameter groups: the binding offers no way to add a group.
 * Source: Loshchilov, Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
 */
final class AdamWPair {

  private static final double EPSILON = 1e-8;

  private final TensorVector all = new TensorVector();
  private final AdamW decayed;
  private final AdamW plain;

  AdamWPair(Collection<Tensor> parameters, double weightDecay, double beta1, double beta2) {
    TensorVector matrices = new TensorVector();
    TensorVector vectors = new TensorVector();
    for (Tensor parameter : parameters) {
      all.push_back(parameter);
      (parameter.dim() > 1 ? matrices : vectors).push_back(parameter);
    }
    decayed = new AdamW(matrices, options(weightDecay, beta1, beta2));
    plain = new AdamW(vectors, options(0, beta1, beta2));
  }

  /** Clips the gradients, updates the parameters and forgets the gradients; returns the norm. */
  double step(double rate, double clip) {
    double norm = torch.clip_grad_norm_(all, clip);
    for (AdamW optimiser : new AdamW[] {decayed, plain}) {
      OptimizerParamGroup group = optimiser.param_groups().get(0);
      group.options().set_lr(rate);
      optimiser.step();
      optimiser.zero_grad();
    }
    return norm;
  }

  private static AdamWOptions options(double weightDecay, double beta1, double beta2) {
    AdamWOptions options = new AdamWOptions();
    options.weight_decay().put(weightDecay);
    options.eps().put(EPSILON);
    putBetas(options.betas(), beta1, beta2);
    return options;
  }

  /**
   * Writes both betas where the library reads them.
   *
   * <p>They are a C++ tuple, which the usual library stores last element first: a fresh object
   * reads 0.999, 0.9. The defaults tell which place is which, so nothing is guessed.
   */
  static void putBetas(DoublePointer betas, double beta1, double beta2) {
    int first = betas.get(0) == 0.9 ? 0 : 1;
    if (betas.get(first) != 0.9 || betas.get(1 - first) != 0.999) {
      throw new IllegalStateException(
          "expected the default betas 0.9 and 0.999, found "
              + betas.get(0)
              + " and "
              + betas.get(1));
    }
    betas.put(first, beta1).put(1 - first, beta2);
  }
}
