package io.verillm.stats.gaia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.verillm.stats.Samples;
import io.verillm.stats.random.SplitMix64;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Check C7. The published vectors carry no licence and are not shipped: whoever has fetched {@code
 * experiments/2025-03-18/results/raw_results_20250318_002911.json} (or its copy of the three-model
 * run) from the authors' repository gives its path as {@code -Dgaia.results=FILE}.
 */
class PublishedSummaryTest {
  /** Same layout as the published files: system → question → answers with an embedding. */
  private static Map<String, Map<String, double[][]>> read(JsonNode root) {
    Map<String, Map<String, double[][]>> answers = new LinkedHashMap<>();
    root.properties()
        .forEach(
            system -> {
              Map<String, double[][]> questions = new LinkedHashMap<>();
              system
                  .getValue()
                  .properties()
                  .forEach(
                      question -> questions.put(question.getKey(), vectors(question.getValue())));
              answers.put(system.getKey(), questions);
            });
    return answers;
  }

  private static double[][] vectors(JsonNode answers) {
    List<double[]> vectors = new ArrayList<>();
    for (JsonNode answer : answers) {
      JsonNode embedding = answer.path("embedding");
      if (embedding.isArray() && !embedding.isEmpty()) {
        double[] vector = new double[embedding.size()];
        for (int k = 0; k < vector.length; k++) {
          vector[k] = embedding.get(k).doubleValue();
        }
        vectors.add(vector);
      }
    }
    return vectors.toArray(double[][]::new);
  }

  @Test
  void summary_publishedVectors_giveThePublishedTable() throws Exception {
    String file = System.getProperty("gaia.results", "");
    assumeTrue(!file.isEmpty(), "the published vectors are not here (-Dgaia.results=FILE)");
    PublishedSummary summary =
        PublishedSummary.of(read(new ObjectMapper().readTree(new File(file))));
    assertThat(summary.distances().values().stream().sorted().toList())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 5e-5 ? 0 : Double.compare(a, b))
        .containsExactly(.1558, .3129, .3141);
    Map<String, double[]> scatter =
        Map.of(
            "gemma-2-27b", new double[] {.0037, .0043},
            "gemma-2-9b", new double[] {.0041, .0048},
            "llama-3-1-8b", new double[] {.0056, .0062});
    summary
        .meanStd()
        .forEach(
            (system, value) -> {
              double[] expected =
                  scatter.get(system.toLowerCase(java.util.Locale.ROOT).replace('.', '-'));
              assertThat(expected).as(system).isNotNull();
              assertThat(value).as(system).isCloseTo(expected[0], within(5e-5));
              assertThat(summary.rmsScatter().get(system))
                  .as(system)
                  .isCloseTo(expected[1], within(5e-5));
            });
  }

  /** The tiny vector twice, in the published layout; the table follows by hand. */
  @Test
  void summary_tinyVectorsInThePublishedLayout_match() throws Exception {
    String a = "[{\"embedding\":[1,0,0]},{\"embedding\":[0.9,0.1,0]},{\"embedding\":[1.1,-0.1,0]}]";
    String b =
        "[{\"embedding\":[0.5,0.5,0]},{\"answer\":\"lost\"},{\"embedding\":[0.6,0.4,0.1]},"
            + "{\"embedding\":[0.4,0.6,-0.1]}]";
    String json =
        "{\"one\":{\"Q1\":" + a + ",\"Q2\":" + b + "},\"two\":{\"Q1\":" + b + ",\"Q2\":" + b + "}}";
    PublishedSummary summary = PublishedSummary.of(read(new ObjectMapper().readTree(json)));
    assertThat(summary.distances()).containsOnlyKeys("one – two");
    assertThat(summary.distances().get("one – two")).isCloseTo(.7071067812 / 2, within(1e-9));
    assertThat(summary.meanStd().get("one"))
        .isCloseTo((.0544331054 + .0816496581) / 2, within(1e-9));
    assertThat(summary.rmsScatter().get("two")).isCloseTo(.0816496581, within(1e-9));
  }

  @Test
  void summary_missingQuestion_isNamed() {
    double[][] two = {{1}, {2}};
    assertThatThrownBy(
            () -> PublishedSummary.of(Map.of("a", Map.of("Q1", two), "b", Map.of("Q2", two))))
        .hasMessageContaining("has no answers to Q");
    assertThatThrownBy(() -> PublishedSummary.of(Map.of("a", Map.of("Q1", two))))
        .hasMessageContaining("answers");
  }

  /** Check C4's second half: with three constant questions of twenty the rule fires on 85 %. */
  @Test
  void publishedRule_someConstantAnswers_firesOnTheOthers() {
    int fired = 0;
    int questions = 200;
    for (int q = 0; q < questions; q++) {
      SplitMix64 random = SplitMix64.stream(23, q);
      double[][] a = new double[5][];
      double[][] b = new double[5][];
      for (int i = 0; i < 5; i++) {
        a[i] = q % 20 < 3 ? new double[768] : Samples.gaussian(random, 768);
        b[i] = q % 20 < 3 ? new double[768] : Samples.gaussian(random, 768);
      }
      fired += CentroidComparison.of(a, b).publishedSeparated() ? 1 : 0;
    }
    assertThat(fired / (double) questions).isBetween(.80, .851);
  }
}
