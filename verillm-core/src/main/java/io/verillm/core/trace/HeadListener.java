package io.verillm.core.trace;

import io.verillm.core.tree.ConsistencyProof;

/** Hears of the state of a growing trace, for whoever signs and sends it on. */
@FunctionalInterface
public interface HeadListener {
  /**
   * Takes the next head.
   *
   * @param head state of the log after some position
   * @param sincePrevious shows that the log only grew since the head before it, or since leaf 0
   *     alone if there was none
   */
  void head(TraceHead head, ConsistencyProof sincePrevious);
}
