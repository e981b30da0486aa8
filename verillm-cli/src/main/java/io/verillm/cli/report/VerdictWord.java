package io.verillm.cli.report;

import java.util.Locale;

/** The four verdicts as a report shows them: a word, a shape and a colour, never a colour alone. */
public enum VerdictWord {
  /** Checked, and it holds within the stated error rate. */
  ACCEPTED,
  /** Checked, and the prover deviated; the reason says where. */
  REJECTED,
  /** Too little was covered, or no calibration applies. */
  INCONCLUSIVE,
  /** Not ours to judge. */
  ABSTAINED;

  String cssClass() {
    return "v-" + name().toLowerCase(Locale.ROOT);
  }
}
