package io.verillm.stats.compare;

import java.util.List;
import java.util.Map;

/** One answer to one prompt: the exchangeable unit of a comparison. */
public sealed interface Observation {
  /** Returns the prompt, which is the stratum. */
  String prompt();

  /**
   * Token ids.
   *
   * @param tokens possibly empty
   */
  record Tokens(String prompt, List<Integer> tokens) implements Observation {
    /** Copies the list. */
    public Tokens {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * Text.
   *
   * @param text possibly empty
   */
  record Text(String prompt, String text) implements Observation {}

  /**
   * Top log-probabilities of one output token.
   *
   * @param values token → log-probability, at least one, finite and at most 0
   */
  record LogProbabilities(String prompt, Map<String, Double> values) implements Observation {
    /** Copies the map. */
    public LogProbabilities {
      values = Map.copyOf(values);
    }
  }

  /**
   * A vector.
   *
   * @param components at least one, finite
   */
  record Embedding(String prompt, List<Double> components) implements Observation {
    /** Copies the list. */
    public Embedding {
      components = List.copyOf(components);
    }
  }
}
