package io.verillm.core.order;

import io.verillm.core.sampling.SamplingManifest;
import io.verillm.core.spi.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * What output tokens deliver as bytes, and where a stop string ends them. Prover and verifier use
 * the same rule: the text ends before the first stop string, which is not delivered.
 */
public final class OutputText {
  private OutputText() {}

  /**
   * The number of tokens after which a stop string is first complete, if any.
   *
   * <p>Costs one decoding per token; called only where an order has stop strings.
   */
  public static OptionalInt firstStop(
      TokenIds output, SamplingManifest manifest, Tokenizer tokenizer) {
    if (manifest.stops().isEmpty()) {
      return OptionalInt.empty();
    }
    for (int length = 1; length <= output.size(); length++) {
      byte[] text = tokenizer.decode(output.prefix(length).toArray());
      if (stopIndex(text, manifest) >= 0) {
        return OptionalInt.of(length);
      }
    }
    return OptionalInt.empty();
  }

  /** The bytes to deliver for these tokens. */
  public static byte[] delivered(TokenIds output, SamplingManifest manifest, Tokenizer tokenizer) {
    byte[] text = tokenizer.decode(output.toArray());
    int stop = stopIndex(text, manifest);
    return stop < 0 ? text : Arrays.copyOf(text, stop);
  }

  /** First byte of the earliest stop string in {@code text}, or −1. */
  private static int stopIndex(byte[] text, SamplingManifest manifest) {
    int first = -1;
    for (String stop : manifest.stops()) {
      int at = indexOf(text, stop.getBytes(StandardCharsets.UTF_8));
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    return first;
  }

  private static int indexOf(byte[] text, byte[] pattern) {
    for (int start = 0; start + pattern.length <= text.length; start++) {
      if (Arrays.equals(text, start, start + pattern.length, pattern, 0, pattern.length)) {
        return start;
      }
    }
    return -1;
  }
}
