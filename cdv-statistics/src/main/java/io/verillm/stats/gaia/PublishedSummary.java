package io.verillm.stats.gaia;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.internal.Require;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The published summary of an experiment: centroid distance of every pair of systems and scatter of
 * every system, averaged over questions, as in the repository behind arXiv 2504.13443.
 *
 * <p>It is here to be compared with, not to decide: the ratio of the two has no meaning without the
 * dimension and the number of answers (see {@link CentroidComparison}).
 *
 * @param distances average centroid distance, by "first – second" in the order of the systems
 * @param meanStd by system, the average over questions of the mean standard deviation
 * @param rmsScatter by system, the average over questions of the root mean square scatter
 */
@CheckReturnValue
public record PublishedSummary(
    Map<String, Double> distances, Map<String, Double> meanStd, Map<String, Double> rmsScatter) {
  /** Copies the maps. */
  public PublishedSummary {
    distances = Map.copyOf(distances);
    meanStd = Map.copyOf(meanStd);
    rmsScatter = Map.copyOf(rmsScatter);
  }

  /**
   * Returns the summary.
   *
   * @param answers system → question → embeddings of its answers; at least two systems, the same
   *     questions for all, at least two answers each
   */
  public static PublishedSummary of(Map<String, Map<String, double[][]>> answers) {
    Require.atLeast(answers.size(), 2, "answers");
    List<String> systems = new ArrayList<>(answers.keySet());
    List<String> questions = new ArrayList<>(answersOf(answers, systems.get(0)).keySet());
    Require.atLeast(questions.size(), 1, "questions");
    Map<String, Double> distances = new LinkedHashMap<>();
    Map<String, Double> meanStd = new LinkedHashMap<>();
    Map<String, Double> scatter = new LinkedHashMap<>();
    for (int i = 0; i < systems.size(); i++) {
      for (int j = 0; j < systems.size(); j++) {
        if (i == j) {
          continue;
        }
        double distance = 0;
        double deviation = 0;
        double rms = 0;
        for (String question : questions) {
          CentroidComparison one =
              CentroidComparison.of(
                  answersOf(answers, systems.get(i), question),
                  answersOf(answers, systems.get(j), question));
          distance += one.distance() / questions.size();
          deviation += one.firstMeanStd() / questions.size();
          rms += one.firstScatter() / questions.size();
        }
        meanStd.put(systems.get(i), deviation);
        scatter.put(systems.get(i), rms);
        if (i < j) {
          distances.put(systems.get(i) + " – " + systems.get(j), distance);
        }
      }
    }
    return new PublishedSummary(distances, meanStd, scatter);
  }

  private static Map<String, double[][]> answersOf(
      Map<String, Map<String, double[][]>> answers, String system) {
    return Objects.requireNonNull(answers.get(system), system);
  }

  private static double[][] answersOf(
      Map<String, Map<String, double[][]>> answers, String system, String question) {
    double[][] found = answersOf(answers, system).get(question);
    if (found == null) {
      throw new IllegalArgumentException(system + " has no answers to " + question);
    }
    return found;
  }
}
