package io.verillm.stats.sequential;

import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;

/**
 * Wealth of a bet that two streams of paired draws come from different laws.
 *
 * <p>The witness g(z) = mean k(z, past x) − mean k(z, past y) is estimated on the past only; the
 * payoff f = (g(x) − g(y))/2 lies in [−1, 1] for a kernel in [0, 1] and has mean 0 if both laws are
 * equal (Shekhar and Ramdas 2023). With a tolerance ε the payoff is f − ε, and a true mean
 * difference of at most ε loses. The past is capped at {@value #MEMORY} pairs, so an update costs a
 * bounded number of kernel calls. One object belongs to one thread.
 *
 * @param <T> an observation: one independent request each
 */
public final class TwoSampleBetting<T> {
  /** Pairs that the witness remembers; later pairs replace the oldest. */
  public static final int MEMORY = 256;

  private final ToDoubleBiFunction<T, T> kernel;
  private final double tolerance;
  private final List<T> pastX = new ArrayList<>();
  private final List<T> pastY = new ArrayList<>();
  private int oldest;
  private double logWealth;
  private double payoffs;
  private double squares = 1;

  /**
   * Starts at wealth 1.
   *
   * @param kernel symmetric, in [0, 1]
   * @param tolerance ε in [0, 1)
   */
  public TwoSampleBetting(ToDoubleBiFunction<T, T> kernel, double tolerance) {
    this.kernel = Objects.requireNonNull(kernel, "kernel");
    Require.that(tolerance >= 0 && tolerance < 1, "tolerance must lie in [0, 1): " + tolerance);
    this.tolerance = tolerance;
  }

  /** Takes one pair of independent draws into account. */
  public void update(T x, T y) {
    if (!pastX.isEmpty()) {
      double payoff = Math.max(-1, Math.min(1, (witness(x) - witness(y)) / 2)) - tolerance;
      double stake = Math.max(0, Math.min(0.5 / (1 + tolerance), payoffs / squares));
      logWealth += Math.log1p(stake * payoff);
      payoffs += payoff;
      squares += payoff * payoff;
    }
    if (pastX.size() < MEMORY) {
      pastX.add(x);
      pastY.add(y);
    } else {
      pastX.set(oldest, x);
      pastY.set(oldest, y);
      oldest = (oldest + 1) % MEMORY;
    }
  }

  private double witness(T z) {
    double sum = 0;
    for (int i = 0; i < pastX.size(); i++) {
      sum += kernel.applyAsDouble(z, pastX.get(i)) - kernel.applyAsDouble(z, pastY.get(i));
    }
    return sum / pastX.size();
  }

  /** Returns ln W. */
  public double logWealth() {
    return logWealth;
  }

  /** Returns W, an e-value at any time. */
  public double wealth() {
    return Math.exp(logWealth);
  }
}
