package io.verillm.testkit;

import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;

/** Computes with another token at one position and says it fed the ordered one. */
public final class AlteredPromptExecutor extends DelegatingExecutor {
  private final int position;
  private final int token;

  /**
   * @param position position that is altered
   * @param token token that is really fed there
   */
  public AlteredPromptExecutor(ModelExecutor honest, int position, int token) {
    super(honest);
    this.position = position;
    this.token = token;
  }

  @Override
  public float[] decodeStep(DecodeSession session, int ordered) {
    return delegate().decodeStep(session, session.length() == position ? token : ordered);
  }
}
