package io.verillm.incentives.design;

import io.verillm.incentives.game.Condition;
import io.verillm.incentives.peerprediction.JointLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.optim.MaxIter;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.linear.LinearConstraint;
import org.apache.commons.math3.optim.linear.LinearConstraintSet;
import org.apache.commons.math3.optim.linear.LinearObjectiveFunction;
import org.apache.commons.math3.optim.linear.NoFeasibleSolutionException;
import org.apache.commons.math3.optim.linear.NonNegativeConstraint;
import org.apache.commons.math3.optim.linear.Relationship;
import org.apache.commons.math3.optim.linear.SimplexSolver;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;

/**
 * Finds the cheapest 2 × 2 payoff table under which verifying and telling the truth is a strict
 * equilibrium and everybody saying ok is worth less, as a linear program.
 *
 * <p>One thing no table can do: make "everybody flags" unattractive as well. Verifying beats saying
 * ok unseen and beats flagging unseen only if both columns reward agreement (ok–ok above flag–ok
 * and flag–flag above ok–flag); with ok–ok below the honest net pay, flag–flag at or below it too
 * would put all four entries there, but the honest net pay is their mean less a cost. So flag–flag
 * always exceeds it. {@link PayoffDesign.Feasible#otherEquilibria} names what stays open; decoys
 * known to be good, or audits against known truth, remove it. Stateless and thread-safe.
 */
public final class PayoffDesigner {
  private static final double TOLERANCE = 1e-9;
  private static final int CELLS = 4;
  private static final int MOST_ITERATIONS = 10_000;

  /** The coefficients times the table must be at least the right side. */
  private static final class Requirement {
    final String words;
    final double[] coefficients;
    final double right;

    Requirement(String words, double[] coefficients, double right) {
      this.words = words;
      this.coefficients = coefficients;
      this.right = right;
    }

    Condition at(double[] table) {
      double left = 0;
      for (int cell = 0; cell < CELLS; cell++) {
        left += coefficients[cell] * table[cell];
      }
      return new Condition(words, left, right);
    }
  }

  private PayoffDesigner() {}

  /** Solves a request. */
  public static PayoffDesign cheapest(DesignRequest request) {
    JointLaw law = JointLaw.verificationGame(request.fraudRate(), request.accuracy());
    double[] honest = cells(law);
    List<Requirement> requirements = requirements(request, law, honest);
    // Entries are shifted by leastPay so that the solver's variables start at zero.
    List<LinearConstraint> constraints = new ArrayList<>();
    for (Requirement requirement : requirements) {
      constraints.add(
          new LinearConstraint(
              requirement.coefficients,
              Relationship.GEQ,
              requirement.right - request.leastPay() * sum(requirement.coefficients)));
    }
    for (int cell = 0; cell < CELLS; cell++) {
      constraints.add(
          new LinearConstraint(
              unit(CELLS, cell), Relationship.LEQ, request.mostPay() - request.leastPay()));
    }
    try {
      double[] table = solve(honest, constraints);
      for (int cell = 0; cell < CELLS; cell++) {
        table[cell] += request.leastPay();
      }
      return feasible(request, requirements, honest, table);
    } catch (NoFeasibleSolutionException e) {
      return new PayoffDesign.Infeasible(request, violated(request, requirements));
    }
  }

  private static List<Requirement> requirements(
      DesignRequest request, JointLaw law, double[] honest) {
    double paid = request.cost() + request.margin();
    List<Requirement> all = new ArrayList<>();
    all.add(new Requirement("honest verification earns its cost and the margin", honest, paid));
    all.add(
        new Requirement(
            "verifying beats saying ok unseen by the margin",
            minus(honest, new double[] {law.peerMarginal(0), law.peerMarginal(1), 0, 0}),
            paid));
    all.add(
        new Requirement(
            "verifying beats flagging unseen by the margin",
            minus(honest, new double[] {0, 0, law.peerMarginal(0), law.peerMarginal(1)}),
            paid));
    all.add(
        new Requirement(
            "after verifying, the truth beats its opposite by the margin",
            minus(
                honest,
                new double[] {
                  law.probability(1, 0), law.probability(1, 1),
                  law.probability(0, 0), law.probability(0, 1)
                }),
            request.margin()));
    all.add(
        new Requirement(
            "everybody verifying beats everybody saying ok by the focal margin",
            minus(honest, unit(CELLS, 0)),
            request.cost() + request.focalMargin()));
    return all;
  }

