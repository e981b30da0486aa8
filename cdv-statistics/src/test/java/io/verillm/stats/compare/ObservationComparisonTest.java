package io.verillm.stats.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.verillm.stats.random.SplitMix64;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObservationComparisonTest {
  private static final ComparisonOptions OPTIONS = new ComparisonOptions(7, 499, .01, 199);

  @Test
  void readAll_everyKind_isRead() throws Exception {
    String lines =
        """
        {"prompt":"a","tokens":[1,2]}

        {"prompt":"a","text":"hi","extra":1}
        {"prompt":"b","logprobs":{"x":-0.5,"y":-2}}\r
        {"prompt":"b","embedding":[1,0.5]}\
        """;
    assertThat(ObservationReader.readAll(new StringReader(lines)))
        .containsExactly(
            new Observation.Tokens("a", List.of(1, 2)),
            new Observation.Text("a", "hi"),
            new Observation.LogProbabilities("b", Map.of("x", -.5, "y", -2.0)),
            new Observation.Embedding("b", List.of(1.0, .5)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "[]",
        "{}",
        "3",
        "{\"prompt\":1,\"text\":\"x\"}",
        "{\"prompt\":\"p\"}",
        "{\"prompt\":\"p\",\"text\":\"x\",\"tokens\":[1]}",
        "{\"prompt\":\"p\",\"tokens\":[1.5]}",
        "{\"prompt\":\"p\",\"tokens\":[-1]}",
        "{\"prompt\":\"p\",\"tokens\":[99999999999]}",
        "{\"prompt\":\"p\",\"tokens\":3}",
        "{\"prompt\":\"p\",\"logprobs\":{}}",
        "{\"prompt\":\"p\",\"logprobs\":{\"x\":0.1}}",
        "{\"prompt\":\"p\",\"logprobs\":{\"x\":null}}",
        "{\"prompt\":\"p\",\"embedding\":[]}",
        "{\"prompt\":\"p\",\"embedding\":[1e999]}",
        "{\"prompt\":\"p\",\"embedding\":[NaN]}",
        "{\"prompt\":\"p\",\"text\":7}",
        "{\"prompt\":\"p\",\"text\":\"x\"} trailing",
        "{\"prompt\":\"p\",\"prompt\":\"q\",\"text\":\"x\"}",
        "[[[[[[[[[[[[1]]]]]]]]]]]]"
      })
  void readAll_anyMalformedLine_namesTheLine(String bad) {
    String lines = "{\"prompt\":\"a\",\"text\":\"ok\"}\n" + bad + "\n";
    assertThatThrownBy(() -> ObservationReader.readAll(new StringReader(lines)))
        .isInstanceOf(MalformedObservationException.class)
        .hasMessageStartingWith("line 2: ");
  }

  private static List<Observation> tokens(long seed, int answers, int bias) {
    SplitMix64 random = new SplitMix64(seed);
    List<Observation> result = new ArrayList<>();
    for (int p = 0; p < 6; p++) {
      for (int i = 0; i < answers; i++) {
        List<Integer> t = new ArrayList<>();
        for (int k = 0; k < 12; k++) {
          t.add(random.nextInt(10) < bias ? 0 : random.nextInt(5));
        }
        result.add(new Observation.Tokens("p" + p, t));
      }
    }
    return result;
  }

  @Test
  void compare_sameAndDifferentLaws_decides() {
    ComparisonReport same =
        ObservationComparison.compare(tokens(1, 8, 0), tokens(2, 8, 0), OPTIONS);
    assertThat(same.verdict()).isEqualTo(ComparisonReport.Decision.NO_EVIDENCE);
    ComparisonReport other =
        ObservationComparison.compare(tokens(1, 8, 0), tokens(2, 8, 5), OPTIONS);
    assertThat(other.verdict()).isEqualTo(ComparisonReport.Decision.DIFFERENT);
    assertThat(other.test().pValue()).isEqualTo(1 / 500.0);
    assertThat(other.interval().lower()).isPositive();
    assertThat(other.interval().contains(other.effect())).isTrue();
    assertThat(other.prompts()).hasSize(6);
    assertThat(other.nullDraws()).hasSize(499);
    assertThat(other.rawText()).isEmpty();
    assertThat(ObservationComparison.compare(tokens(1, 8, 0), tokens(2, 8, 5), OPTIONS))
        .isEqualTo(other); // same seed, same report
  }

  /**
   * The interval of an unchanged model should cover 0; 60 files, at least .85 with four SE room.
   */
  @Test
  void compare_unchangedModel_intervalCoversZero() {
    int covered = 0;
    for (int r = 0; r < 60; r++) {
      ComparisonOptions few = new ComparisonOptions(r, 99, .05, 199);
      covered +=
          ObservationComparison.compare(tokens(2 * r + 100, 8, 0), tokens(2 * r + 101, 8, 0), few)
                  .interval()
                  .contains(0)
              ? 1
              : 0;
    }
    assertThat(covered).isGreaterThanOrEqualTo(51);
  }

  @Test
  void compare_identityResample_reproducesTheStatistic() {
    // the interval's centre can only be right if resampling nothing gives the statistic itself
    List<Observation> one =
        List.of(
            new Observation.Embedding("q", List.of(0.0)),
            new Observation.Embedding("q", List.of(0.0)));
    List<Observation> two =
        List.of(
            new Observation.Embedding("q", List.of(3.0)),
            new Observation.Embedding("q", List.of(3.0)));
    ComparisonReport report = ObservationComparison.compare(one, two, OPTIONS);
    assertThat(report.effect()).isCloseTo(6, within(1e-12));
    assertThat(report.interval().lower()).isCloseTo(6, within(1e-9));
    assertThat(report.interval().upper()).isCloseTo(6, within(1e-9));
    assertThat(report.test().pValue()).isCloseTo(2 / 6.0, within(1e-12));
    // Of six relabellings two give 6 and four give 0.
    assertThat(report.relabelledMean()).isCloseTo(2, within(.5));
  }

  @Test
  void compare_textWithStrippedSpace_reportsRawBesideCanonical() {
    List<Observation> a = new ArrayList<>();
    List<Observation> b = new ArrayList<>();
    SplitMix64 random = new SplitMix64(4);
    for (int i = 0; i < 10; i++) {
      a.add(new Observation.Text("p", " value " + random.nextInt(10)));
      b.add(new Observation.Text("p", "value " + random.nextInt(10)));
    }
    ComparisonReport report = ObservationComparison.compare(a, b, OPTIONS);
    assertThat(report.verdict()).isEqualTo(ComparisonReport.Decision.NO_EVIDENCE);
    assertThat(report.rawText().get(0).pValue()).isLessThanOrEqualTo(.01);
  }

  @Test
  void compare_logProbabilities_measuresNats() {
    List<Observation> a = new ArrayList<>();
    List<Observation> b = new ArrayList<>();
    SplitMix64 random = new SplitMix64(5);
    for (int i = 0; i < 10; i++) {
      a.add(
          new Observation.LogProbabilities(
              "p", Map.of("x", -1 + .01 * random.nextDouble(), "y", -3.0)));
      b.add(
          new Observation.LogProbabilities(
              "p", Map.of("x", -1.2 + .01 * random.nextDouble(), "y", -3.0)));
    }
    ComparisonReport report = ObservationComparison.compare(a, b, OPTIONS);
    assertThat(report.effect()).isCloseTo(.1, within(.01));
    assertThat(report.verdict()).isEqualTo(ComparisonReport.Decision.DIFFERENT);
    assertThat(report.interval().lower()).isGreaterThan(.09);
  }

  @Test
  void compare_unusableInput_isRefusedByName() {
    List<Observation> t = tokens(1, 3, 0);
    assertThatThrownBy(() -> ObservationComparison.compare(t, List.of(), OPTIONS))
        .hasMessageContaining("second observations");
    List<Observation> text = List.of(new Observation.Text("p0", "x"));
    assertThatThrownBy(() -> ObservationComparison.compare(t, text, OPTIONS))
        .hasMessageContaining("second mixes Text with Tokens");
    List<Observation> elsewhere = List.of(new Observation.Tokens("zz", List.of(1)));
    assertThatThrownBy(() -> ObservationComparison.compare(t, elsewhere, OPTIONS))
        .hasMessageContaining("share no prompt");
    assertThatThrownBy(() -> new ComparisonOptions(1, 99, .001, 99))
        .hasMessageContaining("too few");
    List<Observation> some = new ArrayList<>(tokens(2, 3, 0));
    some.add(new Observation.Tokens("only-second", List.of(1)));
    assertThat(ObservationComparison.compare(t, some, OPTIONS).unmatchedPrompts())
        .containsExactly("only-second");
  }
}
