package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.Map;

/**
 * The vote of one consensus round: a simple majority of all stake demotes, two thirds make a node
 * eligible for slashing. Stake that does not vote counts against the motion.
 *
 * <p>A vote among nodes is only as good as their majority; it is no evidence by itself.
 */
@CheckReturnValue
public final class WeightedVote {
  /** What a round decides. */
  public enum Decision {
    /** Nothing. */
    KEEP,
    /** More than half of all stake: fewer orders. */
    DEMOTE,
    /** At least two thirds of all stake: a fresh re-execution may now lead to slashing. */
    ELIGIBLE_FOR_SLASHING
  }

  private WeightedVote() {}

  /**
   * Returns the decision.
   *
   * @param stake positive stake of every entitled voter
   * @param votes true: the node deviates; votes of strangers are refused
   */
  public static Decision decide(Map<String, Long> stake, Map<String, Boolean> votes) {
    long all = 0;
    long against = 0;
    for (Map.Entry<String, Long> entry : stake.entrySet()) {
      Require.that(entry.getValue() > 0, "stake of " + entry.getKey() + " is not positive");
      all = Math.addExact(all, entry.getValue());
      if (votes.getOrDefault(entry.getKey(), false)) {
        against += entry.getValue();
      }
    }
    for (String voter : votes.keySet()) {
      Require.that(stake.containsKey(voter), "vote of " + voter + ", who has no stake");
    }
    Require.that(all > 0, "stake is empty");
    if (against / 2 >= all - against) { // 2/3 of all: against >= 2·(rest)
      return Decision.ELIGIBLE_FOR_SLASHING;
    }
    return against > all - against ? Decision.DEMOTE : Decision.KEEP;
  }
}
