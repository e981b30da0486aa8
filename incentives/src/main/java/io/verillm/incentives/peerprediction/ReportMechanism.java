package io.verillm.incentives.peerprediction;

/**
 * A mechanism whose input is reports only, so that the expected pay of two agents follows from the
 * joint law of their reports on one task and, for several tasks, from independence between tasks.
 */
public interface ReportMechanism extends PeerMechanism {
  /** Returns the number of signals it accepts. */
  int signals();

  /** Returns the expected pay of the agent whose reports are the rows of {@code reports}. */
  double expectedPay(JointLaw reports);
}
