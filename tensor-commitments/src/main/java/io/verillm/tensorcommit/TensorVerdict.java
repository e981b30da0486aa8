package io.verillm.tensorcommit;

/**
 * The outcome of checking an opening, with what it rests on.
 *
 * @param outcome whether it holds, and if not why
 * @param scheme the scheme that checked
 * @param insecureSetup whether somebody may be able to open anything under this setup
 */
public record TensorVerdict(TensorOutcome outcome, String scheme, boolean insecureSetup) {
  /** Whether the opening holds. */
  public boolean verified() {
    return outcome == TensorOutcome.VERIFIED;
  }

  /** For people: what this says, and what it does not. */
  public String statement() {
    String text =
        verified()
            ? "the committed tensor has these elements in these places; nothing is said about how"
                + " they were computed"
            : "the opening shows nothing: " + outcome;
    return insecureSetup ? text + "; INSECURE SETUP: its maker can open anything" : text;
  }
}
