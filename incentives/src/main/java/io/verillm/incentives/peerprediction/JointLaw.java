package io.verillm.incentives.peerprediction;

import io.verillm.incentives.internal.Require;
import java.util.Arrays;

/**
 * The joint distribution of two agents' signals (or reports) on one task: entry (x, y) is the
 * probability that I see x and my peer sees y. Immutable.
 */
public final class JointLaw {
  private final double[][] joint;
  private final double[] mine;
  private final double[] peer;

  private JointLaw(double[][] owned) {
    this.joint = owned;
    this.mine = new double[owned.length];
    this.peer = new double[owned.length];
    for (int x = 0; x < owned.length; x++) {
      for (int y = 0; y < owned.length; y++) {
        mine[x] += owned[x][y];
        peer[y] += owned[x][y];
      }
    }
  }

  /**
   * Copies a joint distribution.
   *
   * @param joint square, at least 2 × 2, entries not negative, total one within 1e-9
   */
  public static JointLaw of(double[][] joint) {
    Require.atLeast(joint.length, 2, "signals");
    double sum = 0;
    double[][] copy = new double[joint.length][];
    for (int x = 0; x < joint.length; x++) {
      Require.that(joint[x].length == joint.length, "a joint law is square");
      copy[x] = joint[x].clone();
      for (double entry : copy[x]) {
        Require.probability(entry, "joint probability");
        sum += entry;
      }
    }
    Require.that(Math.abs(sum - 1) <= 1e-9, "the joint law sums to " + sum + ", not to one");
    return new JointLaw(copy);
  }

  /**
   * Returns the law of two verifiers' signals (0 ok, 1 flag) that are right with probability {@code
   * accuracy}, independently given the truth.
   *
   * @param fraudRate probability that the task is bad
   */
  public static JointLaw verificationGame(double fraudRate, double accuracy) {
    Require.probability(fraudRate, "fraudRate");
    Require.probability(accuracy, "accuracy");
    double error = 1 - accuracy;
    double good = 1 - fraudRate;
    double okOk = good * accuracy * accuracy + fraudRate * error * error;
    double flagFlag = fraudRate * accuracy * accuracy + good * error * error;
    double mixed = accuracy * error;
    return of(new double[][] {{okOk, mixed}, {mixed, flagFlag}});
  }

  /** Returns the number of signals. */
  public int signals() {
    return joint.length;
  }

  /** Returns the probability that I see {@code x} and my peer sees {@code y}. */
  public double probability(int x, int y) {
    return joint[x][y];
  }

  /** Returns the probability that I see {@code x}. */
  public double marginal(int x) {
    return mine[x];
  }

  /** Returns the probability that my peer sees {@code y}. */
  public double peerMarginal(int y) {
    return peer[y];
  }

  /**
   * Returns the probability that my peer sees {@code y} when I see {@code x}.
   *
   * @throws IllegalArgumentException if I never see {@code x}
   */
  public double conditional(int y, int x) {
    Require.that(mine[x] > 0, "signal " + x + " never occurs, nothing follows from it");
    return joint[x][y] / mine[x];
  }

  /** Returns by how much (x, y) is likelier than for independent agents: U(x, y) − P(x)Q(y). */
  public double delta(int x, int y) {
    return joint[x][y] - mine[x] * peer[y];
  }

  /** Returns the sum of {@link #delta} over the diagonal. */
  public double deltaTrace() {
    double trace = 0;
    for (int x = 0; x < joint.length; x++) {
      trace += delta(x, x);
    }
    return trace;
  }

  /**
   * Returns the determinant; zero means that some signal says nothing that the others do not say.
   */
  public double determinant() {
    return Determinants.of(joint);
  }

  /**
   * Returns the law of the reports when I use {@code myChannel} and my peer {@code peerChannel}.
   */
  public JointLaw after(Channel myChannel, Channel peerChannel) {
    int n = joint.length;
    Require.that(
        myChannel.signals() == n && peerChannel.signals() == n, "channels are for other signals");
    double[][] reports = new double[n][n];
    for (int x = 0; x < n; x++) {
      for (int y = 0; y < n; y++) {
        for (int r = 0; r < n; r++) {
          double weight = joint[x][y] * myChannel.probability(x, r);
          for (int s = 0; weight > 0 && s < n; s++) {
            reports[r][s] += weight * peerChannel.probability(y, s);
          }
        }
      }
    }
    return new JointLaw(reports);
  }

  @Override
  public String toString() {
    return Arrays.deepToString(joint);
  }
}
