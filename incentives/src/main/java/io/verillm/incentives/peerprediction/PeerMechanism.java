package io.verillm.incentives.peerprediction;

/** A rule that pays an agent for reports by comparing them with those of other agents. */
public interface PeerMechanism {
  /** Returns the name that reports use. */
  String name();

  /** Returns the least input the mechanism accepts. */
  MinimumInputs minimumInputs();

  /** Returns the condition under which truth pays when honest signals follow {@code law}. */
  TruthCondition truthCondition(JointLaw law);
}
