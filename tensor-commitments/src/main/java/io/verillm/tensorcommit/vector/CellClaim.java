package io.verillm.tensorcommit.vector;

import io.verillm.tensorcommit.curve.Fr;
import java.util.Objects;

/**
 * The claim that one cell of one of several vectors has a value.
 *
 * @param vector which of the commitments, from 0
 * @param cell which cell, from 0
 */
public record CellClaim(int vector, int cell, Fr value) {
  /** Refuses null. */
  public CellClaim {
    Objects.requireNonNull(value, "value");
  }
}
