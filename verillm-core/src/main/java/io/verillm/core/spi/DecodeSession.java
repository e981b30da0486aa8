package io.verillm.core.spi;

/** A growing KV cache of one sequence. Belongs to one thread and to the executor that made it. */
public interface DecodeSession extends AutoCloseable {
  /** Number of tokens fed so far. */
  int length();

  /** Releases the cache; harmless when repeated. */
  @Override
  void close();
}
