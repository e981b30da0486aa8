package io.verillm.stats.cdv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.verillm.core.wire.SigningKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Check B4, with real proofs, and the widening of B.2(3). */
class SelectiveRoundTest {
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);
  private static final List<byte[]> ROOTS = List.of(new byte[] {1}, new byte[] {2});

  private static SelectiveRound round(String task) {
    return SelectiveRound.verified(
            KEY.verifyingKey(), SelectiveRound.prove(KEY, 7, task, ROOTS), 7, task, ROOTS, 16)
        .orElseThrow();
  }

  @Test
  void verified_onlyThisKeysProofForThisTask_isAccepted() {
    byte[] proof = SelectiveRound.prove(KEY, 7, "t", ROOTS);
    var key = KEY.verifyingKey();
    assertThat(SelectiveRound.verified(key, proof, 7, "t", ROOTS, 16)).isPresent();
    assertThat(SelectiveRound.verified(key, proof, 8, "t", ROOTS, 16)).isEmpty();
    assertThat(SelectiveRound.verified(key, proof, 7, "u", ROOTS, 16)).isEmpty();
    // made before the second output was committed: the proof does not fit the roots that count
    assertThat(SelectiveRound.verified(key, proof, 7, "t", ROOTS.subList(0, 1), 16)).isEmpty();
    byte[] seed = new byte[32];
    seed[0] = 1;
    var stranger = SigningKey.fromSeed(seed);
    assertThat(SelectiveRound.verified(stranger.verifyingKey(), proof, 7, "t", ROOTS, 16))
        .isEmpty();
    for (int at = 0; at < proof.length; at += 9) {
      byte[] forged = proof.clone();
      forged[at] ^= 4;
      assertThat(SelectiveRound.verified(key, forged, 7, "t", ROOTS, 16))
          .as("byte " + at)
          .isEmpty();
    }
    assertThat(SelectiveRound.verified(key, new byte[3], 7, "t", ROOTS, 16)).isEmpty();
  }

  @Test
  void run_noMismatch_checksTheFirstScopeOnly() {
    assertThat(round("t").run(4, shard -> true).checked()).hasSize(4).doesNotHaveDuplicates();
    assertThat(round("t").run(4, shard -> true)).isEqualTo(round("t").run(4, shard -> true));
  }

  @Test
  void run_mismatch_widensAlongTheSameOrder() {
    List<Integer> order = round("t").run(16, shard -> true).checked();
    assertThat(order).hasSize(16).doesNotHaveDuplicates();
    int first = order.get(1);
    var once = round("t").run(4, shard -> shard != first);
    assertThat(once.checked()).isEqualTo(order.subList(0, 8)); // widened once, then quiet
    assertThat(once.mismatches()).containsExactly(first);
    int second = order.get(6);
    var twice = round("t").run(4, shard -> shard != first && shard != second);
    assertThat(twice.checked()).isEqualTo(order);
    assertThat(twice.mismatches()).containsExactly(first, second);
    List<Integer> asked = new ArrayList<>();
    var all =
        round("t")
            .run(
                1,
                shard -> {
                  asked.add(shard);
                  return false;
                });
    assertThat(all.mismatches()).isEqualTo(order);
    assertThat(asked).isEqualTo(order);
    assertThatThrownBy(() -> round("t").run(17, shard -> true)).hasMessageContaining("drawn");
    assertThatThrownBy(() -> round("t").run(0, shard -> true)).hasMessageContaining("drawn");
  }

  /** One bad shard of 16, four drawn: missed in three of four tasks, as the table says. */
  @Test
  void run_oneBadShard_isMissedAsOftenAsTheFormulaSays() {
    int missed = 0;
    int tasks = 400;
    for (int i = 0; i < tasks; i++) {
      missed += round("task " + i).run(4, shard -> shard != 5).mismatches().isEmpty() ? 1 : 0;
    }
    double expected = SelectiveVerification.missProbability(16, 1, 4);
    double four = 4 * Math.sqrt(expected * (1 - expected) / tasks);
    assertThat(missed / (double) tasks).isBetween(expected - four, expected + four);
  }
}
