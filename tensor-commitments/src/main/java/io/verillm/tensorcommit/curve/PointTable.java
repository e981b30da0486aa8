package io.verillm.tensorcommit.curve;

/** Points of the first group in a backend's own form. Immutable and thread-safe. */
public interface PointTable {
  /** Number of points. */
  int size();

  /** One of them. */
  G1Point get(int index);
}
