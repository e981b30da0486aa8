package io.verillm.stats;

/** Which deviations from the null hypothesis count as evidence. */
public enum Alternative {
  /** The first sample differs in either direction. */
  TWO_SIDED,
  /** The named functional of the first sample lies above. */
  GREATER,
  /** The named functional of the first sample lies below. */
  LESS
}
