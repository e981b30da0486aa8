package io.verillm.stats.cdv;

import io.verillm.stats.internal.Require;
import java.util.Objects;

/**
 * One thing seen of one node; the unit that must be independent given the stratum.
 *
 * @param <T> what was seen
 * @param node identifier of the node, not empty
 * @param task identifier of the task, not empty
 * @param stratum what observations must share to be comparable, such as the prompt
 * @param modality kind of the payload
 * @param epoch number of the epoch, from 0
 * @param payload what was seen
 */
public record NodeObservation<T>(
    String node, String task, String stratum, Modality modality, long epoch, T payload) {
  /** Refuses empty names and negative epochs. */
  public NodeObservation {
    Require.that(!node.isEmpty(), "node is empty");
    Require.that(!task.isEmpty(), "task is empty");
    Objects.requireNonNull(stratum, "stratum");
    Objects.requireNonNull(modality, "modality");
    Require.that(epoch >= 0, "epoch is negative: " + epoch);
    Objects.requireNonNull(payload, "payload");
  }
}
