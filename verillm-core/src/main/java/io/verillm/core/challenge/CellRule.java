package io.verillm.core.challenge;

import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a plan for KV-cache cells picks them. A cell is all recorded rows of one position in one
 * layer.
 *
 * <ul>
 *   <li>Layer 0 is never drawn where there are others: its rows are a table lookup on the token.
 *   <li>The audit's depth is drawn first, by {@code law}; nothing above it is opened.
 *   <li>Positions are drawn without replacement, {@code latePercent} of them from the last quarter,
 *       because attention carries an early error to every later position.
 *   <li>{@code lastPercent} of the cells, at least one, lie in the deepest layer of the audit; the
 *       others are dealt from a shuffled deck of the layers below it, so that every layer is opened
 *       about equally often.
 * </ul>
 *
 * @param latePercent 0 to 100
 * @param lastPercent 1 to 100
 * @param law depths with their weights, ascending; empty for the full depth
 */
public record CellRule(int latePercent, int lastPercent, List<Depth> law) {
  /** Most depths of a law. */
  public static final int MAX_DEPTHS = 64;

  /** Half of the positions late, a quarter of the cells in the last layer, full depth. */
  public static final CellRule DEFAULT = new CellRule(50, 25, List.of());

  /**
   * One depth of an audit.
   *
   * @param layer deepest layer that is opened; the last recorded one if there are fewer
   * @param weight relative probability, 1 to 65535
   */
  public record Depth(int layer, int weight) {
    /** Checks the ranges. */
    public Depth {
      if (layer < 1 || layer > 0xFFFF || weight < 1 || weight > 0xFFFF) {
        throw new IllegalArgumentException("depth " + layer + " of weight " + weight);
      }
    }
  }

  /** Checks the ranges and the order of the depths. */
  public CellRule {
    law = List.copyOf(law);
    if (latePercent < 0 || latePercent > 100 || lastPercent < 1 || lastPercent > 100) {
      throw new IllegalArgumentException(
          latePercent + " percent late, " + lastPercent + " percent in the last layer");
    }
    if (law.size() > MAX_DEPTHS) {
      throw new IllegalArgumentException(law.size() + " depths");
    }
    for (int i = 1; i < law.size(); i++) {
      if (law.get(i).layer() <= law.get(i - 1).layer()) {
        throw new IllegalArgumentException("depths are not ascending");
      }
    }
  }

  /** The layers that may be drawn: all recorded ones but layer 0. */
  static List<Integer> evidenceLayers(TraceLayout layout) {
    List<Integer> layers = ChallengePlan.layersOf(layout);
    return layers.size() > 1 && layers.get(0) == 0 ? layers.subList(1, layers.size()) : layers;
  }

  SortedMap<Integer, List<Integer>> draw(
      Digest32 seed, TraceLayout layout, int committed, ChallengePlan plan) {
    DrawStream stream = new DrawStream(seed);
    List<Integer> layers = evidenceLayers(layout);
    int deepest = drawDepth(layers, stream);
    int positions = Math.min(plan.positions(), committed);
    List<Integer> order = drawPositions(committed, positions, stream);
    int perPosition = Math.min(plan.layersPerPosition(), deepest + 1);
    int last = lastCells(positions, perPosition);
    ChallengePlan.Deck deck = new ChallengePlan.Deck(layers.subList(0, deepest), stream);
    SortedMap<Integer, List<Integer>> drawn = new TreeMap<>();
    for (int i = 0; i < positions; i++) {
      List<Integer> rows = new ArrayList<>();
      int others = Math.min(perPosition - (i < last ? 1 : 0), deepest);
      if (i < last || deepest == 0) {
        rows.addAll(ChallengePlan.rowsOf(layout, layers.get(deepest)));
      }
      for (int layer : deck.deal(others)) {
        rows.addAll(ChallengePlan.rowsOf(layout, layer));
      }
      rows.sort(null);
      drawn.put(order.get(i), List.copyOf(rows));
    }
    return drawn;
  }