  private static PayoffDesign feasible(
      DesignRequest request, List<Requirement> requirements, double[] honest, double[] table) {
    PayoffTable payoffs = new PayoffTable(table[0], table[1], table[2], table[3]);
    double budget = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      budget += honest[cell] * table[cell];
    }
    double net = budget - request.cost();
    List<Condition> margins = new ArrayList<>();
    requirements.forEach(requirement -> margins.add(requirement.at(table)));
    List<String> open = new ArrayList<>();
    if (payoffs.flagFlag() > net) {
      open.add(
          "everybody flags unseen: "
              + figure(payoffs.flagFlag())
              + " each against "
              + figure(net)
              + " for honesty");
    }
    double mixed = (payoffs.okFlag() + payoffs.flagOk()) / 2;
    if (mixed > net) {
      open.add("a pair with a private coin disagrees on purpose: " + figure(mixed) + " each");
    }
    return new PayoffDesign.Feasible(request, payoffs, budget, margins, open);
  }

  /**
   * Adds a slack to every requirement and minimises their sum; what keeps a slack is what cannot be
   * met.
   */
  private static List<String> violated(DesignRequest request, List<Requirement> requirements) {
    int variables = CELLS + requirements.size();
    double[] objective = new double[variables];
    Arrays.fill(objective, CELLS, variables, 1);
    List<LinearConstraint> constraints = new ArrayList<>();
    for (int r = 0; r < requirements.size(); r++) {
      double[] coefficients = Arrays.copyOf(requirements.get(r).coefficients, variables);
      coefficients[CELLS + r] = 1;
      constraints.add(
          new LinearConstraint(
              coefficients,
              Relationship.GEQ,
              requirements.get(r).right
                  - request.leastPay() * sum(requirements.get(r).coefficients)));
    }
    for (int cell = 0; cell < CELLS; cell++) {
      constraints.add(
          new LinearConstraint(
              unit(variables, cell), Relationship.LEQ, request.mostPay() - request.leastPay()));
    }
    double[] solution = solve(objective, constraints);
    List<String> words = new ArrayList<>();
    for (int r = 0; r < requirements.size(); r++) {
      if (solution[CELLS + r] > TOLERANCE) {
        words.add(
            "cannot be met with payments from "
                + figure(request.leastPay())
                + " to "
                + figure(request.mostPay())
                + ": "
                + requirements.get(r).words
                + " (short by "
                + figure(solution[CELLS + r])
                + ")");
      }
    }
    if (Math.abs(request.accuracy() - 0.5) < TOLERANCE) {
      words.add("at an accuracy of one half the signal says nothing, so no payment can reward it");
    }
    return words;
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static double[] solve(double[] objective, List<LinearConstraint> constraints) {
    PointValuePair solution =
        new SimplexSolver(1e-10, 10, 1e-12)
            .optimize(
                new MaxIter(MOST_ITERATIONS),
                new LinearObjectiveFunction(objective, 0),
                new LinearConstraintSet(constraints),
                GoalType.MINIMIZE,
                new NonNegativeConstraint(true));
    return solution.getPoint();
  }

  private static double[] cells(JointLaw law) {
    return new double[] {
      law.probability(0, 0), law.probability(0, 1), law.probability(1, 0), law.probability(1, 1)
    };
  }

  private static double[] minus(double[] left, double[] right) {
    double[] difference = left.clone();
    for (int cell = 0; cell < difference.length; cell++) {
      difference[cell] -= right[cell];
    }
    return difference;
  }

  private static double[] unit(int size, int at) {
    double[] unit = new double[size];
    unit[at] = 1;
    return unit;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }
}
