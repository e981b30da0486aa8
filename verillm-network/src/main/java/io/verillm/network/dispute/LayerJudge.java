package io.verillm.network.dispute;

import io.verillm.core.sampling.SamplingSeed;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.trace.PositionEntry;
import java.util.Objects;
import java.util.Optional;

/**
 * Computes one layer at one token in canonical arithmetic, from the committed input and the
 * committed cache, and compares. It costs one row through one layer; the draw of a token costs the
 * last layer over the tokens before it and one row of logits.
 *
 * <p>Receipts that declare canonical arithmetic are judged bit for bit. Others are judged by the
 * limit for a single layer of their class; without one nothing is decided, and a draw is never
 * judged for them: a token that was drawn from slightly different logits may honestly differ.
 * Thread-safe if the executor is.
 */
public final class LayerJudge implements StepJudge {
  private final ModelExecutor executor;
  private final Optional<StepLimit> tolerance;

  /**
   * Makes a judge.
   *
   * @param executor in canonical arithmetic; not closed by it
   * @param tolerance for receipts of other classes, from a calibration of single layers
   * @throws IllegalArgumentException if the executor is not canonical
   */
  public LayerJudge(ModelExecutor executor, Optional<StepLimit> tolerance) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.tolerance = Objects.requireNonNull(tolerance, "tolerance");
    if (!executor.describe().isCanonical()) {
      throw new IllegalArgumentException(
          "disputes are judged in canonical arithmetic, not in " + executor.describe());
    }
  }

  @Override
  public Ruling judge(Subject subject) {
    if (!executor.modelDigest().equals(subject.order().model())
        || !executor.dimensions().equals(subject.rows().layout().dimensions())) {
      return undecided("the ordered model is not loaded here");
    }
    for (PositionEntry entry : subject.rows().entries()) {
      if (entry.loaded()) {
        return undecided("position " + entry.position() + " was loaded from a reused prefix");
      }
      if (entry.position() < subject.order().prompt().size()
          && entry.tokenId() != subject.order().prompt().get(entry.position())) {
        return new Ruling(
            BisectionOutcome.STEP_WRONG,
            "the token fed at position " + entry.position() + " is not the ordered one");
      }
    }
    boolean exact = subject.receipt().executionClass().isCanonical();
    if (!exact && tolerance.isEmpty()) {
      return undecided(
          "no limit for a single layer of class " + subject.receipt().executionClass());
    }
    StepReplay replay =
        new StepReplay(executor, exact ? StepLimit.exact() : tolerance.orElseThrow());
    return subject.step() == executor.dimensions().layers()
        ? draw(subject, replay, exact)
        : layer(subject, replay, exact);
  }

  private static Ruling layer(Subject subject, StepReplay replay, boolean exact) {
    int position = subject.position();
    Optional<StepReplay.RowFault> fault =
        replay.layer(subject.rows(), subject.step(), position, position + 1);
    String where = "layer " + subject.step() + ", token " + position;
    if (fault.isPresent()) {
      return new Ruling(
          BisectionOutcome.STEP_WRONG,
          where
              + ": the committed "
              + fault.get().key()
              + (exact ? " is not what the layer gives" : " is over the limit for one layer"));
    }
    return right(where + " follows from its committed input", exact);
  }

  private static Ruling draw(Subject subject, StepReplay replay, boolean exact) {
    if (!exact) {
      return undecided("draws of classes that are not canonical are judged end to end only");
    }
    Optional<SamplingSeed> seed =
        subject.receipt().seedProof().seed(subject.prover(), subject.order().digest());
    if (seed.isEmpty()) {
      return new Ruling(BisectionOutcome.STEP_WRONG, "the seed proof does not hold");
    }
    int position = subject.position();
    if (position < subject.order().prompt().size() - 1) {
      return right("no token is drawn at position " + position, true);
    }
    return replay
        .wrongDraw(subject.rows(), subject.order(), seed.get(), position, position + 1)
        .map(
            at ->
                new Ruling(
                    BisectionOutcome.STEP_WRONG,
                    "token " + (at + 1) + " is not the one that model, settings and seed draw"))
        .orElseGet(() -> right("token " + (position + 1) + " is drawn as ordered", true));
  }

  private static Ruling right(String what, boolean exact) {
    return new Ruling(exact ? BisectionOutcome.STEP_RIGHT : BisectionOutcome.NO_SINGLE_FAULT, what);
  }

  private static Ruling undecided(String why) {
    return new Ruling(BisectionOutcome.UNDECIDED, why);
  }
}