  /** Index among the evidence layers. */
  private int drawDepth(List<Integer> layers, DrawStream stream) {
    int full = layers.size() - 1;
    if (law.isEmpty()) {
      return full;
    }
    int ticket = stream.nextBelow(law.stream().mapToInt(Depth::weight).sum());
    for (Depth depth : law) {
      ticket -= depth.weight();
      if (ticket < 0) {
        return indexOfDepth(layers, depth);
      }
    }
    throw new AssertionError("weights do not add up");
  }

  private static int indexOfDepth(List<Integer> layers, Depth depth) {
    int index = 0;
    while (index < layers.size() - 1 && layers.get(index + 1) <= depth.layer()) {
      index++;
    }
    return index;
  }

  /** In random order, so that which of them get the last layer is random as well. */
  private List<Integer> drawPositions(int committed, int positions, DrawStream stream) {
    int late = lateDrawn(committed, positions);
    int early = committed - lateLength(committed);
    List<Integer> drawn = new ArrayList<>(positions);
    for (int p : stream.sample(early, positions - late)) {
      drawn.add(p);
    }
    for (int p : stream.sample(committed - early, late)) {
      drawn.add(early + p);
    }
    List<Integer> order = new ArrayList<>(positions);
    for (int index : stream.sample(positions, positions)) {
      order.add(drawn.get(index));
    }
    return order;
  }

  /** Length of the last quarter. */
  static int lateLength(int committed) {
    return committed / 4;
  }

  /** How many of the drawn positions lie in the last quarter. */
  int lateDrawn(int committed, int positions) {
    int late = lateLength(committed);
    int early = committed - late;
    int wanted = Math.min(late, (int) ((long) positions * latePercent / 100));
    return Math.max(wanted, positions - early);
  }

  /** How many cells lie in the deepest layer: at most one per position. */
  int lastCells(int positions, int perPosition) {
    long share = ((long) positions * perPosition * lastPercent + 99) / 100;
    return (int) Math.max(1, Math.min(positions, share));
  }

  /** Probability that the audit reaches a layer. */
  double reaches(int layer) {
    if (law.isEmpty()) {
      return 1;
    }
    double deep = 0;
    double all = 0;
    for (Depth depth : law) {
      all += depth.weight();
      deep += depth.layer() >= layer ? depth.weight() : 0;
    }
    return deep / all;
  }

  /** The mean share of the layers that an audit reaches. */
  double expectedDepth(int layers) {
    if (law.isEmpty()) {
      return 1;
    }
    double sum = 0;
    double all = 0;
    for (Depth depth : law) {
      sum += depth.weight() * (Math.min(depth.layer(), layers - 1) + 1.0) / layers;
      all += depth.weight();
    }
    return sum / all;
  }

  double missProbability(Deviation deviation, int committed, int layers, ChallengePlan plan) {
    int positions = Math.min(plan.positions(), committed);
    return switch (deviation) {
      case EVERY_TOKEN -> 0;
      case TENTH_OF_TOKENS -> missInLast(committed, layers, positions, committed / 10, plan);
      case SINGLE_TOKEN -> missInLast(committed, layers, positions, 1, plan);
      case SINGLE_CELL -> missCell(committed, layers, positions, plan);
    };
  }

  /** Wrong rows of the last layer at positions that are placed where they are least looked for. */
  double missInLast(int committed, int layers, int positions, int bad, ChallengePlan plan) {
    int wrong = Math.max(1, bad);
    int evidence = Math.max(1, layers - 1);
    int last = lastCells(positions, Math.min(plan.layersPerPosition(), evidence));
    int late = lateLength(committed);
    int early = committed - late;
    int lateDrawn = lateDrawn(committed, positions);
    double worst = 0;
    for (int wrongLate = Math.max(0, wrong - early);
        wrongLate <= Math.min(wrong, late);
        wrongLate++) {
      double miss = 0;
      for (int j = Math.max(0, last - (positions - lateDrawn));
          j <= Math.min(last, lateDrawn);
          j++) {
        miss +=
            hypergeometric(positions, lateDrawn, last, j)
                * untouched(late, wrongLate, j)
                * untouched(early, wrong - wrongLate, last - j);
      }
      worst = Math.max(worst, miss);
    }
    return 1 - reaches(layers - 1) * (1 - worst);
  }

