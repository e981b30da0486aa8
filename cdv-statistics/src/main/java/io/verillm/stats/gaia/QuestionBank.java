package io.verillm.stats.gaia;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.stats.cdv.SubsetDraw;
import io.verillm.stats.internal.Require;
import java.util.Comparator;
import java.util.List;

/**
 * Secret questions with their measured discrimination.
 *
 * <p>An epoch draws from the most discriminating ones by VRF output, after nodes have committed to
 * their configuration. The bank does not keep its own secret: rotate questions that were asked.
 * Immutable.
 */
@CheckReturnValue
public final class QuestionBank {
  /**
   * A question.
   *
   * @param text what is asked
   * @param discrimination median κ over pairs of models known to differ, at least 0
   */
  public record Question(String text, double discrimination) {
    /** Refuses a negative or NaN discrimination. */
    public Question {
      Require.that(discrimination >= 0, "discrimination is negative or NaN: " + discrimination);
    }
  }

  private final List<Question> questions;

  /** Copies the questions, most discriminating first; at least one. */
  public QuestionBank(List<Question> questions) {
    Require.atLeast(questions.size(), 1, "questions");
    this.questions =
        questions.stream()
            .sorted(
                Comparator.comparingDouble(Question::discrimination)
                    .reversed()
                    .thenComparing(Question::text))
            .toList();
  }

  /**
   * Returns the questions of an epoch: {@code count} drawn evenly from the better half, or from the
   * {@code count} best if the half is smaller.
   *
   * @param configurationRoots commitments of the nodes, made before the draw
   */
  public List<Question> draw(
      byte[] vrfOutput, long epoch, List<byte[]> configurationRoots, int count) {
    Require.that(count >= 1 && count <= questions.size(), "count must lie in [1, questions]");
    int eligible = Math.max(count, (questions.size() + 1) / 2);
    return SubsetDraw.draw(vrfOutput, epoch, "gaia-questions", configurationRoots, eligible, count)
        .stream()
        .map(questions::get)
        .toList();
  }
}
