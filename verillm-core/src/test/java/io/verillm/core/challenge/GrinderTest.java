package io.verillm.core.challenge;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.receipt.ReceiptAck;
import io.verillm.core.receipt.SeedProof;
import io.verillm.core.spi.ModelDimensions;
import io.verillm.core.tensor.DType;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.trace.TraceProfile;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A prover whose trace is wrong at half of its positions, who can make as many receipts as it likes
 * (other salts, other sequence numbers) and wants one whose challenge misses them all.
 */
class GrinderTest {
  private static final TraceLayout LAYOUT =
      TraceLayout.of(TraceProfile.standard(DType.F32), new ModelDimensions(3, 8, 4, 4, 100, 1000));
  private static final int POSITIONS = 20;
  private static final ChallengePlan PLAN = new ChallengePlan(5, 3);
  private static final SigningKey BEACON = key(9);
  private static final VrfRandomness SOURCE = new VrfRandomness(BEACON.verifyingKey());
  private static final int TRIES = 2000;
  private static final int GAMES = 60;

  private static SigningKey key(int fill) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) fill);
    return SigningKey.fromSeed(seed);
  }

  private static Digest32 number(int game, int variant) {
    return Digest32.sha256(ByteBuffer.allocate(8).putInt(game).putInt(variant).array());
  }

  /** Whether every drawn position is one of the right half. */
  private static boolean escapes(Digest32 order, Digest32 receipt, long round) {
    RandomnessValue value = VrfRandomness.evaluate(BEACON, round);
    Challenge challenge = new Challenge(order, receipt, Optional.empty(), value, PLAN);
    Set<Integer> drawn =
        challenge.draw(SOURCE.check(value).orElseThrow(), LAYOUT, POSITIONS).keySet();
    return drawn.stream().allMatch(position -> position < POSITIONS / 2);
  }

  @Test
  void grinder_withoutTheAckRule_wins() {
    // The round is known first; the prover then looks for a receipt that suits it.
    RandomnessValue value = VrfRandomness.evaluate(BEACON, 7);
    Digest32 known = SOURCE.check(value).orElseThrow();
    int wins = 0;
    for (int game = 0; game < GAMES; game++) {
      Digest32 order = number(game, -1);
      for (int variant = 0; variant < TRIES; variant++) {
        Challenge challenge =
            new Challenge(order, number(game, variant), Optional.empty(), value, PLAN);
        Set<Integer> drawn = challenge.draw(known, LAYOUT, POSITIONS).keySet();
        if (drawn.stream().allMatch(position -> position < POSITIONS / 2)) {
          wins++;
          break;
        }
      }
    }
    assertThat(wins).isEqualTo(GAMES);
  }

  @Test
  void grinder_withTheAckRule_winsNoMoreThanChance() {
    // Whatever it tries, one receipt is acknowledged at round r before round r + 2 is drawn. The
    // newest round it knows is r; the best it can do is to choose by that one.
    int wins = 0;
    for (int game = 0; game < GAMES; game++) {
      Digest32 order = number(game, -1);
      long seen = 100L + 3L * game;
      Digest32 chosen = number(game, 0);
      RandomnessValue newest = VrfRandomness.evaluate(BEACON, seen);
      Digest32 known = SOURCE.check(newest).orElseThrow();
      for (int variant = 0; variant < TRIES; variant++) {
        Challenge guess =
            new Challenge(order, number(game, variant), Optional.empty(), newest, PLAN);
        if (guess.draw(known, LAYOUT, POSITIONS).keySet().stream()
            .allMatch(position -> position < POSITIONS / 2)) {
          chosen = number(game, variant);
          break;
        }
      }
      ReceiptAck ack = new ReceiptAck(chosen, SOURCE.id(), seen);
      wins += escapes(order, ack.receipt(), ack.challengeRound()) ? 1 : 0;
    }
    // C(10, 5)/C(20, 5) = 0.01625; of 60 games 8 or more has probability below 1e-5.
    assertThat(wins).isLessThan(8);
  }

  @Test
  void seed_ofOneOrderAndKey_isOneSeed() {
    // Neither repetition nor a second signature gives another seed; only another order or key does.
    Digest32 order = number(1, 1);
    SigningKey prover = key(3);
    var first = SeedProof.prove(prover, order);
    for (int i = 0; i < 20; i++) {
      assertThat(SeedProof.prove(prover, order)).isEqualTo(first);
    }
    assertThat(first.seed(prover.verifyingKey(), number(1, 2))).isEmpty();
    assertThat(first.seed(key(4).verifyingKey(), order)).isEmpty();
    byte[] bytes = first.toByteArray();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 1;
      assertThat(SeedProof.copyOf(bytes).seed(prover.verifyingKey(), order))
          .as("byte %d", i)
          .isEmpty();
      bytes[i] ^= 1;
    }
  }
}