  /** One cell, in the layer and at the position that are least looked for. */
  private double missCell(int committed, int layers, int positions, ChallengePlan plan) {
    int evidence = Math.max(1, layers - 1);
    int late = lateLength(committed);
    int lateDrawn = lateDrawn(committed, positions);
    double drawn = (positions - lateDrawn) / (double) (committed - late);
    if (late > 0) {
      drawn = Math.min(drawn, lateDrawn / (double) late);
    }
    double least = 1;
    for (int layer = 1; layer <= Math.max(1, layers - 2); layer++) {
      least = Math.min(least, openedThere(layer, evidence, positions, plan));
    }
    return 1 - drawn * least;
  }

  /** Probability that a drawn position has an evidence layer, counted from 1, opened. */
  private double openedThere(int layer, int evidence, int positions, ChallengePlan plan) {
    double probability = 0;
    double all = 0;
    List<Depth> depths = law.isEmpty() ? List.of(new Depth(evidence, 1)) : law;
    for (Depth depth : depths) {
      int deepest = Math.min(depth.layer(), evidence);
      int perPosition = Math.min(plan.layersPerPosition(), deepest);
      int last = lastCells(positions, perPosition);
      int below = deepest - 1;
      double here = 0;
      if (layer == deepest) {
        here = below == 0 ? 1 : last / (double) positions;
      } else if (layer < deepest) {
        double dealt =
            last * (double) Math.min(perPosition - 1, below)
                + (positions - last) * (double) Math.min(perPosition, below);
        here = dealt / positions / below;
      }
      probability += depth.weight() * here;
      all += depth.weight();
    }
    return probability / all;
  }

  /** C(n − b, k) / C(n, k): none of b wrong ones among k drawn of n. */
  static double untouched(int n, int wrong, int drawn) {
    double probability = 1;
    for (int i = 0; i < drawn; i++) {
      probability *= Math.max(0, n - wrong - i) / (double) (n - i);
    }
    return probability;
  }

  /** C(k, j) · Π marked · Π unmarked over ordered draws: j marked ones among k drawn of n. */
  private static double hypergeometric(int n, int marked, int k, int j) {
    double probability = 1;
    for (int i = 0; i < j; i++) {
      probability *= (k - i) / (double) (i + 1) * (marked - i) / (n - i);
    }
    for (int i = 0; i < k - j; i++) {
      probability *= (n - marked - i) / (double) (n - j - i);
    }
    return probability;
  }

  /** Writes the three fields that plans and calibrations carry. */
  public void encode(CborWriter out) {
    out.unsigned(latePercent).unsigned(lastPercent).array(law.size());
    for (Depth depth : law) {
      out.array(2).unsigned(depth.layer()).unsigned(depth.weight());
    }
  }

  /** Reads the three fields. */
  public static CellRule decode(CborReader in) throws MalformedMessageException {
    int offset = in.offset();
    int late = (int) in.unsigned("plan.late-percent", 100);
    int last = (int) in.unsigned("plan.last-percent", 100);
    int count = in.array("plan.law", MAX_DEPTHS);
    List<Depth> law = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        in.arrayOf("plan.depth", 2);
        law.add(
            new Depth(
                (int) in.unsigned("plan.layer", 0xFFFF), (int) in.unsigned("plan.weight", 0xFFFF)));
      }
      return new CellRule(late, last, law);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("plan", offset, String.valueOf(e.getMessage()));
    }
  }
}
