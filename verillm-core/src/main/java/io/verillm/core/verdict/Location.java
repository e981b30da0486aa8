package io.verillm.core.verdict;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a difference was seen first.
 *
 * @param layer block index from 0; empty for differences that are not of one layer
 * @param position position of the token concerned, counted from 0 over prompt and output
 */
public record Location(OptionalInt layer, int position) {
  /** A place in the residual stream or the cache. */
  public static Optional<Location> ofRow(int layer, int position) {
    return Optional.of(new Location(OptionalInt.of(layer), position));
  }

  /** A token. */
  public static Optional<Location> ofToken(int position) {
    return Optional.of(new Location(OptionalInt.empty(), position));
  }

  @Override
  public String toString() {
    return (layer.isPresent() ? "layer " + layer.getAsInt() + ", " : "") + "token " + position;
  }
}
