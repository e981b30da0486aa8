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
 * How many positions are opened and how many layers at each, and which ones a seed picks.
 *
 * <p>Positions are drawn without replacement. At each of them all rows of the last recorded layer
 * are opened, and the other layers are dealt from a shuffled deck, so that every layer is opened
 * about equally often. A plan covers what is drawn; {@link #missProbability} says what it would
 * miss.
 *
 * @param positions positions to open, at least 1; all of them if there are fewer
 * @param layersPerPosition layers to open at each, the last included; all if there are fewer
 */
public record ChallengePlan(int positions, int layersPerPosition) {
  /** Opens everything. */
  public static final ChallengePlan EVERYTHING =
      new ChallengePlan(Integer.MAX_VALUE, Integer.MAX_VALUE);

  /** Refuses plans that open nothing. */
  public ChallengePlan {
    if (positions < 1 || layersPerPosition < 1) {
      throw new IllegalArgumentException("a plan opens at least one position and one layer");
    }
  }

  /**
   * Draws the rows to open.
   *
   * @param committed number of positions that have rows, those from 0 to {@code committed − 1}
   * @return sorted row indices of the layout, by position
   */
  public SortedMap<Integer, List<Integer>> draw(Digest32 seed, TraceLayout layout, int committed) {
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

  private static List<Integer> rowsOf(TraceLayout layout, int layer) {
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
    int opened = Math.min(positions, committed);
    return switch (deviation) {
      case EVERY_TOKEN -> 0;
      case TENTH_OF_TOKENS -> miss(committed, Math.max(1, committed / 10), opened);
      case SINGLE_TOKEN -> miss(committed, 1, opened);
      case SINGLE_CELL -> {
        // With one layer there is no other than the last, which is always opened.
        double layerOpened =
            layers == 1 ? 1 : (Math.min(layersPerPosition, layers) - 1) / (double) (layers - 1);
        yield 1 - (1 - miss(committed, 1, opened)) * layerOpened;
      }
    };
  }

  private static double miss(int n, int bad, int opened) {
    double probability = 1;
    for (int i = 0; i < opened; i++) {
      probability *= Math.max(0, n - bad - i) / (double) (n - i);
    }
    return probability;
  }

  void encode(CborWriter out) {
    out.array(2).unsigned(positions).unsigned(layersPerPosition);
  }

  static ChallengePlan decode(CborReader in) throws MalformedMessageException {
    in.arrayOf("plan", 2);
    int offset = in.offset();
    long positions = in.unsigned("plan.positions", Integer.MAX_VALUE);
    long layers = in.unsigned("plan.layers", Integer.MAX_VALUE);
    if (positions == 0 || layers == 0) {
      throw new MalformedMessageException("plan", offset, "opens nothing");
    }
    return new ChallengePlan((int) positions, (int) layers);
  }

  /** Deals layers from a shuffled deck and shuffles anew when it runs out. */
  private static final class Deck {
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
