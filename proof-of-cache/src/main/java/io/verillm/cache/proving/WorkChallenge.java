package io.verillm.cache.proving;

import io.verillm.core.challenge.DrawStream;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cells without ids among decoys, with what the client knows of them. Only {@link #items} goes to
 * the verifier. Immutable.
 *
 * <p>An answer without an error shows that somebody ran the model on these tokens, or was told the
 * ids; it does not show that the answer's tokens were drawn as ordered.
 */
public final class WorkChallenge {
  private final List<UnnamedCell> items;
  private final List<Optional<CellId>> ids;

  private WorkChallenge(List<UnnamedCell> items, List<Optional<CellId>> ids) {
    this.items = List.copyOf(items);
    this.ids = List.copyOf(ids);
  }

  /** Starts a challenge. */
  public static Builder builder() {
    return new Builder();
  }

  /** What the verifier gets, in random order. */
  public List<UnnamedCell> items() {
    return items;
  }

  /** Number of real cells. */
  public int realCells() {
    return (int) ids.stream().filter(Optional::isPresent).count();
  }

  /**
   * What came of an answer.
   *
   * @param found real cells with the right id
   * @param wrong real cells with another id or none
   * @param fooled decoys that were given an id
   */
  public record Assessment(int found, int wrong, int fooled) {
    /** Whether every cell and every decoy was recognised. */
    public boolean isPerfect() {
      return wrong == 0 && fooled == 0;
    }
  }

  /**
   * Compares an answer with what the client knows.
   *
   * @param answer one id or nothing per item, in the order of {@link #items}
   * @throws IllegalArgumentException if there are more or fewer
   */
  public Assessment assess(List<Optional<CellId>> answer) {
    if (answer.size() != ids.size()) {
      throw new IllegalArgumentException(answer.size() + " answers to " + ids.size() + " items");
    }
    int found = 0;
    int wrong = 0;
    int fooled = 0;
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i).isEmpty()) {
        fooled += answer.get(i).isPresent() ? 1 : 0;
      } else if (ids.get(i).equals(answer.get(i))) {
        found++;
      } else {
        wrong++;
      }
    }
    return new Assessment(found, wrong, fooled);
  }

  /**
   * The probability, as a power of two, that somebody who knows nothing gives a perfect answer:
   * which of the M items are real, and their ids among N cells, 1 / (C(M, s) · N! / (N − s)!).
   *
   * @param candidateCells positions times layers above 0
   */
  public double guessLog2(long candidateCells) {
    int s = realCells();
    return -(log2Choose(items.size(), s) + log2Falling(candidateCells, s));
  }

  /**
   * As {@link #guessLog2}, for somebody who can tell the layer of a row from its size: only the
   * positions inside each layer are guessed. It is the larger, safer figure.
   */
  public double guessLog2KnowingLayers(int positions) {
    double bits = log2Choose(items.size(), realCells());
    List<Integer> layers =
        ids.stream().flatMap(Optional::stream).map(CellId::layer).distinct().toList();
    for (int layer : layers) {
      int here =
          (int) ids.stream().flatMap(Optional::stream).filter(id -> id.layer() == layer).count();
      bits += log2Falling(positions, here);
    }
    return -bits;
  }

  private static double log2Falling(long n, int k) {
    double bits = 0;
    for (int i = 0; i < k; i++) {
      bits += Math.log((double) (n - i)) / Math.log(2);
    }
    return bits;
  }

  private static double log2Choose(int n, int k) {
    double bits = 0;
    for (int i = 0; i < k; i++) {
      bits += Math.log((n - i) / (double) (i + 1)) / Math.log(2);
    }
    return bits;
  }

  /** Collects cells and decoys. Not thread-safe. */
  public static final class Builder {
    private final List<UnnamedCell> items = new ArrayList<>();
    private final List<Optional<CellId>> ids = new ArrayList<>();
    private final Set<CellId> seen = new HashSet<>();

    private Builder() {}

    /**
     * Adds an opened cell.
     *
     * @throws IllegalArgumentException if it was added before
     */
    public Builder real(CellId id, UnnamedCell cell) {
      if (!seen.add(id)) {
        throw new IllegalArgumentException(id + " is in the challenge already");
      }
      items.add(cell);
      ids.add(Optional.of(id));
      return this;
    }

    /** Adds a decoy. */
    public Builder decoy(UnnamedCell cell) {
      items.add(cell);
      ids.add(Optional.empty());
      return this;
    }

    /**
     * Shuffles and builds.
     *
     * @param seed unknown to the verifier
     * @throws IllegalStateException without a real cell
     */
    public WorkChallenge build(Digest32 seed) {
      if (seen.isEmpty()) {
        throw new IllegalStateException("a challenge needs a real cell");
      }
      List<UnnamedCell> shuffled = new ArrayList<>();
      List<Optional<CellId>> shuffledIds = new ArrayList<>();
      for (int index : new DrawStream(seed).sample(items.size(), items.size())) {
        shuffled.add(items.get(index));
        shuffledIds.add(ids.get(index));
      }
      return new WorkChallenge(shuffled, shuffledIds);
    }
  }
}
