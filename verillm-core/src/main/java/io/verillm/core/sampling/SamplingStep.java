package io.verillm.core.sampling;

import io.verillm.core.sampling.TokenMargin.Standing;
import org.jspecify.annotations.Nullable;

/**
 * The choice of one token: what the rule draws, how far a claimed token is from it, and how much
 * choice a tolerance leaves. Made by {@link TokenSampler#step}; immutable, thread-safe, exact.
 */
public final class SamplingStep {
  private static final double LN_2 = 0.6931471805599453;

  private final double[] logits;
  private final double temperature;
  private final GumbelNoise noise;
  private final int position;
  private final @Nullable CandidateSupport support;
  private final int drawn;
  private final double best;

  SamplingStep(double[] logits, SamplingManifest manifest, GumbelNoise noise, int position) {
    this.logits = logits;
    this.temperature = manifest.temperatureMicros() / 1e6;
    this.noise = noise;
    this.position = position;
    // At temperature 0 the largest logit wins, and every support holds it.
    this.support =
        temperature > 0 && CandidateSupport.filters(manifest, logits.length)
            ? CandidateSupport.compute(logits, manifest)
            : null;
    this.drawn = support == null ? bestOfAll() : bestOf(support);
    this.best = score(drawn);
  }

  /** The token that the rule draws. */
  public int drawn() {
    return drawn;
  }

  /** Position of the token being chosen. */
  public int position() {
    return position;
  }

  /** Number of tokens that may be drawn. */
  public int supportSize() {
    if (support != null) {
      return support.width();
    }
    int count = 0;
    for (double logit : logits) {
      count += logit == ProcessedLogits.SUPPRESSED ? 0 : 1;
    }
    return count;
  }

  /**
   * Measures a claimed token.
   *
   * @throws IllegalArgumentException if it is no token of the vocabulary, which callers must have
   *     judged before
   */
  public TokenMargin margin(int claimed) {
    if (claimed < 0 || claimed >= logits.length) {
      throw new IllegalArgumentException(
          "token " + claimed + " is not in a vocabulary of " + logits.length);
    }
    if (logits[claimed] == ProcessedLogits.SUPPRESSED) {
      return new TokenMargin(claimed, TokenMargin.CEILING, Standing.SUPPRESSED);
    }
    if (claimed == drawn) {
      return new TokenMargin(claimed, 0, Standing.IN_SUPPORT);
    }
    double score = score(claimed);
    if (support == null) {
      return new TokenMargin(claimed, clip(best - score), Standing.IN_SUPPORT);
    }
    double margin = support.entryCost(claimed);
    for (int rank = 1; rank <= support.width(); rank++) {
      int rival = support.token(rank);
      double lead = score(rival) - score;
      if (lead > margin) {
        margin = Math.max(margin, Math.min(lead, support.exclusionCost(rival)));
      }
    }
    return new TokenMargin(
        claimed,
        clip(margin),
        support.contains(claimed) ? Standing.IN_SUPPORT : Standing.OUTSIDE_SUPPORT);
  }

  /**
   * Returns the choice that a prover has at this position under a tolerance: the base-2 logarithm
   * of the number of tokens with a margin of at most {@code tolerance}. Summed over an answer it
   * bounds what a prover could hide in tokens that all pass.
   *
   * @param tolerance in logits, at least 0
   * @return 0 if only the drawn token passes
   */
  public double bitsOfFreedom(double tolerance) {
    return StrictMath.log(countWithin(tolerance)) / LN_2;
  }

  /**
   * Number of tokens with a margin of at most {@code tolerance}.
   *
   * @throws IllegalArgumentException if the tolerance is negative or not a number
   */
  public int countWithin(double tolerance) {
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("tolerance " + tolerance + " is not at least 0");
    }
    double leader = support == null ? best : ProcessedLogits.SUPPRESSED;
    double leastLogit = ProcessedLogits.SUPPRESSED;
    if (support != null) {
      leastLogit = support.entryLogit(tolerance);
      for (int rank = 1; rank <= support.width(); rank++) {
        int rival = support.token(rank);
        double score = score(rival);
        if (score > leader && support.exclusionCost(rival) > tolerance) {
          leader = score;
        }
      }
    }
    // A margin is within tolerance if the token can enter and no firm rival leads by more.
    int count = 0;
    int[] words = new int[4];
    int quad = -1;
    for (int id = 0; id < logits.length; id++) {
      boolean mayEnter = logits[id] >= leastLogit || (support != null && support.contains(id));
      if (!mayEnter
          || logits[id] == ProcessedLogits.SUPPRESSED
          || leader - (logits[id] + temperature * GumbelNoise.LARGEST) > tolerance) {
        continue;
      }
      if (temperature > 0 && id >> 2 != quad) {
        quad = id >> 2;
        noise.words(position, quad, words);
      }
      if (leader - scoreOf(id, words[id & 3]) <= tolerance) {
        count++;
      }
    }
    return count;
  }

  private double score(int id) {
    return temperature == 0 ? logits[id] : logits[id] + temperature * noise.at(position, id);
  }

  private double scoreOf(int id, int word) {
    return temperature == 0 ? logits[id] : logits[id] + temperature * GumbelNoise.gumbel(word);
  }

  private int bestOf(CandidateSupport candidates) {
    int token = -1;
    double top = ProcessedLogits.SUPPRESSED;
    for (int rank = 1; rank <= candidates.width(); rank++) {
      int id = candidates.token(rank);
      double score = score(id);
      if (token < 0 || score > top || (score == top && id < token)) {
        token = id;
        top = score;
      }
    }
    return token;
  }

  /** As a plain scan by rising id, but skips logarithms of noise that cannot win. */
  private int bestOfAll() {
    int token = -1;
    double top = ProcessedLogits.SUPPRESSED;
    int[] words = new int[4];
    for (int id = 0; id < logits.length; id++) {
      if (temperature > 0 && (id & 3) == 0) {
        noise.words(position, id >> 2, words);
      }
      if (logits[id] == ProcessedLogits.SUPPRESSED
          || logits[id] + temperature * GumbelNoise.atMost(words[id & 3]) < top) {
        continue;
      }
      double score = scoreOf(id, words[id & 3]);
      if (token < 0 || score > top) {
        token = id;
        top = score;
      }
    }
    return token;
  }

  private static double clip(double margin) {
    return Math.min(TokenMargin.CEILING, margin);
  }
}
