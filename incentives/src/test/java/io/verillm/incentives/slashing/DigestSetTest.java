package io.verillm.incentives.slashing;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.Digest32;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DigestSetTest {
  /** Digests that share long beginnings, so that paths are long and branch everywhere. */
  private static Digest32 digest(Random random) {
    byte[] bytes = new byte[Digest32.LENGTH];
    int from = random.nextInt(Digest32.LENGTH + 1);
    for (int i = from; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextInt(3);
    }
    return Digest32.copyOf(bytes);
  }

  @Test
  void plus_manyDigests_isTheSetOfTheLibrary() {
    Random random = new Random(20260105);
    DigestSet set = DigestSet.EMPTY;
    Set<Digest32> expected = new TreeSet<>();
    for (int i = 0; i < 3000; i++) {
      Digest32 digest = digest(random);
      assertThat(set.contains(digest)).isEqualTo(expected.contains(digest));
      DigestSet larger = set.plus(digest);
      if (!expected.add(digest)) {
        assertThat(larger).isSameAs(set);
      }
      set = larger;
      assertThat(set.contains(digest)).isTrue();
      assertThat(set.size()).isEqualTo(expected.size());
    }
    assertThat(set.toSet()).containsExactlyElementsOf(expected);
    assertThat(DigestSet.of(expected).toSet()).containsExactlyElementsOf(expected);
  }

  @Test
  void plus_leavesEverySetBeforeItAsItWas() {
    Random random = new Random(1);
    DigestSet before = DigestSet.of(Set.of(digest(random), digest(random), digest(random)));
    Set<Digest32> content = new HashSet<>(before.toSet());
    DigestSet one = before;
    DigestSet other = before;
    for (int i = 0; i < 200; i++) {
      one = one.plus(Digest32.sha256(new byte[] {1, (byte) i}));
      other = other.plus(Digest32.sha256(new byte[] {2, (byte) i}));
    }
    assertThat(before.toSet()).isEqualTo(content);
    for (int i = 0; i < 200; i++) {
      assertThat(one.contains(Digest32.sha256(new byte[] {2, (byte) i}))).isFalse();
      assertThat(other.contains(Digest32.sha256(new byte[] {1, (byte) i}))).isFalse();
    }
    assertThat(one.size()).isEqualTo(other.size()).isEqualTo(content.size() + 200);
  }

  @Test
  void contains_emptySetAndLastBitOther_isFalse() {
    byte[] bytes = new byte[Digest32.LENGTH];
    Digest32 zero = Digest32.copyOf(bytes);
    bytes[31] = 1;
    Digest32 one = Digest32.copyOf(bytes);
    assertThat(DigestSet.EMPTY.isEmpty()).isTrue();
    assertThat(DigestSet.EMPTY.contains(zero)).isFalse();
    DigestSet set = DigestSet.EMPTY.plus(zero);
    assertThat(set.contains(one)).isFalse();
    assertThat(set.plus(one).toSet()).containsExactly(zero, one); // 63 half-bytes in common
  }
}
