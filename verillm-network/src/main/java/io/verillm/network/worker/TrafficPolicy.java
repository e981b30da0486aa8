package io.verillm.network.worker;

/** How a scheduler makes verification items and gives them out. */
public enum TrafficPolicy {
  /**
   * Verification is phrased as what ordinary conversations contain: the conversation up to and
   * including the answer under audit, then the next thing that the user said, or would have said;
   * or the first turn of a conversation once more. The share of first turns is that of ordinary
   * traffic. Lengths to decode and settings are the conversation's, the time until release is drawn
   * like a user's pause, envelopes have size classes, and no worker sees a conversation twice,
   * whatever for.
   */
  SHIPPED,
  /**
   * Prompt and answer, one token to decode at temperature 0, sent out together at fixed times in
   * envelopes of their own length, to any worker but the prover, while conversations stay with one
   * worker.
   */
  NAIVE
}
