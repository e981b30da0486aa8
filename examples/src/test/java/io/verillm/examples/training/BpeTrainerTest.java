package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.examples.training.BpeTrainer.Merge;
import java.util.List;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {

  @Test
  void train_wordsOfThePaper_givesItsFirstMergesByCount() {
    // Words and counts of Sennrich et al., section 3.2: low 5, lowest 2, newer 6, wider 3.
    String text =
        "low\n".repeat(5) + "lowest\n".repeat(2) + "newer\n".repeat(6) + "wider\n".repeat(3);
    // By hand: e r 9 times; then l o and o w 7 each, and l was there first; then lo w 7.
    assertThat(BpeTrainer.train(List.of(text), 3))
        .containsExactly(new Merge("e", "r"), new Merge("l", "o"), new Merge("lo", "w"));
  }

  @Test
  void train_tiedPairs_earlierSymbolFirst() {
    // "b c" and "a d" once each: a is the smaller byte.
    assertThat(BpeTrainer.train(List.of("bc", "ad"), 2))
        .containsExactly(new Merge("a", "d"), new Merge("b", "c"));
  }

  @Test
  void train_overlappingPair_mergedFromTheLeft() {
    // aaa becomes (aa)a; the second merge joins what is left.
    assertThat(BpeTrainer.train(List.of("aaa"), 5))
        .containsExactly(new Merge("a", "a"), new Merge("aa", "a"));
  }

  @Test
  void train_spacesAndOtherBytes_useTheByteAlphabet() {
    assertThat(BpeTrainer.train(List.of(" a a", "é"), 2))
        .containsExactly(new Merge("Ġ", "a"), new Merge("Ã", "©"));
  }

  @Test
  void train_pairsNeverReachAcrossWords() {
    assertThat(BpeTrainer.train(List.of("a.\na.\n"), 5)).isEmpty();
  }
}
