package io.verillm.testkit;

import io.verillm.core.spi.CaptureSink;
import io.verillm.core.spi.DecodeSession;
import io.verillm.core.spi.ModelExecutor;
import io.verillm.core.tensor.TensorView;
import io.verillm.core.trace.RowKey;

/**
 * Computes the first positions as ordered and the later ones with something cheaper of the same
 * shape, so that a challenge shows it only if it draws a late position.
 */
public final class LateCheapExecutor extends DelegatingExecutor {
  private final ModelExecutor cheap;
  private final int firstCheap;

  /**
   * Makes an executor.
   *
   * @param cheap of the ordered model's shape
   * @param firstCheap first position that the cheap one computes
   */
  public LateCheapExecutor(ModelExecutor honest, ModelExecutor cheap, int firstCheap) {
    super(honest);
    this.cheap = cheap;
    this.firstCheap = firstCheap;
  }

  @Override
  public DecodeSession openSession(int capacity, CaptureSink capture) {
    return new Both(
        delegate().openSession(capacity, limited(capture, true)),
        cheap.openSession(capacity, limited(capture, false)));
  }

  @Override
  public float[] decodeStep(DecodeSession session, int token) {
    Both both = (Both) session;
    boolean late = both.length() >= firstCheap;
    float[] honest = delegate().decodeStep(both.honest(), token);
    float[] other = cheap.decodeStep(both.cheap(), token);
    return late ? other : honest;
  }

  private CaptureSink limited(CaptureSink target, boolean early) {
    return new CaptureSink() {
      @Override
      public boolean wants(RowKey key) {
        return target.wants(key);
      }

      @Override
      public void accept(RowKey key, int firstPosition, TensorView rows) {
        if ((firstPosition < firstCheap) == early) {
          target.accept(key, firstPosition, rows);
        }
      }
    };
  }

  private record Both(DecodeSession honest, DecodeSession cheap) implements DecodeSession {
    @Override
    public int length() {
      return honest.length();
    }

    @Override
    public void close() {
      honest.close();
      cheap.close();
    }
  }
}
