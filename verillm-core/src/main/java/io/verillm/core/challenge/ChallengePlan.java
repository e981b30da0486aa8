package io.verillm.core.challenge;

import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many positions are opened and how many layers at each, and which ones a seed picks. With a
 * {@link CellRule} the plan is one for KV-cache cells, and what follows holds as that rule says.
 *
 * <p>Positions are drawn without replacement. At each of them all rows of the last recorded layer
 * are opened, and the other layers are dealt from a shuffled deck, so that every layer is opened
 * about equally often. A plan covers what is drawn; {@link #missProbability} says what it would
 * miss.
 *
 * @param positions positions to open, at least 1; all of them if there are fewer
 * @param layersPerPosition layers to open at each, the last included; all if there are fewer
 * @param cells how cells are picked instead
 */
public record ChallengePlan(int positions, int layersPerPosition, Optional<CellRule> cells) {
  /** Opens everything. */
  public static final ChallengePlan EVERYTHING =
      new ChallengePlan(Integer.MAX_VALUE, Integer.MAX_VALUE);

  private static final double LARGEST_MISS = 0.5;

  /** Refuses plans that open nothing. */
  public ChallengePlan {
    Objects.requireNonNull(cells, "cells");
    if (positions < 1 || layersPerPosition < 1) {
      throw new IllegalArgumentException("a plan opens at least one position and one layer");
    }
  }

  /** A plan without a rule for cells. */
  public ChallengePlan(int positions, int layersPerPosition) {
    this(positions, layersPerPosition, Optional.empty());
  }

  /**
   * A plan for cells by the default rule: as many as asked for, and more where wrong rows in the
   * last layer of a tenth of the positions would be missed with a probability above one half, the
   * most that a policy allows by default.
   *
   * @param count cells, at least 1
   * @param committed positions that have rows, at least 1
   * @param layers recorded layers
   */
  public static ChallengePlan ofCells(int count, int committed, int layers) {
    return ofCells(count, committed, layers, CellRule.DEFAULT);
  }

  /**
   * The same by another rule. With a law of depths nothing is added: whoever draws the depth has
   * chosen what is missed.
   */
  public static ChallengePlan ofCells(int count, int committed, int layers, CellRule rule) {
    int wanted = count;
    while (true) {
      int positions = Math.min(wanted, committed);
      int perPosition = (wanted + positions - 1) / positions;
      ChallengePlan plan = new ChallengePlan(positions, perPosition, Optional.of(rule));
      if (!rule.law().isEmpty()
          || perPosition >= layers
          || plan.missInLastLayer(Math.max(1, committed / 10), committed, layers) <= LARGEST_MISS) {
        return plan;
      }
      wanted++;
    }
  }

  /** The same plan for another number of positions. */
  public ChallengePlan withPositions(int count) {
    return new ChallengePlan(count, layersPerPosition, cells);
  }

  /**
   * The probability that no opened cell lies at or above a layer: what a deviation that is confined
   * to the layers from there on escapes with.
   *
   * @param layer first layer that deviates
   */
  public double missSuffix(int layer) {
    return cells.isPresent() ? 1 - cells.get().reaches(layer) : 0;
  }

  /**
   * The probability that none of some wrong positions is opened in the last layer, placed where
   * they are looked for least.
   *
   * @param wrong number of positions, at least 1
   * @param committed positions that have rows
   * @param layers recorded layers
   */
  public double missInLastLayer(int wrong, int committed, int layers) {
    int opened = Math.min(positions, committed);
    return cells.isPresent()
        ? cells.get().missInLast(committed, layers, opened, wrong, this)
        : CellRule.untouched(committed, wrong, opened);
  }

  /** Mean share of the layers, the first included, that an audit by this plan reaches. */
  public double expectedDepth(int layers) {
    return cells.isPresent() ? cells.get().expectedDepth(layers) : 1;
  }

  /**
   * Draws the rows to open.
   *
   * @param committed number of positions that have rows, those from 0 to {@code committed − 1}
   * @return sorted row indices of the layout, by position
   */
  public SortedMap<Integer, List<Integer>> draw(Digest32 seed, TraceLayout layout, int committed) {
    if (cells.isPresent()) {
      return cells.get().draw(seed, layout, committed, this);
    }
    DrawStream stream = new DrawStream(seed);
    List<Integer> layers = layersOf(layout);
    int last = layers.get(layers.size() - 1);
    Deck deck = new Deck(layers.subList(0, layers.size() - 1), stream);
    int others = Math.min(layersPerPosition, layers.size()) - 1;
    SortedMap<Integer, List<Integer>> drawn = new TreeMap<>();
    for (int position : stream.sample(committed, Math.min(positions, committed))) {
      List<Integer> rows = new ArrayList<>(rowsOf(layout, last));
      for (int layer : deck.deal(others)) {
        rows.addAll(rowsOf(layout, layer));
      }
      rows.sort(null);
      drawn.put(position, List.copyOf(rows));
    }
    return drawn;
  }

  /** The layers that a layout records rows of, ascending. */
  public static List<Integer> layersOf(TraceLayout layout) {
    return layout.rows().stream().map(row -> row.key().layer()).distinct().sorted().toList();
  }

  static List<Integer> rowsOf(TraceLayout layout, int layer) {
    return layout.rows().stream()
        .filter(row -> row.key().layer() == layer)
        .map(TraceLayout.Row::index)
        .toList();
  }

  /**
   * The probability that no opened row shows a deviation.
   *
   * <p>Source: hypergeometric draw without replacement, C(n − b, k) / C(n, k) for b wrong positions
   * of n.
   *
   * @param committed positions that have rows and are not flagged as loaded
   * @param layers recorded layers
   * @return a probability in [0, 1]
   */
  public double missProbability(Deviation deviation, int committed, int layers) {
    if (committed < 1 || layers < 1) {
      return 1;
    }
    if (cells.isPresent()) {
      return cells.get().missProbability(deviation, committed, layers, this);
    }
    int opened = Math.min(positions, committed);
    return switch (deviation) {
      case EVERY_TOKEN -> 0;
      case TENTH_OF_TOKENS -> CellRule.untouched(committed, Math.max(1, committed / 10), opened);
      case SINGLE_TOKEN -> CellRule.untouched(committed, 1, opened);
      case SINGLE_CELL -> {
        // With one layer there is no other than the last, which is always opened.
        double layerOpened =
            layers == 1 ? 1 : (Math.min(layersPerPosition, layers) - 1) / (double) (layers - 1);
        yield 1 - (1 - CellRule.untouched(committed, 1, opened)) * layerOpened;
      }
    };
  }

  void encode(CborWriter out) {
    out.array(cells.isPresent() ? 5 : 2).unsigned(positions).unsigned(layersPerPosition);
    cells.ifPresent(rule -> rule.encode(out));
  }

  static ChallengePlan decode(CborReader in) throws MalformedMessageException {
    int offset = in.offset();
    int fields = in.array("plan", 5);
    if (fields != 2 && fields != 5) {
      throw new MalformedMessageException("plan", offset, "2 or 5 fields, found " + fields);
    }
    long positions = in.unsigned("plan.positions", Integer.MAX_VALUE);
    long layers = in.unsigned("plan.layers", Integer.MAX_VALUE);
    if (positions == 0 || layers == 0) {
      throw new MalformedMessageException("plan", offset, "opens nothing");
    }
    return new ChallengePlan(
        (int) positions,
        (int) layers,
        fields == 5 ? Optional.of(CellRule.decode(in)) : Optional.empty());
  }

  /** Deals layers from a shuffled deck and shuffles anew when it runs out. */
  static final class Deck {
    private final List<Integer> layers;
    private final DrawStream stream;
    private final List<Integer> left = new ArrayList<>();

    Deck(List<Integer> layers, DrawStream stream) {
      this.layers = layers;
      this.stream = stream;
    }

    List<Integer> deal(int count) {
      List<Integer> hand = new ArrayList<>();
      List<Integer> kept = new ArrayList<>();
      while (hand.size() < count) {
        if (left.isEmpty()) {
          for (int index : stream.sample(layers.size(), layers.size())) {
            left.add(layers.get(index));
          }
        }
        int card = left.remove(left.size() - 1);
        // A layer that is already in this hand goes back under the deck for the next position.
        (hand.contains(card) ? kept : hand).add(card);
      }
      left.addAll(0, kept);
      return hand;
    }
  }
}
