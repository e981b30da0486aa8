package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Ecvrf;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Selective random verification of one task: shards drawn by a verifiable random function after all
 * outputs were committed, and a wider scope after every mismatch.
 *
 * <p>The function's input binds epoch, task and committed roots, so the draw is unknown before the
 * commitment and nobody but the key's holder can make it; everybody can check it. The order of all
 * shards follows from it: a wider scope extends the first one and is no second throw of the dice.
 * What was not checked was not seen: {@link SelectiveVerification} gives the miss probabilities.
 */
@CheckReturnValue
public final class SelectiveRound {
  /**
   * What was checked.
   *
   * @param checked shards in the order in which they were checked
   * @param mismatches those that did not match
   */
  public record Outcome(List<Integer> checked, List<Integer> mismatches) {
    /** Copies the lists. */
    public Outcome {
      checked = List.copyOf(checked);
      mismatches = List.copyOf(mismatches);
    }
  }

  private final List<Integer> order;

  private SelectiveRound(List<Integer> order) {
    this.order = order;
  }

  /** Makes the proof of the draw; the key's holder is neither prover nor client. */
  public static byte[] prove(
      SigningKey key, long epoch, String taskId, List<byte[]> committedRoots) {
    return Ecvrf.prove(key, SubsetDraw.binding(epoch, taskId, committedRoots));
  }

  /**
   * Returns the round, or empty if {@code proof} is not this key's proof for this task.
   *
   * @param committedRoots roots of the outputs, published before the proof, at least one
   * @param shards number of shards, at least 1
   */
  public static Optional<SelectiveRound> verified(
      VerifyingKey key,
      byte[] proof,
      long epoch,
      String taskId,
      List<byte[]> committedRoots,
      int shards) {
    Require.atLeast(shards, 1, "shards");
    return Ecvrf.verify(key, SubsetDraw.binding(epoch, taskId, committedRoots), proof)
        .map(
            output ->
                new SelectiveRound(
                    SubsetDraw.draw(output, epoch, taskId, committedRoots, shards, shards)));
  }

  /**
   * Checks the first {@code drawn} shards; as long as the newest scope held a mismatch the scope is
   * doubled, up to all shards.
   *
   * @param drawn size of the first scope, in [1, shards]
   * @param matches whether the output of a shard matches its recomputation
   */
  public Outcome run(int drawn, IntPredicate matches) {
    Require.that(drawn >= 1 && drawn <= order.size(), "drawn must lie in [1, shards]: " + drawn);
    List<Integer> checked = new ArrayList<>();
    List<Integer> mismatches = new ArrayList<>();
    int scope = drawn;
    boolean widen = true;
    while (widen) {
      int before = mismatches.size();
      for (int shard : order.subList(checked.size(), scope)) {
        checked.add(shard);
        if (!matches.test(shard)) {
          mismatches.add(shard);
        }
      }
      widen = mismatches.size() > before && scope < order.size();
      scope = SelectiveVerification.widened(scope, order.size());
    }
    return new Outcome(checked, mismatches);
  }
}
