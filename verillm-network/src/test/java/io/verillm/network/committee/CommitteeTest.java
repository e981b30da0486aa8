package io.verillm.network.committee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SigningKey;
import io.verillm.incentives.money.Micros;
import io.verillm.network.message.BeaconSchedule;
import io.verillm.network.message.JobDeadlines;
import io.verillm.network.message.JobMoney;
import io.verillm.network.message.JobTerms;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommitteeTest {
  private static SigningKey key(int number) {
    return SigningKey.fromSeed(ByteBuffer.allocate(32).putInt(number).array());
  }

  private static Digest32 seed(int number) {
    return Digest32.sha256(ByteBuffer.allocate(4).putInt(number).array());
  }

  /** Owners 0 to 4 with stakes 1 to 5; owner 4's stake is split over two nodes. */
  private static List<Staker> stakers() {
    List<Staker> stakers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      stakers.add(new Staker(key(i).verifyingKey(), "owner-" + i, Micros.of(i + 1)));
    }
    stakers.add(new Staker(key(4).verifyingKey(), "owner-4", Micros.of(2)));
    stakers.add(new Staker(key(5).verifyingKey(), "owner-4", Micros.of(3)));
    return stakers;
  }

  @Test
  void draw_firstSeat_isProportionalToStake() {
    StakeTable table = StakeTable.of(stakers());
    Map<String, Integer> counts = new HashMap<>();
    int draws = 15_000;
    for (int i = 0; i < draws; i++) {
      counts.merge(table.draw(seed(i), 1, Set.of()).get(0).owner(), 1, Integer::sum);
    }
    // Chi-square with 4 degrees of freedom: 23.51 is exceeded with probability 1e-4. Seeds are
    // fixed.
    double chi = 0;
    for (int i = 0; i < 5; i++) {
      double expected = draws * (i + 1) / 15.0;
      double difference = counts.getOrDefault("owner-" + i, 0) - expected;
      chi += difference * difference / expected;
    }
    assertThat(chi).isLessThan(23.51);
  }

  @Test
  void draw_secondSeat_isProportionalAmongTheOthers() {
    StakeTable table = StakeTable.of(stakers());
    // P(second is owner 0) = sum over firsts f of s_f/15 · 1/(15 − s_f) for f = 1 to 4.
    double expected = 0;
    for (int stake = 2; stake <= 5; stake++) {
      expected += stake / 15.0 / (15 - stake);
    }
    int draws = 15_000;
    int hits = 0;
    for (int i = 0; i < draws; i++) {
      hits += table.draw(seed(i), 2, Set.of()).get(1).owner().equals("owner-0") ? 1 : 0;
    }
    double deviation = Math.sqrt(expected * (1 - expected) / draws);
    assertThat(hits / (double) draws).isCloseTo(expected, within(3.9 * deviation)); // 1e-4
  }

  @Test
  void draw_wholeTable_hasEveryOwnerOnceAndNoExcludedOne() {
    StakeTable table = StakeTable.of(stakers());
    for (int i = 0; i < 200; i++) {
      assertThat(table.draw(seed(i), 5, Set.of()).stream().map(Seat::owner))
          .containsExactlyInAnyOrder("owner-0", "owner-1", "owner-2", "owner-3", "owner-4");
      assertThat(table.draw(seed(i), 3, Set.of("owner-1", "owner-4", "nobody")))
          .extracting(Seat::owner)
          .containsExactlyInAnyOrder("owner-0", "owner-2", "owner-3");
    }
  }

  @Test
  void draw_moreSeatsThanOwners_isRefused() {
    StakeTable table = StakeTable.of(stakers());
    assertThatThrownBy(() -> table.draw(seed(1), 5, Set.of("owner-1")).size())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only 4 owners");
  }

  @Test
  void assign_otherRandomnessRequestOrTable_isDrawnAnew() {
    StakeTable table =
        StakeTable.of(
            java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> new Staker(key(i).verifyingKey(), "owner-" + i, Micros.of(10)))
                .toList());
    Digest32 a = Digest32.sha256(new byte[] {1});
    Digest32 b = Digest32.sha256(new byte[] {2});
    assertThat(table.assign(a, b, Set.of())).isEqualTo(table.assign(a, b, Set.of()));
    int others = 0;
    for (int i = 0; i < 50; i++) {
      Digest32 c = Digest32.sha256(new byte[] {3, (byte) i});
      others += table.assign(a, c, Set.of()).equals(table.assign(a, b, Set.of())) ? 0 : 1;
      others += table.assign(c, b, Set.of()).equals(table.assign(a, b, Set.of())) ? 0 : 1;
      assertThat(table.assign(c, b, Set.of("owner-3")).owner()).isNotEqualTo("owner-3");
    }
    // One of fifty is drawn again each time: about two of the hundred, never twenty.
    assertThat(others).isGreaterThan(80);
  }

  @Test
  void of_anyOrder_givesTheSameDigestAndDraws() {
    List<Staker> shuffled = stakers();
    Collections.shuffle(shuffled, new Random(1));
    StakeTable one = StakeTable.of(stakers());
    StakeTable other = StakeTable.of(shuffled);
    assertThat(other.digest()).isEqualTo(one.digest());
    assertThat(other.draw(seed(3), 3, Set.of())).isEqualTo(one.draw(seed(3), 3, Set.of()));
  }

  @Test
  void of_keyTwice_isRefused() {
    List<Staker> twice = stakers();
    twice.add(new Staker(key(0).verifyingKey(), "another", Micros.of(1)));
    assertThatThrownBy(() -> StakeTable.of(twice)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test // property 23 of the notes, whose numbers were computed independently
  void sizes_ofLemmaE2_areTheKnownOnes() {
    CommitteeSizes sizes = CommitteeSizes.of(0.8, 0.01, 1e-6);
    assertThat(sizes.lemmaSize()).isEqualTo(OptionalInt.of(83));
    assertThat(sizes.binomialFailure(83)).isCloseTo(1.79e-9, within(0.005e-9));
    assertThat(sizes.exactSize()).isEqualTo(OptionalInt.of(55));
    assertThat(CommitteeSizes.of(0.9, 0.019, 1e-3).lemmaSize()).isEqualTo(OptionalInt.of(25));
    assertThat(CommitteeSizes.of(0.5, 0, 0.01).lemmaSize()).isEmpty();
  }

  private static JobTerms terms(int second, long pay, long fee, long bond) {
    Digest32 any = Digest32.sha256();
    return new JobTerms(
        any,
        new BeaconSchedule(any, 0, 3_000),
        new ChallengePlan(16, 2),
        3,
        second,
        JobDeadlines.each(1_000),
        new JobMoney(Micros.of(pay), Micros.of(fee), Micros.of(bond)),
        any,
        List.of(),
        List.of(key(1).verifyingKey()));
  }

  private static JobTermsCheck population(double honest) {
    return new JobTermsCheck(honest, 0.01, 1e-3, 500, 100_000, 0.5, 10_000);
  }

  @Test
  void require_soundTerms_areTaken() {
    population(0.9).require(terms(25, 1_000_000, 1_000, 30_000));
  }

  @Test
  void require_eachUnsoundTerm_isRefusedInWords() {
    assertThatThrownBy(() -> population(0.5).require(terms(25, 1_000_000, 1_000, 30_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("honest share");
    assertThatThrownBy(() -> population(0.8).require(terms(5, 1_000_000, 1_000, 30_000)))
        .hasMessageContaining("second committee's exact failure");
    assertThatThrownBy(() -> population(0.9).require(terms(25, 1_000_000, 400, 30_000)))
        .hasMessageContaining("cost of verifying");
    assertThatThrownBy(() -> population(0.9).require(terms(25, 1_000_000, 1_000, 20_000)))
        .hasMessageContaining("the bond exceeds");
    assertThatThrownBy(() -> population(0.9).require(terms(25, 10_000, 1_000, 30_000)))
        .hasMessageContaining("what cheating costs");
  }
}
