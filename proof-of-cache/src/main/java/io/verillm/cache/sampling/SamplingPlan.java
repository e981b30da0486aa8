package io.verillm.cache.sampling;

import io.verillm.core.challenge.CellRule;
import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.Deviation;
import io.verillm.core.trace.ChunkLeaf;
import io.verillm.core.trace.TraceLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many cells of a cache are drawn and by which rule, with what that costs and misses.
 *
 * <p>Everything here is a formula and is known before any work. Misses speak of cells that were not
 * drawn; that a drawn cell is recognised as wrong is the match's part. Immutable.
 */
public final class SamplingPlan {
  private final ChallengePlan plan;
  private final CellRule rule;

  private SamplingPlan(ChallengePlan plan, CellRule rule) {
    this.plan = plan;
    this.rule = rule;
  }

  /**
   * A plan by a rule.
   *
   * @param positions positions to draw; all of them if there are fewer
   * @param layersPerPosition layers at each
   */
  public static SamplingPlan of(int positions, int layersPerPosition, CellRule rule) {
    return new SamplingPlan(
        new ChallengePlan(positions, layersPerPosition, Optional.of(rule)), rule);
  }

  /** The plan of {@link ChallengePlan#ofCells}: enough cells for a policy's default. */
  public static SamplingPlan covering(int cells, int committed, int layers) {
    return new SamplingPlan(ChallengePlan.ofCells(cells, committed, layers), CellRule.DEFAULT);
  }

  /** One cell at each of some positions, by the default rule. */
  public static SamplingPlan ofCells(int cells) {
    return of(cells, 1, CellRule.DEFAULT);
  }

  /** The plan as a challenge carries it. */
  public ChallengePlan challengePlan() {
    return plan;
  }

  /** The rule. */
  public CellRule rule() {
    return rule;
  }

  /**
   * The probability that no drawn cell is a wrong one.
   *
   * @param committed positions that have rows
   * @param layers layers of the model, at least 2
   */
  public double missProbability(CacheDeviation deviation, int committed, int layers) {
    if (deviation instanceof CacheDeviation.EveryCell) {
      return 0;
    }
    if (deviation instanceof CacheDeviation.Suffix suffix) {
      return plan.missSuffix(suffix.layer());
    }
    if (deviation instanceof CacheDeviation.Positions some) {
      return plan.missInLastLayer(some.count(), committed, layers);
    }
    return plan.missProbability(Deviation.SINGLE_CELL, committed, layers);
  }

  /** Most cells that a draw has. */
  public long cells(int committed, int layers) {
    return (long) Math.min(plan.positions(), committed)
        * Math.min(plan.layersPerPosition(), layers - 1);
  }

  /**
   * What a challenge by this plan costs.
   *
   * @param layout rows of a token, the model's among them
   * @param committed positions that have rows
   */
  public Estimate estimate(TraceLayout layout, int committed) {
    int layers = ChallengePlan.layersOf(layout).size();
    long cells = cells(committed, layers);
    long positions = Math.min(plan.positions(), committed);
    int top = layout.dimensions().layers() - 1;
    long cellBytes = 0;
    long leaves = 0;
    long width = 0;
    for (TraceLayout.Row row : layout.rows()) {
      if (row.key().layer() == top) {
        cellBytes += row.rowBytes() + (long) row.chunks() * ChunkLeaf.SALT_BYTES + ROW_HEADER;
        leaves += row.chunks();
        width += row.width();
      }
    }
    long perPosition = (cells + positions - 1) / positions;
    long bytes =
        cells * cellBytes
            + positions
                * (ENTRY_BYTES
                    + NODE_BYTES * siblings(perPosition * leaves, layout.leavesPerToken()))
            + NODE_BYTES * siblings(positions + 1, committed + 2L)
            + ENTRY_BYTES;
    Map<CacheDeviation, Double> misses = new LinkedHashMap<>();
    List<CacheDeviation> named = new ArrayList<>(List.of(new CacheDeviation.EveryCell()));
    if (layers > 1) {
      named.add(new CacheDeviation.Suffix(layers - 1));
      named.add(new CacheDeviation.Positions(Math.max(1, committed / 10)));
      named.add(new CacheDeviation.Positions(1));
      named.add(new CacheDeviation.SingleCell());
    }
    named.forEach(each -> misses.put(each, missProbability(each, committed, layers)));
    return new Estimate(cells, bytes, cells * width, plan.expectedDepth(layers), misses);
  }

  /** CBOR heads of a row: array, index, two byte strings. */
  private static final int ROW_HEADER = 16;

  /** A log entry with its heads. */
  private static final int ENTRY_BYTES = 64;

  private static final int NODE_BYTES = 34;

  /**
   * Most nodes beside the paths of {@code chosen} leaves of a tree: below the level that has at
   * most as many nodes as there are paths, one for each path and level.
   */
  private static long siblings(long chosen, long leaves) {
    int depth = 64 - Long.numberOfLeadingZeros(Math.max(0, leaves - 1));
    int shared = 63 - Long.numberOfLeadingZeros(Math.max(1, Math.min(chosen, leaves)));
    return Math.min(chosen, leaves) * Math.max(0, depth - shared);
  }

  /**
   * What a plan costs and misses.
   *
   * @param cells most cells of a draw
   * @param openingBytes most bytes of the opening's trace part
   * @param matchOperations multiply-adds of the match
   * @param prefillShare expected share of a prefill's layers that an audit of the cache alone runs;
   *     the token check needs all of them
   * @param missProbability by named deviation
   */
  public record Estimate(
      long cells,
      long openingBytes,
      long matchOperations,
      double prefillShare,
      Map<CacheDeviation, Double> missProbability) {
    /** Copies the map. */
    public Estimate {
      missProbability = Map.copyOf(missProbability);
    }
  }
}
