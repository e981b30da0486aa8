package io.verillm.examples.training;

import java.io.IOException;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains a network by a plan. The result is a function of plan, tokens and libraries: one thread,
 * fixed seeds, no clock.
 */
final class LlamaTrainer {

  /** Called after each step; may read the network. */
  interface Observer {
    void afterStep(int step, LlamaNetwork network) throws IOException;
  }

  private static final int REPORT_EVERY = 20;

  private final TrainingPlan plan;
  private final long[] tokens;
  private final LlamaNetwork network;
  private final AdamWPair optimiser;
  private final WindowOrder windows;

  LlamaTrainer(TrainingPlan plan, long[] tokens) {
    this.plan = plan;
    this.tokens = tokens;
    network = LlamaNetwork.initial(plan.shape(), plan.seed());
    optimiser =
        new AdamWPair(
            network.parameters().values(), plan.weightDecay(), plan.beta1(), plan.beta2());
    windows = new WindowOrder(tokens.length, plan.shape().context(), plan.seed() + 1);
  }

  /**
   * Runs the plan, or its beginning, and returns the trained network.
   *
   * @param lastStep where to stop at the latest; the learning rates stay those of the whole plan
   */
  LlamaNetwork train(int lastStep, Observer observer) throws IOException {
    int steps = Math.min(lastStep, plan.steps());
    long tokensPerStep = (long) plan.batch() * plan.shape().context();
    long began = System.nanoTime();
    double sum = 0;
    for (int step = 0; step < steps; step++) {
      sum += step(step);
      int done = step + 1;
      if (done % REPORT_EVERY == 0 || done == steps) {
        int count = done % REPORT_EVERY == 0 ? REPORT_EVERY : done % REPORT_EVERY;
        double seconds = (System.nanoTime() - began) * 1e-9;
        System.out.printf(
            Locale.ROOT,
            "step %d/%d  loss %.4f nats/token  rate %.2e  %.0f tokens/s  %.0f s, about %.0f s left%n",
            done,
            steps,
            sum / count,
            plan.rate(step),
            done * tokensPerStep / seconds,
            seconds,
            seconds / done * (steps - done));
        sum = 0;
      }
      observer.afterStep(done, network);
    }
    return network;
  }

  private double step(int step) {
    int batch = plan.batch();
    int context = plan.shape().context();
    long[] inputs = new long[batch * context];
    long[] targets = new long[batch * context];
    for (int row = 0; row < batch; row++) {
      int start = windows.next();
      System.arraycopy(tokens, start, inputs, row * context, context);
      System.arraycopy(tokens, start + 1, targets, row * context, context);
    }
    // Without the scope nothing native is freed before the garbage collector happens to run:
    // tens of megabytes a step.
    try (PointerScope scope = new PointerScope()) {
      Tensor logits = network.logits(torch.tensor(inputs).view(batch, context));
      Tensor flat = logits.view(-1, plan.shape().vocabulary());
      Tensor loss = torch.cross_entropy_loss(flat, torch.tensor(targets));
      double value = loss.item_double();
      loss.backward();
      double norm = optimiser.step(plan.rate(step), plan.clip());
      if (!Double.isFinite(value) || !Double.isFinite(norm)) {
        throw new IllegalStateException(
            "step " + step + ": loss " + value + ", gradient norm " + norm);
      }
      return value;
    }
  }
}
