package io.verillm.cache.layout;

/**
 * vLLM's six physical orders of L layers, B blocks, H heads, N tokens of a block and C content,
 * outermost first; C is keys then values of one head and token. Source: vLLM RFC 42082 (2026).
 */
public enum VllmOrder {
  /** The default: all blocks of a layer, heads outside tokens. */
  LBHNC,
  /** Tokens outside heads. */
  LBNHC,
  /** Heads outside blocks. */
  LHBNC,
  /** All layers of a block together, heads outside tokens. */
  BLHNC,
  /** All layers of a block together, tokens outside heads. */
  BLNHC,
  /** Heads outside layers in each block. */
  BHLNC
}
