package io.verillm.core.sampling;

/**
 * The counter-based generator Philox4x32 with ten rounds: 128 bits of counter and 64 bits of key
 * give 128 bits. Exact; a pure function, thread-safe.
 *
 * <p>Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
 * section 3.3. It is statistically strong and not a cryptographic function: who sees outputs may
 * find the key, so a key must never be reused for a secret.
 */
public final class Philox4x32 {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int KEY_STEP_0 = 0x9E3779B9;
  private static final int KEY_STEP_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox4x32() {}

  /**
   * Computes one block.
   *
   * @param out receives the four output words
   * @param offset where in {@code out} the first one goes
   */
  public static void block(
      int counter0,
      int counter1,
      int counter2,
      int counter3,
      int key0,
      int key1,
      int[] out,
      int offset) {
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
      long product1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += KEY_STEP_0;
      k1 += KEY_STEP_1;
    }
    out[offset] = c0;
    out[offset + 1] = c1;
    out[offset + 2] = c2;
    out[offset + 3] = c3;
  }
}
