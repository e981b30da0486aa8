package io.verillm.stats.cdv;

import com.google.errorprone.annotations.CheckReturnValue;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * What anybody needs to repeat an epoch bit for bit, given the data behind {@code dataRoot}.
 *
 * @param statistic names of summary, comparison and parameters
 * @param dataRoot digest of what was compared
 * @param seed of every random draw of the epoch
 */
@CheckReturnValue
public record Recomputation(String statistic, Digest32 dataRoot, long seed) {
  /**
   * Returns the entry for profiles of nodes: the root is SHA-256 over the nodes in name order, each
   * as length and UTF-8 bytes of the name, length and values of the profile, integers and IEEE 754
   * doubles big-endian in 8 bytes, −0 as 0.
   */
  public static Recomputation of(String statistic, Map<String, double[]> profiles, long seed) {
    MessageDigest digest = SubsetDraw.sha256();
    for (Map.Entry<String, double[]> entry : new TreeMap<>(profiles).entrySet()) {
      byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
      double[] profile = entry.getValue();
      ByteBuffer bytes = ByteBuffer.allocate(16 + name.length + 8 * profile.length);
      bytes.putLong(name.length).put(name).putLong(profile.length);
      for (double value : profile) {
        bytes.putDouble(value + 0.0);
      }
      digest.update(bytes.array());
    }
    return new Recomputation(statistic, Digest32.copyOf(digest.digest()), seed);
  }
}
