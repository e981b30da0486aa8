package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import io.verillm.stats.internal.Require;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An unbiased subset drawn from the output of a verifiable random function.
 *
 * <p>Block i of the stream is SHA-256("verillm-subset" ‖ binding digest ‖ VRF output ‖ i), read as
 * big-endian 32-bit words; a partial Fisher–Yates shuffle takes words by rejection, so no index is
 * favoured. The binding digest covers epoch, task and the committed output roots with their
 * lengths: who has not committed cannot know the subset. Exact and replayable in any language.
 *
 * <p>It does not check the VRF proof; {@link SelectiveRound} does.
 */
@CheckReturnValue
public final class SubsetDraw {
  private final byte[] seed;
  private ByteBuffer block = ByteBuffer.allocate(0);
  private long counter;

  private SubsetDraw(byte[] seed) {
    this.seed = seed;
  }

  /**
   * Returns the indices drawn, in drawing order.
   *
   * @param vrfOutput at least 32 bytes
   * @param epoch epoch of the task
   * @param taskId identifier of the task
   * @param committedRoots roots published before the output was revealed, at least one
   * @param population number of indices, from 0
   * @param size how many to draw, at most the population
   */
  public static List<Integer> draw(
      byte[] vrfOutput,
      long epoch,
      String taskId,
      List<byte[]> committedRoots,
      int population,
      int size) {
    Require.atLeast(vrfOutput.length, 32, "vrfOutput.length");
    Require.that(size >= 0 && size <= population, "size must lie in [0, population]: " + size);
    MessageDigest seed = sha256();
    seed.update("verillm-subset".getBytes(StandardCharsets.US_ASCII));
    seed.update(binding(epoch, taskId, committedRoots));
    update(seed, vrfOutput);
    return new SubsetDraw(seed.digest()).shuffle(population, size);
  }

  /** Returns the binding digest, 32 bytes: epoch, task and committed roots with their lengths. */
  static byte[] binding(long epoch, String taskId, List<byte[]> committedRoots) {
    Require.atLeast(committedRoots.size(), 1, "committedRoots");
    MessageDigest binding = sha256();
    binding.update(longBytes(epoch));
    update(binding, taskId.getBytes(StandardCharsets.UTF_8));
    binding.update(longBytes(committedRoots.size()));
    committedRoots.forEach(root -> update(binding, root));
    return binding.digest();
  }

  private List<Integer> shuffle(int population, int size) {
    int[] order = new int[population];
    Arrays.setAll(order, i -> i);
    List<Integer> drawn = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int j = i + below(population - i);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
      drawn.add(order[i]);
    }
    return List.copyOf(drawn);
  }

  private int below(int bound) {
    long limit = (1L << 32) / bound * bound;
    long word;
    do {
      if (block.remaining() < 4) {
        MessageDigest digest = sha256();
        digest.update(seed);
        digest.update(longBytes(counter++));
        block = ByteBuffer.wrap(digest.digest());
      }
      word = block.getInt() & 0xFFFFFFFFL;
    } while (word >= limit);
    return (int) (word % bound);
  }

  private static void update(MessageDigest digest, byte[] bytes) {
    digest.update(longBytes(bytes.length));
    digest.update(bytes);
  }

  private static byte[] longBytes(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  static MessageDigest sha256() {
    return Digest32.newSha256();
  }
}
