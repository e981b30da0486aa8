package io.verillm.network.committee;

import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Micros;
import java.util.Objects;

/**
 * A node that may be drawn.
 *
 * @param key the node's key
 * @param owner who owns it; one owner never has two seats of a committee
 * @param stake its weight, above zero and at most 2^50 micro-units
 */
public record Staker(VerifyingKey key, String owner, Micros stake) {
  /** Largest stake in micro-units; 2^12 of them still fit a sum. */
  public static final long MOST = 1L << 50;

  /** Longest owner name in characters. */
  public static final int MAX_OWNER = 200;

  /** Checks stake and name. */
  public Staker {
    Objects.requireNonNull(key, "key");
    if (owner.isEmpty() || owner.length() > MAX_OWNER) {
      throw new IllegalArgumentException("an owner's name has 1 to " + MAX_OWNER + " characters");
    }
    if (!stake.isPositive() || stake.value() > MOST) {
      throw new IllegalArgumentException("a stake of " + stake);
    }
  }
}
