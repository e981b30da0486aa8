package io.verillm.cli;

import java.util.List;

/** Short prompts in the manner of the demo model's text, for simulated clients. */
final class NetworkPrompts {
  static final List<String> TEXTS =
      List.of(
          "In the beginning",
          "And it came to pass",
          "The king said unto",
          "And they went up",
          "Hear, O my people",
          "Now the men of the city",
          "And when he saw",
          "Then answered the",
          "Blessed is the man",
          "And the children of",
          "What is thy name",
          "In those days",
          "He that keepeth",
          "And there was a great",
          "Let us go up",
          "The servant of the",
          "Behold, I send",
          "And the waters",
          "Who shall stand",
          "After these things");

  private NetworkPrompts() {}
}
