package io.verillm.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.verillm.core.sampling.TokenMargin.Standing;
import io.verillm.core.wire.Digest32;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSamplerTest {
  private static final GumbelNoise NOISE = new GumbelNoise(SamplingSeed.ofKey(11, 22), 0);
  private static final int[] PROMPT = {0};

  private static SamplingManifest.Builder settings() {
    return SamplingManifest.builder(1000);
  }

  private static SamplingStep step(SamplingManifest manifest, int position, float... logits) {
    int[] tokens = new int[position];
    return new TokenSampler(manifest, NOISE).step(logits, tokens, 1, position);
  }

  private static SamplingStep first(SamplingManifest.Builder manifest, float... logits) {
    return step(manifest.build(), 1, logits);
  }

  // ---- the distribution

  @ParameterizedTest
  @CsvSource({"1000000", "700000", "2000000"})
  void draw_manyPositions_followsTheSoftmax(int temperatureMicros) {
    float[] logits = {1f, 0f, -1f, 2.5f, 0.3f, 0.3f, -4f, 1.7f};
    TokenSampler sampler =
        new TokenSampler(settings().temperatureMicros(temperatureMicros).build(), NOISE);
    int draws = 100_000;
    int[] counts = new int[logits.length];
    int[] tokens = new int[draws + 1];
    for (int position = 1; position <= draws; position++) {
      counts[sampler.draw(logits, tokens, 1, position)]++;
    }
    assertThat(chiSquare(counts, softmax(logits, temperatureMicros / 1e6), draws))
        .isLessThan(chiSquareBound(logits.length - 1));
  }

  @Test
  void draw_topKOverManyPositions_followsTheRenormalisedSoftmax() {
    float[] logits = {1f, 0f, 2f, 0.5f};
    TokenSampler sampler = new TokenSampler(settings().topK(2).build(), NOISE);
    int[] counts = new int[4];
    int[] tokens = new int[20_001];
    for (int position = 1; position <= 20_000; position++) {
      counts[sampler.draw(logits, tokens, 1, position)]++;
    }
    assertThat(counts[1] + counts[3]).isZero();
    double share = 1 / (1 + Math.exp(-1));
    assertThat(chiSquare(new int[] {counts[2], counts[0]}, new double[] {share, 1 - share}, 20_000))
        .isLessThan(chiSquareBound(1));
  }

  private static double[] softmax(float[] logits, double temperature) {
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      sum += weights[i] = Math.exp(logits[i] / temperature);
    }
    for (int i = 0; i < logits.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  private static double chiSquare(int[] counts, double[] shares, int draws) {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = shares[i] * draws;
      sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
  }

  /** The 1 − 10⁻⁶ quantile by Wilson and Hilferty's cube, z = 4.7534. */
  private static double chiSquareBound(int degrees) {
    double a = 2.0 / (9 * degrees);
    return degrees * Math.pow(1 - a + 4.7534 * Math.sqrt(a), 3);
  }

  // ---- the support

  @Test
  void step_topKTie_goesToTheLowerIds() {
    SamplingStep step = first(settings().topK(2), 1f, 3f, 1f, 1f);
    assertThat(step.supportSize()).isEqualTo(2);
    assertThat(step.margin(0).standing()).isEqualTo(Standing.IN_SUPPORT);
    assertThat(step.margin(2).standing()).isEqualTo(Standing.OUTSIDE_SUPPORT);
    assertThat(step.margin(3).standing()).isEqualTo(Standing.OUTSIDE_SUPPORT);
  }

  @ParameterizedTest
  @CsvSource({
    // four equal tokens hold a quarter each; rank r stays if the mass before it is below p
    "1, 1",
    "250000, 1",
    "250001, 2",
    "500000, 2",
    "500001, 3",
    "750000, 3",
    "750001, 4",
    "999999, 4",
    "1000000, 4"
  })
  void step_topPBoundary_isExact(int topP, int expected) {
    SamplingStep step = first(settings().topPMicros(topP), 5f, 5f, 5f, 5f);
    assertThat(step.supportSize()).isEqualTo(expected);
    for (int id = 0; id < 4; id++) {
      assertThat(step.margin(id).standing())
          .isEqualTo(id < expected ? Standing.IN_SUPPORT : Standing.OUTSIDE_SUPPORT);
    }
  }

  @Test
  void step_topPAfterTopK_renormalises() {
    // Shares 1/2, 1/4, 1/4 over three; over the first two 2/3 and 1/3.
    float ln2 = (float) Math.log(2);
    assertThat(first(settings().topPMicros(600_000), ln2, 0f, 0f).supportSize()).isEqualTo(2);
    assertThat(first(settings().topPMicros(600_000).topK(2), ln2, 0f, 0f).supportSize())
        .isEqualTo(1);
  }

  @Test
  void step_topPAtTemperature_usesTheTemperedSoftmax() {
    // Logits 2 and 0: share of the first is .88 at T = 1 and .73 at T = 2.
    assertThat(first(settings().topPMicros(800_000), 2f, 0f).supportSize()).isEqualTo(1);
    assertThat(
            first(settings().topPMicros(800_000).temperatureMicros(2_000_000), 2f, 0f)
                .supportSize())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 1000, Integer.MAX_VALUE})
  void step_topKNotBelowTheVocabulary_keepsAll(int k) {
    assertThat(first(settings().topK(k), 1f, 2f, 3f, 4f).supportSize()).isEqualTo(4);
  }

  // ---- temperature 0

  @Test
  void step_temperatureZero_isTheLargestLogitTiesToTheLowerId() {
    SamplingStep step = first(settings().greedy(), 1f, 4f, 4f, -2f);
    assertThat(step.drawn()).isEqualTo(1);
    assertThat(step.margin(1).value()).isZero();
    assertThat(step.margin(2).value()).isZero();
    assertThat(step.margin(0).value()).isEqualTo(3);
    assertThat(step.margin(3).value()).isEqualTo(6);
    assertThat(step.countWithin(0)).isEqualTo(2);
    assertThat(step.countWithin(2.999)).isEqualTo(2);
    assertThat(step.countWithin(3)).isEqualTo(3);
    assertThat(step.bitsOfFreedom(6)).isEqualTo(2);
  }

  @Test
  void step_temperatureZeroWithFilters_ignoresThem() {
    SamplingStep step = first(settings().greedy().topK(1).topPMicros(1), 1f, 4f, 3f);
    assertThat(step.drawn()).isEqualTo(1);
    assertThat(step.margin(2).value()).isEqualTo(1);
  }

  @Test
  void step_tinyTemperature_agreesWithZero() {
    float[] logits = {0.1f, 0.2f, 0.2001f, -5f};
    assertThat(first(settings().temperatureMicros(1), logits).drawn()).isEqualTo(2);
    assertThat(first(settings().temperatureMicros(1).topPMicros(900_000), logits).drawn())
        .isEqualTo(2);
  }

  // ---- processing

  private static double[] processed(SamplingManifest.Builder manifest, int prompt, int... tokens) {
    return ProcessedLogits.compute(
        new float[] {2f, -2f, 1f, 0f}, manifest.build(), tokens, prompt, tokens.length);
  }

  @Test
  void compute_repetition_dividesAboveZeroAndMultipliesBelowOnce() {
    assertThat(processed(settings().repetitionPenaltyMicros(2_000_000), 2, 0, 1, 0, 3))
        .containsExactly(1, -4, 1, 0);
  }

  @Test
  void compute_frequencyAndPresence_countTheOutputOnly() {
    assertThat(processed(settings().frequencyPenaltyMicros(500_000), 2, 0, 1, 2, 2))
        .containsExactly(2, -2, 0, 0);
    assertThat(processed(settings().presencePenaltyMicros(250_000), 2, 0, 1, 2, 2))
        .containsExactly(2, -2, 0.75, 0);
  }

  @Test
  void compute_biasThenRepetition_isInThatOrder() {
    // (−2 + 3) / 2; the other order would give −2·2 + 3
    assertThat(
            processed(
                settings()
                    .logitBiasMicros(Map.of(1, 3_000_000, 99, 1))
                    .repetitionPenaltyMicros(2_000_000),
                1,
                1))
        .containsExactly(2, 0.5, 1, 0);
  }

  @Test
  void step_endTokenBeforeTheMinimum_isSuppressed() {
    SamplingManifest manifest = settings().greedy().minTokens(2).eosIds(List.of(0, 77)).build();
    TokenSampler sampler = new TokenSampler(manifest, NOISE);
    float[] logits = {9f, 1f, 2f};
    int[] tokens = {1, 1, 1, 1};
    for (int length = 2; length <= 3; length++) {
      SamplingStep early = sampler.step(logits, tokens, 2, length);
      assertThat(early.drawn()).isEqualTo(2);
      assertThat(early.supportSize()).isEqualTo(2);
      assertThat(early.margin(0))
          .isEqualTo(new TokenMargin(0, TokenMargin.CEILING, Standing.SUPPRESSED));
      assertThat(early.countWithin(1e8)).isEqualTo(2);
    }
    assertThat(sampler.step(logits, tokens, 2, 4).drawn()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void step_suppressedTokenWithFilters_takesNoRank(int k) {
    SamplingManifest manifest =
        settings().topK(k).topPMicros(999_999).minTokens(2).eosIds(List.of(1)).build();
    SamplingStep step =
        new TokenSampler(manifest, NOISE).step(new float[] {1f, 9f, 0.5f, 0f}, PROMPT, 1, 1);
    assertThat(step.supportSize()).isEqualTo(k);
    assertThat(step.margin(1).standing()).isEqualTo(Standing.SUPPRESSED);
    assertThat(step.countWithin(100)).isEqualTo(3);
  }

  // ---- refusals

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void step_logitThatIsNoNumber_isRefused(float logit) {
    assertThatIllegalArgumentException().isThrownBy(() -> first(settings(), 1f, logit));
  }

  @Test
  void step_lengthsOrTokensOutOfRange_areRefused() {
    TokenSampler sampler = new TokenSampler(settings().build(), NOISE);
    float[] logits = {1f, 2f};
    int[][] tokens = {{0, 0}, {0, 0}, {0, 0}, {0, 2}, {-1, 0}};
    int[][] lengths = {{0, 1}, {2, 1}, {1, 3}, {1, 2}, {1, 2}};
    for (int i = 0; i < tokens.length; i++) {
      int at = i;
      assertThatIllegalArgumentException()
          .as("case %d", i)
          .isThrownBy(() -> sampler.step(logits, tokens[at], lengths[at][0], lengths[at][1]));
    }
    SamplingStep step = sampler.step(logits, tokens[0], 1, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> step.margin(2));
    assertThatIllegalArgumentException().isThrownBy(() -> step.margin(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> step.countWithin(-0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> step.countWithin(Double.NaN));
  }

  @Test
  void step_everyTokenSuppressed_isRefused() {
    SamplingManifest.Builder manifest = settings().minTokens(1).eosIds(List.of(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> first(manifest, 1f, 2f));
    assertThatIllegalArgumentException().isThrownBy(() -> first(manifest.greedy(), 1f, 2f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> first(manifest.temperatureMicros(1_000_000).topK(1), 1f, 2f));
    assertThatIllegalArgumentException().isThrownBy(() -> first(manifest.topPMicros(5), 1f, 2f));
  }

  @Test
  void newSampler_grammar_isRefused() {
    SamplingManifest manifest = settings().grammar(Digest32.sha256()).build();
    assertThatIllegalArgumentException().isThrownBy(() -> new TokenSampler(manifest, NOISE));
  }

  // ---- margins

  @Test
  void margin_outsideTopK_isTheDistanceToTheBoundaryOrToWinning() {
    // Rank 2 is at 3, the claimed token at 2.25: it must rise by 0.75 to enter.
    float[] logits = {4f, 3f, 2.25f, -9f};
    SamplingStep step = first(settings().temperatureMicros(1).topK(2), logits);
    // At this temperature noise is below 0.00003: token 0 leads token 1 by 1 and token 2 by 1.75,
    // and leaves the support if it falls to token 2. Token 3 must rise by 12 to enter.
    assertThat(step.drawn()).isZero();
    assertThat(step.margin(1).value()).isCloseTo(1, within(1e-4));
    assertThat(step.margin(2).value()).isCloseTo(1.75, within(1e-4));
    assertThat(step.margin(3).value()).isCloseTo(12, within(1e-4));
  }

  @Test
  void margin_rivalAtTheBoundary_countsOnlyAsFarAsItIsInside() {
    // Find a position at which the token of rank 2, a hair inside top-k, wins by a lot. A prover
    // whose logits rank it third draws another token; that must cost a hair and not the lead.
    float[] logits = {1f, 1f, 0.9999f};
    SamplingManifest manifest = settings().topK(2).build();
    float[] swapped = {1f, 0.9998f, 0.9999f};
    boolean seen = false;
    for (int position = 1; position < 400; position++) {
      SamplingStep mine = step(manifest, position, logits);
      int claimed = step(manifest, position, swapped).drawn();
      TokenMargin margin = mine.margin(claimed);
      assertThat(margin.value()).isLessThan(0.0005);
      double lead = NOISE.at(position, 1) - NOISE.at(position, 0);
      seen |= claimed == 0 && mine.drawn() == 1 && lead > 2;
    }
    assertThat(seen).isTrue();
  }

  private record Case(SamplingManifest manifest, float[] logits, int position) {}

  private static Case randomCase(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(40);
    float[] logits = new float[n];
    for (int i = 0; i < n; i++) {
      // coarse values, so that ties are common
      logits[i] = random.nextBoolean() ? random.nextInt(4) : (float) random.nextGaussian() * 3;
    }
    SamplingManifest.Builder manifest =
        settings()
            .temperatureMicros(new int[] {0, 50_000, 1_000_000, 3_000_000}[random.nextInt(4)]);
    if (random.nextBoolean()) {
      manifest.topK(1 + random.nextInt(n + 2));
    }
    if (random.nextBoolean()) {
      manifest.topPMicros(1 + random.nextInt(1_000_000));
    }
    if (n > 3 && random.nextInt(4) == 0) {
      manifest.minTokens(1000).eosIds(List.of(random.nextInt(n)));
    }
    return new Case(manifest.build(), logits, 1 + random.nextInt(900));
  }

  /** The rule as one would write it down, with boxed sorting and no shortcut. */
  private static int plainDraw(Case c) {
    List<Integer> ids = new ArrayList<>(IntStream.range(0, c.logits.length).boxed().toList());
    if (c.position - 1 < c.manifest.minTokens()) {
      ids.removeAll(c.manifest.eosIds());
    }
    ids.sort(Comparator.comparingDouble((Integer id) -> -c.logits[id]).thenComparing(id -> id));
    double t = c.manifest.temperatureMicros() / 1e6;
    if (t == 0) {
      return ids.get(0);
    }
    if (c.manifest.topK() > 0 && c.manifest.topK() < ids.size()) {
      ids = ids.subList(0, c.manifest.topK());
    }
    if (c.manifest.topPMicros() < 1_000_000) {
      double top = c.logits[ids.get(0)];
      double[] weights =
          ids.stream().mapToDouble(id -> StrictMath.exp((c.logits[id] - top) / t)).toArray();
      double total = 0;
      for (double weight : weights) {
        total += weight;
      }
      double before = weights[0];
      int keep = 1;
      while (keep < ids.size() && before < c.manifest.topPMicros() / 1e6 * total) {
        before += weights[keep++];
      }
      ids = ids.subList(0, keep);
    }
    return ids.stream()
        .max(
            Comparator.comparingDouble((Integer id) -> c.logits[id] + t * NOISE.at(c.position, id))
                .thenComparing(id -> -id))
        .orElseThrow();
  }

  @Property(tries = 3000)
  void step_anySettings_drawsLikeThePlainRuleAtMarginZero(@ForAll long seed) {
    Case c = randomCase(seed);
    SamplingStep step = step(c.manifest, c.position, c.logits);
    assertThat(step.drawn()).isEqualTo(plainDraw(c));
    assertThat(step.margin(step.drawn()))
        .isEqualTo(new TokenMargin(step.drawn(), 0, Standing.IN_SUPPORT));
  }

  @Property(tries = 2000)
  void countWithin_anyTolerance_countsMargins(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 80) int tenths) {
    Case c = randomCase(seed);
    SamplingStep step = step(c.manifest, c.position, c.logits);
    double tolerance = tenths / 10.0 + 0.0123;
    long expected =
        IntStream.range(0, c.logits.length)
            .filter(id -> step.margin(id).standing() != Standing.SUPPRESSED)
            .filter(id -> step.margin(id).value() <= tolerance)
            .count();
    assertThat(step.countWithin(tolerance)).isEqualTo((int) expected);
    assertThat(step.countWithin(0)).isGreaterThanOrEqualTo(1);
  }

  @Property(tries = 3000)
  void margin_honestProverWithNearbyLogits_isAtMostTwiceTheDifference(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 5) int scale) {
    Case c = randomCase(seed);
    Random random = new Random(seed ^ 0x5DEECE66DL);
    double bound = Math.pow(10, -scale);
    float[] theirs = c.logits.clone();
    double difference = 0;
    for (int i = 0; i < theirs.length; i++) {
      theirs[i] += (float) ((random.nextDouble() * 2 - 1) * bound);
      difference = Math.max(difference, Math.abs((double) theirs[i] - c.logits[i]));
    }
    int claimed = step(c.manifest, c.position, theirs).drawn();
    assertThat(step(c.manifest, c.position, c.logits).margin(claimed).value())
        .isLessThanOrEqualTo(2 * difference + 1e-9);
  }

  @Property(tries = 500)
  void margin_permutedIdsAtTemperatureZero_movesWithTheIds(@ForAll long seed) {
    Case c = randomCase(seed);
    SamplingManifest greedy = settings().greedy().build();
    int n = c.logits.length;
    float[] rotated = new float[n];
    for (int id = 0; id < n; id++) {
      rotated[(id + 7) % n] = c.logits[id];
    }
    SamplingStep plain = step(greedy, c.position, c.logits);
    SamplingStep moved = step(greedy, c.position, rotated);
    for (int id = 0; id < n; id++) {
      assertThat(moved.margin((id + 7) % n).value()).isEqualTo(plain.margin(id).value());
    }
  }

  // ---- deviations

  private static double shareOfPositiveMargins(
      SamplingManifest claimed, SamplingManifest actual, GumbelNoise actualNoise) {
    Random random = new Random(99);
    TokenSampler verifier = new TokenSampler(claimed, NOISE);
    TokenSampler prover = new TokenSampler(actual, actualNoise);
    int[] tokens = new int[501];
    int positive = 0;
    for (int position = 1; position <= 500; position++) {
      float[] logits = new float[200];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) random.nextGaussian() * 2;
      }
      int token = prover.draw(logits, tokens, 1, position);
      positive += verifier.step(logits, tokens, 1, position).margin(token).value() > 0 ? 1 : 0;
    }
    return positive / 500.0;
  }

  @Test
  void margin_otherTemperatureSeedOrFilter_isOftenPositive() {
    SamplingManifest order = settings().build();
    assertThat(shareOfPositiveMargins(order, order, NOISE)).isZero();
    GumbelNoise other = new GumbelNoise(SamplingSeed.ofKey(12, 22), 0);
    assertThat(shareOfPositiveMargins(order, order, other)).isGreaterThan(0.9);
    SamplingManifest warm = settings().temperatureMicros(1_300_000).build();
    assertThat(shareOfPositiveMargins(order, warm, NOISE)).isGreaterThan(0.1);
    SamplingManifest greedy = settings().greedy().build();
    assertThat(shareOfPositiveMargins(order, greedy, NOISE)).isGreaterThan(0.5);
    SamplingManifest narrow = settings().topK(20).build();
    assertThat(shareOfPositiveMargins(order, narrow, NOISE)).isGreaterThan(0.1);
  }

  @Test
  void draw_fixedInputs_givesTheSameTokensOnEveryPlatform() {
    // Recorded on JDK 17.
    Random random = new Random(5); // java.util.Random is specified bit by bit
    TokenSampler sampler =
        new TokenSampler(
            settings()
                .temperatureMicros(800_000)
                .topK(50)
                .topPMicros(950_000)
                .repetitionPenaltyMicros(1_100_000)
                .frequencyPenaltyMicros(300_000)
                .presencePenaltyMicros(-200_000)
                .build(),
            NOISE);
    int[] tokens = new int[400];
    long hash = 0;
    for (int position = 1; position < 400; position++) {
      float[] logits = new float[1000];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = random.nextInt(16_000) / 1000f - 8;
      }
      SamplingStep step = sampler.step(logits, tokens, 1, position);
      tokens[position] = step.drawn();
      hash = hash * 31 + step.drawn();
      hash = hash * 31 + Double.doubleToRawLongBits(step.margin(position).value());
    }
    assertThat(hash).isEqualTo(-7198567733213596129L);
  }
}
