package io.verillm.cli;

import io.verillm.core.spi.ModelExecutor;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.network.worker.TrafficGenerator;
import io.verillm.network.worker.TrafficGenerator.WorkItem;
import io.verillm.network.worker.TrafficPolicy;
import io.verillm.network.worker.WorkerView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.dtree.impurity.GiniIndex;
import org.tribuo.classification.ensemble.AdaBoostTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * How well boosted trees tell verification items from ordinary ones, from all that a worker sees:
 * the area under the curve of held-out scores, five folds, with DeLong's variance.
 *
 * <p>A small area says that these trees on these features found nothing, not that nothing is there.
 */
final class Distinguishability {
  /** The trainer reports every tree; kept here so that the setting is not collected. */
  private static final Logger TRAINER = Logger.getLogger(AdaBoostTrainer.class.getName());

  static {
    TRAINER.setLevel(Level.WARNING);
  }

  private static final int FOLDS = 5;
  private static final int TREES = 60;
  private static final int DEPTH = 4;

  /** Share of the total weight; the trainer's default counts examples and would never split. */
  private static final float LEAST_LEAF = 0.01f;

  private static final double NORMAL_975 = 1.959964;
  private static final String VERIFICATION = "verification";
  private static final String ORDINARY = "ordinary";
  private static final String[] NAMES = WorkerView.FEATURES.toArray(String[]::new);

  /**
   * What came out.
   *
   * @param perClass items of each sort
   * @param auc mean of the folds
   * @param low lower end of the 95 % interval
   * @param high upper end
   */
  record Result(TrafficPolicy policy, int perClass, double auc, double low, double high) {}

  /** An area with its variance. */
  record Area(double auc, double variance) {}

  private Distinguishability() {}

  static Result measure(
      TrafficPolicy policy,
      ModelExecutor model,
      List<int[]> texts,
      int[] prefix,
      int perClass,
      long seed,
      IntConsumer progress) {
    List<WorkItem> items =
        TrafficGenerator.generate(model, texts, prefix, policy, perClass, seed, progress);
    List<double[]> rows = WorkerView.of(items, model, done -> progress.accept(perClass + done));
    List<double[]> verification = new ArrayList<>();
    List<double[]> ordinary = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      (items.get(i).verification() ? verification : ordinary).add(rows.get(i));
    }
    return folds(
        policy, sample(verification, perClass, seed), sample(ordinary, perClass, seed), seed);
  }

  private static List<double[]> sample(List<double[]> rows, int count, long seed) {
    if (rows.size() < count) {
      throw new IllegalStateException("only " + rows.size() + " of " + count + " items");
    }
    List<double[]> shuffled = new ArrayList<>(rows);
    java.util.Collections.shuffle(shuffled, new Random(seed));
    return List.copyOf(shuffled.subList(0, count));
  }

  static Result folds(
      TrafficPolicy policy, List<double[]> verification, List<double[]> ordinary, long seed) {
    double sum = 0;
    double variance = 0;
    SeededRandom seeds = new SeededRandom(seed);
    for (int fold = 0; fold < FOLDS; fold++) {
      LabelFactory factory = new LabelFactory();
      MutableDataset<Label> train =
          new MutableDataset<>(new SimpleDataSourceProvenance("traffic", factory), factory);
      add(train, verification, fold, VERIFICATION);
      add(train, ordinary, fold, ORDINARY);
      Model<Label> model =
          new AdaBoostTrainer(
                  new CARTClassificationTrainer(
                      DEPTH, LEAST_LEAF, 0f, 1f, new GiniIndex(), seeds.nextLong()),
                  TREES,
                  seeds.nextLong())
              .train(train);
      Area area = area(scores(model, verification, fold), scores(model, ordinary, fold));
      sum += area.auc();
      variance += area.variance();
    }
    double auc = sum / FOLDS;
    double margin = NORMAL_975 * Math.sqrt(variance) / FOLDS;
    return new Result(
        policy, verification.size(), auc, Math.max(0, auc - margin), Math.min(1, auc + margin));
  }

  private static void add(
      MutableDataset<Label> train, List<double[]> rows, int fold, String label) {
    for (int i = 0; i < rows.size(); i++) {
      if (i % FOLDS != fold) {
        train.add(new ArrayExample<>(new Label(label), NAMES, rows.get(i)));
      }
    }
  }

  private static double[] scores(Model<Label> model, List<double[]> rows, int fold) {
    List<Double> scores = new ArrayList<>();
    for (int i = fold; i < rows.size(); i += FOLDS) {
      Label score =
          model
              .predict(new ArrayExample<>(new Label(VERIFICATION), NAMES, rows.get(i)))
              .getOutputScores()
              .get(VERIFICATION);
      scores.add(Objects.requireNonNull(score, "score").getScore());
    }
    return scores.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Area under the curve and its variance by DeLong, DeLong and Clarke-Pearson (1988); ties count
   * half.
   */
  static Area area(double[] positives, double[] negatives) {
    double[] sortedPositives = positives.clone();
    double[] sortedNegatives = negatives.clone();
    Arrays.sort(sortedPositives);
    Arrays.sort(sortedNegatives);
    double[] above = new double[positives.length];
    double[] below = new double[negatives.length];
    for (int i = 0; i < positives.length; i++) {
      above[i] = rank(sortedNegatives, positives[i]);
    }
    for (int i = 0; i < negatives.length; i++) {
      below[i] = 1 - rank(sortedPositives, negatives[i]);
    }
    double auc = Arrays.stream(above).average().orElseThrow();
    return new Area(
        auc, variance(above, auc) / positives.length + variance(below, auc) / negatives.length);
  }

  /** Share of sorted values below, ties half. */
  private static double rank(double[] sorted, double value) {
    int less = 0;
    int equal = 0;
    int at = Arrays.binarySearch(sorted, value);
    if (at < 0) {
      less = -at - 1;
    } else {
      int from = at;
      int to = at;
      while (from > 0 && sorted[from - 1] == value) {
        from--;
      }
      while (to + 1 < sorted.length && sorted[to + 1] == value) {
        to++;
      }
      less = from;
      equal = to - from + 1;
    }
    return (less + equal / 2.0) / sorted.length;
  }

  private static double variance(double[] values, double mean) {
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / (values.length - 1);
  }
}
