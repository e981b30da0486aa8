package io.verillm.cache.sampling;

import io.verillm.core.challenge.Challenge;
import io.verillm.core.order.TokenIds;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import java.util.List;
import java.util.SortedMap;

/**
 * Commit, then challenge: the default. Cells follow from randomness that is later than the
 * acknowledged receipt, bound to order and receipt.
 *
 * @param challenge a challenge whose randomness was checked
 * @param value the checked value of its round
 */
public record ChallengeSampler(Challenge challenge, Digest32 value) implements CellSampler {
  @Override
  public Predictability predictability() {
    return Predictability.AFTER_COMMITMENT;
  }

  @Override
  public SortedMap<Integer, List<Integer>> draw(TokenIds fed, TraceLayout layout) {
    return challenge.draw(value, layout, fed.size());
  }
}
