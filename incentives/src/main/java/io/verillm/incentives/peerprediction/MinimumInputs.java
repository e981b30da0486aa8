package io.verillm.incentives.peerprediction;

/**
 * The least a mechanism must be given; with less it refuses instead of paying something.
 *
 * @param agents who report, the paid one included
 * @param sharedTasks tasks on which both agents of a pair report
 * @param tasksInAll different tasks over both agents of a pair
 */
public record MinimumInputs(int agents, int sharedTasks, int tasksInAll) {
  void requireAgents(int given, String mechanism) {
    if (given < agents) {
      throw new IllegalArgumentException(
          mechanism + " needs at least " + agents + " agents, got " + given);
    }
  }

  void requireShared(int given, String mechanism) {
    if (given < sharedTasks) {
      throw new IllegalArgumentException(
          mechanism + " needs at least " + sharedTasks + " shared tasks, got " + given);
    }
  }
}
