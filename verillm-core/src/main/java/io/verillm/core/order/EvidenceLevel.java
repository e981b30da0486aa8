package io.verillm.core.order;

import java.util.Optional;

/** How much a prover has to be able to show. Each level includes the ones before it. */
public enum EvidenceLevel {
  /** Bytes: request and response digests. */
  BYTES(0),
  /** Tokens and log-probabilities. */
  TOKENS(1),
  /** Activations: hidden states of the trace profile. */
  ACTIVATIONS(2),
  /** Cache: keys and values as they were attended to. */
  CACHE(3);

  private final int code;

  EvidenceLevel(int code) {
    this.code = code;
  }

  /** The level's number, 0 to 3. */
  public int code() {
    return code;
  }

  /** Finds a level by its number. */
  public static Optional<EvidenceLevel> ofCode(long code) {
    return code >= 0 && code < values().length
        ? Optional.of(values()[(int) code])
        : Optional.empty();
  }
}
