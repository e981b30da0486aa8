package io.verillm.testkit;

import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;
import java.util.Arrays;

/**
 * Puts one token of its own choice into the answer and computes everything else honestly, so that
 * every committed row is right for the text it claims.
 */
public final class AlteredTokenExecutor extends DelegatingExecutor {
  private final int position;
  private final int token;

  /**
   * @param position position of the token that is put in; counted over prompt and output
   * @param token the token
   */
  public AlteredTokenExecutor(ModelExecutor honest, int position, int token) {
    super(honest);
    this.position = position;
    this.token = token;
  }

  @Override
  public float[] decodeStep(DecodeSession session, int fed) {
    float[] logits = delegate().decodeStep(session, fed);
    if (session.length() != position) {
      return logits;
    }
    float[] forced = new float[logits.length];
    Arrays.fill(forced, -1e9f);
    forced[token] = 1e9f;
    return forced;
  }
}
