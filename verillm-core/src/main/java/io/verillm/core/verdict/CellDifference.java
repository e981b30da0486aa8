package io.verillm.core.verdict;

import io.verillm.core.trace.RowKey;
import java.util.Objects;

/**
 * How one opened row compares with its re-execution.
 *
 * @param key which row
 * @param position position of its token
 * @param unequal elements whose bits differ
 * @param elements elements compared
 */
public record CellDifference(RowKey key, int position, long unequal, long elements) {
  /** Refuses null. */
  public CellDifference {
    Objects.requireNonNull(key, "key");
  }
}
