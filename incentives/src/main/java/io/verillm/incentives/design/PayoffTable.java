package io.verillm.incentives.design;

/**
 * What a verifier is paid for its report and its peer's report.
 *
 * @param okOk both say ok
 * @param okFlag I say ok, the peer flags
 * @param flagOk I flag, the peer says ok
 * @param flagFlag both flag
 */
public record PayoffTable(double okOk, double okFlag, double flagOk, double flagFlag) {
  /** Returns the entry for reports 0 (ok) or 1 (flag). */
  public double pay(int mine, int peer) {
    if (mine == 0) {
      return peer == 0 ? okOk : okFlag;
    }
    return peer == 0 ? flagOk : flagFlag;
  }
}
