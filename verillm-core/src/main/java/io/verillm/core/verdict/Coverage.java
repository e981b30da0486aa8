package io.verillm.core.verdict;

import io.verillm.core.challenge.Deviation;
import java.util.EnumMap;
import java.util.Map;

/**
 * What was looked at, and what would have been missed.
 *
 * @param outputTokens output tokens of the answer
 * @param tokensReplayed output tokens whose choice was replayed
 * @param positions positions that have committed rows
 * @param positionsOpened positions whose rows were opened and compared; of sketched ones the spots
 * @param positionsLoaded positions that the prover says it loaded and did not compute
 * @param layers recorded layers
 * @param cellsOpened opened rows
 * @param missProbability probability that no opened row shows the named deviation
 */
public record Coverage(
    int outputTokens,
    int tokensReplayed,
    int positions,
    int positionsOpened,
    int positionsLoaded,
    int layers,
    int cellsOpened,
    Map<Deviation, Double> missProbability) {
  /** Nothing was looked at. */
  public static final Coverage NONE = new Coverage(0, 0, 0, 0, 0, 0, 0, Map.of());

  /** Copies the map. */
  public Coverage {
    missProbability =
        missProbability.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(missProbability));
  }

  /** The same coverage with a number of replayed tokens. */
  Coverage withTokensReplayed(int count) {
    return new Coverage(
        outputTokens,
        count,
        positions,
        positionsOpened,
        positionsLoaded,
        layers,
        cellsOpened,
        missProbability);
  }

  @Override
  public String toString() {
    return tokensReplayed
        + "/"
        + outputTokens
        + " output tokens replayed, "
        + positionsOpened
        + "/"
        + positions
        + " positions opened over "
        + layers
        + " layers ("
        + cellsOpened
        + " rows)";
  }
}
