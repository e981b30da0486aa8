package io.verillm.examples.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the merges of a byte-level byte-pair encoding.
 *
 * <p>Text is cut into words by the GPT-2 pattern, words into UTF-8 bytes, and the most frequent
 * neighbouring pair becomes a new symbol until enough are found. Ties go to the pair whose left
 * symbol was made first, then whose right symbol was: the result depends on the text alone. Source:
 * Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016,
 * algorithm 1; the byte alphabet follows GPT-2.
 */
public final class BpeTrainer {

  /** The word pattern that {@code ByteLevel} pre-tokenizers with {@code use_regex} apply. */
  static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /**
   * One merge: two symbols, written in the byte alphabet, that become their concatenation.
   *
   * @param left first symbol
   * @param right second symbol
   */
  public record Merge(String left, String right) {
    /** Returns the symbol that the merge makes. */
    public String result() {
      return left + right;
    }
  }

  private final List<int[]> words = new ArrayList<>();
  private final List<Long> wordCounts = new ArrayList<>();
  private final List<String> symbols = new ArrayList<>();
  private final Map<Long, Long> pairCounts = new HashMap<>();
  private final Map<Long, Set<Integer>> wordsWithPair = new HashMap<>();

  private BpeTrainer(List<String> documents) {
    for (int value = 0; value < 256; value++) {
      symbols.add(String.valueOf(ByteAlphabet.symbol(value)));
    }
    Map<String, Long> counts = new TreeMap<>();
    for (String document : documents) {
      Matcher word = WORD.matcher(document);
      while (word.find()) {
        counts.merge(word.group(), 1L, Long::sum);
      }
    }
    counts.forEach(this::addWord);
  }

  /**
   * Returns up to {@code count} merges in the order in which they apply.
   *
   * @param documents texts; pairs never reach across two of them
   * @param count wanted number of merges; fewer come back if every word is one symbol before
   */
  public static List<Merge> train(List<String> documents, int count) {
    BpeTrainer trainer = new BpeTrainer(documents);
    List<Merge> merges = new ArrayList<>();
    while (merges.size() < count && !trainer.pairCounts.isEmpty()) {
      merges.add(trainer.applyBest());
    }
    return merges;
  }

  private void addWord(String text, long count) {
    byte[] utf8 = text.getBytes(UTF_8);
    int[] word = new int[utf8.length];
    for (int i = 0; i < word.length; i++) {
      word[i] = utf8[i] & 0xFF;
    }
    words.add(word);
    wordCounts.add(count);
    countPairs(words.size() - 1, 1);
  }

  private Merge applyBest() {
    long best = -1;
    long bestCount = 0;
    for (Map.Entry<Long, Long> entry : pairCounts.entrySet()) {
      long count = entry.getValue();
      long pair = entry.getKey();
      if (count > bestCount || (count == bestCount && pair < best)) {
        best = pair;
        bestCount = count;
      }
    }
    int left = (int) (best >>> 32);
    int right = (int) best;
    Merge merge = new Merge(symbols.get(left), symbols.get(right));
    int merged = symbols.size();
    symbols.add(merge.result());
    for (int index : new ArrayList<>(wordsWithPair.getOrDefault(best, Set.of()))) {
      // A word's pairs are taken out and put back whole: simpler than tracking neighbours.
      countPairs(index, -1);
      words.set(index, merge(words.get(index), left, right, merged));
      countPairs(index, 1);
    }
    return merge;
  }

  private void countPairs(int index, int sign) {
    int[] word = words.get(index);
    long delta = sign * wordCounts.get(index);
    for (int i = 0; i + 1 < word.length; i++) {
      long pair = ((long) word[i] << 32) | word[i + 1];
      if (pairCounts.merge(pair, delta, Long::sum) == 0) {
        pairCounts.remove(pair);
      }
      Set<Integer> users = wordsWithPair.computeIfAbsent(pair, unused -> new HashSet<>());
      if (sign > 0) {
        users.add(index);
      } else {
        users.remove(index);
      }
    }
  }

  private static int[] merge(int[] word, int left, int right, int merged) {
    int[] out = new int[word.length];
    int length = 0;
    for (int i = 0; i < word.length; i++) {
      boolean here = i + 1 < word.length && word[i] == left && word[i + 1] == right;
      out[length++] = here ? merged : word[i];
      if (here) {
        i++;
      }
    }
    return java.util.Arrays.copyOf(out, length);
  }
}
