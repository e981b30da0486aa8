package io.verillm.exec;

import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.LogitsSink;
import io.verillm.core.spi.ModelExecutor;
import java.util.List;

/** An executor whose sessions can share decode steps, as a server's do. */
public interface SharedStepExecutor extends ModelExecutor {
  /**
   * Feeds several tokens at once to a session, as a prefill does.
   *
   * @param logits asked for positions from {@code session.length()} on
   */
  void feed(DecodeSession session, int[] tokens, LogitsSink logits);

  /**
   * Feeds one token to each of several sessions, which share the products; the sessions may have
   * different lengths.
   *
   * @param sessions distinct sessions of this executor
   * @param tokens one per session
   * @return logits that follow each token, one array per session
   */
  float[][] decodeStep(List<DecodeSession> sessions, int[] tokens);

  /** Most sessions that one step takes, at least 1. */
  int mostSessions();
}
